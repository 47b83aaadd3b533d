"""MESH's proof of who we are, and one request to our mailbox.

What does not live here: what is sent and what the answers mean (`integrations.mesh`).
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

from integrations.answer.verdict import Stopped, of_fault
from integrations.contract import Refused
from integrations.http import GuardedClient, NoAnswer, NotSent, Response, Trust

MESH_SECRETS = ("mailbox_password", "shared_key", "tls_key")
V2 = "application/vnd.mesh.v2+json"


@dataclass(frozen=True)
class Mailbox:
    """Our mailbox at one MESH. Nothing secret is shown in a repr."""

    base_url: str
    name: str
    secrets: Mapping[str, str] = field(repr=False)
    trust: Trust
    http: GuardedClient

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"", *, writes: bool) -> Response:
        """The answer, whatever its status. `path` begins behind the mailbox. Raises `Stopped`."""
        try:
            return self.ask(method, path, headers, body)
        except (NotSent, NoAnswer) as fault:
            raise Stopped(of_fault(fault, writes)) from None

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Response:
        """The same; raises `NotSent` and `NoAnswer` where no answer came, `Stopped` where a secret is missing."""
        password, key = self.secrets.get("mailbox_password", ""), self.secrets.get("shared_key", "")
        if not password or not key:
            raise Stopped(Refused("Nothing was sent: the secrets mailbox_password and shared_key are not both set.", where="credentials"))
        own = {"Authorization": authorization(self.name, password, key, self.http.clock())}
        # The exchange wants to know which client speaks; what it runs on is nobody's business.
        own |= {"Mex-ClientVersion": "accord", "Mex-OSName": "linux", "Mex-OSVersion": "0"}
        url = f"{self.base_url}/messageexchange/{quote(self.name, safe='')}{path}"
        return self.http.request(method, url, {"Accept": V2, **headers, **own}, body, trust=self.trust)


def authorization(mailbox: str, password: str, shared_key: str, now: datetime, nonce: str = "", count: int = 0) -> str:
    """The NHSMESH proof: an HMAC-SHA256 under the environment's key, over mailbox, nonce, count, password and the minute (UTC)."""
    nonce, minute = nonce or str(uuid.uuid4()), now.strftime("%Y%m%d%H%M")
    signed = f"{mailbox}:{nonce}:{count}:{password}:{minute}"
    proof = hmac.new(shared_key.encode(), signed.encode(), hashlib.sha256).hexdigest()
    return f"NHSMESH {mailbox}:{nonce}:{count}:{minute}:{proof}"
