"""The webhook adapter, to a receiver that keeps ids and answers with an empty 202."""

from __future__ import annotations

import base64
import socket
from dataclasses import dataclass, field

from tests.integrations.faulty import Asked, answer
from tests.integrations.samples import SECRET, Sample

SIGNING = "whsec_" + base64.b64encode((SECRET * 3).encode()).decode()


@dataclass
class Receiver:
    """Takes each id once."""

    taken: list[str] = field(default_factory=list)

    def behave(self, connection: socket.socket, asked: Asked) -> None:
        if asked.method != "POST":
            answer(405)(connection, asked)
            return
        if asked.headers["webhook-id"] not in self.taken:
            self.taken.append(asked.headers["webhook-id"])
        answer(202)(connection, asked)

    def copies(self, key: str) -> int:
        return self.taken.count(key.replace("/", "-"))


SAMPLE = Sample(
    options=lambda base: {"url": f"{base}/hook", "success_statuses": [202], "success_body": "empty"},
    secrets={"signing_secret": SIGNING},
    peer=Receiver,
)
