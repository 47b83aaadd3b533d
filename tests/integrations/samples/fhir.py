"""The FHIR adapter, to a server that knows one patient and keeps the promise of If-None-Exist."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.integrations.faulty import Asked, answer
from tests.integrations.samples import CHILD_NUMBERS, SECRET, Sample

NUMBERS = "https://fhir.nhs.uk/Id/nhs-number"


@dataclass
class Server:
    """Documents by identifier."""

    documents: list[dict[str, Any]] = field(default_factory=list)

    def behave(self, connection: socket.socket, asked: Asked) -> None:
        status, body, headers = self._answer(asked)
        answer(status, body, **headers)(connection, asked)

    def copies(self, key: str) -> int:
        return len(self._with(f"https://accord.example/outcome|{key}"))

    def _with(self, token: str) -> list[dict[str, Any]]:
        return [one for one in self.documents if f"{one['identifier'][0]['system']}|{one['identifier'][0]['value']}" == token]

    def _answer(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        parts = urlsplit(asked.path)
        token = parse_qs(parts.query).get("identifier", [""])[0]
        if asked.headers.get("authorization") != f"Bearer {SECRET}":
            return 401, {}, {}
        if parts.path == "/metadata":
            return 200, {"resourceType": "CapabilityStatement"}, {}
        if parts.path == "/Patient":
            known = [{"resourceType": "Patient", "id": "p1", "birthDate": "2015-02-03"}] if token == f"{NUMBERS}|{CHILD_NUMBERS[0]}" else []
            return 200, bundle(known), {}
        if asked.method == "GET":
            return 200, bundle(self._with(token)), {}
        earlier = self._with(unquote(asked.headers["if-none-exist"].removeprefix("identifier=")))
        if earlier:
            return 200, "", {"Location": f"/DocumentReference/{earlier[0]['id']}/_history/1"}
        self.documents.append({**json.loads(asked.body), "id": f"d{len(self.documents) + 1}"})
        return 201, "", {"Location": f"/DocumentReference/{self.documents[-1]['id']}/_history/1"}


def bundle(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": one} for one in found]}


SAMPLE = Sample(
    options=lambda base: {
        "base_url": base,
        "auth": [{"kind": "bearer"}],
        "identifier_system": "https://accord.example/outcome",
        "confirm_born": True,
        "type": {"system": "http://snomed.info/sct", "code": "371531000", "display": "Report of clinical encounter"},
    },
    secrets={"bearer_token": SECRET},
    peer=Server,
)
