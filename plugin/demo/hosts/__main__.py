"""Serves one pretend record system on this machine: `python -m plugin.demo.hosts council 8001`.

The keys must be there (`python -m plugin.demo` provides them) and ACCORD_PUBLIC_URL must be the service's origin.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from plugin.demo.hosts.setting import from_environment
from plugin.demo.places import HOSTS, LOOPBACK


class Quiet(WSGIRequestHandler):
    """Writes no line for each request: its addresses hold pupil numbers."""

    def log_request(self, *_: Any) -> None:
        """Nothing."""


def main(name: str, port: int) -> None:
    """Serves the host `name` on 127.0.0.1:`port` until the process is ended."""
    if name not in HOSTS:
        raise SystemExit(f"{name} is not one of {', '.join(HOSTS)}")
    module = importlib.import_module(f"plugin.demo.hosts.{name}")
    app = module.create_app(from_environment(name, port))
    make_server(LOOPBACK, port, app, threaded=True, request_handler=Quiet).serve_forever()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
