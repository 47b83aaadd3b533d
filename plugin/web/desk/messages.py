"""Messages from a record system, at the desk: the secrets that sign them, shown once, and where to send what."""

from __future__ import annotations

import base64
import secrets as random
from typing import Any

from flask import Blueprint, current_app, render_template, request
from sqlalchemy import select

from integrations.auth import standard_webhooks
from plugin.extensions import db
from plugin.models import Inbound
from plugin.runtime import runtime
from plugin.services.arriving.inbound import SECRETS
from plugin.services.desk import ways
from plugin.services.keeping.clock import machine_now
from plugin.web import words
from plugin.web.desk.connections import ask, way_or_404
from plugin.web.door import gate

blueprint = Blueprint("messages", __name__, url_prefix="/admin/connections/<connection_id>")


@blueprint.get("/messages")
@gate.desk("administrator", "owner")
def every(connection_id: str) -> Any:
    """The secrets there are, and the newest messages."""
    return _page(connection_id)


@blueprint.post("/messages")
@gate.desk("administrator", "owner")
def change(connection_id: str) -> Any:
    """Makes a secret (shown once), takes their public key, or forgets one."""
    way_or_404(connection_id)
    here, by, do = runtime(current_app), gate.member().account.id, request.form.get("do", "")
    known = ways.secrets_of(db.session, connection_id)
    free = next((name for name in SECRETS if name not in known), "")
    if do == "forget" and (name := request.form.get("name", "")) in known and name in SECRETS:
        if request.form.get("sure") != "yes":
            what = "Messages signed with it are refused from now on. Make sure that your record system uses the other one already."
            return ask("Forget this secret?", what, "Forget it", connection_id, do="forget", name=name)
        ways.forget_secret(db.session, connection_id, name, machine_now(), by=by)
        return _page(connection_id)
    if not free:
        return _page(connection_id, problem="There are two already. Forget the old one first."), 422
    fresh = request.form.get("public", "").strip() if do == "public" else "whsec_" + base64.b64encode(random.token_bytes(32)).decode()
    if not standard_webhooks.is_receiving_secret(fresh) or (do == "public" and not fresh.startswith("whpk_")):
        return _page(
            connection_id, problem="This is no public key for messages: one begins with whpk_ and has 44 characters after that."
        ), 422
    ways.keep_secret(db.session, here.keys, connection_id, free, fresh, machine_now(), by=by)
    return _page(connection_id, once=fresh if do != "public" else "")


def _page(connection_id: str, once: str = "", problem: str = "") -> str:
    way, origin = way_or_404(connection_id), runtime(current_app).settings.public_url
    newest = select(Inbound).where(Inbound.connection_id == connection_id).order_by(Inbound.received_at.desc()).limit(10)
    known = ways.secrets_of(db.session, connection_id)
    return render_template(
        "admin/messages.html",
        way=way,
        known=[(name, known[name]) for name in SECRETS if name in known],
        once=once,
        problem=problem,
        newest=list(db.session.scalars(newest)),
        hook=f"{origin}/hooks/v1/{way.id}",
        session=f"{origin}/sessions/v1/{way.id}",
        words=words,
    )
