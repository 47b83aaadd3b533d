"""What mail services say of mails by a call: a signed webhook for any of them, and GOV.UK Notify's callback with its bearer token."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, current_app, request

from integrations.auth.standard_webhooks import BadSignature, verify
from plugin.extensions import db
from plugin.mail.incoming import Incoming, Kind
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.post import incoming
from plugin.web.door.gate import public

blueprint = Blueprint("mail_reports", __name__, url_prefix="/hooks/mail")
log = logging.getLogger("accord.returns")
_LETTER = re.compile(r"[0-9a-f]{32}")
_LONGEST = 64 * 1024
_OF_NOTIFY: dict[str, Kind] = {
    "delivered": "other",
    "permanent-failure": "failed",
    "temporary-failure": "failed",
    "technical-failure": "failed",
}
_OURS: dict[str, Kind] = {"bounced": "failed", "delayed": "delayed", "away": "away", "delivered": "other"}


@blueprint.post("")
@public  # the signature is what lets a report in (Standard Webhooks)
def signed() -> Any:
    """{"mail": "<Message-ID or its first part>", "what": "bounced"|"delayed"|"away"|"delivered", "reason": "5.1.1"}."""
    secret, body = _secret(), _body()
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        message_id, _at = verify(headers, body, [secret], machine_now())
    except BadSignature as wrong:
        log.warning("report refused", extra={"reason": wrong.code})
        return _no()
    said = _json(body)
    kind = _OURS.get(str(said.get("what", "")))
    letter = _LETTER.search(str(said.get("mail", "")))
    if kind is None or letter is None:
        return Response("give mail (a Message-ID) and what: bounced, delayed, away or delivered\n", 422, mimetype="text/plain")
    return _take(kind, letter[0], str(said.get("reason", "")), message_id)


@blueprint.post("/notify")
@public  # the bearer token that the deployment gave to GOV.UK Notify is what lets a receipt in
def notify() -> Any:
    """Notify's delivery receipt: `reference` is our letter, `status` what became of it."""
    secret, body = _secret(), _body()
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {secret}".encode()):
        return _no()
    said = _json(body)
    kind = _OF_NOTIFY.get(str(said.get("status", "")))
    letter = str(said.get("reference") or "")
    if kind is None or not _LETTER.fullmatch(letter):
        return Response("", 204)  # of a mail that is not ours to chase (a code), or a state that changes nothing
    return _take(kind, letter, str(said.get("status")), str(said.get("id", "")))


def _take(kind: Kind, letter: str, reason: str, message_id: str) -> Response:
    here = runtime(current_app)
    bind(db.session, System("returns"))
    digest = hashlib.sha256(f"{message_id}|{letter}|{kind}".encode()).hexdigest()
    came = Incoming(kind, letter, re.sub(r"[^\w.-]", "", reason)[:40], digest)
    incoming.take(db.session, here.keys, came, business_now(db.session), machine_now())
    return Response("", 204)


def _secret() -> str:
    """The deployment's secret for reports; without one there is nothing here."""
    file = runtime(current_app).settings.mail_reports_secret_file
    return Path(file).read_text().strip() if file else abort(404)


def _body() -> bytes:
    if (request.content_length or _LONGEST + 1) > _LONGEST:
        abort(413)
    return request.get_data(cache=False)


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _no() -> Response:
    return Response("not accepted\n", 401, mimetype="text/plain")
