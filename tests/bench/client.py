"""The clients of a run, threads of one process with plain sockets: `python -m tests.bench.client` reads a run as JSON, writes the times.

A journey is three requests: the form of an open case, its answers to be looked over, and the same sent. Every answer is checked.
The hidden field carries the session, as in a frame whose cookies are blocked. Nothing is imported that costs.
"""

from __future__ import annotations

import json
import re
import socket
import sys
import threading
import time
from typing import Any
from urllib.parse import urlencode

_ONCE = re.compile(rb'name="once" value="([0-9a-f]+)"')
MARKS = (b'name="outcome"', b"Check your answers", b"Settled")


def main() -> None:
    """Reads {port, clients: [{fs, cases}], answers}; writes {journeys: [[reference, t0, t1, t2, t3]], cpu, pages}; dies on a wrong page."""
    run = json.load(sys.stdin)
    journeys: list[list[Any]] = []
    pages: list[str] = []
    faults: list[str] = []
    threads = [threading.Thread(target=_work, args=(run, one, journeys, pages, faults)) for one in run["clients"]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        sys.exit(faults[0])
    json.dump({"journeys": journeys, "pages": pages, "cpu": time.process_time()}, sys.stdout)


def _work(run: dict[str, Any], mine: dict[str, Any], journeys: list[list[Any]], pages: list[str], faults: list[str]) -> None:
    line = Line(run["port"])
    try:
        for reference in mine["cases"]:
            times, bodies = journey(line, reference, mine["fs"], run["answers"])
            journeys.append([reference, *times])
            if run.get("keep_pages"):
                pages[:] = [body.decode() for body in bodies]
    except (OSError, AssertionError) as fault:
        faults.append(f"a journey broke: {type(fault).__name__} {fault}")


def journey(line: Line, reference: str, fs: str, answers: dict[str, str]) -> tuple[list[float], list[bytes]]:
    """One whole journey; times are monotonic seconds before the first request and after each answer."""
    path, common = f"/case/{reference}/do", {"_fs": fs, "what": "settle"}
    times, bodies, once = [time.monotonic()], [], ""
    for step, mark in zip(({"do": "open"}, {"do": "check", **answers}, {"do": "send"}), MARKS, strict=True):
        body = line.post(path, {**common, **step, **({"once": once} if step["do"] == "send" else {})})
        times.append(time.monotonic())
        if mark not in body:
            raise AssertionError(f"{step['do']}: the page is not the one that should come: {body[-3000:].decode(errors='replace')}")
        bodies.append(body)
        found = _ONCE.search(body)
        once = found[1].decode() if found else ""
    return times, bodies


class Line:
    """A connection that is kept while the server keeps it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._socket: socket.socket | None = None

    def post(self, path: str, fields: dict[str, str]) -> bytes:
        """The body of the answer, which must be 200."""
        body = urlencode(fields).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: accord.localhost:{self.port}\r\nSec-Fetch-Site: same-origin\r\n"
        head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        return self._exchange(head.encode() + body)

    def _exchange(self, request: bytes) -> bytes:
        line = self._socket or socket.create_connection(("127.0.0.1", self.port), timeout=60)
        line.sendall(request)
        got = b""
        while b"\r\n\r\n" not in got:
            got += line.recv(262_144) or _broken()
        head, _, body = got.partition(b"\r\n\r\n")
        size = int(re.search(rb"(?i)content-length: (\d+)", head)[1])  # type: ignore[index]  # a page always has one
        while len(body) < size:
            body += line.recv(262_144) or _broken()
        kept = b"onnection: close" not in head
        self._socket = line if kept else line.close()
        if b" 200 " not in head[:20]:
            raise AssertionError(head[:40].decode() + body[-3000:].decode(errors="replace"))
        return body


def _broken() -> bytes:
    raise OSError("the answer broke off")


if __name__ == "__main__":
    main()
