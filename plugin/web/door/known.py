"""Who is there: the session behind a request and the member it makes, found by the hidden field of our pages or by a cookie.

What does not live here: what they may have (`gate`), what goes out (`leaving`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from flask import current_app, g, request
from flask_login import UserMixin, current_user
from sqlalchemy import bindparam, select

from plugin.extensions import db
from plugin.models import Account, Agency, Connection, Partnership, Person, WebSession
from plugin.models.scope import System, bind, fixed
from plugin.runtime import runtime
from plugin.services.arriving import handoffs, launching
from plugin.services.case.staff import roles_of
from plugin.services.keeping.clock import machine_now
from plugin.web import words
from plugin.web.door.marks import DESK_COOKIE, Mark, mark_of

FRAME_COOKIE, TAB_COOKIE, LINK_COOKIE = "__Host-accord_frame", "__Host-accord_tab", "__Host-accord_link"
_LAUNCH = fixed(select(Connection.launch).where(Connection.id == bindparam("id")))
_BEHIND = fixed(
    select(Agency.name, Person.name, Connection.launch)
    .select_from(Agency)
    .outerjoin(Person, Person.id == bindparam("person"))
    .outerjoin(Connection, Connection.id == bindparam("way"))
    .where(Agency.id == bindparam("agency"))
)


@dataclass
class Member(UserMixin):
    """Who is there, as Flask-Login's user: a session and its token."""

    row: WebSession
    token: str

    def get_id(self) -> str:
        """The session's id."""
        return self.row.id

    @property
    def launched(self) -> bool:
        """Whether this is a worker who came from a record system, in its frame or in a tab of their own."""
        return self.row.kind in ("frame", "tab")

    @cached_property
    def may_act(self) -> bool:
        """Whether this person may do more than read: a link was sent to act; of staff, the host's roles and the directory decide."""
        if self.row.kind == "link":
            return True
        return launching.may_act(self.profile, self.said) or bool(self.roles)

    @cached_property
    def profile(self) -> dict[str, Any]:
        """The launch profile of the connection this session came by; empty where it came by none."""
        return dict(self.behind[2] or {})

    @cached_property
    def behind(self) -> tuple[str, str, Any]:
        """What stands behind the session: the names of the agency and of the person, and the launch profile; asked for once a request."""
        about = {"agency": self.row.agency_id, "person": self.row.person_id, "way": self.row.connection_id}
        agency, person, launch = db.session.execute(_BEHIND, about).first() or ("", "", None)
        return agency, person or "", launch

    @cached_property
    def said(self) -> dict[str, Any]:
        """What the launch said of the child, opened once a request; empty for a link."""
        return launching.context(runtime(current_app).keys, self.row)

    @cached_property
    def roles(self) -> list[str]:
        """The roles of the policy this person holds where they work."""
        return roles_of(db.session, self.row.person_id)

    @cached_property
    def child_keys(self) -> list[str]:
        """The keys under which the child on screen is known here."""
        return launching.child_keys(runtime(current_app).keys, self.row, self.said)

    @cached_property
    def account(self) -> Account:
        """Whose desk this is; asked for anew at each request. Only of sessions of the desk."""
        found = db.session.get_one(Account, self.row.account_id)
        db.session.expunge(found)  # plain values from here on
        return found

    @property
    def idle_seconds(self) -> int:
        """How long this session may rest."""
        return int(limits()[self.row.kind].idle.total_seconds())

    @property
    def left_seconds(self) -> int:
        """How long it may last at most from now."""
        return max(0, int((self.row.ends_at - machine_now()).total_seconds()))

    @property
    def fs(self) -> str:
        """The value of the hidden field `_fs`."""
        return self.token if self.row.kind == "frame" else link_field(self.token)


def link_field(token: str) -> str:
    """The hidden field of a link's pages, from its cookie."""
    return hashlib.sha256(b"field|" + token.encode()).hexdigest()


def limits() -> dict[str, launching.Limits]:
    """How long each kind of session lasts, by the settings."""
    settings = runtime(current_app).settings
    absolute = timedelta(seconds=settings.session_seconds)
    return {
        "frame": launching.Limits(timedelta(seconds=settings.frame_idle_seconds), absolute),
        "tab": launching.Limits(timedelta(seconds=settings.frame_idle_seconds), absolute),
        "link": launching.Limits(timedelta(seconds=settings.link_idle_seconds), absolute),
        "desk": launching.Limits(timedelta(seconds=settings.desk_idle_seconds), timedelta(seconds=settings.desk_session_seconds)),
    }


def whose() -> dict[str, str]:
    """What the banner says: who this is, where from, and in a frame which child. Empty where nobody is known."""
    who = known()
    if who is None:
        return {}
    if who.row.kind == "desk":
        return _whose_desk(who.account)
    agency, person, _launch = who.behind
    return {"who": person, "agency": agency, "child": launching.child_details(who.said).name}


def _whose_desk(account: Account) -> dict[str, str]:
    place = db.session.get(Agency, account.agency_id) if account.agency_id else None
    body = db.session.get(Partnership, account.partnership_id) if account.partnership_id else None
    off = words.short_day(place.off_since) if place and place.off_since else ""
    return {"who": account.name, "agency": place.name if place else body.title if body else "", "child": "", "off": off}


def member() -> Member:
    """The member of the present request; only on routes that are not public."""
    return current_user._get_current_object()  # type: ignore[no-any-return]  # Flask-Login's proxy


def known() -> Member | None:
    """The member, where somebody was let in; never looked up only to draw an error page."""
    return member() if g.get("entered") and current_user.is_authenticated else None


def find(_request: Any) -> Member | None:
    """Flask-Login's request loader: the hidden field first (it is what a frame is sure of), then the cookies.

    Until its Start button was pressed a launch opens nothing but that: nobody is let in by a page that another one loaded for them.
    """
    bind(db.session, System("door"))
    ways = [("frame", request.form.get("_fs", "")), ("frame", request.cookies.get(FRAME_COOKIE, ""))]
    ways += [("tab", request.cookies.get(TAB_COOKIE, "")), ("link", request.cookies.get(LINK_COOKIE, ""))]
    if mark():
        ways = [("desk", request.cookies.get(DESK_COOKIE, ""))]
    if request.endpoint == "home.start" and (again := _started_before()):
        return again
    for kind, token in ways:
        row = launching.find_session(db.session, token, machine_now(), limits()) if token else None
        if row is not None and row.kind == kind and (row.started or kind == "desk" or request.endpoint == "home.start"):
            return Member(row, token)
    return None


def _started_before() -> Member | None:
    """Start pressed a second time: the launch page's token has just been replaced."""
    token, current = request.form.get("_fs", ""), request.cookies.get(FRAME_COOKIE, "")
    row = handoffs.find_started(db.session, token, current, machine_now(), limits()["frame"]) if token else None
    return Member(row, token) if row else None


def mark() -> Mark | None:
    """The roles that the present request's page is for, where it is one of the desk's."""
    return mark_of(current_app.view_functions.get(request.endpoint or ""))


def origins(connection_id: str) -> tuple[str, ...]:
    """The hosts that may frame what came by this connection."""
    launch = db.session.execute(_LAUNCH, {"id": connection_id}).scalar()
    return tuple(launch.get("origins", ())) if launch else ()
