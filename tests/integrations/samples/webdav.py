"""The WebDAV adapter, to a store that keeps files in folders and heeds If-None-Match."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field

from tests.integrations.faulty import Asked, answer
from tests.integrations.samples import CHILD_NUMBERS, SECRET, Sample


@dataclass
class Store:
    """Files by path, folders by path."""

    files: dict[str, bytes] = field(default_factory=dict)
    folders: set[str] = field(default_factory=lambda: {"/"})
    heeds: bool = True

    def behave(self, connection: socket.socket, asked: Asked) -> None:
        status, body = self._answer(asked)
        answer(status, body)(connection, asked)

    def copies(self, key: str) -> int:
        return sum(path.endswith(f"/{key.replace('/', '-')}.pdf") for path in self.files)

    def _answer(self, asked: Asked) -> tuple[int, bytes]:
        folder = asked.path.rpartition("/")[0] + "/"
        if not asked.headers.get("authorization", "").startswith("Basic "):
            return 401, b""
        if asked.method == "MKCOL":
            made = asked.path not in self.folders
            self.folders.add(asked.path)
            return (201 if made else 405), b""
        if asked.method == "PUT":
            if folder not in self.folders:
                return 409, b""
            if asked.path in self.files and self.heeds:
                return 412, b""
            self.files[asked.path] = asked.body
            return 201, b""
        return (200, self.files[asked.path]) if asked.path in self.files else (404, b"")


SAMPLE = Sample(
    options=lambda base: {
        "base_url": base,
        "auth": [{"kind": "basic", "username": "accord"}],
        "folder": "/Safeguarding/{{child.local}}",
    },
    secrets={"password": SECRET},
    peer=lambda: Store(folders={"/", "/Safeguarding/", f"/Safeguarding/{CHILD_NUMBERS[1]}/"}),
)
