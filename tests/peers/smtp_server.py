"""A real SMTP server on loopback (aiosmtpd): STARTTLS, AUTH only under it, a size limit, greylisting and faults as told."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.integrations.certificates import Pair


@dataclass
class MailServer:
    """Use with `with`. `answers` overrides what is said to a command, once for each entry; "drop" hangs up, "silent" says nothing."""

    pair: Pair
    folder: Path
    user: str = "accord"
    password: str = "sesame"
    starttls: bool = True
    size: int = 40_000_000
    answers: dict[str, list[str]] = field(default_factory=dict)
    taken: list[Envelope] = field(default_factory=list)
    auths: int = 0
    on_taken: Callable[[], None] | None = None

    def __enter__(self) -> Self:
        context: ssl.SSLContext | None = self.pair.context(self.folder) if self.starttls else None
        server = self

        class Quiet(Controller):
            def factory(self) -> SMTP:
                return SMTP(
                    server,
                    hostname="mail.test",
                    tls_context=context,
                    auth_required=server.starttls,
                    auth_require_tls=True,
                    authenticator=server.authenticate,
                    data_size_limit=server.size,
                )

        # The controller greets itself when it starts and so must be told a port; this one was free a moment ago.
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._controller = Quiet(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._controller.stop()

    def authenticate(self, _server: Any, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
        self.auths += 1
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (self.user.encode(), self.password.encode())
        return AuthResult(success=good, handled=good)

    async def handle_MAIL(self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802  aiosmtpd's name
        envelope.mail_from = address
        return self._said(server, "MAIL") or "250 OK"

    async def handle_RCPT(self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802  aiosmtpd's name
        envelope.rcpt_tos.append(address)
        return self._said(server, "RCPT") or "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        said = self._said(server, "DATA")
        if said in (None, "taken, then dropped", "silent"):
            self.taken.append(envelope)
            if self.on_taken is not None:
                self.on_taken()
        if said == "silent":
            await asyncio.sleep(5)
        if said == "taken, then dropped":
            server.transport.abort()
        return said or "250 queued"

    def _said(self, server: Any, command: str) -> str | None:
        waiting = self.answers.get(command, [])
        said = waiting.pop(0) if waiting else None
        if said == "drop":
            server.transport.abort()
        return said
