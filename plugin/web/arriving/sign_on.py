"""Ways in by an identity provider, always in a page of its own: a SMART launch, a manager's link, the desk. Out to the provider and back.

A provider refuses to be framed, so a launch that arrives in a frame is given a button that opens a tab. What was wrong is told in words
that help who came; the reason itself stands in the log and on the connection's page. What does not live here: who comes in as whom
(`signed_on`), the set-up (`admin_sign_on`).
"""

from __future__ import annotations

import logging
import re
import secrets
from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, g, jsonify, make_response, redirect, render_template, request, url_for

from integrations.launch.context import LaunchRefused
from integrations.launch.openid import SignOnRefused
from plugin.extensions import db
from plugin.models import Connection
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.arriving import launching
from plugin.services.desk import ways
from plugin.services.keeping.clock import machine_now
from plugin.services.notices import invitations
from plugin.services.providers import oidc_profiles, sign_on, signing_keys, tickets
from plugin.services.providers.sign_on import Arrived, Wish
from plugin.web.arriving import signed_on
from plugin.web.arriving.launch import note_refusal
from plugin.web.door import gate

blueprint = Blueprint("sign_on", __name__)
log = logging.getLogger("accord.sign_on")
FLOW_COOKIE = "__Host-accord_flow"
_BROWSER = re.compile(r"[\w-]{32}", re.ASCII)
# What is told to who came, by what was wrong: nothing that helps to get in, all that helps to get on.
_SOMEBODY_ELSE = ("another person", "not in the directory", "no email", "another account is known", "another agency", "has left")
_NOT_YOURS = (*_SOMEBODY_ELSE, "no account", "another-organisation", "no-role")
_NOT_NOW = (
    "provider-silent",
    "provider-error",
    "not-allowed",
    "not-permitted",
    "issuer-differs",
    "no-secret",
    "client-not-known",
    "not-set-up",
)


@blueprint.get("/smart/<connection_id>/launch")
@gate.public  # the provider's signature is what lets somebody in
def smart(connection_id: str) -> Any:
    """An EHR launch: `iss` must be the FHIR server of this connection; `launch` goes on to its provider as it is."""
    bind(db.session, System("launch"))
    try:
        way = launching.connection(db.session, connection_id)
        profile = oidc_profiles.profile_of(way, "smart")
    except LaunchRefused as refused:
        return _refused(connection_id, refused.code)
    # A browser that does not say where the page is to be shown may show it in a frame.
    if request.headers.get("Sec-Fetch-Dest") != "document" and request.args.get("tab") != "own":
        return _own_tab(profile)
    if not profile or request.args.get("iss", "").rstrip("/") != profile["fhir"].rstrip("/"):
        return _refused(connection_id, "another-server" if profile else "not-set-up")
    return _gone(connection_id, Wish("smart", launch=request.args.get("launch", "")[:2000]))


def _own_tab(profile: dict[str, Any]) -> str:
    g.framed_by = tuple(profile.get("origins", ()))
    asked = {name: request.args[name] for name in ("iss", "launch") if name in request.args}
    return render_template("sign_on/own_tab.html", address=url_for(request.endpoint or "", **(request.view_args or {}), **asked, tab="own"))


@blueprint.get("/r/<token>/sign-on")
@gate.public  # the link says whom it is for; the agency's provider says who came
def link(token: str) -> Any:
    """A manager proves who they are by their agency's own sign-in. `again` has them choose another account."""
    bind(db.session, System("link"))
    invitation = invitations.find(db.session, token, machine_now())
    if invitation is None:
        return render_template("respond/old_link.html", token=token), 404
    connection_id = sign_on.of_agency(db.session, invitation.agency_id)
    return _gone(connection_id, Wish("link", about=token, again="again" in request.args))


@blueprint.get("/sign-on/desk/<connection_id>")
@gate.public  # as above
def desk(connection_id: str) -> Any:
    """An administrator signs in at the desk by their agency's own sign-in."""
    bind(db.session, System("sign in"))
    return _gone(connection_id, Wish("desk", again="again" in request.args))


def _gone(connection_id: str, wish: Wish) -> Any:
    """Off to the provider, or told why not."""
    try:
        return gone(connection_id, wish)
    except SignOnRefused as refused:
        return _refused(connection_id, refused.code, Arrived(wish.kind, connection_id, "", "", "", "", "", wish.about))


def gone(connection_id: str, wish: Wish) -> Any:
    """Off to the provider, with what must be known again kept sealed here. Raises SignOnRefused."""
    here, now = runtime(current_app), machine_now()
    browser = request.cookies.get(FLOW_COOKIE, "")
    # Kept from one sign-in to the next, so that two tabs do not end each other's.
    browser = browser if _BROWSER.fullmatch(browser) else secrets.token_urlsafe(24)
    begun = sign_on.begin(db.session, here.keys, here.http, connection_id, wish, here.settings.public_url, browser, now)
    tickets.keep(db.session, here.keys, "sign-on", "", begun.flow.state, begun.ticket, sign_on.LIFE, now)
    answer = redirect(begun.url, 303)
    life = timedelta(minutes=10)
    answer.set_cookie(FLOW_COOKIE, browser, secure=True, httponly=True, samesite="Lax", path="/", max_age=life)
    return answer


@blueprint.get("/sign-on/<connection_id>/back")
@gate.public  # state, cookie, code and the provider's signature: all four must fit
def back(connection_id: str) -> Any:
    """Somebody came back from their provider. Each answer is taken once."""
    bind(db.session, System("sign in"))
    here, now = runtime(current_app), machine_now()
    ticket = tickets.spend(db.session, here.keys, "sign-on", "", request.args.get("state", ""), now)
    if ticket is None:
        return _refused(connection_id, "state")
    browser, origin = request.cookies.get(FLOW_COOKIE, ""), here.settings.public_url
    said = {**{name: request.args.get(name, "") for name in ("code", "iss", "error")}, "connection": connection_id}
    arrived = Arrived(ticket["kind"], ticket["connection"], "", "", "", "", "", ticket["about"])
    try:
        arrived = sign_on.finish(db.session, here.keys, here.http, ticket, said, origin, browser, now)
        return signed_on.ENDS[arrived.kind](arrived)
    except (SignOnRefused, LaunchRefused) as refused:
        if ticket["kind"] == "trial" and refused.code != "other-browser":
            return signed_on.tried_in_vain(arrived, refused)
        return _refused(arrived.connection_id, refused.code, arrived)


@blueprint.get("/sign-on/<connection_id>/keys/<which>")
@gate.public  # public keys are no secret: a provider fetches them to know us
def keys(connection_id: str, which: str) -> Any:
    """The public half of the key by which we prove who we are to a provider (JWKS); an empty set where there is none."""
    bind(db.session, System("sign in"))
    way = db.session.get(Connection, connection_id)
    opened = ways.opened(db.session, runtime(current_app).keys, connection_id) if way is not None else {}
    return jsonify({"keys": signing_keys.published(opened, which)})


def _refused(connection_id: str, code: str, arrived: Arrived | None = None) -> Any:
    """What went wrong in words for who came, with a number to quote; the reason is in the log and on the connection's page."""
    db.session.rollback()
    log.warning("sign-on refused", extra={"connection": connection_id[:60], "reason": code, "correlation": g.correlation})
    bind(db.session, System("sign in"))
    if connection_id:
        note_refusal(connection_id, f"sign-in: {code}")
    kind, name = (arrived.kind, arrived.name) if arrived else ("", "")
    shown = {"why": _told(code), "kind": kind, "again": _again(arrived) if arrived else "", "name": name}
    page = render_template("sign_on/refused.html", correlation=g.correlation, **shown)
    return make_response(page, 503 if shown["why"] == "not now" else 403)


def _told(code: str) -> str:
    if code in _NOT_NOW:
        return "not now"
    return "not yours" if code in _NOT_YOURS else code if code == "cancelled" else "other"


def _again(arrived: Arrived) -> str:
    """Where the same is tried once more, with another account; "" for a launch, which its record system begins anew."""
    if arrived.kind == "link":
        return url_for("sign_on.link", token=arrived.about, again="1")
    return url_for("sign_on.desk", connection_id=arrived.connection_id, again="1") if arrived.kind == "desk" else ""
