"""What is said about a child, encrypted: one data key a case, wrapped by the deployment's; AES-256-GCM bound to its row.

Also the deployment's keys themselves, read from a file. Not claimed: protection from somebody who holds that file and the database.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc.jwk import OKPKey

_NONCE = 12
_SHARED = ("nhs-number", "upn")


@dataclass(frozen=True, slots=True)
class Keys:
    """The deployment's keys. `fernet`: newest first, older ones still open; `match`: for finding a child again; `launch`: a private JWK;
    `checkpoint`: a private Ed25519 JWK that signs lists (`signing`), {} in a file from before there were any; `checkpoints_before`: the
    public halves of those it took the place of, `launches_before` likewise private JWKs."""

    fernet: MultiFernet = field(repr=False)
    match: bytes = field(repr=False)
    launch: dict[str, Any] = field(repr=False)
    checkpoint: dict[str, Any] = field(default_factory=dict, repr=False)
    checkpoints_before: tuple[dict[str, Any], ...] = ()
    launches_before: tuple[dict[str, Any], ...] = field(default=(), repr=False)

    @classmethod
    def read(cls, path: str) -> Keys:
        """From the JSON file that `create` wrote. Raises FileNotFoundError, or ValueError where it is not such a file."""
        if not Path(path).exists():
            raise FileNotFoundError(f"There are no keys at {path}. Make them, once, with: python -m plugin.newkeys {path}")
        raw = json.loads(Path(path).read_text())
        try:
            every = MultiFernet([Fernet(key) for key in raw["fernet"]])
            before = tuple(raw.get("checkpoints before", ())), tuple(raw.get("launches before", ()))
            return cls(every, bytes.fromhex(raw["match"]), raw["launch"], dict(raw.get("checkpoint") or {}), *before)
        except (KeyError, TypeError) as wrong:
            raise ValueError(f"{path} is not a file of Accord's keys") from wrong

    @staticmethod
    def create(path: str, launch: dict[str, Any]) -> None:
        """Writes fresh keys to `path` (mode 0600), never over an existing file (FileExistsError)."""
        content = {
            "fernet": [Fernet.generate_key().decode()],
            "match": secrets.token_hex(32),
            "launch": launch,
            "checkpoint": _signing_key(),
        }
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(content, file)

    @staticmethod
    def add_missing(path: str) -> list[str]:
        """Adds what an older file lacks, and changes nothing that is in it; the names of what was added. Raises OSError, ValueError."""
        content = json.loads(Path(path).read_text())
        if content.get("checkpoint"):
            return []
        _write_anew(path, {**content, "checkpoint": _signing_key()})
        return ["checkpoint"]

    @staticmethod
    def renew(path: str, which: str, launch: dict[str, Any]) -> None:
        """Puts a fresh key in the place of one in the file at `path`; what the old one sealed or signed is still read. `which`: fernet,
        checkpoint, launch (`launch` is the fresh one). Raises OSError, ValueError, KeyError for a file that is no file of keys."""
        content = json.loads(Path(path).read_text())
        if which == "fernet":
            content["fernet"] = [Fernet.generate_key().decode(), *content["fernet"]]
        elif which == "launch":
            content["launches before"] = [content["launch"], *content.get("launches before", ())]
            content["launch"] = launch
        else:
            old = {name: value for name, value in content["checkpoint"].items() if name != "d"}
            content["checkpoints before"] = [old, *content.get("checkpoints before", ())]
            content["checkpoint"] = _signing_key()
        _write_anew(path, content)

    def wrap(self, data_key: bytes) -> bytes:
        """A case's data key as it is stored."""
        return self.fernet.encrypt(data_key)

    def unwrap(self, wrapped: bytes) -> bytes:
        """The data key; raises cryptography's InvalidToken where no key of ours wrapped it."""
        return self.fernet.decrypt(wrapped)

    def child_key(self, agency_id: str, child_ref: str) -> str:
        """A keyed hash by which one agency's child is found again; the same child at another agency has another."""
        return hmac.new(self.match, f"{agency_id}\0{child_ref.strip().casefold()}".encode(), hashlib.sha256).hexdigest()

    def shared_child_key(self, agency_id: str, identifiers: Iterable[tuple[str, str]]) -> str:
        """The same for an agency that knows the child by numbers all agencies share, not by a reference of its own; "" without any."""
        known = dict(identifiers)
        system = next((name for name in _SHARED if known.get(name)), "")
        return self.child_key(agency_id, f"{system}:{known[system]}") if system else ""

    def shared_child_keys(self, agency_id: str, identifiers: Iterable[tuple[str, str]]) -> list[str]:
        """One key for each number that all agencies share, whichever of them an agency knows the child by."""
        return [self.child_key(agency_id, f"{system}:{value}") for system, value in identifiers if system in _SHARED and value]


def _write_anew(path: str, content: dict[str, Any]) -> None:
    """The whole file or none of it, readable by its owner alone."""
    beside = Path(f"{path}.new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file)
    beside.replace(path)


def _signing_key() -> dict[str, Any]:
    """A fresh private Ed25519 JWK; its `kid` is its thumbprint (RFC 7638)."""
    key = OKPKey.generate_key("Ed25519")
    return {**key.as_dict(private=True), "kid": key.thumbprint()}


def new_data_key() -> bytes:
    """A fresh key for one case."""
    return AESGCM.generate_key(256)


def seal(data_key: bytes, place: str, value: Any) -> bytes:
    """`value` (JSON-able) encrypted for `place` ("event|case|3"): moved to another row it does not open."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(data_key).encrypt(nonce, json.dumps(value, ensure_ascii=False, sort_keys=True).encode(), place.encode())


def unseal(data_key: bytes, place: str, sealed: bytes) -> Any:
    """What `seal` was given; raises cryptography's InvalidTag where it was altered or moved."""
    return json.loads(AESGCM(data_key).decrypt(sealed[:_NONCE], sealed[_NONCE:], place.encode()))


def seal_text(data_key: bytes, place: str, text: Any) -> tuple[bytes, str]:
    """Sealed narrative and SHA-256(salt ‖ text) for the chain: the salt lies inside, so destroying the key leaves nothing to guess at."""
    salt = secrets.token_hex(16)
    return seal(data_key, place, {"salt": salt, "text": text}), text_hash(salt, text)


def text_hash(salt: str, text: Any) -> str:
    """The hash of a sealed text that stands in the chain (hex)."""
    return hashlib.sha256((salt + json.dumps(text, ensure_ascii=False, sort_keys=True)).encode()).hexdigest()
