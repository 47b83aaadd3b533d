"""The REST adapter, to a small record system with tokens, a look-up, notes and attached files."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.integrations.faulty import Asked, answer
from tests.integrations.samples import CHILD_NUMBERS, SECRET, Sample


@dataclass
class RecordSystem:
    """Keeps every note it is given, a repeated one too, as most do."""

    notes: list[dict[str, Any]] = field(default_factory=list)
    tokens: int = 0

    def behave(self, connection: socket.socket, asked: Asked) -> None:
        status, body = self._answer(asked)
        answer(status, body)(connection, asked)

    def copies(self, key: str) -> int:
        return sum(note["key"] == key for note in self.notes)

    def _answer(self, asked: Asked) -> tuple[int, Any]:
        parts = urlsplit(asked.path)
        asked_for = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/token":
            self.tokens += 1
            return 200, {"access_token": f"{SECRET}-{self.tokens}", "token_type": "Bearer", "expires_in": 600}
        if not asked.headers.get("authorization", "").startswith(f"Bearer {SECRET}"):
            return 401, {}
        if parts.path == "/children":
            hits = [{"id": 7, "born": "2015-02-03"}] if asked_for.get("number") == CHILD_NUMBERS[1] else []
            return 200, {"children": hits}
        if parts.path == "/notes" and asked.method == "GET":
            hits = [{"id": note["id"], "key": note["key"]} for note in self.notes if asked_for["q"][:9] in note["key"]]
            return 200, {"items": hits}
        if parts.path == "/notes":
            note = {**json.loads(asked.body), "id": f"N{len(self.notes) + 1}"}
            self.notes.append(note)
            return 201, {"ok": True, "id": note["id"]}
        return 404, {}


STEPS: list[dict[str, Any]] = [
    {
        "id": "child",
        "does": "look up",
        "method": "GET",
        "path": "/children?number={{child.local}}",
        "only_one": "json:children",
        "confirm": {"json:children.0.born": "{{field.child_born|date}}"},
        "save": {"person": "json:children.0.id"},
    },
    {
        "id": "note",
        "does": "create",
        "path": "/notes",
        "body_format": "json",
        "body": '{"key": "{{key}}", "person": "{{step.child.person|number}}", "title": "{{title}}", "file": "{{document.content|base64}}"}',
        "keyed": True,
        "success_statuses": [201],
        "success_place": "json:ok",
        "success_equals": "true",
        "remote_id": "json:id",
        "look": {
            "path": "/notes?q={{key}}",
            "among": "json:items",
            "found": "json:id",
            "matches": {"json:key": "{{key}}"},
        },
    },
]

SAMPLE = Sample(
    options=lambda base: {
        "base_url": base,
        "auth": [{"kind": "oauth2", "client_id": "accord", "token_url": f"{base}/token"}],
        "steps": STEPS,
        "check_path": f"/children?number={CHILD_NUMBERS[1]}",
    },
    secrets={"client_secret": SECRET},
    peer=RecordSystem,
    is_write=lambda asked: (asked.method, asked.path) == ("POST", "/notes"),
    renews=True,
)
