"""The pretend school: pupil records of another shape on purpose. Sign in first; multipart in; and a 200 that may say no.

    POST /session   form user, password -> 200 {"success": true, "token": "…"} and a cookie, or 200 {"success": false}
    POST /pupils/<UPN>/attachments   multipart: `file`, and `meta` (JSON: title, category, ref) -> 200 {"success": true, "id": "…"}
    GET  /pupils/<UPN>/attachments?ref=…   -> 200 {"success": true, "attachments": [{id, name, ref}]}

The visit is shown by the cookie `visit`, or by `Authorization: Bearer <token>`; without one, 401. An unknown pupil, a missing file
and the like are 200 {"success": false, "reason": "…"}. It does not de-duplicate.
"""

from __future__ import annotations

import hmac
import json
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request

from plugin.demo.hosts.assembly import Host, assemble
from plugin.demo.hosts.keys import HostKeys
from plugin.demo.hosts.setting import Setting
from plugin.demo.hosts.store import Store


def create_app(setting: Setting) -> Flask:
    """The school's record system. `setting` says where its storage is."""
    host = assemble(setting, prefix="/pupil")
    host.app.register_blueprint(_sessions(host.store, setting.keys))
    host.app.register_blueprint(_attachments(host))
    return host.app


def _sessions(store: Store, keys: HostKeys) -> Blueprint:
    doors = Blueprint("session", __name__)

    @doors.post("/session")
    def open_session() -> Response:
        user, password = request.form.get("user", ""), request.form.get("password", "")
        known = hmac.compare_digest(user.encode(), keys.api_user.encode())
        if not (hmac.compare_digest(password.encode(), keys.api_secret.encode()) and known):
            return _no("User or password is wrong.")
        token = store.begin_visit()
        response = jsonify(success=True, token=token)
        response.set_cookie("visit", token, httponly=True, samesite="Strict")
        return response

    return doors


def _attachments(host: Host) -> Blueprint:
    api = Blueprint("attachments", __name__, url_prefix="/pupils/<upn>/attachments")

    @api.before_request
    def visit_is_known() -> tuple[Response, int] | None:
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if host.store.knows_visit(request.cookies.get("visit") or bearer):
            return None
        return jsonify(success=False, reason="Sign in first."), 401

    @api.get("")
    def listed(upn: str) -> Response:
        pupil = host.people.child_by_upn(upn)
        if pupil is None:
            return _no("No such pupil.")
        found = host.store.documents(pupil.id, request.args.get("ref"))
        return jsonify(success=True, attachments=[{"id": one.id, "name": one.file_name, "ref": one.reference} for one in found])

    @api.post("")
    def add(upn: str) -> Response:
        pupil, document = host.people.child_by_upn(upn), posted()
        if pupil is None or document is None:
            return _no("No such pupil." if pupil is None else "A file and its meta (title, category, ref) are wanted.")
        return host.faults.around(
            lambda: jsonify(success=True, id=host.store.add(pupil.id, **document)),
            failed=_failed,
            refused=lambda: _no("This pupil's record is closed."),
        )

    return api


def posted() -> dict[str, Any] | None:
    """The document in the request at hand; None where a part is missing or empty."""
    upload = request.files.get("file")
    try:
        meta = json.loads(request.form.get("meta", ""))
        texts = {"title": meta["title"], "category": meta["category"], "reference": meta["ref"]}
    except (ValueError, KeyError, TypeError):
        return None
    content = upload.read() if upload else b""
    if upload is None or not content or not all(isinstance(text, str) and text.strip() for text in texts.values()):
        return None
    return {**texts, "file_name": upload.filename or "document", "media_type": upload.mimetype, "content": content}


def _no(reason: str) -> Response:
    return jsonify(success=False, reason=reason)


def _failed(status: int) -> Response:
    response = _no("Something went wrong here.")
    response.status_code = status
    return response
