"""Ways in by an identity provider, always in a page of its own: a SMART launch, a manager's link, the desk. Out to the provider and back.

A provider refuses to be framed, so a launch that arrives in a frame is given a button that opens a tab. Nothing of why a sign-in was
refused is shown to who came; the administrator finds it on the connection's page.
"""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, current_app, g, make_response, redirect, render_template, request, url_for

from integrations.launch.context import LaunchContext, LaunchRefused
from integrations.launch.openid import SignOnRefused
from plugin.extensions import db
from plugin.models import Invitation
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services import cases, handoffs, invitations, launching, sign_on, signing_in, tickets
from plugin.services.clock import machine_now
from plugin.services.directory import Directory
from plugin.services.sign_on import Arrived, Kind
from plugin.web import gate
from plugin.web.launch import note_refusal

blueprint = Blueprint("sign_on", __name__)
log = logging.getLogger("accord.sign_on")
FLOW_COOKIE = "__Host-accord_flow"


@blueprint.get("/smart/<connection_id>/launch")
@gate.public  # the provider's signature is what lets somebody in
def smart(connection_id: str) -> Any:
    """An EHR launch: `iss` must be the FHIR server of this connection; `launch` goes on to its provider as it is."""
    bind(db.session, System("launch"))
    if request.headers.get("Sec-Fetch-Dest") in ("iframe", "frame"):
        gate.frame_by(connection_id)
        return render_template("sign_on/own_tab.html", address=request.full_path.rstrip("?"))
    try:
        way = launching.connection(db.session, connection_id)
        if request.args.get("iss", "").rstrip("/") != str(way.launch.get("smart", {}).get("fhir", "-")).rstrip("/"):
            raise SignOnRefused("another server")
    except (LaunchRefused, SignOnRefused) as refused:
        return _refused(connection_id, refused.code)
    return _gone(connection_id, "smart", launch=request.args.get("launch", "")[:2000])


@blueprint.get("/r/<token>/sign-on")
@gate.public  # the link says whom it is for; the agency's provider says who came
def link(token: str) -> Any:
    """A manager proves who they are by their agency's own sign-in."""
    bind(db.session, System("link"))
    invitation = invitations.find(db.session, token, machine_now())
    if invitation is None:
        return render_template("respond/old_link.html", token=token), 404
    return _gone(sign_on.of_agency(db.session, invitation.agency_id), "link", about=token)


@blueprint.get("/sign-on/desk/<connection_id>")
@gate.public  # as above
def desk(connection_id: str) -> Any:
    """An administrator signs in at the desk by their agency's own sign-in."""
    bind(db.session, System("sign in"))
    return _gone(connection_id, "desk")


def _gone(connection_id: str, kind: Kind, about: str = "", launch: str = "") -> Any:
    """Off to the provider, with what must be known again kept sealed here."""
    here, now, browser = runtime(current_app), machine_now(), secrets.token_urlsafe(24)
    try:
        origin = here.settings.public_url
        begun = sign_on.begin(db.session, here.keys, here.http, connection_id, kind, origin, browser, about=about, launch=launch)
    except SignOnRefused as refused:
        return _refused(connection_id, refused.code)
    tickets.keep(db.session, here.keys, "sign-on", "", begun.flow.state, begun.ticket, sign_on.LIFE, now)
    answer = redirect(begun.url, 303)
    life = timedelta(minutes=10)
    answer.set_cookie(FLOW_COOKIE, browser, secure=True, httponly=True, samesite="Lax", path="/", max_age=life)
    return answer


@blueprint.get("/sign-on/back")
@gate.public  # state, cookie, code and the provider's signature: all four must fit
def back() -> Any:
    """Somebody came back from their provider. Each answer is taken once."""
    bind(db.session, System("sign in"))
    here, now = runtime(current_app), machine_now()
    ticket = tickets.spend(db.session, here.keys, "sign-on", "", request.args.get("state", ""), now)
    if ticket is None:
        return _refused("", "state")
    browser, origin = request.cookies.get(FLOW_COOKIE, ""), here.settings.public_url
    said = {name: request.args.get(name, "") for name in ("code", "iss", "error")}
    try:
        arrived = sign_on.finish(db.session, here.keys, here.http, ticket, said, origin, browser, now)
        answer = _ENDS[arrived.kind](arrived)
    except (SignOnRefused, LaunchRefused) as refused:
        return _refused(str(ticket["connection"]), refused.code)
    answer.delete_cookie(FLOW_COOKIE, secure=True, path="/", httponly=True, samesite="Lax")
    return answer


def _worker(arrived: Arrived) -> Response:
    """A launch like any other from here on, in a tab."""
    here, now = runtime(current_app), machine_now()
    person = sign_on.person_of(db.session, arrived, now)
    context = LaunchContext(
        connection_id=arrived.connection_id,
        staff_id=person.staff_id or "",
        staff_name=arrived.name,
        roles=(),
        child_ref=arrived.patient,
        child=arrived.child,
        host_session=arrived.subject,
        nonce=secrets.token_urlsafe(24),
        issued_at=now,
        expires_at=now,
    )
    way = launching.connection(db.session, arrived.connection_id)
    token = launching.accept(db.session, here.keys, way, context, now, gate.limits()["frame"])
    row = launching.find_session(db.session, token, now, gate.limits())
    assert row is not None  # made just now
    fresh = launching.renew(db.session, row, token, now)
    row = launching.find_session(db.session, fresh, now, gate.limits())
    assert row is not None
    tab = handoffs.spend(db.session, handoffs.mint(db.session, row, now), now)
    answer = redirect(url_for("home.home"), 303)
    gate.sign_in(answer, gate.TAB_COOKIE, tab or "")
    return answer  # type: ignore[return-value]  # Werkzeug's redirect is Flask's response


def _manager(arrived: Arrived) -> Response:
    """The one whom the link is for, and nobody else of the agency."""
    now = machine_now()
    invitation = invitations.find(db.session, arrived.about, now)
    if invitation is None or invitation.agency_id != arrived.agency_id:
        raise SignOnRefused("another agency")
    reference, person_id = _meant(invitation, arrived)
    invitation = db.session.get_one(Invitation, invitation.id)
    invitations.proved(db.session, invitation, now)
    token = launching.start_link_session(
        db.session,
        invitation_id=invitation.id,
        agency_id=arrived.agency_id,
        person_id=person_id,
        machine_now=now,
        limits=gate.limits()["link"],
    )
    log.info("signed on", extra={"connection": arrived.connection_id, "kind": "link"})
    answer = redirect(url_for("case.page", reference=reference), 303)
    gate.sign_in(answer, gate.LINK_COOKIE, token)
    return answer  # type: ignore[return-value]  # as above


def _meant(invitation: Invitation, arrived: Arrived) -> tuple[str, str]:
    """The case's reference and the person's id. Raises SignOnRefused where the link is for somebody else."""
    case = cases.open_case(db.session, runtime(current_app).keys, case_id=invitation.disagreement_id)
    key = invitation.person_id
    email = Directory(db.session, case).named(key).email.casefold()
    db.session.rollback()
    if key.startswith("person:"):
        if sign_on.person_of(db.session, arrived, machine_now()).id != key.removeprefix("person:"):
            raise SignOnRefused("another person")
        return case.reference, key.removeprefix("person:")
    if not email or arrived.email != email:
        raise SignOnRefused("another person")
    return case.reference, key


def _administrator(arrived: Arrived) -> Response:
    account = sign_on.account_of(db.session, arrived, machine_now())
    token = signing_in.let_in_by_provider(db.session, account.id, machine_now(), gate.limits()["desk"])
    answer = redirect(url_for("admin.index"), 303)
    gate.set_cookie(answer, gate.DESK_COOKIE, token)
    return answer  # type: ignore[return-value]  # as above


_ENDS = {"smart": _worker, "link": _manager, "desk": _administrator}


def _refused(connection_id: str, code: str) -> Any:
    """One page for every refusal, with a number to quote; the reason is in the log and on the connection's page."""
    db.session.rollback()
    log.warning("sign-on refused", extra={"connection": connection_id[:60], "reason": code, "correlation": g.correlation})
    bind(db.session, System("sign in"))
    if connection_id:
        note_refusal(connection_id, f"sign-in: {code}")
    answer = make_response(render_template("sign_on/refused.html", correlation=g.correlation), 403)
    answer.delete_cookie(FLOW_COOKIE, secure=True, path="/", httponly=True, samesite="Lax")
    return answer
