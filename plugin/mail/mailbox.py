"""The mailbox that mail comes back to, over IMAP (RFC 9051) with TLS demanded and a time-out on every step.

What lives here: unread mails out, one at a time, and a mark on each that was dealt with. A mail that a person must read is flagged and
stays unread. What does not: what a mail means (`incoming`).
"""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from plugin.mail.incoming import LONGEST

_TIMEOUT = 20
_AT_A_TIME = 200


class MailboxError(Exception):
    """The mailbox could not be read. The text is for the log: no name and no password."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where: "imaps://user@host/INBOX" (TLS from the start, 993) or "imap://user@host/INBOX" (STARTTLS demanded, 143)."""

    host: str
    port: int
    user: str
    folder: str
    at_once: bool
    password: str = field(repr=False)

    @classmethod
    def parse(cls, where: str, password: str) -> Place:
        """Raises ValueError where it is neither."""
        parts = urlsplit(where)
        if parts.scheme not in ("imap", "imaps") or not parts.hostname or not parts.username:
            raise ValueError(f"ACCORD_MAIL_RETURNS: {where!r} is not imaps://user@host/INBOX")
        at_once = parts.scheme == "imaps"
        port = parts.port or (993 if at_once else 143)
        return cls(parts.hostname, port, unquote(parts.username), unquote(parts.path.strip("/")) or "INBOX", at_once, password)


class Box:
    """An open mailbox."""

    def __init__(self, connection: imaplib.IMAP4) -> None:
        self._connection = connection

    def unread(self) -> Iterator[tuple[str, bytes]]:
        """(its number, its bytes up to a limit) of each mail that is neither read nor flagged. Reading marks nothing."""
        _status, found = self._connection.uid("SEARCH", "UNSEEN", "UNFLAGGED")
        for uid in (found[0] or b"").split()[:_AT_A_TIME]:
            number = uid.decode("ascii")
            _status, parts = self._connection.uid("FETCH", number, f"(BODY.PEEK[]<0.{LONGEST}>)")
            raw = next((part[1] for part in parts if isinstance(part, tuple)), b"")
            yield number, bytes(raw)

    def mark(self, number: str, *, for_a_person: bool) -> None:
        """Dealt with (read), or for somebody to read (flagged)."""
        self._connection.uid("STORE", number, "+FLAGS.SILENT", r"(\Flagged)" if for_a_person else r"(\Seen)")


@contextmanager
def opened(place: Place, ca_file: str = "") -> Iterator[Box]:
    """The mailbox, signed in to. Raises MailboxError; never speaks without TLS."""
    context = ssl.create_default_context(cafile=ca_file or None)
    connection: imaplib.IMAP4 | None = None
    try:
        if place.at_once:
            connection = imaplib.IMAP4_SSL(place.host, place.port, ssl_context=context, timeout=_TIMEOUT)
        else:
            connection = imaplib.IMAP4(place.host, place.port, timeout=_TIMEOUT)
            connection.starttls(ssl_context=context)
        connection.login(place.user, place.password)
        status, _count = connection.select(_quoted(place.folder))
        if status != "OK":
            raise MailboxError("the mailbox has no such folder")
        yield Box(connection)
    except (OSError, imaplib.IMAP4.error) as wrong:
        # What a server says may quote what it was told: the type alone is kept.
        raise MailboxError(f"the mailbox could not be read: {type(wrong).__name__}") from None
    finally:
        if connection is not None:
            with suppress(OSError, imaplib.IMAP4.error):
                connection.logout()


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
