"""The S3 adapter, to a bucket that keeps objects and heeds If-None-Match."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field

from tests.integrations.faulty import Asked, answer
from tests.integrations.samples import SECRET, Sample


@dataclass
class Bucket:
    """Objects by path. The signature's arithmetic is tested against published values; here it must merely be there."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def behave(self, connection: socket.socket, asked: Asked) -> None:
        status, body = self._answer(asked)
        answer(status, body)(connection, asked)

    def copies(self, key: str) -> int:
        return sum(path.endswith(f"/{key.replace('/', '-')}.pdf") for path in self.objects)

    def _answer(self, asked: Asked) -> tuple[int, bytes]:
        if "Credential=AKEXAMPLE/" not in asked.headers.get("authorization", ""):
            return 403, b""
        if asked.path == "/records":
            return 200, b""
        if asked.method == "PUT":
            if asked.path in self.objects:
                return 412, b""
            self.objects[asked.path] = asked.body
            return 200, b""
        return (200, self.objects[asked.path]) if asked.path in self.objects else (404, b"")


SAMPLE = Sample(
    options=lambda base: {"base_url": base, "bucket": "records", "access_key_id": "AKEXAMPLE", "prefix": "in/{{child.local}}"},
    secrets={"secret_access_key": SECRET},
    peer=Bucket,
)
