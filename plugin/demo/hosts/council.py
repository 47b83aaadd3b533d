"""The pretend council: children's case records whose write interface takes JSON, with an API key in a header.

    POST /api/v1/people/<person id>/documents   {title, category, reference, file: {name, data (base64)}} -> 201 {"documentId": "…"}
    GET  /api/v1/people/<person id>/documents?reference=…   -> 200 {"documents": [{documentId, title, reference, fileName, receivedAt}]}
    GET  /api/v1/people?upn=… or ?nhsNumber=…   -> 200 {"people": [{personId, name, dateOfBirth}]}

401 without the key; 404 for an unknown person; 422 with {"errors": [...]} for what it cannot take. It does not de-duplicate.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import mimetypes
from typing import Any

from flask import Blueprint, Flask, Response, abort, jsonify, request

from plugin.demo.hosts import provider
from plugin.demo.hosts.assembly import Host, assemble
from plugin.demo.hosts.setting import Setting
from plugin.demo.hosts.store import Filed
from plugin.demo.places import LOOPBACK

LONGEST_NAME = 80  # a limit real case systems set


def create_app(setting: Setting) -> Flask:
    """The council's record system. `setting` says where its storage is."""
    host = assemble(setting, prefix="/people")
    host.app.register_blueprint(_api(host, setting.keys.api_secret))
    host.app.register_blueprint(provider.blueprint(setting, f"http://{LOOPBACK}:{setting.port}{provider.PATH}"))
    return host.app


def _api(host: Host, key: str) -> Blueprint:
    api = Blueprint("api", __name__, url_prefix="/api/v1")

    @api.before_request
    def key_is_right() -> tuple[Response, int] | None:
        given = request.headers.get("X-Api-Key", "")
        if hmac.compare_digest(given.encode(), key.encode()):
            return None
        return jsonify(errors=["The API key is missing or wrong."]), 401

    @api.get("/people")
    def search() -> Response:
        upn, nhs_number = request.args.get("upn"), request.args.get("nhsNumber")
        found = [one for one in host.people.children if (upn and one.upn == upn) or (nhs_number and one.nhs_number == nhs_number)]
        return jsonify(people=[{"personId": one.id, "name": one.name, "dateOfBirth": one.born} for one in found])

    @api.get("/people/<ident>/documents")
    def listed(ident: str) -> Response:
        _ = host.people.child(ident) or abort(404)
        return jsonify(documents=[_shown(one) for one in host.store.documents(ident, request.args.get("reference"))])

    @api.post("/people/<ident>/documents")
    def add(ident: str) -> Response:
        _ = host.people.child(ident) or abort(404)
        given = request.get_json()
        errors = problems(given)
        if errors:
            return _answer(422, errors=errors)
        return host.faults.around(
            lambda: _answer(201, documentId=host.store.add(ident, **_document(given))),
            failed=lambda status: _answer(status, errors=["Something went wrong here."]),
            refused=lambda: _answer(422, errors=["This record is locked."]),
        )

    return api


def problems(given: Any) -> list[str]:
    """What is wrong with a document as it was posted; nothing where it can be filed."""
    if not isinstance(given, dict) or not isinstance(given.get("file"), dict):
        return ["An object with title, category, reference and file is wanted."]
    texts = {**{name: given.get(name) for name in ("title", "category", "reference")}, "file.name": given["file"].get("name")}
    errors = [f"{name} is missing." for name, text in texts.items() if not isinstance(text, str) or not text.strip()]
    if len(str(texts["file.name"])) > LONGEST_NAME:
        errors.append(f"file.name is longer than {LONGEST_NAME} characters.")
    try:
        empty = not base64.b64decode(given["file"].get("data"), validate=True)
    except (TypeError, binascii.Error):
        return [*errors, "file.data is not base64."]
    return [*errors, "The file is empty."] if empty else errors


def _document(given: dict[str, Any]) -> dict[str, Any]:
    name = given["file"]["name"]
    return {
        **{part: given[part] for part in ("title", "category", "reference")},
        "file_name": name,
        "media_type": mimetypes.guess_type(name)[0] or "application/octet-stream",
        "content": base64.b64decode(given["file"]["data"]),
    }


def _shown(one: Filed) -> dict[str, str]:
    said = {"documentId": one.id, "title": one.title, "reference": one.reference, "fileName": one.file_name}
    return {**said, "receivedAt": one.received_at.isoformat()}


def _answer(status: int, **body: Any) -> Response:
    response = jsonify(body)
    response.status_code = status
    return response
