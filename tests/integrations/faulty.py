"""A peer on loopback that misbehaves as told. Each behaviour is a function that is given the connection and what was asked.

The server answers the requests it gets with the behaviours of its script, one after the other; the last one goes on for ever.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any, Self


@dataclass(frozen=True)
class Asked:
    """One request as it arrived. Header names are lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


Behaviour = Callable[[socket.socket, Asked], None]
Answerer = Callable[[Asked], tuple[int, dict[str, str], bytes]]


@dataclass
class FaultyServer:
    """Use with `with`. `asked` lists every request that was read whole; `port` is a free one on 127.0.0.1."""

    script: list[Behaviour]
    tls: ssl.SSLContext | None = None
    asked: list[Asked] = field(default_factory=list)
    port: int = 0

    def __enter__(self) -> Self:
        self._ending = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._ending.set()
        # One connection of our own wakes the listener, which then sees that it is over.
        socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
        for thread in list(self._threads):
            thread.join(5)
        self._listener.close()

    @property
    def base(self) -> str:
        """The server's URL without a path."""
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}"

    def _accept(self) -> None:
        while True:
            connection, _address = self._listener.accept()
            if self._ending.is_set():
                connection.close()
                return
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        with contextlib.suppress(OSError, ssl.SSLError), contextlib.closing(connection):
            secure = self.tls.wrap_socket(connection, server_side=True) if self.tls else connection
            with contextlib.closing(secure):
                behaviour = self.script[min(len(self.asked), len(self.script) - 1)]
                if getattr(behaviour, "before_reading", False):
                    self.asked.append(Asked("", "", {}, b""))
                    behaviour(secure, self.asked[-1])
                    return
                asked = _read(secure)
                self.asked.append(asked)
                behaviour(secure, asked)


def _read(connection: socket.socket) -> Asked:
    raw = b""
    while b"\r\n\r\n" not in raw:
        piece = connection.recv(65536)
        if not piece:
            raise OSError("gone")
        raw += piece
    head, _, body = raw.partition(b"\r\n\r\n")
    line, _, rest = head.partition(b"\r\n")
    method, path, _version = line.decode("ascii").split(" ")
    headers = {name.lower(): value for name, value in message_from_bytes(rest + b"\r\n\r\n").items()}
    while len(body) < int(headers.get("content-length", "0")):
        body += connection.recv(65536)
    return Asked(method, path, headers, body)


def _head(status: int, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Something", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def answer(status: int, body: bytes | str | dict[str, Any] | list[Any] = b"", **headers: str) -> Behaviour:
    """A plain answer. A dict or list is sent as JSON; `Retry_After="3"` becomes a header with dashes."""
    raw = json.dumps(body).encode() if isinstance(body, dict | list) else body.encode() if isinstance(body, str) else body
    kind = "application/json" if isinstance(body, dict | list) else "text/plain"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    whole = {"Content-Type": kind, "Content-Length": str(len(raw)), **named}
    return lambda connection, _asked: connection.sendall(_head(status, whole) + (b"" if _asked.method == "HEAD" else raw))


def by(answerer: Answerer) -> Behaviour:
    """An answer that is worked out from what was asked: (status, headers, body)."""

    def behave(connection: socket.socket, asked: Asked) -> None:
        status, headers, body = answerer(asked)
        connection.sendall(_head(status, {"Content-Length": str(len(body)), **headers}) + body)

    return behave


def before_reading(connection: socket.socket, _asked: Asked) -> None:
    """Ends the connection before anything of the request is read."""
    connection.close()


before_reading.before_reading = True  # type: ignore[attr-defined]  # a mark that the server looks for


def silent(connection: socket.socket, _asked: Asked) -> None:
    """Reads the request, perhaps acts on it, and never answers."""
    with contextlib.suppress(OSError):
        connection.settimeout(30)
        connection.recv(1)


def cut_before_answer(_connection: socket.socket, _asked: Asked) -> None:
    """Reads the request and hangs up."""


def cut_in_head(connection: socket.socket, _asked: Asked) -> None:
    """Hangs up in the middle of the headers."""
    connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Le")


def cut_in_body(connection: socket.socket, _asked: Asked) -> None:
    """Hangs up in the middle of a body whose length was said."""
    connection.sendall(_head(201, {"Content-Length": "500", "Content-Type": "application/json"}) + b'{"id": "12')


def cut_in_chunk(connection: socket.socket, _asked: Asked) -> None:
    """Hangs up in the middle of a chunked body."""
    connection.sendall(_head(201, {"Transfer-Encoding": "chunked"}) + b"20\r\n{")


def not_http(connection: socket.socket, _asked: Asked) -> None:
    """Speaks another protocol."""
    connection.sendall(b"220 mail.example ESMTP ready\r\n")


def greets_first(connection: socket.socket, _asked: Asked) -> None:
    """Speaks another protocol, and first."""
    not_http(connection, _asked)


greets_first.before_reading = True  # type: ignore[attr-defined]  # a mark that the server looks for


def _drip(connection: socket.socket, data: Iterator[bytes], pause: float) -> None:
    waiting = threading.Event()
    with contextlib.suppress(OSError):
        for piece in data:
            connection.sendall(piece)
            waiting.wait(pause)


def drip_head(connection: socket.socket, _asked: Asked) -> None:
    """Sends its headers a byte at a time, each well within any time-out for one read."""
    head = _head(200, {"X-Slow": "y" * 1000})
    _drip(connection, (head[place : place + 1] for place in range(len(head))), 0.05)


def drip_body(connection: socket.socket, _asked: Asked) -> None:
    """Sends its body a byte at a time."""
    connection.sendall(_head(200, {"Content-Length": "1000", "Content-Type": "application/json"}))
    _drip(connection, (b" " for _ in range(1000)), 0.05)


def endless(connection: socket.socket, _asked: Asked) -> None:
    """Never stops sending."""
    connection.sendall(_head(200, {"Content-Type": "application/json"}))
    with contextlib.suppress(OSError):
        for _ in range(2000):
            connection.sendall(b" " * 65536)


def gzip_bomb(connection: socket.socket, _asked: Asked) -> None:
    """A few kilobytes that unpack to 64 megabytes."""
    packed = _bomb()
    connection.sendall(_head(200, {"Content-Encoding": "gzip", "Content-Length": str(len(packed))}) + packed)


_BOMBS: list[bytes] = []


def _bomb() -> bytes:
    if not _BOMBS:
        _BOMBS.append(gzip.compress(b"\0" * (64 * 1024 * 1024)))
    return _BOMBS[0]


def html(connection: socket.socket, asked: Asked) -> None:
    """A sign-in page with status 200, where JSON was promised."""
    page = "<!doctype html><title>Sign in</title>"
    answer(200, page, Content_Type="application/json")(connection, asked)
