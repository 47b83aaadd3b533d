"""What goes out with every answer: headers, who may frame it, cookies; and the answers to what went wrong, which say nothing of it."""

from __future__ import annotations

import logging
import re

from flask import Response, g, render_template, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from plugin.extensions import db
from plugin.models.scope import System, bind
from plugin.services.arriving import launching
from plugin.services.case.cases import NotFoundError
from plugin.services.case.policies import NoPolicyError
from plugin.services.keeping import access
from plugin.services.keeping.clock import machine_now
from plugin.web.door.known import FRAME_COOKIE, LINK_COOKIE, TAB_COOKIE, known, origins

log = logging.getLogger("accord.web")
REFERENCE = re.compile(r"PD-[0-9A-Z]{4}-[0-9A-Z]{4}")


def frame_as_before() -> None:
    """Lets the host that framed a session show its end too, and what is wrong with a request, so that nobody sees an empty frame."""
    try:
        tokens = [request.form.get("_fs", ""), request.cookies.get(FRAME_COOKIE, "")]
    except RequestEntityTooLarge:  # the field is the first of every form: it is found without reading the rest
        start = re.match(rb"_fs=([\w-]{20,100})&", request.environ["wsgi.input"].read(200))
        tokens = [start.group(1).decode() if start else "", request.cookies.get(FRAME_COOKIE, "")]
    bind(db.session, System("door"))
    found = next((one for token in tokens if token and (one := launching.connection_of(db.session, token))), "")
    g.framed_by = origins(found) if found else ()


def frame_by(connection_id: str) -> None:
    """Lets the hosts of this connection frame the present answer, error pages included."""
    bind(db.session, System("door"))
    g.framed_by = origins(connection_id)


def host_origins() -> str:
    """The origins that may frame the present answer, for the script that speaks to them."""
    return " ".join(g.get("framed_by") or ())


def leave(response: Response) -> Response:
    """The headers of every answer."""
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
    if TAB_COOKIE not in request.cookies and request.endpoint not in ("session.go_on", "sign_on.smart", "sign_on.back"):
        # A tab opened out of a sandboxed frame is sandboxed too, and a browser shows no page with this header there.
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


def told(error: HTTPException) -> tuple[str, int]:
    """An error that HTTP has a number for."""
    if not g.get("framed_by") and request.method == "POST":
        frame_as_before()
    return render_template("error.html", status=error.code, correlation=g.get("correlation", "")), error.code or 500


def not_found(_error: NotFoundError) -> tuple[str, int]:
    """A case that is not there, or not for this reader: the two look the same. Who asked is a line of the access log, with what they asked
    for where it looks like a reference of ours."""
    db.session.rollback()
    asked = str((request.view_args or {}).get("reference", ""))
    if (who := known()) is not None:
        subject = asked if REFERENCE.fullmatch(asked) else ""
        access.note(db.session, who.row.person_id, who.row.agency_id, "read", subject, "refused", machine_now())
    return render_template("error.html", status=404, correlation=g.get("correlation", "")), 404


def no_policy(_error: NoPolicyError) -> tuple[str, int]:
    """No policy is in force for this partnership, or not yet: nothing can be raised, and nobody is left without a word."""
    return render_template("error.html", status="no policy", correlation=""), 409


def failed(error: Exception) -> tuple[str, int]:
    """A fault of ours (500), or a database that cannot be reached or written just now (503): full, locked, starting again."""
    # The exception's words may hold what somebody typed: the log has its type and place, the page a number to quote.
    log.error("request failed", exc_info=error, extra={"correlation": g.get("correlation", ""), "route": request.endpoint})
    db.session.rollback()
    g.entered = False
    status = 503 if isinstance(error, OperationalError) else 500
    return render_template("error.html", status=status, correlation=g.get("correlation", "")), status
