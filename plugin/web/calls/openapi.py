"""The OpenAPI 3.1 document of what a record system's server may call; made of the very models that messages are held to."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

import forms
from plugin.services.arriving.messages_in import KINDS, EndMessage, SessionMessage

_REFS = "#/components/schemas/{model}"
_SIGNED = """Every call is signed as Standard Webhooks 1.0.0 says: the headers webhook-id, webhook-timestamp and webhook-signature, over
"id.timestamp.body" with the raw body (empty for GET). HMAC-SHA256 (v1, whsec_…) and Ed25519 (v1a, whpk_…) are understood; two secrets may
be in use while one is replaced. A webhook-id is taken once in 30 days: the same id with the same body is answered the same again."""


def document(origin: str) -> dict[str, Any]:
    """The document. `origin` is the service's own address."""
    _made, definitions = models_json_schema(
        [(model, "validation") for model in (*KINDS.values(), SessionMessage, EndMessage)], ref_template=_REFS
    )
    schemas = {**definitions["$defs"], **_answers()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Accord for record systems", "version": "1", "description": _SIGNED},
        "servers": [{"url": origin}],
        "paths": {
            "/hooks/v1/{connection_id}": {"parameters": [_in_path("connection_id")], "post": _take()},
            "/hooks/v1/{connection_id}/receipts/{receipt_id}": {
                "parameters": [_in_path("connection_id"), _in_path("receipt_id")],
                "get": _status(),
            },
            "/sessions/v1/{connection_id}": {"parameters": [_in_path("connection_id")], "post": _session()},
            "/sessions/v1/{connection_id}/ended": {"parameters": [_in_path("connection_id")], "post": _ended()},
        },
        "components": {"schemas": schemas},
    }


def _answers() -> dict[str, Any]:
    """What we answer, and the forms that messages carry the answers of."""
    text = {"type": "string"}
    fault = {
        "type": "object",
        "properties": {"pointer": text, "text": text},
        "required": ["pointer", "text"],
        "additionalProperties": False,
    }
    forms_of = {
        f"Form_{name}": {**forms.json_schema(forms.get(name)), "$id": f"urn:accord:form:{name}"} for name in ("raise", "changes", "close")
    }
    return {
        **{name: {key: value for key, value in schema.items() if key not in ("$schema", "$id")} for name, schema in forms_of.items()},
        "Receipt": _object(receipt_id=text, reference=text, status_url={"type": "string", "format": "uri"}),
        "State": _object(receipt_id=text, reference=text, state={"enum": ["done"]}),
        "Address": _object(url={"type": "string", "format": "uri"}, expires_in={"type": "integer"}),
        "Refusal": _object(error=text, faults={"type": "array", "items": fault}),
    }


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _take() -> dict[str, Any]:
    kinds = {"oneOf": [{"$ref": _REFS.format(model=model.__name__)} for model in KINDS.values()]}
    mapping = {kind: _REFS.format(model=model.__name__) for kind, model in KINDS.items()}
    return {
        "operationId": "takeMessage",
        "summary": "Raise, add to, or close a disagreement",
        "description": "`answers` are as Form_raise (without agency, person and other_person), Form_changes or Form_close say.",
        "parameters": _headers(),
        "requestBody": _body({**kinds, "discriminator": {"propertyName": "type", "mapping": mapping}}),
        "responses": {"202": _answer("Taken.", "Receipt"), **_refusals(400, 401, 409, 410, 413, 415, 422, 503)},
    }


def _status() -> dict[str, Any]:
    return {
        "operationId": "statusOfMessage",
        "summary": "What became of a message",
        "parameters": _headers(),
        "responses": {"200": _answer("Its state.", "State"), **_refusals(401, 404, 410, 413, 503)},
    }


def _session() -> dict[str, Any]:
    return {
        "operationId": "askForSession",
        "summary": "An address that opens Accord once, within a minute, in a frame of your page",
        "parameters": _headers(),
        "requestBody": _body({"$ref": _REFS.format(model="SessionMessage")}),
        "responses": {"201": _answer("The address.", "Address"), **_refusals(400, 401, 410, 413, 415, 422, 503)},
    }


def _ended() -> dict[str, Any]:
    return {
        "operationId": "endSession",
        "summary": "Somebody signed out of the record system: they are signed out here",
        "parameters": _headers(),
        "requestBody": _body({"$ref": _REFS.format(model="EndMessage")}),
        "responses": {"204": {"description": "Ended, if anything of theirs was open."}, **_refusals(400, 401, 410, 413, 415, 422, 503)},
    }


def _in_path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1, "maxLength": 100}}


def _headers() -> list[dict[str, Any]]:
    said = {
        "webhook-id": {"type": "string", "pattern": "^[A-Za-z0-9_-]{8,128}$"},
        "webhook-timestamp": {"type": "string", "pattern": "^[0-9]{1,12}$"},
        "webhook-signature": {"type": "string", "minLength": 1},
    }
    return [{"name": name, "in": "header", "required": True, "schema": schema} for name, schema in said.items()]


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _answer(text: str, model: str) -> dict[str, Any]:
    return {"description": text, "content": {"application/json": {"schema": {"$ref": _REFS.format(model=model)}}}}


_WORDS = {
    400: "The body is not JSON, or says something twice.",
    401: "Not signed by somebody known, or too long ago.",
    404: "There is none such.",
    409: "This webhook-id came before with another body.",
    410: "This connection is retired: stop sending.",
    413: "Longer than 64 KiB, or of no stated length.",
    415: "Not application/json.",
    422: "The message is not as it must be; pointers say where.",
    503: "Not now: come again after Retry-After.",
}


def _refusals(*statuses: int) -> dict[str, Any]:
    return {str(status): _answer(_WORDS[status], "Refusal") for status in statuses}
