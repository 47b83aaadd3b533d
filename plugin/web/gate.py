"""The door of every request: who is it (cookie or hidden field), is the request theirs (CSRF), which headers go out.

One session table for frames and links. In a frame the hidden field `_fs` carries the session, so that it works where no cookie does;
a page elsewhere cannot know it, so it is also what proves that a request came from our own page. A link's session lives in its cookie
and its `_fs` is derived from it. Every route denies the anonymous unless it is marked `public`.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, g, render_template, request
from flask_login import UserMixin, current_user
from sqlalchemy import bindparam, select
from werkzeug.exceptions import HTTPException

from plugin.extensions import db, login
from plugin.models import Agency, Connection, Invitation, Person, WebSession
from plugin.models.scope import Staff, System, bind, fixed
from plugin.runtime import runtime
from plugin.services import launching
from plugin.services.cases import NotFoundError
from plugin.services.clock import machine_now
from plugin.services.directory import roles_of

FRAME_COOKIE, TAB_COOKIE, LINK_COOKIE = "__Host-accord_frame", "__Host-accord_tab", "__Host-accord_link"
log = logging.getLogger("accord.web")
View = TypeVar("View", bound=Callable[..., Any])
_SEEN_EVERY = timedelta(minutes=1)
_PERSON, _AGENCY, _LAUNCH = (
    fixed(select(wanted).where(row.id == bindparam("id")))
    for wanted, row in ((Person.name, Person), (Agency.name, Agency), (Connection.launch, Connection))
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
        """The launch profile of the connection this session came by."""
        return db.session.execute(_LAUNCH, {"id": self.row.connection_id}).scalar() or {}

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

    @property
    def idle_seconds(self) -> int:
        """How long this session may rest."""
        return int(limits()[self.row.kind].idle.total_seconds())

    @property
    def fs(self) -> str:
        """The value of the hidden field `_fs`."""
        return self.token if self.row.kind == "frame" else link_field(self.token)


def public(view: View) -> View:
    """Marks a view that needs no session. Whoever adds one says why beside it; a test lists them."""
    view.is_public = True  # type: ignore[attr-defined]  # a mark on the function
    return view


def link_field(token: str) -> str:
    """The hidden field of a link's pages, from its cookie."""
    return hashlib.sha256(b"field|" + token.encode()).hexdigest()


def limits() -> dict[str, launching.Limits]:
    """How long each kind of session lasts, by the settings."""
    settings = runtime(current_app).settings
    absolute = timedelta(seconds=settings.session_seconds)
    return {
        "frame": launching.Limits(timedelta(seconds=settings.frame_idle_seconds), absolute),
        "link": launching.Limits(timedelta(seconds=settings.link_idle_seconds), absolute),
    }


def guard(app: Flask) -> None:
    """Installs the door on an app."""
    app.before_request(_enter)
    app.after_request(_leave)
    app.register_error_handler(HTTPException, _told)
    app.register_error_handler(NotFoundError, _not_found)
    app.register_error_handler(Exception, _failed)
    login.request_loader(_member)
    app.context_processor(_for_templates)


def _for_templates() -> dict[str, Any]:
    known = _known()
    return {"fs": known.fs if known else "", "host_origin": _host_origin(), "member": known, "whose": whose}


def whose() -> dict[str, str]:
    """What the banner says: who this is, where from, and in a frame which child. Empty where nobody is known."""
    known = _known()
    if known is None:
        return {}
    agency = db.session.execute(_AGENCY, {"id": known.row.agency_id}).scalar()
    person = db.session.execute(_PERSON, {"id": known.row.person_id}).scalar()
    child = launching.child_details(known.said)
    return {"who": person or "", "agency": agency or "", "child": child.name}


def member() -> Member:
    """The member of the present request; only on routes that are not public."""
    return current_user._get_current_object()  # type: ignore[no-any-return]  # Flask-Login's proxy


def _known() -> Member | None:
    # Never look somebody up only to draw an error page.
    return member() if g.get("entered") and current_user.is_authenticated else None


def _member(_request: Any) -> Member | None:
    """Flask-Login's request loader: the hidden field first (it is what a frame is sure of), then the cookies."""
    tokens = [request.form.get("_fs", ""), request.cookies.get(FRAME_COOKIE, ""), request.cookies.get(LINK_COOKIE, "")]
    bind(db.session, System("door"))
    for place, token in enumerate(tokens):
        row = launching.find_session(db.session, token, machine_now(), limits()) if token else None
        if row is not None and (row.kind == "link") == (place == 2):
            return Member(row, token)
    return None


def _enter() -> Response | tuple[str, int] | None:
    g.correlation = secrets.token_hex(6)
    g.entered = False  # until somebody is known: drawing an error page must not ask again who it is
    if "\0" in request.path:
        abort(404)  # no id of ours holds one, and PostgreSQL cannot even be asked for it
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or request.endpoint == "static" or getattr(view, "is_public", False):
        return None
    if not current_user.is_authenticated:
        return render_template("session_over.html"), 403
    g.entered = True
    who = member()
    if request.method not in ("GET", "HEAD") and not _own_page(who):
        log.warning("request refused", extra={"reason": "not from our own page", "route": request.endpoint})
        return render_template("session_over.html"), 403
    row = who.row
    g.framed_by = tuple(who.profile.get("origins", ())) if row.kind == "frame" else ()
    if machine_now() - row.seen_at > _SEEN_EVERY:
        launching.note_use(db.session, row, machine_now())
    case = _case_of_link(row)
    if case is None:
        g.entered = False
        return render_template("respond/ended.html"), 403
    bind(db.session, Staff(row.agency_id, row.person_id, case))
    return None


def _own_page(who: Member) -> bool:
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    return hmac.compare_digest(request.form.get("_fs", "").encode(), who.fs.encode())  # as bytes: text that is not ASCII is refused too


def _case_of_link(row: WebSession) -> str | None:
    """A link opens one case ("" for sessions of a frame). Asked for afresh at every request: None for a link that has ended."""
    if row.kind != "link":
        return ""
    found = db.session.get(Invitation, row.invitation_id)
    return found.disagreement_id if found and found.ended_at is None else None


def _origins(connection_id: str) -> tuple[str, ...]:
    launch = db.session.execute(_LAUNCH, {"id": connection_id}).scalar()
    return tuple(launch.get("origins", ())) if launch else ()


def frame_by(connection_id: str) -> None:
    """Lets the hosts of this connection frame the present answer, error pages included."""
    bind(db.session, System("door"))
    g.framed_by = _origins(connection_id)


def _host_origin() -> str:
    framed = g.get("framed_by") or ("",)
    return str(framed[0])


def _leave(response: Response) -> Response:
    framed = g.get("framed_by") or ()
    ancestors = " ".join(framed) or "'none'"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
        f"form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors {ancestors}"
    )
    if not framed:
        response.headers["X-Frame-Options"] = "DENY"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"  # never no-referrer: a form's own Origin would become null
    response.headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def set_cookie(response: Response, name: str, token: str) -> None:
    """A session cookie: for a frame kept apart by the host's site (Partitioned), for a link Lax."""
    framed = name == FRAME_COOKIE
    response.set_cookie(name, token, secure=True, httponly=True, path="/", samesite="None" if framed else "Lax", partitioned=framed)


def _told(error: HTTPException) -> tuple[str, int]:
    return render_template("error.html", status=error.code, correlation=g.get("correlation", "")), error.code or 500


def _not_found(_error: NotFoundError) -> tuple[str, int]:
    return render_template("error.html", status=404, correlation=g.get("correlation", "")), 404


def _failed(error: Exception) -> tuple[str, int]:
    # The exception's words may hold what somebody typed: the log has its type and place, the page a number to quote.
    log.error("request failed", exc_info=error, extra={"correlation": g.get("correlation", ""), "route": request.endpoint})
    db.session.rollback()
    g.entered = False
    return render_template("error.html", status=500, correlation=g.get("correlation", "")), 500
