"""A peer over HTTP: requests with our proof on them, one fresh token after a 401, and the test of the connection.

What does not live here: what is asked of the peer (the adapters), what its answers mean (`answer.verdict`).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from integrations.answer.verdict import Stopped, of_fault
from integrations.auth.oauth import Tokens
from integrations.auth.options import AuthLayer, PeerOptions
from integrations.contract import Finding, Refused
from integrations.http import GuardedClient, NoAnswer, NotSent, Response, Target, Trust
from integrations.net.body import MAX_BODY


@dataclass(frozen=True, slots=True)
class Request:
    """One request before proof is put on it. Nothing of what it holds is shown in a repr. `address` is the whole URL."""

    method: str
    address: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    writes: bool
    limit: int


@dataclass
class Peer:
    """One agency's system for one write. `tokens` outlives it; secrets are not shown in a repr."""

    options: PeerOptions
    secrets: Mapping[str, str] = field(repr=False)
    http: GuardedClient
    tokens: Tokens

    def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        *,
        writes: bool,
        limit: int = MAX_BODY,
        address: str = "",
    ) -> Response:
        """The answer, whatever its status. After a 401 with a token of OAuth2, once more with a fresh one. Raises `Stopped`.

        `path` begins behind the base address; `address`, a whole one that the peer gave, may stand in its place: our proof goes with it
        only to the base address's own host. `writes`: whether the request could write something; it decides what no answer means.
        `limit` is the largest body that is kept.
        """
        request = Request(method, address or self.options.base_url + path, headers or {}, body, writes, limit)
        if not self.is_home(request.address):
            return self._sent(request, request.address, request.headers)
        response = self._once(request, fresh=False)
        if response.status == 401 and any(layer.kind == "oauth2" for layer in self.options.auth):
            response = self._once(request, fresh=True)
        return response

    def _once(self, asked: Request, fresh: bool) -> Response:
        proof: dict[str, str] = {}
        url = asked.address
        for layer in self.options.auth:
            if layer.kind == "key parameter":
                url += ("&" if "?" in url else "?") + f"{layer.parameter}={quote(self._secret(layer), safe='')}"
            else:
                proof |= self._proof(layer, fresh)
        # What a step says of a header itself (the token of a session, say) goes before the proof that all requests carry.
        said = {name.lower() for name in asked.headers}
        return self._sent(asked, url, {**asked.headers, **{name: value for name, value in proof.items() if name.lower() not in said}})

    def _sent(self, asked: Request, url: str, headers: Mapping[str, str]) -> Response:
        said = {name.lower() for name in headers}
        whole = {**headers, **{name: value for name, value in self.options.headers.items() if name.lower() not in said}}
        try:
            return self.http.request(asked.method, url, whole, asked.body, trust=self._trust(), limit=asked.limit)
        except (NotSent, NoAnswer) as fault:
            raise Stopped(of_fault(fault, asked.writes)) from None

    def is_home(self, address: str) -> bool:
        """Whether an address is of the base address's own scheme, host and port."""
        return _origin(address) == _origin(self.options.base_url)

    def _trust(self) -> Trust:
        return self.options.trust(self.secrets.get("tls_key", ""))

    def _proof(self, layer: AuthLayer, fresh: bool) -> dict[str, str]:
        if layer.kind == "basic":
            pair = f"{layer.username}:{self._secret(layer)}".encode()
            return {"Authorization": "Basic " + base64.b64encode(pair).decode("ascii")}
        if layer.kind == "key header":
            return {layer.header: layer.prefix + self._secret(layer)}
        if layer.kind == "bearer":
            return {"Authorization": f"Bearer {self._secret(layer)}"}
        return {"Authorization": f"Bearer {self.tokens.get(layer, self.secrets, self.http, self._trust(), fresh)}"}

    def _secret(self, layer: AuthLayer) -> str:
        value = self.secrets.get(layer.secret_name, "")
        if not value:
            raise Stopped(Refused(f"Nothing was sent: the secret {layer.secret_name} is not set.", where="credentials"))
        return value

    def check(self, headers: Mapping[str, str] | None = None) -> list[Finding]:
        """Settings, reach, certificate, credentials, by one GET of `check_path` (or of the base address). Writes nothing."""
        path = self.options.check_path
        try:
            Target.parse(self.options.base_url, self.http.allowed)
            response = self.send("GET", path, headers, writes=False)
        except NotSent as fault:
            return [Finding(fault.kind, False, f"{fault.reason}.")]
        except Stopped as stopped:
            return [finding_of(stopped)]
        return [Finding("network", True, "The system was reached."), finding_of_status(response, bool(path))]


def finding_of(stopped: Stopped) -> Finding:
    """What stopped an exchange, as a line of a check."""
    outcome = stopped.outcome
    return Finding(getattr(outcome, "where", None) or "answer", False, getattr(outcome, "reason", ""))


def finding_of_status(response: Response, path_was_given: bool) -> Finding:
    """What the answer to the check path (or to the base address) says of our connection."""
    status = response.status
    if status == 401:
        return Finding("credentials", False, "It does not accept our credentials (401). Ask for new ones, or look at the settings.")
    if status == 403:
        return Finding("permission", False, "It knows us, and our account may not read this (403). Ask its administrator.")
    if 200 <= status < 300:
        return Finding("answer", True, f"It answered {status}.")
    if not path_was_given and 400 <= status < 500:
        return Finding("answer", True, f"It answered {status} at its base address, which says little; a check path would say more.")
    return Finding("answer", False, f"It answered {status}. Look at the address and the check path.")


def _origin(address: str) -> tuple[str, str, int | None]:
    parts = urlsplit(address)
    try:
        return parts.scheme, (parts.hostname or "").lower(), parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return "", "", None
