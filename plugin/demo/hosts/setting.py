"""What one pretend record system is told when it starts: who it is, where the service is, its files and its keys."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from plugin.demo.hosts.keys import HostKeys
from plugin.demo.places import Places, data_folder


@dataclass(frozen=True, slots=True)
class Setting:
    """`name` is one of places.HOSTS; `origin` its own address and `service` the service's, as browsers know them."""

    name: str
    origin: str
    service: str
    data: Path
    keys: HostKeys

    @property
    def port(self) -> int:
        """Where it answers."""
        return urlsplit(self.origin).port or 80

    @property
    def database(self) -> Path:
        """The host's own storage."""
        return self.data / f"{self.name}.sqlite3"


def from_places(name: str, places: Places) -> Setting:
    """The setting of one host in a demo whose keys have been provided (`keys.provide`)."""
    return Setting(name, places.host_url(name), places.service_url, places.data, HostKeys.read(places.data, name))


def from_environment(name: str, port: int, env: Mapping[str, str] = os.environ) -> Setting:
    """The setting of the host that answers on `port`."""
    data = data_folder(env)
    origin = f"http://{name}.localhost:{port}"
    return Setting(name, origin, env["ACCORD_PUBLIC_URL"], data, HostKeys.read(data, name))
