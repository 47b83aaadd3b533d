"""The answers in a record system's message, held to the same forms as on a page.

What lives here: checking them, and how a mistake is told: by its place, never with what was sent. What does not: what a message does
(`told`), the messages themselves (`messages_in`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import forms
from plugin.services.arriving.inbound import RefusedError


def read_answers(
    definition: forms.Definition, given: Mapping[str, Any], choices: Mapping[str, Any], context: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """Answers of a message (by name) held to their form.

    Raises RefusedError with a pointer to each that is wrong; what was sent is not repeated.
    """
    definition = definition.each(choices, context)
    unknown = sorted(set(given) - {one.name for one in definition.fields})
    if unknown:
        raise RefusedError(422, "answers", tuple((f"/answers/{name}", "The form does not ask this.") for name in unknown))
    misshapen = [name for name in given if not _fits(definition, {name: given[name]}, choices)]
    if misshapen:
        raise RefusedError(422, "answers", tuple((f"/answers/{name}", "This is not of the right form.") for name in misshapen))
    bound = forms.bind(definition, data=forms.as_data(definition, given, choices), choices=choices, context=context, now=now)
    if not bound.validate():
        raise RefusedError(422, "answers", tuple(_fault(name, text, definition) for name, text in bound.errors))
    return dict(bound.values())


def _fault(name: str, text: str, definition: forms.Definition) -> tuple[str, str]:
    """The place of an error, and the form's own words where they are certain to repeat nothing that was sent."""
    one = next((one for one in definition.fields if name == one.name or name.startswith(f"{one.name}-")), None)
    own = one is not None and text == one.missing
    return f"/answers/{one.name if one else name}", text + "." if own else "This is missing or wrong."


def _fits(definition: forms.Definition, one: Mapping[str, Any], choices: Mapping[str, Any]) -> bool:
    try:
        forms.as_data(definition, one, choices)
    except (ValueError, TypeError, KeyError, AttributeError):
        return False
    return True


def wrong(pointer: str, text: str) -> RefusedError:
    """The refusal (422) of a message for one thing in it: its JSON pointer, and what is wrong with it."""
    return RefusedError(422, "message", ((pointer, text),))
