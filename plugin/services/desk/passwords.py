"""Passwords and one-time secrets: how they are made, kept and compared. Nothing here knows an account.

Passwords are kept as scrypt with their own salt (OWASP's figures for interactive sign-in). Random secrets of 80 bits and more need no
slow hash: SHA-256 is kept of them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

SHORTEST, LONGEST = 12, 200
_N, _R, _P = 2**14, 8, 5


def fault_in(password: str, email: str) -> str:
    """What is wrong with a password that somebody chose, in words for them; "" where it will do."""
    if len(password) < SHORTEST:
        return f"Choose a password of at least {SHORTEST} characters. Three or four words that do not belong together are easy to remember."
    if len(password) > LONGEST:
        return f"Choose a password of at most {LONGEST} characters."
    if len(set(password.casefold())) < 5:
        return "Choose a password with more different characters."
    name = email.partition("@")[0].casefold()
    if len(name) > 3 and name in password.casefold():
        return "Choose a password that does not have your email name in it."
    return ""


def kept(password: str) -> str:
    """What is stored of a password."""
    salt = secrets.token_bytes(16)
    return f"scrypt:{base64.b64encode(salt).decode()}:{base64.b64encode(_digest(password, salt)).decode()}"


def fits(password: str, stored: str) -> bool:
    """Whether it is the password that was stored. Takes the same time where nothing was ("")."""
    _kind, salt, digest = (stored or _NOTHING).split(":")
    same = hmac.compare_digest(_digest(password[:LONGEST], base64.b64decode(salt)), base64.b64decode(digest))
    return same and bool(stored)


def _digest(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, n=_N, r=_R, p=_P, maxmem=2**26)


_NOTHING = f"scrypt:{base64.b64encode(b'0' * 16).decode()}:{base64.b64encode(b'0' * 64).decode()}"


def new_recovery_codes(count: int = 8) -> list[str]:
    """One-time codes for somebody who lost their telephone, each of 80 bits, in groups that can be written down."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return ["-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4)) for _ in range(count)]


def hash_of(secret: str) -> str:
    """What is kept of a random secret; spaces, dashes and capitals do not count."""
    return hashlib.sha256("".join(letter for letter in secret.casefold() if letter.isalnum()).encode()).hexdigest()
