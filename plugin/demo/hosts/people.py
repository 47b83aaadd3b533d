"""Who is in a pretend record system: its staff and the children it knows, read from its data file. All of them are invented.

Every host has its own words and its own numbers for a child; a `Child` has the few things both know and `details` for the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Staff:
    """Someone who can sign in. `roles` are the host's own codes."""

    id: str
    name: str
    title: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Child:
    """A child's record. `id` is this host's own number; `born` is an ISO date; `details` are shown as they stand, in order."""

    id: str
    name: str
    born: str
    upn: str
    status: str
    nhs_number: str = ""
    siblings: tuple[str, ...] = ()
    details: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class People:
    """Everyone in one host; order is the order shown."""

    title: str
    staff: tuple[Staff, ...]
    children: tuple[Child, ...]

    def staff_member(self, ident: str) -> Staff | None:
        """The member of staff with this id."""
        return next((one for one in self.staff if one.id == ident), None)

    def child(self, ident: str) -> Child | None:
        """The child with this host's own number."""
        return next((one for one in self.children if one.id == ident), None)

    def child_by_upn(self, upn: str) -> Child | None:
        """The child with this unique pupil number."""
        return next((one for one in self.children if one.upn == upn), None)

    def siblings(self, child: Child) -> tuple[Child, ...]:
        """The brothers and sisters this host knows."""
        return tuple(one for one in self.children if one.id in child.siblings)


def load(host: str) -> People:
    """The people of a host, from `data/<host>.yaml`."""
    given: dict[str, Any] = yaml.safe_load((DATA / f"{host}.yaml").read_text(encoding="utf-8"))
    return People(
        title=given["title"],
        staff=tuple(Staff(**{**one, "roles": tuple(one["roles"])}) for one in given["staff"]),
        children=tuple(_child(one) for one in given["children"]),
    )


def _child(given: dict[str, Any]) -> Child:
    lists = {name: tuple(given.get(name, ())) for name in ("siblings", "notes")}
    return Child(**{**given, **lists})
