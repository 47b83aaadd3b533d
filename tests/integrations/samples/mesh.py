"""The MESH adapter, to an exchange that checks the proof and takes a repeated message as a second one."""

from __future__ import annotations

import hashlib
import hmac
import socket
from dataclasses import dataclass, field

from tests.integrations.faulty import Asked, answer
from tests.integrations.samples import SECRET, Sample

KEY = "shared-" + SECRET
LOCAL_ID = hashlib.sha256(b"PD-7F3K-92/v1|X26OT001|X26OT002").hexdigest()[:40]


@dataclass
class Exchange:
    """Local ids of the messages it took, in order."""

    taken: list[str] = field(default_factory=list)

    def behave(self, connection: socket.socket, asked: Asked) -> None:
        if not proof_is_good(asked):
            answer(403)(connection, asked)
        elif asked.path.endswith("/count"):
            answer(200, {"count": 0})(connection, asked)
        elif asked.method == "POST":
            self.taken.append(asked.headers["mex-localid"])
            answer(202, {"message_id": f"M{len(self.taken)}"})(connection, asked)
        else:
            self._track(connection, asked)

    def copies(self, key: str) -> int:
        assert key == "PD-7F3K-92/v1"
        return self.taken.count(LOCAL_ID)

    def _track(self, connection: socket.socket, asked: Asked) -> None:
        found = [number for number, known in enumerate(self.taken, 1) if asked.path.endswith(known)]
        if len(found) == 1:
            answer(200, {"messageId": f"M{found[0]}", "status": "Accepted"})(connection, asked)
        else:
            answer(300 if found else 404)(connection, asked)


def proof_is_good(asked: Asked) -> bool:
    """Worked out here anew, part by part."""
    _scheme, _, told = asked.headers["authorization"].partition(" ")
    mailbox, nonce, count, minute, proof = told.split(":")
    wanted = hmac.new(KEY.encode(), f"{mailbox}:{nonce}:{count}:{SECRET}:{minute}".encode(), hashlib.sha256).hexdigest()
    return proof == wanted and mailbox == "X26OT001" and len(minute) == 12


SAMPLE = Sample(
    options=lambda base: {"base_url": base, "mailbox": "X26OT001", "recipient": "X26OT002", "workflow_id": "SAFEGUARDING_OUTCOME"},
    secrets={"mailbox_password": SECRET, "shared_key": KEY},
    peer=Exchange,
)
