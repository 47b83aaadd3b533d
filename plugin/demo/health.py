"""Whether a process of the demo answers: short questions over loopback, with no web framework and no client library."""

from __future__ import annotations

import http.client
import socket
from pathlib import Path

from plugin.demo.places import LOOPBACK

PATIENCE = 2.0


def answers_http(port: int, path: str, host: str) -> bool:
    """Whether GET `path` on 127.0.0.1:`port`, asked for the name `host`, is answered 200."""
    line = http.client.HTTPConnection(LOOPBACK, port, timeout=PATIENCE)
    try:
        line.request("GET", path, headers={"Host": f"{host}:{port}"})
        return line.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def answers_ping(path: Path) -> bool:
    """Whether the queue server on this unix socket answers PING."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(PATIENCE)
        try:
            line.connect(str(path))
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def is_free(port: int) -> bool:
    """Whether a server could listen on 127.0.0.1:`port` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen(1)
        except OSError:
            return False
    return True
