"""The one HTTP client for everything that goes out: adapters, token endpoints, look-ups.

What lives here: one exchange, guarded. It goes only where `outbound` allows, to the address that was checked, over checked TLS;
follows no redirect, reads no proxy from the environment, ends at one deadline and keeps no more than a megabyte. What does not:
what an answer means (`retry`), what to send (the adapters).

It stands on `http.client` and one socket a request, because then it is certain at each moment whether a byte has been sent: before
the first one every fault is `NotSent`, after it `NoAnswer`.
"""

from __future__ import annotations

import http.client
import re
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from integrations.net.body import MAX_BODY, BodyFault, read_body
from integrations.net.deadline import Deadline, DeadlineSocket
from integrations.net.outbound import NotSent, OutboundRules, Resolver, open_socket, system_resolver
from integrations.net.tls import Trust, means_not_accepted, start_tls

__all__ = ["GuardedClient", "NoAnswer", "NotSent", "OutboundRules", "Response", "Target", "Trust"]

READ_SECONDS = 10.0
TOTAL_SECONDS = 20.0
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.1; http.client lets spaces pass


class NoAnswer(Exception):
    """The request was sent, or part of it, and no whole answer came: something may have been written.

    The text holds host and port, no path, no secret.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer. Redirects come back as they are. Neither headers nor body are shown in a repr.

    `headers` are pairs, names in lower case, in the order they came.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)

    def header(self, name: str) -> str:
        """The first value of a header (name in any case), or empty."""
        return next(iter(self.all(name)), "")

    def all(self, name: str) -> list[str]:
        """Every value of a header, one for each time it came."""
        return [value for known, value in self.headers if known == name.lower()]


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart and found speakable. `path` includes the query and may hold identifiers: it is not shown in a repr."""

    tls: bool
    host: str
    port: int
    path: str = field(repr=False)

    @classmethod
    def parse(cls, url: str, rules: OutboundRules) -> Target:
        """Raises `NotSent("settings")` for anything but https, or http to a pair that the deployment lists as private."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").rstrip("."), parts.port
        except ValueError:
            raise NotSent("settings", "the address is not a URL") from None
        if parts.scheme not in ("http", "https") or not host or not url.isascii() or any(letter in url for letter in " \\\t\r\n"):
            raise NotSent("settings", "the address is not an https URL")
        if "@" in parts.netloc:
            raise NotSent("settings", "the address holds a user name or password; those belong in the secrets")
        target = cls(parts.scheme == "https", host, port or (443 if parts.scheme == "https" else 80), _path(parts.path, parts.query))
        if not target.tls and not rules.is_private(target.host, target.port):
            raise NotSent("settings", f"{target.host}:{target.port} must be spoken to by https")
        return target

    @property
    def authority(self) -> str:
        """The Host header: the name, and the port where it is not the scheme's own."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == (443 if self.tls else 80) else f"{name}:{self.port}"


class GuardedClient:
    """Makes one exchange at a time and holds nothing between them; safe to share between threads.

    `clock` gives the machine's time (aware UTC) to adapters that sign or date what they send. `total` and `read` are seconds, shorter in
    tests.
    """

    def __init__(
        self,
        allowed: OutboundRules,
        *,
        clock: Callable[[], datetime],
        resolve: Resolver = system_resolver,
        total: float = TOTAL_SECONDS,
        read: float = READ_SECONDS,
    ) -> None:
        self.allowed = allowed
        self.clock = clock
        self.resolve = resolve
        self._total = total
        self._read = read

    def deadline(self, times: float = 1.0) -> Deadline:
        """A fresh deadline for one exchange, for those who speak another protocol than HTTP through the same guard.

        `times` makes it longer, for protocols in which a document takes many turns.
        """
        return Deadline(self._total * times)

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
        """One exchange. Raises `NotSent` (nothing was sent) or `NoAnswer` (something was, and no whole answer came).

        `limit` is the largest body that is kept, in bytes, after decompression.
        """
        target = Target.parse(url, self.allowed)
        deadline = self.deadline()
        try:
            sock = open_socket(target.host, target.port, self.allowed, deadline, self.resolve)
        except TimeoutError:
            raise NotSent("network", f"no connection to {target.host}:{target.port} in time") from None
        with closing(sock):
            if not target.tls:
                return _exchange(DeadlineSocket(sock, deadline, self._read), target, method, headers or {}, body, limit)
            with closing(start_tls(sock, target.host, target.port, trust or Trust(), deadline)) as secure:
                return _exchange(DeadlineSocket(secure, deadline, self._read), target, method, headers or {}, body, limit)


def _path(path: str, query: str) -> str:
    return (path or "/") + (f"?{query}" if query else "")


def _exchange(sock: DeadlineSocket, target: Target, method: str, headers: Mapping[str, str], body: bytes, limit: int) -> Response:
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = sock
    try:
        _send(connection, target, method, headers, body)
        return _answer(connection, sock, limit)
    except NotSent:
        raise
    except (OSError, http.client.HTTPException, ValueError, BodyFault) as error:
        # From None: what http.client says may quote the peer.
        raise _fault_of(error, sock, f"{target.host}:{target.port}") from None
    finally:
        connection.close()


def _answer(connection: http.client.HTTPConnection, sock: DeadlineSocket, limit: int) -> Response:
    answer = connection.getresponse()
    # http.client takes headers that end in the middle for whole ones; whole ones are read without meeting the end.
    if sock.ended:
        raise BodyFault("broke off in the head of its answer")
    if answer.status < 200:
        raise BodyFault("gave no final answer")
    return Response(answer.status, tuple((name.lower(), value) for name, value in answer.getheaders()), read_body(answer, limit))


def _fault_of(error: Exception, sock: DeadlineSocket, where: str) -> NotSent | NoAnswer:
    if isinstance(error, ssl.SSLError) and means_not_accepted(error) and not sock.answered:
        return NotSent("certificate", f"{where} does not accept our certificate")
    if isinstance(error, BodyFault):
        return NoAnswer(f"{where} {error}")
    reason = f"{where} took too long" if isinstance(error, TimeoutError) else f"{where} broke off or did not speak HTTP"
    if sock.secure and not sock.answered and isinstance(error, OSError) and not isinstance(error, TimeoutError):
        # In TLS 1.3 a peer may end the connection over our certificate after we have spoken, and its reason may be lost on the way.
        reason = f"{where} hung up without an answer (does it ask for a client certificate, and is ours the right one?)"
    return NoAnswer(reason) if sock.began else NotSent("network", reason)


def _send(connection: http.client.HTTPConnection, target: Target, method: str, headers: Mapping[str, str], body: bytes) -> None:
    """Every header is checked before the first byte leaves: a line break in one is a fault of ours and goes nowhere."""
    try:
        connection.putrequest(method, target.path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", target.authority)
        connection.putheader("Accept-Encoding", "identity")
        connection.putheader("Connection", "close")
        for name, value in headers.items():
            if not _HEADER_NAME.fullmatch(name):
                raise ValueError("not a header's name")
            connection.putheader(name, value)
        if body or method in ("POST", "PUT", "PATCH"):
            connection.putheader("Content-Length", str(len(body)))
    except (ValueError, http.client.HTTPException):
        raise NotSent("settings", "the method, the path or a header holds what cannot be sent") from None
    connection.endheaders(body or None)
