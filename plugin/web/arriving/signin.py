"""The desk's door as people see it: password, code, the first sign-in with its app, and out again. A page of its own, never framed."""

from __future__ import annotations

import re
from typing import Any

import segno
from flask import Blueprint, Response, current_app, g, make_response, redirect, render_template, request, url_for
from markupsafe import Markup

from plugin.extensions import db
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.arriving import launching
from plugin.services.desk import accounts, signing_in
from plugin.services.desk.accounts import AccountError
from plugin.services.desk.signing_in import SignInRefusedError
from plugin.services.keeping.clock import machine_now
from plugin.services.providers import sign_on
from plugin.web.door import gate

blueprint = Blueprint("signin", __name__, url_prefix="/admin")
_BACK = re.compile(r"/admin(/[A-Za-z0-9_.~-]+)*/?")
_WRONG = "The email address or the password is not right. After 5 wrong tries in a row we wait 15 minutes."
_WRONG_CODE = "That is not the code we need. Enter the 6 digits that your app shows now. Each code works once."
_LOCKED = "That was the last try for now. Wait 15 minutes, then sign in again."


@blueprint.app_context_processor
def _providers() -> dict[str, Any]:
    """For the sign-in page: the agencies whose administrators sign in by their own provider."""
    return {"desk_providers": _desk_providers}


def _desk_providers() -> list[tuple[str, str]]:
    bind(db.session, System("sign in"))
    return sign_on.for_the_desk(db.session)


@blueprint.get("/sign-in")
@gate.public  # the way in
def sign_in() -> Any:
    """Email address and password."""
    return _page("admin/sign_in.html", email="", problem="", onward="", ended=False)


@blueprint.post("/sign-in")
@gate.public  # as above; it takes posts of its own pages alone
def check_password() -> Any:
    """The first half. On success the code is asked for, or the app is set up."""
    email, back = request.form.get("email", "")[:254], _safe(request.form.get("back", ""))
    bind(db.session, System("sign in"))
    try:
        if not _own_page():
            raise SignInRefusedError("wrong")
        token = signing_in.begin(db.session, email, request.form.get("password", "")[:500], machine_now(), gate.limits()["desk"])
    except SignInRefusedError:
        return _page("admin/sign_in.html", email=email, problem=_WRONG, onward=back, ended=False), 422
    answer = redirect(url_for("signin.code", back=back or None), 303)
    gate.set_cookie(answer, gate.DESK_COOKIE, token)
    return answer


@blueprint.get("/code")
@gate.desk(halfway=True)
def code() -> Any:
    """Asks for the code of the app; who has none yet sets it up first."""
    if not gate.member().account.enrolled:
        return redirect(url_for("signin.app_page", back=_back_asked() or None), 303)
    return render_template("admin/code.html", problem="", onward=_back_asked())


@blueprint.post("/code")
@gate.desk(halfway=True)
def check_code() -> Any:
    """The second half."""
    who, back = gate.member(), _safe(request.form.get("back", ""))
    bind(db.session, System("sign in"))
    try:
        token = signing_in.finish(db.session, runtime(current_app).keys, who.row, request.form.get("code", "")[:60], machine_now())
    except SignInRefusedError as refused:
        problem = _LOCKED if refused.why == "locked" else _WRONG_CODE
        return render_template("admin/code.html", problem=problem, onward=back), 422
    return _in(redirect(back or url_for("admin.index"), 303), token)


@blueprint.get("/app")
@gate.desk(halfway=True)
def app_page() -> Any:
    """Shows the secret for the authenticator app, as a picture and as letters."""
    return _enrolling("")


@blueprint.post("/app")
@gate.desk(halfway=True)
def enrol() -> Any:
    """The app shows the right code: it is taken, and the recovery codes are shown, once."""
    who, back = gate.member(), _safe(request.form.get("back", ""))
    bind(db.session, System("sign in"))
    try:
        token, codes = signing_in.enrol(db.session, runtime(current_app).keys, who.row, request.form.get("code", "")[:60], machine_now())
    except SignInRefusedError as refused:
        return _enrolling(_LOCKED if refused.why == "locked" else _WRONG_CODE), 422
    g.entered = False  # the page is drawn for a session whose token has just changed
    return _in(make_response(render_template("admin/recovery.html", codes=codes, onward=back or url_for("admin.index"))), token)


@blueprint.post("/sign-out")
@gate.desk()
def sign_out() -> Any:
    """Ends the session."""
    bind(db.session, System("sign out"))
    signing_in.leave(db.session, gate.member().row, machine_now())
    g.entered = False
    answer = make_response(render_template("admin/signed_out.html"))
    answer.delete_cookie(gate.DESK_COOKIE, secure=True, path="/", httponly=True, samesite="Lax")
    return answer


@blueprint.post("/extend")
@gate.desk()
def extend() -> Any:
    """The idle time starts anew, by the button of the warning."""
    launching.note_use(db.session, gate.member().row, machine_now())
    return "", 204


@blueprint.get("/welcome/<token>")
@gate.public  # the link is what lets somebody choose a password, once
def welcome(token: str) -> Any:
    """Where a password is chosen. Changes nothing."""
    bind(db.session, System("sign in"))
    found = accounts.find_by_link(db.session, token, machine_now())
    if found is None:
        return _page("admin/old_link.html"), 404
    return _page("admin/welcome.html", account=found, token=token, problem="", problem_at="")


@blueprint.post("/welcome/<token>")
@gate.public  # as above
def choose(token: str) -> Any:
    """Takes the password and goes on to the app."""
    bind(db.session, System("sign in"))
    found = accounts.find_by_link(db.session, token, machine_now())
    if found is None or not _own_page():
        return _page("admin/old_link.html"), 404
    email, password = found.email, request.form.get("password", "")[:500]
    try:
        if password != request.form.get("again", "")[:500]:
            raise AccountError("again", "The two are not the same. Enter the password again in both boxes.")
        accounts.choose_password(db.session, token, password, machine_now())
    except AccountError as wrong:
        found = accounts.find_by_link(db.session, token, machine_now())
        return _page("admin/welcome.html", account=found, token=token, problem=wrong.text, problem_at=wrong.field), 422
    waiting = signing_in.begin(db.session, email, password, machine_now(), gate.limits()["desk"])
    answer = redirect(url_for("signin.code"), 303)
    gate.set_cookie(answer, gate.DESK_COOKIE, waiting)
    return answer


def _enrolling(problem: str) -> str:
    who, back = gate.member(), _back_asked() or _safe(request.form.get("back", ""))
    bind(db.session, System("sign in"))
    app = signing_in.provisional(db.session, runtime(current_app).keys, who.account.id)
    letters = " ".join(app.secret[at : at + 4] for at in range(0, len(app.secret), 4))
    drawn = segno.make(app.provisioning_uri(), error="m").svg_inline(scale=5, border=4, light="#fff", svgclass=None, lineclass=None)
    picture = Markup(drawn)  # noqa: S704  # made here, of squares alone
    return render_template("admin/app.html", picture=picture, letters=letters, problem=problem, onward=back)


def _in(answer: Any, token: str) -> Response:
    gate.set_cookie(answer, gate.DESK_COOKIE, token)
    return answer  # type: ignore[no-any-return]  # a response either way


def _page(template: str, **values: Any) -> str:
    return render_template(template, **values)


def _back_asked() -> str:
    return _safe(request.args.get("back", ""))


def _safe(back: str) -> str:
    """An address of the desk to go on to; "" for anything else, so that no link leads anybody elsewhere."""
    return back if _BACK.fullmatch(back) and ".." not in back else ""


def _own_page() -> bool:
    """Whether the post is from a page of ours: nobody is signed in yet, so there is no session to bind a field to."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == runtime(current_app).settings.public_url
