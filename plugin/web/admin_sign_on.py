"""The agency's own sign-in, and launches by SMART, as forms at the desk; each with its client secret, which is never shown again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from pydantic import BaseModel

from integrations.launch import openid
from integrations.launch.openid import SignOnRefused
from plugin.extensions import db
from plugin.runtime import runtime
from plugin.services import ways
from plugin.services.clock import machine_now
from plugin.services.sign_on import SmartProfile, SsoProfile
from plugin.web import gate, words
from plugin.web.admin_connections import ask, way_or_404
from plugin.web.sheet import Sheet

blueprint = Blueprint("providers", __name__, url_prefix="/admin/connections/<connection_id>")
_KINDS: dict[str, tuple[type[BaseModel], str, str]] = {
    "sso": (SsoProfile, "Your organisation’s own sign-in", "issuer"),
    "smart": (SmartProfile, "Launches by SMART on FHIR", "fhir"),
}
_WRONG = {
    "not-allowed": "This is not among the places this service may call. Ask whoever runs it to add it (ACCORD_OUTBOUND_HOSTS).",
    "provider-silent": "Nothing answered there. Look for a slip, or ask your network team whether it can be seen from here.",
    "provider-error": "What answered there is not what we look for. Ask your provider for the right address.",
    "issuer-differs": "The provider there calls itself by another name. Copy the issuer exactly as it says it, up to the last letter.",
}


@blueprint.route("/provider/<kind>", methods=["GET", "POST"])
@gate.desk("administrator", "owner")
def provider(connection_id: str, kind: str) -> Any:
    """The form; on saving the provider is asked what it says of itself, so that a slip shows at once."""
    way = way_or_404(connection_id)
    if kind not in _KINDS:
        abort(404)
    model, _title, address = _KINDS[kind]
    sheet = Sheet(model).filled(way.launch.get(kind, {}))
    if request.method == "GET":
        return _page(connection_id, kind, sheet)
    if request.form.get("forget"):
        return _forget(connection_id, kind)
    sheet = Sheet(model).typed(request.form)
    if sheet.right and (fault := _asked(kind, str(sheet.value[address]))):
        sheet.also({address: fault})
    if not sheet.right:
        return _page(connection_id, kind, sheet), 422
    by, now, here = gate.member().account.id, machine_now(), runtime(current_app)
    launch = {**way_or_404(connection_id).launch, kind: sheet.value}
    ways.change(db.session, connection_id, f"{kind} changed", now, by=by, launch=launch)
    if secret := request.form.get("secret", "").strip():
        ways.keep_secret(db.session, here.keys, connection_id, f"{kind}_client_secret", secret, now, by=by)
    return redirect(url_for("connections.one", connection_id=connection_id), 303)


def _asked(kind: str, address: str) -> str:
    """What is wrong with a provider's address, or ""."""
    http = runtime(current_app).http
    db.session.rollback()
    try:
        openid.discover_smart(http, address) if kind == "smart" else openid.discover(http, address)
    except SignOnRefused as refused:
        return _WRONG.get(refused.code, _WRONG["provider-error"])
    return ""


def _forget(connection_id: str, kind: str) -> Any:
    if request.form.get("sure") != "yes":
        what = "Nobody can come in by it any more. Your other ways in stay as they are."
        return ask(f"Take out: {_KINDS[kind][1]}?", what, "Take it out", connection_id, forget="yes")
    launch = {name: value for name, value in way_or_404(connection_id).launch.items() if name != kind}
    ways.change(db.session, connection_id, f"{kind} taken out", machine_now(), by=gate.member().account.id, launch=launch)
    return redirect(url_for("connections.one", connection_id=connection_id), 303)


def _page(connection_id: str, kind: str, sheet: Sheet) -> str:
    way, origin = way_or_404(connection_id), runtime(current_app).settings.public_url
    secret = ways.secrets_of(db.session, connection_id).get(f"{kind}_client_secret")
    return render_template(
        "admin/provider.html",
        way=way,
        kind=kind,
        heading=_KINDS[kind][1],
        sheet=sheet,
        secret=secret,
        back_address=f"{origin}/sign-on/back",
        launch_address=f"{origin}/smart/{way.id}/launch",
        words=words,
    )
