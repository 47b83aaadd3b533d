"""Whether a process of the demo answers: short questions over loopback, with no web framework and no client library."""

from __future__ import annotations

import errno
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
    """Whether nobody listens on `port` of this machine now, by either protocol: browsers try ::1 for a name under localhost first."""
    return all(_can_listen(family, address, port) for family, address in ((socket.AF_INET, LOOPBACK), (socket.AF_INET6, "::1")))


def _can_listen(family: socket.AddressFamily, address: str, port: int) -> bool:
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
            probe.listen(1)
    except OSError as fault:
        return fault.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)  # this machine has no such address: nobody is there
    return True
