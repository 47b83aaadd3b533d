"""The way in from a record system: a signed launch, posted into the frame, becomes a session and the first page."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, current_app, g, make_response, render_template, request

from integrations.launch import signed
from integrations.launch.context import LaunchRefused
from integrations.launch.openid import SignOnRefused, kid_of
from plugin.extensions import db
from plugin.models import Agency, Connection
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.arriving import launching
from plugin.services.keeping import access
from plugin.services.keeping.clock import machine_now
from plugin.services.keeping.sealing import Keys
from plugin.services.providers import key_sets
from plugin.web.door import gate
from plugin.web.door.here import whom_at

blueprint = Blueprint("launch", __name__)
log = logging.getLogger("accord.launch")


@blueprint.post("/launch/<connection_id>")
@gate.public  # the signature is what lets somebody in
def launch(connection_id: str) -> Response | tuple[str, int]:
    """Verifies the launch, spends it, and shows who it is and which child, with a button to start. Every refusal looks the same."""
    gate.frame_by(connection_id)
    bind(db.session, System("launch"))
    here = runtime(current_app)
    try:
        way = launching.connection(db.session, connection_id)
        token = request.form.get("launch_token", "")
        settings = settings_of(way, here.settings.public_url, here.keys, fetched(way, token))
        signed.check_origin(request.headers.get("Origin"), request.headers.get("Sec-Fetch-Dest"), settings)
        accepted = signed.verify(token, settings, machine_now())
        token = launching.accept(db.session, here.keys, way, accepted, machine_now(), gate.limits()["frame"])
    except LaunchRefused as refused:
        db.session.rollback()
        log.warning("launch refused", extra={"connection": connection_id[:60], "reason": refused.code, "correlation": g.correlation})
        note_refusal(connection_id, refused.code)
        gone = refused.code == launching.NO_PART
        return render_template("frame/launch_refused.html", correlation=g.correlation, gone=gone), 403
    agency = db.session.get(Agency, way.agency_id)
    words = whom_at(agency, accepted.area)
    page = make_response(
        render_template(
            "frame/start.html",
            fs=token,
            who=accepted.staff_name,
            agency=agency.name if agency else "",
            child=accepted.child.name,
            whom=lambda: words,
        )
    )
    gate.set_cookie(page, gate.FRAME_COOKIE, token)
    return page


def note_refusal(connection_id: str, code: str) -> None:
    """A line in the access log, for the administrator's page; only of connections that there are, so that nobody fills it with names."""
    way = db.session.get(Connection, connection_id)
    if way is not None:
        access.note(db.session, "", way.agency_id, "launch", way.id, code, machine_now())


def fetched(way: Connection, token: str) -> list[dict[str, Any]]:
    """The keys that the host publishes at an address, where the connection names one; the token only says which it was signed with."""
    url = way.launch.get("jwks_url", "")
    if not url:
        return []
    try:
        kid = kid_of(token)
    except SignOnRefused:
        raise LaunchRefused("malformed") from None
    return key_sets.keys_at(db.session, runtime(current_app).http, url, kid, machine_now())


def settings_of(way: Connection, audience: str, ours: Keys, more_keys: Sequence[dict[str, Any]] = ()) -> signed.Settings:
    """A connection's launch profile as the verifier takes it. Raises LaunchRefused where it has none that could work."""
    profile = way.launch
    try:
        return signed.Settings(
            connection_id=way.id,
            issuer=profile["issuer"],
            audience=audience,
            algorithm=profile["algorithm"],
            keys=[*profile.get("keys", ()), *signed.fitting(more_keys, profile["algorithm"])],
            origins=tuple(profile["origins"]),
            allow_null_origin=profile.get("allow_null_origin", False),
            decryption_key=ours.launch,
            earlier_keys=ours.launches_before,
        )
    except (KeyError, ValueError):
        raise LaunchRefused("no launch profile") from None
