"""What a form begins with: answers known from the launch and from earlier forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms.definition import Definition


def prefill(definition: Definition, sources: Mapping[str, Mapping[str, Any]], part: str = "") -> dict[str, Any]:
    """Values for `bind`, of the fields that say where theirs come from ("raise.unsafe", "launch.child_name").

    `sources` holds kept values by the id of their form, and under "launch" what the host said. Of several places the first that holds an
    answer counts; a form may name itself, to be carried forward. A signature and an attestation are never taken over.
    """
    found: dict[str, Any] = {}
    for one in definition.asked(part):
        for place in one.prefill:
            form, _, name = place.partition(".")
            value = sources.get(form, {}).get(name)
            if value not in (None, [], ""):
                found[one.name] = value
                break
    return found
