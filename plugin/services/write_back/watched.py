"""The guarded client as one try uses it: it notes the last status, for the log. No address, header or body is kept."""

from __future__ import annotations

from collections.abc import Mapping

from integrations.http import GuardedClient, Response, Trust
from integrations.net.body import MAX_BODY


class WatchedClient(GuardedClient):
    """A guarded client with the same rules that remembers the status of its last answer (None: there was none)."""

    def __init__(self, client: GuardedClient) -> None:
        self.__dict__.update(client.__dict__)
        self.status: int | None = None

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        *,
        trust: Trust | None = None,
        limit: int = MAX_BODY,
    ) -> Response:
        """One exchange, as the client makes it."""
        self.status = None
        response = super().request(method, url, headers, body, trust=trust, limit=limit)
        self.status = response.status
        return response
