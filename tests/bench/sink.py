"""A webhook's receiver in a process of its own: answers 204, and remembers when each event came. `python -m tests.bench.sink PORT`.

GET /taken gives {id: [monotonic seconds, one for each time it came]}; DELETE forgets. CLOCK_MONOTONIC is the same in every process.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

_DONE = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
taken: dict[str, list[float]] = {}


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One request a connection, as the service sends them."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if size := int(headers.get("content-length", 0)):
            await reader.readexactly(size)
        writer.write(_said(first.split()[0], headers))
        await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass  # somebody looked whether this port answers
    finally:
        writer.close()


def _said(method: str, headers: dict[str, str]) -> bytes:
    if method == "GET":
        body = json.dumps(taken).encode()
        return b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    if method == "POST":
        taken.setdefault(headers.get("webhook-id", ""), []).append(time.monotonic())
    elif method == "DELETE":
        taken.clear()
    return _DONE


async def _serve(port: int) -> None:
    server = await asyncio.start_server(answer, "127.0.0.1", port, backlog=256)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
