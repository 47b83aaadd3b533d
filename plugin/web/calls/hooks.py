"""Where a record system's server talks to us: messages, what became of them, and addresses that open Accord once. JSON in and out.

Nobody is signed in here: the signature over the raw body is what lets a message in (Standard Webhooks 1.0.0). Answers repeat nothing
that was sent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial, wraps
from typing import Any

from flask import Blueprint, Response, current_app, g, jsonify, make_response, render_template, request
from sqlalchemy.exc import OperationalError

from integrations.launch.context import ChildDetails, LaunchContext, LaunchRefused
from plugin.extensions import db
from plugin.models import Agency
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.arriving import inbound, launching, told
from plugin.services.arriving.inbound import RefusedError, Signed
from plugin.services.arriving.messages_in import EndMessage, SessionMessage
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.providers import tickets
from plugin.web.arriving.launch import note_refusal
from plugin.web.calls import openapi
from plugin.web.door import gate
from plugin.web.door.here import whom_at

blueprint = Blueprint("hooks", __name__)
log = logging.getLogger("accord.hooks")
SESSION_LIFE = timedelta(seconds=60)
View = Callable[..., Any]


def _in_json(view: View) -> View:
    """Refusals as JSON, each with its status; a database that is busy asks to come again."""

    @wraps(view)
    def answered(**places: str) -> Any:
        bind(db.session, System("message"))
        try:
            return view(**places)
        except RefusedError as refused:
            db.session.rollback()
            log.warning("message refused", extra={"reason": refused.code, "route": request.endpoint, "correlation": g.correlation})
            said = jsonify(error=refused.code, faults=[{"pointer": at, "text": text} for at, text in refused.faults])
            said.status_code = refused.status
            if refused.retry_after:
                said.headers["Retry-After"] = str(refused.retry_after)
            return said
        except OperationalError:
            db.session.rollback()
            busy = jsonify(error="busy", faults=[])
            busy.status_code, busy.headers["Retry-After"] = 503, "5"
            return busy

    return answered


def _signed(connection_id: str) -> Signed:
    """Length, kind, signature, in this order. Raises RefusedError."""
    if request.content_length is None and request.method == "POST":
        raise RefusedError(413, "length missing")
    if (request.content_length or 0) > inbound.LARGEST:
        raise RefusedError(413, "too large")
    if request.method == "POST" and request.mimetype != "application/json":
        raise RefusedError(415, "not application/json")
    headers = {name.lower(): value for name, value in request.headers.items()}
    return inbound.authenticate(db.session, runtime(current_app).keys, connection_id, headers, request.get_data(), machine_now())


@blueprint.post("/hooks/v1/<connection_id>")
@gate.public  # the signature over the body is what lets a message in
@_in_json
def take(connection_id: str) -> Any:
    """A message that raises, adds to, or closes a disagreement: 202 with a receipt."""
    signed, here = _signed(connection_id), runtime(current_app)
    doing = partial(_do, signed)
    receipt = inbound.receive(db.session, signed, doing, machine_now())
    address = f"{here.settings.public_url}/hooks/v1/{connection_id}/receipts/{receipt.id}"
    return jsonify(receipt_id=receipt.id, reference=receipt.reference, status_url=address), 202


def _do(signed: Signed, message: Any, once: str) -> str:
    here = runtime(current_app)
    return told.do(db.session, here.keys, signed, message, once, business_now(db.session), machine_now())


@blueprint.get("/hooks/v1/<connection_id>/receipts/<receipt_id>")
@gate.public  # as above, over an empty body
@_in_json
def receipt(connection_id: str, receipt_id: str) -> Any:
    """What became of a message."""
    found = inbound.status(db.session, _signed(connection_id), receipt_id)
    return jsonify(receipt_id=found.id, state=found.state, reference=found.reference)


@blueprint.post("/sessions/v1/<connection_id>")
@gate.public  # as above
@_in_json
def session(connection_id: str) -> Any:
    """An address that opens Accord once, within a minute, for one member of staff and one child."""
    signed, here = _signed(connection_id), runtime(current_app)
    said: SessionMessage = inbound.read(signed.body, SessionMessage)
    token = tickets.make(db.session, here.keys, "session", connection_id, said.model_dump(mode="json"), SESSION_LIFE, machine_now())
    address = f"{here.settings.public_url}/l/{connection_id}/{token}"
    return jsonify(url=address, expires_in=int(SESSION_LIFE.total_seconds())), 201


@blueprint.post("/sessions/v1/<connection_id>/ended")
@gate.public  # as above
@_in_json
def ended(connection_id: str) -> Any:
    """Somebody signed out there: they are signed out here. 204, also where nothing of theirs was open."""
    signed = _signed(connection_id)
    said: EndMessage = inbound.read(signed.body, EndMessage)
    launching.end_host_session(db.session, connection_id, said.session)
    return "", 204


@blueprint.get("/l/<connection_id>/<token>")
@gate.public  # the token is what lets somebody in, once, for a minute
def enter(connection_id: str, token: str) -> Any:
    """Opens what a host's server asked for: who it is and which child, with a button to start. HEAD spends nothing."""
    gate.frame_by(connection_id)
    if request.method != "GET":
        return "", 204
    bind(db.session, System("launch"))
    here, now = runtime(current_app), machine_now()
    try:
        way = launching.connection(db.session, connection_id)
        said = tickets.spend(db.session, here.keys, "session", connection_id, token, now)
        if said is None:
            raise LaunchRefused("launch used before")
        context = _context(connection_id, SessionMessage.model_validate(said), token)
        way = launching.connection(db.session, connection_id)
        agency = db.session.get_one(Agency, way.agency_id)
        opened = launching.accept(db.session, here.keys, way, context, now, gate.limits()["frame"])
    except LaunchRefused as refused:
        db.session.rollback()
        log.warning("launch refused", extra={"connection": connection_id[:60], "reason": refused.code, "correlation": g.correlation})
        note_refusal(connection_id, refused.code)
        return render_template("frame/launch_refused.html", correlation=g.correlation), 403
    words = whom_at(agency, context.area)
    page = make_response(
        render_template(
            "frame/start.html", fs=opened, who=context.staff_name, agency=agency.name, child=context.child.name, whom=lambda: words
        )
    )
    gate.set_cookie(page, gate.FRAME_COOKIE, opened)
    return page


def _context(connection_id: str, said: SessionMessage, token: str) -> LaunchContext:
    now = machine_now()
    return LaunchContext(
        connection_id=connection_id,
        staff_id=said.staff.id,
        staff_name=said.staff.name,
        roles=tuple(said.staff.roles),
        child_ref=said.child.ref,
        child=ChildDetails(said.child.name, said.child.born, tuple(said.child.identifiers.items())),
        host_session=said.session,
        nonce=token,
        issued_at=now,
        expires_at=now + SESSION_LIFE,
        area=said.area,
    )


@blueprint.get("/openapi.json")
@gate.public  # what record systems may send is no secret
def document() -> Response:
    """The OpenAPI document of what stands here."""
    answer: Response = jsonify(openapi.document(runtime(current_app).settings.public_url))
    return answer
