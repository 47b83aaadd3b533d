"""The door of every request: who is it (cookie or hidden field), is the request theirs (CSRF), which headers go out.

One session table for frames and links. In a frame the hidden field `_fs` carries the session, so that it works where no cookie does;
a page elsewhere cannot know it, so it is also what proves that a request came from our own page. A link's session lives in its cookie
and its `_fs` is derived from it. Every route denies the anonymous unless it is marked `public`.

A page of the desk (owners, administrators, coordinators; signed in by password and code, `signin`) is a view marked with the roles that
may have it, in any module of this room:

    @blueprint.get("/admin/alarms")
    @gate.desk("coordinator", "owner", nav="Alarms")     # `nav`: its words in the desk's navigation
    def alarms() -> Any:
        who = gate.member().account                      # an Account: id, name, role, agency_id, partnership_id
        return render_template("admin/alarms.html", ...)  # extends "admin/layout.html", fills `title` and `content`

The database session of such a request is bound to a `scope.Desk`: it sees what that role may see and nothing else (events and contacts
never). A form of the page posts the hidden field `_fs` as everywhere: `<input type="hidden" name="_fs" value="{{ fs }}">`. Sessions of
frames and links open no page of the desk, and a desk's session opens no other page. Whoever is not signed in gets the sign-in page.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, g, render_template, request
from flask_login import UserMixin, current_user
from sqlalchemy import bindparam, select
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from plugin.extensions import db, login
from plugin.models import Account, Agency, Connection, Invitation, Partnership, Person, WebSession
from plugin.models.scope import Desk, Staff, System, bind, fixed
from plugin.runtime import runtime
from plugin.services import handoffs, launching
from plugin.services.cases import NotFoundError
from plugin.services.clock import machine_now
from plugin.services.directory import roles_of
from plugin.web.desk import DESK_COOKIE, Mark, desk, mark_of, navigation, reason_to_refuse

__all__ = [
    "DESK_COOKIE",
    "FRAME_COOKIE",
    "LINK_COOKIE",
    "TAB_COOKIE",
    "Member",
    "desk",
    "guard",
    "limits",
    "member",
    "public",
    "set_cookie",
]
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
        "tab": launching.Limits(timedelta(seconds=settings.frame_idle_seconds), absolute),
        "link": launching.Limits(timedelta(seconds=settings.link_idle_seconds), absolute),
        "desk": launching.Limits(timedelta(seconds=settings.desk_idle_seconds), timedelta(seconds=settings.desk_session_seconds)),
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
    pages = navigation(current_app, known.account.role) if known and known.row.kind == "desk" else []
    return {"fs": known.fs if known else "", "host_origin": _host_origin(), "member": known, "whose": whose, "desk_pages": pages}


def whose() -> dict[str, str]:
    """What the banner says: who this is, where from, and in a frame which child. Empty where nobody is known."""
    known = _known()
    if known is None:
        return {}
    if known.row.kind == "desk":
        return _whose_desk(known.account)
    agency = db.session.execute(_AGENCY, {"id": known.row.agency_id}).scalar()
    person = db.session.execute(_PERSON, {"id": known.row.person_id}).scalar()
    child = launching.child_details(known.said)
    return {"who": person or "", "agency": agency or "", "child": child.name}


def _whose_desk(account: Account) -> dict[str, str]:
    place = db.session.get(Agency, account.agency_id) if account.agency_id else None
    body = db.session.get(Partnership, account.partnership_id) if account.partnership_id else None
    return {"who": account.name, "agency": place.name if place else body.title if body else "", "child": ""}


def member() -> Member:
    """The member of the present request; only on routes that are not public."""
    return current_user._get_current_object()  # type: ignore[no-any-return]  # Flask-Login's proxy


def _known() -> Member | None:
    # Never look somebody up only to draw an error page.
    return member() if g.get("entered") and current_user.is_authenticated else None


def _member(_request: Any) -> Member | None:
    """Flask-Login's request loader: the hidden field first (it is what a frame is sure of), then the cookies."""
    bind(db.session, System("door"))
    ways = [("frame", request.form.get("_fs", "")), ("frame", request.cookies.get(FRAME_COOKIE, ""))]
    ways += [("tab", request.cookies.get(TAB_COOKIE, "")), ("link", request.cookies.get(LINK_COOKIE, ""))]
    if _mark():
        ways = [("desk", request.cookies.get(DESK_COOKIE, ""))]
    if request.endpoint == "home.start" and (again := _started_before()):
        return again
    for kind, token in ways:
        row = launching.find_session(db.session, token, machine_now(), limits()) if token else None
        if row is not None and row.kind == kind:
            return Member(row, token)
    return None


def _started_before() -> Member | None:
    """Start pressed a second time: the launch page's token has just been replaced."""
    token, current = request.form.get("_fs", ""), request.cookies.get(FRAME_COOKIE, "")
    row = handoffs.find_started(db.session, token, current, machine_now(), limits()["frame"]) if token else None
    return Member(row, token) if row else None


def _mark() -> Mark | None:
    """The roles that the present request's page is for, where it is one of the desk's."""
    return mark_of(current_app.view_functions.get(request.endpoint or ""))


def _enter() -> Response | tuple[str, int] | None:
    g.correlation = secrets.token_hex(6)
    g.entered = False  # until somebody is known: drawing an error page must not ask again who it is
    if "\0" in request.path:
        abort(404)  # no id of ours holds one, and PostgreSQL cannot even be asked for it
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or request.endpoint == "static" or getattr(view, "is_public", False):
        return None
    if not current_user.is_authenticated:
        return _turned_away()
    g.entered = True
    who = member()
    if request.method not in ("GET", "HEAD") and not _own_page(who):
        log.warning("request refused", extra={"reason": "not from our own page", "route": request.endpoint})
        return _turned_away()
    row = who.row
    g.framed_by = tuple(who.profile.get("origins", ())) if row.kind == "frame" else ()
    if machine_now() - row.seen_at > _SEEN_EVERY:
        launching.note_use(db.session, row, machine_now())
    if row.kind == "desk":
        return _enter_desk(who)
    case = _case_of_link(row)
    if case is None:
        g.entered = False
        return render_template("respond/ended.html"), 403
    bind(db.session, Staff(row.agency_id, row.person_id, case))
    return None


def _turned_away() -> tuple[str, int]:
    """Nobody is known, or the request is not from a page of ours."""
    g.entered = False
    if _mark():
        back = request.path if request.method == "GET" else ""
        return render_template("admin/sign_in.html", onward=back, ended=DESK_COOKIE in request.cookies, problem="", email=""), 403
    _frame_as_before()
    return render_template("session_over.html"), 403


def _frame_as_before() -> None:
    """Lets the host that framed a session show its end too, and what is wrong with a request, so that nobody sees an empty frame."""
    try:
        tokens = [request.form.get("_fs", ""), request.cookies.get(FRAME_COOKIE, "")]
    except RequestEntityTooLarge:  # the field is the first of every form: it is found without reading the rest
        start = re.match(rb"_fs=([\w-]{20,100})&", request.environ["wsgi.input"].read(200))
        tokens = [start.group(1).decode() if start else "", request.cookies.get(FRAME_COOKIE, "")]
    bind(db.session, System("door"))
    found = next((one for token in tokens if token and (one := launching.connection_of(db.session, token))), "")
    g.framed_by = _origins(found) if found else ()


def _enter_desk(who: Member) -> tuple[str, int] | None:
    account, mark = who.account, _mark()
    assert mark is not None  # a desk's cookie is looked at for its pages alone
    if refusal := reason_to_refuse(mark, account, who.row):
        log.warning("request refused", extra={"reason": refusal, "route": request.endpoint})
        return (render_template("admin/not_yours.html"), 403) if refusal == "role" else _turned_away()
    bind(db.session, Desk(account.id, account.role, account.agency_id or "", account.partnership_id or ""))
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
    return " ".join(g.get("framed_by") or ())


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
    if request.endpoint not in ("static", "charts.picture"):  # what may be kept: it is the same for everybody
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def set_cookie(response: Response, name: str, token: str) -> None:
    """A session cookie: for a frame kept apart by the host's site (Partitioned), for a link Lax."""
    framed = name == FRAME_COOKIE
    response.set_cookie(name, token, secure=True, httponly=True, path="/", samesite="None" if framed else "Lax", partitioned=framed)


def sign_in(response: Response, name: str, token: str) -> None:
    """The cookie of a session in a tab; whatever other session of ours this browser had in one ends with it, so that none is mixed up."""
    for other in (TAB_COOKIE, LINK_COOKIE, FRAME_COOKIE):
        if other != name and other in request.cookies:
            response.delete_cookie(other, path="/", secure=True, httponly=True, partitioned=other == FRAME_COOKIE)
    set_cookie(response, name, token)


def _told(error: HTTPException) -> tuple[str, int]:
    if not g.get("framed_by") and request.method == "POST":
        _frame_as_before()
    return render_template("error.html", status=error.code, correlation=g.get("correlation", "")), error.code or 500


def _not_found(_error: NotFoundError) -> tuple[str, int]:
    return render_template("error.html", status=404, correlation=g.get("correlation", "")), 404


def _failed(error: Exception) -> tuple[str, int]:
    # The exception's words may hold what somebody typed: the log has its type and place, the page a number to quote.
    log.error("request failed", exc_info=error, extra={"correlation": g.get("correlation", ""), "route": request.endpoint})
    db.session.rollback()
    g.entered = False
    return render_template("error.html", status=500, correlation=g.get("correlation", "")), 500
