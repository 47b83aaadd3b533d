"""The agency's own sign-in, and launches by SMART, as forms at the desk; each with its secret or key, its test, and a try by a person.

What does not live here (all in `services.providers`): the questions (`oidc_profiles`), the test (`sign_on_checks`), signing in (`sign_on`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for

from integrations.launch import oidc_flow
from integrations.launch.openid import SignOnRefused
from plugin.extensions import db
from plugin.models import Agency, Connection
from plugin.runtime import runtime
from plugin.services.desk import ways
from plugin.services.keeping.clock import machine_now
from plugin.services.providers import discovery, identities, oidc_profiles, sign_on_checks, signing_keys, tickets
from plugin.services.providers.oidc_profiles import MODELS
from plugin.services.providers.sign_on import Wish
from plugin.services.write_back import checks
from plugin.web import words
from plugin.web.arriving.sign_on import gone
from plugin.web.desk import typed
from plugin.web.desk.connections import ask, way_or_404
from plugin.web.door import gate
from plugin.web.sheet import Sheet

blueprint = Blueprint("providers", __name__, url_prefix="/admin/connections/<connection_id>/provider/<kind>")
_TITLES = {"sso": "Your organisation’s own sign-in", "smart": "Launches by SMART on FHIR"}
_ADDRESS = {"sso": "issuer", "smart": "fhir"}


def _way(connection_id: str, kind: str) -> Connection:
    """The connection, if this desk may see it and there is such a part of it."""
    return way_or_404(connection_id) if kind in MODELS else abort(404)


@blueprint.get("")
@gate.desk("administrator", "owner")
def provider(connection_id: str, kind: Any) -> Any:
    """The form as it stands, what its test found, and who is known by it."""
    way = _way(connection_id, kind)
    return _page(connection_id, kind, typed.shown(Sheet(MODELS[kind]), way.launch.get(kind, {})))


@blueprint.post("")
@gate.desk("administrator", "owner")
def save(connection_id: str, kind: Any) -> Any:
    """Saves and tests it, or says what is wrong beside each question."""
    _way(connection_id, kind)
    if request.form.get("forget"):
        return _forget(connection_id, kind)
    if answer := typed.first():
        return answer
    sheet = Sheet(MODELS[kind]).typed(request.form)
    if sheet.pressed not in ("save", "look"):
        return _page(connection_id, kind, sheet)
    here, now, by = runtime(current_app), machine_now(), gate.member().account.id
    # Kept though another answer may be wrong: it is not shown again, so it would have to be found and typed anew.
    if secret := request.form.get("secret", "").strip():
        ways.keep_secret(db.session, here.keys, connection_id, f"{kind}_client_secret", secret, now, by=by)
    if sheet.pressed == "look":
        return _looked_up(connection_id, kind, sheet)
    sheet.also(_wrong_place(kind, sheet.raw))
    if sheet.right:
        sheet.also(_slip(kind, sheet))
    if not sheet.right:
        return _page(connection_id, kind, sheet), 422
    signs = sheet.value.get("client_auth") == "private_key_jwt"
    if signs and not signing_keys.newest(ways.opened(db.session, here.keys, connection_id), kind):
        signing_keys.make(db.session, here.keys, connection_id, kind, now, by=by)
    others = {name: value for name, value in _way(connection_id, kind).launch.items() if name != f"{kind}_test"}
    ways.change(db.session, connection_id, f"{kind} changed", now, by=by, launch={**others, kind: sheet.value})
    typed.forget()
    return _tested(connection_id, kind)


def _looked_up(connection_id: str, kind: Any, sheet: Sheet) -> Any:
    """The form with what the provider says it supports chosen in it, not saved."""
    asked = {"fhir": "", **sheet.raw, "issuer": str(sheet.raw.get("issuer") or "").strip()}
    sheet.also(_wrong_place(kind, sheet.raw) or ({} if asked[_ADDRESS[kind]] else {_ADDRESS[kind]: "Enter the address first."}))
    if not sheet.right:
        return _page(connection_id, kind, sheet), 422
    db.session.rollback()
    try:
        provider = discovery.ask(runtime(current_app).http, kind, asked)
    except SignOnRefused as refused:
        sheet.also({_ADDRESS[kind]: f"{refused.text} {checks.ADVICE.get(refused.where, ('', ''))[1]}".strip()})
        return _page(connection_id, kind, sheet), 422
    able = oidc_flow.proofs(provider)
    chosen = sheet.raw.get("client_auth") if sheet.raw.get("client_auth") in able else next(iter(able), "basic")
    names = ", ".join(f"“{one}”" for one in able) or "none of the ways that we have"
    said = f"It is there and calls itself {provider.issuer or 'by no name'}. To prove the client id it takes: {names}. "
    said += (
        f"“{chosen}” is chosen below. The form is not saved yet."
        if able
        else "Ask whoever runs it for another way. The form is not saved yet."
    )
    return _page(connection_id, kind, sheet.filled({**sheet.raw, "client_auth": chosen}), said)


def _wrong_place(kind: str, raw: dict[str, Any]) -> dict[str, str]:
    """An address that is none, or that this deployment does not let anything call."""
    rules, found = runtime(current_app).http.allowed, {}
    for name in (_ADDRESS[kind], "issuer"):
        value = str(raw.get(name) or "").strip()
        if not value:
            continue
        try:
            parts = urlsplit(value)
            host, port = (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            host, port = "", 0
        if not host or parts.scheme not in ("https", "http") or parts.query or parts.fragment:
            found[name] = "This is not an address. Enter it whole, like https://login.example.gov.uk/tenant"
        elif not rules.allows(host, port):
            found[name] = f"{host}:{port} is not among the places this service may call. {ways.allowed_places(rules)}"
        elif parts.scheme == "http" and not rules.is_private(host, port):
            found[name] = "This must be an https address."
    return found


def _slip(kind: Any, sheet: Sheet) -> dict[str, str]:
    """A provider that is there and calls itself by another name is a slip in the address; one that is not there may come later."""
    whole = MODELS[kind].model_validate(sheet.value).model_dump()
    db.session.rollback()
    try:
        discovery.ask(runtime(current_app).http, kind, whole)
    except SignOnRefused as refused:
        if refused.code == "issuer-differs":
            return {"issuer": f"{refused.text} Enter it exactly as it calls itself."}
    return {}


@blueprint.post("/test")
@gate.desk("administrator", "owner")
def test(connection_id: str, kind: Any) -> Any:
    """Tests it now."""
    _way(connection_id, kind)
    return _tested(connection_id, kind)


def _tested(connection_id: str, kind: Any) -> Any:
    here, by = runtime(current_app), gate.member().account.id
    sign_on_checks.run(db.session, here.keys, here.http, connection_id, kind, here.settings.public_url, machine_now(), by=by)
    return redirect(url_for("providers.provider", connection_id=connection_id, kind=kind) + "#test", 303)


@blueprint.get("/try")
@gate.desk("administrator", "owner")
def try_it(connection_id: str, kind: Any) -> Any:
    """Off to the provider and back, to see what it says of oneself. By a link, for a form may not lead to another site."""
    _way(connection_id, kind)
    if kind != "sso":
        abort(404)
    try:
        return gone(connection_id, Wish("trial", about=gate.member().account.id, again=True))
    except SignOnRefused:
        return _tested(connection_id, kind)


@blueprint.get("/tried/<token>")
@gate.desk("administrator", "owner")
def tried(connection_id: str, kind: Any, token: str) -> Any:
    """What came of it; shown once."""
    way = _way(connection_id, kind)
    found = tickets.spend(db.session, runtime(current_app).keys, "tried", connection_id, token, machine_now())
    way = _way(connection_id, kind)
    profile = oidc_profiles.profile_of(way, kind)
    return render_template("admin/provider_tried.html", way=way, kind=kind, found=found, profile=profile, advice=checks.ADVICE)


@blueprint.post("/key")
@gate.desk("administrator", "owner")
def new_key(connection_id: str, kind: Any) -> Any:
    """A fresh key pair; the one before it stays published."""
    _way(connection_id, kind)
    signing_keys.make(db.session, runtime(current_app).keys, connection_id, kind, machine_now(), by=gate.member().account.id)
    return redirect(url_for("providers.provider", connection_id=connection_id, kind=kind) + "#key", 303)


@blueprint.post("/let-go")
@gate.desk("administrator", "owner")
def let_go(connection_id: str, kind: Any) -> Any:
    """Somebody's sign-in is bound anew the next time, after asking."""
    way = _way(connection_id, kind)
    issuer, subject = request.form.get("issuer", ""), request.form.get("subject", "")
    if request.form.get("sure") != "yes":
        what = "Whoever next signs in with this person’s email address is taken for them. Do it only where they have a new account."
        return ask("Let this sign-in go?", what, "Let it go", connection_id, issuer=issuer, subject=subject)
    try:
        identities.let_go(db.session, way.agency_id, issuer, subject, machine_now(), by=gate.member().account.id)
    except LookupError:
        abort(404)
    return redirect(url_for("providers.provider", connection_id=connection_id, kind=kind) + "#known", 303)


def _forget(connection_id: str, kind: str) -> Any:
    if request.form.get("sure") != "yes":
        what = "Nobody can come in by it any more. Your other ways in stay as they are."
        return ask(f"Take out: {_TITLES[kind]}?", what, "Take it out", connection_id, forget="yes")
    launch = {name: value for name, value in _way(connection_id, kind).launch.items() if name not in (kind, f"{kind}_test")}
    ways.change(db.session, connection_id, f"{kind} taken out", machine_now(), by=gate.member().account.id, launch=launch)
    return redirect(url_for("connections.one", connection_id=connection_id), 303)


def _page(connection_id: str, kind: Any, sheet: Sheet, looked: str = "") -> str:
    way, here = _way(connection_id, kind), runtime(current_app)
    origin, found = here.settings.public_url, sign_on_checks.tested(way, kind)
    return render_template(
        "admin/provider.html",
        way=way,
        kind=kind,
        heading=_TITLES[kind],
        sheet=sheet,
        looked=looked,
        profile=oidc_profiles.profile_of(way, kind),
        secret=ways.secrets_of(db.session, connection_id).get(f"{kind}_client_secret"),
        public_keys=signing_keys.published(ways.opened(db.session, here.keys, connection_id), kind),
        keys_address=f"{origin}{url_for('sign_on.keys', connection_id=connection_id, which=kind)}",
        back_address=oidc_profiles.back_address(origin, connection_id),
        launch_address=f"{origin}{url_for('sign_on.smart', connection_id=connection_id)}",
        tested=found,
        tested_at=words.at(datetime.fromisoformat(found["at"])) if found else "",
        known=identities.bound_at(db.session, way.agency_id),
        agency=db.session.get_one(Agency, way.agency_id),
        advice=checks.ADVICE,
        words=words,
    )
