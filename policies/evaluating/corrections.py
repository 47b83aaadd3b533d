"""Corrections: events as they should have been recorded. The record itself never changes; what is made of it does.

What lives here: applying `corrected` events to those they are about. What does not: what the events then mean (`replay`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from policies.parts.schema import Event


def corrected(events: Sequence[Event]) -> list[Event]:
    """The events in the order of `seq`, each as its latest correction says, those made void left out.

    `about` of a correction is the seq of the event corrected; its facts are {"void": true}, or the facts to put in place of those of
    the same name, with "at" (an ISO instant) and "about" for the event's own. A correction may itself be corrected or made void.
    """
    ordered = sorted(events, key=attrgetter("seq"))
    if "corrected" not in [one.kind for one in ordered]:
        return ordered
    changes: dict[int, dict[str, Any]] = {}
    void: set[int] = set()
    for event in reversed(ordered):
        if event.kind != "corrected" or event.seq in void:
            continue
        target = _number(event.about)
        if event.facts.get("void"):
            void.add(target)
        else:
            changes[target] = {**event.facts, **changes.get(event.seq, {}), **changes.get(target, {})}
    return [_changed(one, changes.get(one.seq)) for one in ordered if one.seq not in void and one.kind != "corrected"]


def _number(text: str) -> int:
    return int(text) if text.isdigit() else -1


def _changed(event: Event, change: dict[str, Any] | None) -> Event:
    if not change:
        return event
    facts = {**event.facts, **{name: value for name, value in change.items() if name not in ("at", "about")}}
    at = datetime.fromisoformat(str(change["at"])) if "at" in change else event.at
    return replace(event, at=at, about=str(change.get("about", event.about)), facts=facts)
