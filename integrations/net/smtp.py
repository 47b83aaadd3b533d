"""SMTP through the guard: to listed hosts, under TLS whose certificate is checked, within one deadline. Never in clear.

What does not live here: the message (`secure_mail`).
"""

from __future__ import annotations

import contextlib
import smtplib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from integrations.http import GuardedClient
from integrations.net.deadline import Deadline, DeadlineSocket
from integrations.net.outbound import NotSent, open_socket
from integrations.net.tls import Trust, start_tls

_READ = 10.0


class GuardedSMTP(smtplib.SMTP):
    """An SMTP connection over a socket that is already open and kept to a deadline; `begin_tls` puts TLS under it."""

    def __init__(self, sock: socket.socket, host: str, port: int, deadline: Deadline) -> None:
        self._real = sock
        self._place = (host, port)
        self._deadline = deadline
        super().__init__(local_hostname="accord")
        self.sock: Any = DeadlineSocket(sock, deadline, _READ)
        self._host = host
        code, _text = self.getreply()
        if code != 220:
            raise smtplib.SMTPConnectError(code, b"not ready")

    def begin_tls(self, trust: Trust) -> None:
        """STARTTLS (RFC 3207), then everything said before it is forgotten. Raises `NotSent`; there is no going on without."""
        host, port = self._place
        self.ehlo_or_helo_if_needed()
        if not self.has_extn("starttls"):
            raise NotSent("certificate", f"{host}:{port} offers no STARTTLS; mail never goes there in clear")
        code, _text = self.docmd("STARTTLS")
        if code != 220:
            raise NotSent("network", f"{host}:{port} did not begin TLS")
        self._wrap(trust)
        self.helo_resp = self.ehlo_resp = None
        self.esmtp_features, self.does_esmtp = {}, False
        self.ehlo_or_helo_if_needed()

    def _wrap(self, trust: Trust) -> None:
        # A reader that was filled before TLS would answer for the peer (command injection, CVE-2011-0411): it is thrown away.
        self.file = None
        host, port = self._place
        self._real = start_tls(self._real, host, port, trust, self._deadline)
        self.sock = DeadlineSocket(self._real, self._deadline, _READ)


@contextmanager
def session(http: GuardedClient, host: str, port: int, trust: Trust) -> Iterator[GuardedSMTP]:
    """A session under TLS with a listed host: by STARTTLS, or at once on port 465.

    Raises `NotSent` where it does not come to that, and OSError or SMTPException for what goes wrong inside.
    """
    deadline = http.deadline()
    sock = open_socket(host, port, http.allowed, deadline, http.resolve)
    smtp: GuardedSMTP | None = None
    try:
        if port == 465:
            sock = start_tls(sock, host, port, trust, deadline)
        try:
            smtp = GuardedSMTP(sock, host, port, deadline)
            if port != 465:
                smtp.begin_tls(trust)
        except (OSError, smtplib.SMTPException):
            raise NotSent("network", f"{host}:{port} did not begin an SMTP session") from None
        yield smtp
        with contextlib.suppress(OSError, smtplib.SMTPException):
            smtp.quit()
    finally:
        (smtp._real if smtp else sock).close()
