"""Lists that prove something outside the database: signed texts, a line each, that whoever holds the public key can check without us.

The last line is `signature KID SIGNATURE`: Ed25519 (RFC 8032, base64) over the bytes of all lines before it, each with its line feed; KID
names the key (RFC 7638). What the lists say: `case.checkpoints` (the chains' heads), `desk.removed` (what was removed).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Collection
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from integrations.strict_json import BadJson, parse
from plugin.services.keeping.sealing import Keys


class BadListError(ValueError):
    """A list that cannot be read, or was not signed by one of these keys. Its text says which."""


def signed(keys: Keys, body: str) -> str:
    """`body` (whole lines) with its signature. Raises LookupError where the keys' file has no key that signs."""
    if not keys.checkpoint:
        raise LookupError("the keys' file has no key for checkpoints yet; `python -m plugin.newkeys FILE` adds one to it")
    private = OKPKey.import_key(keys.checkpoint).private_key
    assert isinstance(private, Ed25519PrivateKey)
    signature = base64.b64encode(private.sign(body.encode())).decode("ascii")
    return f"{body}signature {keys.checkpoint['kid']} {signature}\n"


def checked(text: str, first: str, what: str, keys: Collection[Ed25519PublicKey]) -> list[str]:
    """The lines of a list but for its signature, if one of `keys` made that. `first`: its first line, `what` it is called.

    Raises BadListError.
    """
    body, mark, last = text.rpartition("signature ")
    parts = last.split()
    if not body.startswith(f"{first}\n") or not mark or len(parts) != 2 or not body.endswith("\n"):
        raise BadListError(f"this is not a {what}: its first line is “{first}”, its last “signature …”")
    if not any(_fits(key, parts[1], body) for key in keys):
        raise BadListError("the signature does not fit: it was changed, or signed with another key")
    return body.splitlines()


def _fits(key: Ed25519PublicKey, signature: str, body: str) -> bool:
    try:
        key.verify(base64.b64decode(signature, validate=True), body.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def public_half(keys: Keys) -> dict[str, Any]:
    """What an auditor is given: a public JWK. {} where the keys' file has none."""
    return {name: value for name, value in keys.checkpoint.items() if name != "d"}


def own(keys: Keys) -> list[Ed25519PublicKey]:
    """The keys that this deployment's lists may be signed with: the present one, and those that it took the place of."""
    return [public_key(json.dumps(one)) for one in (public_half(keys), *keys.checkpoints_before) if one]


def public_key(text: str) -> Ed25519PublicKey:
    """A public key as PEM or JWK. Raises BadListError."""
    try:
        if text.lstrip().startswith("-----"):
            found: Any = load_pem_public_key(text.strip().encode("ascii"))
        else:
            found = OKPKey.import_key(parse(text)).public_key
    except (ValueError, BadJson, JoseError, KeyError, TypeError) as wrong:
        raise BadListError("the public key cannot be read: it is a PEM block or a JWK") from wrong
    if not isinstance(found, Ed25519PublicKey):
        raise BadListError("the public key is of another kind: a list is signed with Ed25519")
    return found
