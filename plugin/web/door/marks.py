"""Marks of the desk's pages: which roles may have them, and their place in its navigation. The door that goes by them is `gate`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask

from plugin.models import Account, WebSession

DESK_COOKIE = "__Host-accord_desk"
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Mark:
    """Who may have a page. `halfway`: somebody between password and code, and nobody else. `nav` is "" for a page that is not listed."""

    roles: frozenset[str]
    nav: str = ""
    place: int = 50
    halfway: bool = False


def desk(*roles: str, nav: str = "", place: int = 50, halfway: bool = False) -> Callable[[View], View]:
    """Marks a view as a page of the desk for these roles (owner, administrator, coordinator; all of them where none is named).

    `nav` are its words in the navigation, `place` where it stands there (small numbers first).
    """

    def marked(view: View) -> View:
        everybody = ("owner", "administrator", "coordinator")
        view.desk = Mark(frozenset(roles or everybody), nav, place, halfway)  # type: ignore[attr-defined]  # a mark on the function
        return view

    return marked


def mark_of(view: Any) -> Mark | None:
    """The mark of a view, if it is one of the desk's."""
    return getattr(view, "desk", None)


def reason_to_refuse(mark: Mark, account: Account, row: WebSession) -> str:
    """Why this session may not have the page: "account" (switched off), "halfway" (no code given yet), "role"; "" where it may."""
    if not account.active:
        return "account"
    if row.started == mark.halfway:
        return "halfway"
    return "" if mark.halfway or account.role in mark.roles else "role"


def navigation(app: Flask, role: str) -> list[tuple[str, str]]:
    """(endpoint, words) of the pages that a role finds in the navigation, in their order."""
    marks = {name: mark for name, view in app.view_functions.items() if (mark := mark_of(view)) and mark.nav and role in mark.roles}
    return [(name, mark.nav) for name, mark in sorted(marks.items(), key=lambda one: (one[1].place, one[1].nav))]
