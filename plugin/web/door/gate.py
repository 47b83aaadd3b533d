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

import hmac
import logging
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, g, render_template, request
from flask_login import current_user
from werkzeug.exceptions import HTTPException

from plugin.extensions import db, login
from plugin.models import Invitation, WebSession
from plugin.models.scope import Desk, Staff, bind
from plugin.services.arriving import launching
from plugin.services.case.cases import NotFoundError
from plugin.services.case.policies import NoPolicyError
from plugin.services.keeping.clock import machine_now
from plugin.web.door import leaving
from plugin.web.door.asking import Asked
from plugin.web.door.known import FRAME_COOKIE, LINK_COOKIE, TAB_COOKIE, Member, find, known, limits, mark, member, whose
from plugin.web.door.leaving import frame_by, set_cookie, sign_in
from plugin.web.door.marks import DESK_COOKIE, desk, navigation, reason_to_refuse

__all__ = [
    "DESK_COOKIE",
    "FRAME_COOKIE",
    "LINK_COOKIE",
    "TAB_COOKIE",
    "Member",
    "desk",
    "frame_by",
    "guard",
    "limits",
    "member",
    "public",
    "set_cookie",
    "sign_in",
]
log = logging.getLogger("accord.web")
View = TypeVar("View", bound=Callable[..., Any])
_SEEN_EVERY = timedelta(minutes=1)


def public(view: View) -> View:
    """Marks a view that needs no session. Whoever adds one says why beside it; a test lists them."""
    view.is_public = True  # type: ignore[attr-defined]  # a mark on the function
    return view


def guard(app: Flask) -> None:
    """Installs the door on an app."""
    app.request_class = Asked
    app.before_request(_enter)
    app.after_request(leaving.leave)
    app.register_error_handler(HTTPException, leaving.told)
    app.register_error_handler(NotFoundError, leaving.not_found)
    app.register_error_handler(NoPolicyError, leaving.no_policy)
    app.register_error_handler(Exception, leaving.failed)
    login.request_loader(find)
    app.context_processor(_for_templates)


def _for_templates() -> dict[str, Any]:
    who = known()
    pages = navigation(current_app, who.account.role) if who and who.row.kind == "desk" else []
    return {"fs": who.fs if who else "", "host_origin": leaving.host_origins(), "member": who, "whose": whose, "desk_pages": pages}


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
    case, ended = _case_of_link(row)
    if ended:
        g.entered = False
        return render_template("respond/ended.html", because=ended), 403
    bind(db.session, Staff(row.agency_id, row.person_id, case))
    return None


def _turned_away() -> tuple[str, int]:
    """Nobody is known, or the request is not from a page of ours."""
    g.entered = False
    if mark():
        back = request.path if _has_page(request.path) else ""  # what was typed there is kept, and shown again
        return render_template("admin/sign_in.html", onward=back, ended=DESK_COOKIE in request.cookies, problem="", email=""), 403
    leaving.frame_as_before()
    return render_template("session_over.html"), 403


def _has_page(path: str) -> bool:
    """Whether a page can be fetched at this address."""
    return bool(current_app.create_url_adapter(request).test(path, "GET"))  # type: ignore[union-attr]  # within a request there is one


def _enter_desk(who: Member) -> tuple[str, int] | None:
    account, wanted = who.account, mark()
    assert wanted is not None  # a desk's cookie is looked at for its pages alone
    if refusal := reason_to_refuse(wanted, account, who.row):
        log.warning("request refused", extra={"reason": refusal, "route": request.endpoint})
        return (render_template("admin/not_yours.html"), 403) if refusal == "role" else _turned_away()
    bind(db.session, Desk(account.id, account.role, account.agency_id or "", account.partnership_id or ""))
    return None


def _own_page(who: Member) -> bool:
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    return hmac.compare_digest(request.form.get("_fs", "").encode(), who.fs.encode())  # as bytes: text that is not ASCII is refused too


def _case_of_link(row: WebSession) -> tuple[str, str]:
    """The one case that a link opens ("" for sessions of a frame), and why it ended, if it has. Asked for afresh at every request."""
    if row.kind != "link":
        return "", ""
    found = db.session.get(Invitation, row.invitation_id)
    if found is None or found.ended_at is not None:
        return "", (found.ended_because if found else "") or "ended"
    return found.disagreement_id, ""
