"""Every single change that can be made to a pack: each key's value replaced by another that is right there too.

For tests that say that nothing is left out. A key that is new in the language must be in `every_key.yaml`, and, where no text at all would
be right for it, have another value here.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from policies import PackError, Policy, load

WHOLE: dict[str, Any] = yaml.load(Path(__file__).with_name("every_key.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
NAMES = {"id", "language"}  # what a thing is called by the machine, and the number of the language: no partnership need read them
WHERE = tuple[str | int, ...]

# Another value for a key whose values are not free text; the first that the whole pack is right with is taken.
OTHERS: dict[str, tuple[str, ...]] = {
    "from": ("2026-06-01",), "until": ("2031-01-01",), "version": ("2027-02",),
    "subject": ("child or adult or theme",), "nation": ("Wales",),
    "closures": ("2027-11-30", "working days"), "open": ("3 January", "1 January"), "school holidays": ("2027-02-10", "working days"),
    "out of hours": ("same day",), "office hours": ("10:00 to 16:00",), "service hours": ("07:00 to 19:00",), "hours": ("elapsed",),
    "days": ("calendar",), "end on a closed day": ("stays",), "stage entry": ("when unresolved",), "time up": ("nothing",),
    "identifiable data": ("not said",), "when done": ("tell the other side",), "of": ("case", "child"), "default": ("high",),
    "by": ("responding worker", "both manager", "partnership chair"),
    "to": ("own manager", "recipient", "1", "advocate and partnership chair"),
    "when": ("raised", "closed"), "needs": ("time up at stage 1",), "ends": ("closed",), "while": ("same agency",), "required": ("no",),
    "flag": ("looked after",), "limit": ("9 working days", "at once"), "cumulative": ("9 working days from raised",),
    "clocks": ("stage 2", "1/talk"), "strength": ("may", "should"), "kind": ("plan", "letter"), "for each": ("child",),
    "automatic": ("no",), "ahead": ("no",),
    "private": ("no",), "records": ("another file",), "stages": ("2",), "acts": ("manager", "worker"), "judged by": ("responding",),
    "opened by": ("responding manager",), "tiers": ("no",), "next": ("2", "3", "none"), "before": ("hold", "2/hold", "1/log"),
    "repeats": ("3 working days",),
    "after": ("log", "1/log"), "lasts": ("from here on", "stage"), "outside limits": ("no",), "done by": ("raised",), "holds open": ("no",),
    "form": ("discussion",), "at": ("2 working days before due", "asked"), "urgent": ("no", "yes"), "may start here": ("same agency",),
    "allowed": ("yes", "only"), "closes": ("yes",), "binding": ("binding",), "neutral": ("no",), "seats": ("5",), "exactly": ("yes",),
    "includes all who disagree": ("no",), "leaves out all who disagree": ("no",), "fixed": ("school",), "rule": ("EK-1", "EK-2"),
}  # fmt: skip


def keys() -> dict[str, list[WHERE]]:
    """The places of each key of the whole pack, but of names: "stages.owes.limit" and where it stands."""
    found: dict[str, list[WHERE]] = {}
    for path in _places(WHOLE, ()):
        found.setdefault(".".join(one for one in path if isinstance(one, str)), []).append(path)
    return found


def _places(value: Any, path: WHERE) -> Iterator[WHERE]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _places(one, (*path, key)) if key not in NAMES else ()
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _places(one, (*path, number))
    else:
        yield path


def whole(path: WHERE) -> Policy:
    """The pack with every key, unchanged; as `changed` leaves out what hides a change at this place."""
    return _loaded(_text(copy.deepcopy(WHOLE), path))


@cache
def changed(path: WHERE) -> Policy | None:
    """The pack with the value at this place replaced by another; None where none that is known is right with the rest."""
    key = next(one for one in reversed(path) if isinstance(one, str))
    old = _at(WHOLE, path)
    for other in (*OTHERS.get(key, ()), f"{old} changed"):
        if other != old:
            pack = copy.deepcopy(WHOLE)
            _at(pack, path[:-1])[path[-1]] = other
            with suppress(PackError):
                return _loaded(_text(pack, path))
    return None


@cache
def _loaded(text: str) -> Policy:
    return load(text, source="every_key.yaml")


def _at(pack: Any, path: WHERE) -> Any:
    for one in path:
        pack = pack[one]
    return pack


def _text(pack: dict[str, Any], path: WHERE) -> str:
    """The pack as text. The register of rules would show a changed `rule` anyway: it is left out, so that the part itself must. The
    setting for school holidays says nothing where the calendar lists them."""
    if path[-1:] == ("rule",):
        del pack["rules"]
    if path == ("settings", "school holidays"):
        del pack["calendar"]["school holidays"]
    return yaml.safe_dump(pack, sort_keys=False, allow_unicode=True)
