"""One deadline for a whole exchange, so that a peer that sends a byte now and then cannot hold a worker.

What lives here: the deadline and a socket that keeps it. Time here is monotonic seconds, never a date.
"""

from __future__ import annotations

import io
import socket
import ssl
import time
from typing import Any


class Deadline:
    """A point in monotonic time. `seconds` is counted from now."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left. Raises TimeoutError when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time for the whole exchange is over")
        return left

    def at_most(self, seconds: float) -> float:
        """`seconds`, or what is left if that is less. Raises TimeoutError."""
        return min(seconds, self.left())


class DeadlineSocket:
    """A connected socket (plain or TLS) whose every read and write is cut at the deadline.

    It offers what `http.client` uses. `secure` says whether it is under TLS, `began` turns true with the first byte sent, `answered`
    with the first byte that comes back, `ended` when the peer has closed its side.
    Closing it closes nothing: whoever opened the real socket closes it.
    """

    def __init__(self, sock: socket.socket, deadline: Deadline, read_seconds: float) -> None:
        self._sock = sock
        self._deadline = deadline
        self._read_seconds = read_seconds
        self.secure = isinstance(sock, ssl.SSLSocket)
        self.began = False
        self.answered = False
        self.ended = False

    def sendall(self, data: Any) -> None:
        """All of `data`, in pieces, each within the deadline."""
        view = memoryview(data).cast("B")
        while view:
            self._sock.settimeout(self._deadline.at_most(self._read_seconds))
            self.began = True
            view = view[self._sock.send(view[:65536]) :]

    def receive_into(self, buffer: Any) -> int:
        """Some bytes, at least one unless the peer has ended."""
        self._sock.settimeout(self._deadline.at_most(self._read_seconds))
        count = self._sock.recv_into(buffer)
        self.answered = self.answered or count > 0
        self.ended = self.ended or count == 0
        return count

    def makefile(self, _mode: str = "rb", *_args: Any, **_kwargs: Any) -> io.BufferedReader:
        """A buffered reader over this socket."""
        return io.BufferedReader(_Raw(self))

    def close(self) -> None:
        """Does nothing; see the class."""


class _Raw(io.RawIOBase):
    def __init__(self, sock: DeadlineSocket) -> None:
        self._sock = sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._sock.receive_into(buffer)
