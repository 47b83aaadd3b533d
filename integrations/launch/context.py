"""What every way in ends in: one LaunchContext, whatever the host's profile was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ChildDetails:
    """What the host says about the child, for the banner and the document. Never in a URL, never in clear claims."""

    name: str = ""
    born: str = ""
    identifiers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class LaunchContext:
    """A verified launch. `staff_id` and `child_ref` are the host's opaque ids; the agency comes from the connection, never from here.

    `area` is the code of the area the child lives in, where the host says so: another partnership's policy may hold there.
    `nonce` (the token's jti) must be spent, once, in the transaction that makes the session. Times are aware UTC.
    """

    connection_id: str
    staff_id: str
    staff_name: str
    roles: tuple[str, ...]
    child_ref: str
    child: ChildDetails
    host_session: str
    nonce: str
    issued_at: datetime
    expires_at: datetime
    skew_seconds: float = 0.0
    area: str = ""


class LaunchRefused(Exception):
    """The launch is not accepted. `code` is for the log and the launch doctor; the page shown says none of it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
