"""Keys and passwords between the pretend record systems and the service: made once, kept in the data folder, mode 0600.

Each host has a file of its own, `hosts/<name>.json`. `hosts.json` is for the service: what its administrator would be told by each
host (public key, address, credentials for writing). The service tells them one thing: the key to which they seal a child's details.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from integrations.launch.host import new_keypair
from plugin.demo.places import HOSTS, Places
from plugin.services.keeping.sealing import Keys

ALGORITHM: Literal["Ed25519"] = "Ed25519"
Jwk = dict[str, Any]


@dataclass(frozen=True, slots=True)
class HostKeys:
    """What a host knows: `signing` is its own private JWK, `seal_to` the service's public one; the rest guards its ways in."""

    signing: Jwk
    seal_to: Jwk
    cookie_secret: str
    api_user: str
    api_secret: str

    @staticmethod
    def read(data: Path, host: str) -> HostKeys:
        """The keys of a host. FileNotFoundError where `provide` has not been called."""
        return HostKeys(**json.loads(_file(data, host).read_text()))


def provide(places: Places) -> None:
    """Makes what is missing, the service's own keys included, and writes hosts.json anew (its addresses follow the port)."""
    if not places.secrets_file.exists():
        Keys.create(str(places.secrets_file), new_keypair("ES256")[0])
    seal_to = public(json.loads(places.secrets_file.read_text())["launch"])
    for host in HOSTS:
        if not _file(places.data, host).exists():
            write_private(_file(places.data, host), json.dumps(asdict(_make(seal_to))))
    write_private(places.hosts_file, json.dumps({host: _told(places, host) for host in HOSTS}, indent=1))


def public(private_jwk: Jwk) -> Jwk:
    """The half of a key that may be given away (Ed25519 and P-256)."""
    return {name: value for name, value in private_jwk.items() if name != "d"}


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner can read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    part.replace(path)


def _file(data: Path, host: str) -> Path:
    return data / "hosts" / f"{host}.json"


def _make(seal_to: Jwk) -> HostKeys:
    return HostKeys(
        signing=new_keypair(ALGORITHM)[0],
        seal_to=seal_to,
        cookie_secret=secrets.token_urlsafe(32),
        api_user="accord",
        api_secret=secrets.token_urlsafe(24),
    )


def _told(places: Places, host: str) -> dict[str, Any]:
    keys = HostKeys.read(places.data, host)
    return {
        "issuer": places.host_url(host),
        "origin": places.host_url(host),
        "algorithm": ALGORITHM,
        "keys": [public(keys.signing)],
        "api": places.host_api(host),
        "api_user": keys.api_user,
        "api_secret": keys.api_secret,
    }
