"""Real SFTP servers on loopback: asyncssh's own, and OpenSSH's sftp-server behind asyncssh's transport where the machine has it.

The two differ where it matters: OpenSSH's rename refuses a name that is taken and says only "failure". What a server should do wrong
is given as a class of handlers (`Faults`).
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import asyncssh

OPENSSH = next((path for path in map(Path, ("/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server")) if path.exists()), None)


@dataclass
class SftpServer:
    """Use with `with`. User "accord" with `password`, or with `client_key`; `needs_both` asks for key and password.

    `folder` is where people land. `handlers` makes asyncssh's SFTP server; None means OpenSSH's program, which lands in `folder` too.
    """

    folder: Path
    password: str = "sesame"
    needs_both: bool = False
    handlers: Callable[[Any], asyncssh.SFTPServer] | None = None
    host_keys: list[asyncssh.SSHKey] = field(default_factory=lambda: [asyncssh.generate_private_key("ssh-ed25519")])
    client_key: asyncssh.SSHKey = field(default_factory=lambda: asyncssh.generate_private_key("ssh-ed25519"))
    sessions: int = 0
    port: int = 0

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._ready.wait(20), "the SFTP server did not start"
        return self

    def __exit__(self, *_exc: object) -> None:
        self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join(10)

    @property
    def pin(self) -> str:
        """The first host key as the settings hold it."""
        return self.host_keys[0].export_public_key().decode().strip()

    @property
    def private_key(self) -> str:
        """Our key, as a secret holds it."""
        return self.client_key.export_private_key().decode()

    async def _serve(self) -> None:
        self._loop, self._ending = asyncio.get_running_loop(), asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        sftp: dict[str, Any] = {"sftp_factory": lambda channel: self.handlers(channel)} if self.handlers else {"encoding": None}
        listener = await asyncssh.create_server(
            lambda: _Door(self), "127.0.0.1", 0, server_host_keys=self.host_keys, allow_scp=False, **sftp
        )
        self.port = listener.get_port()
        self._ready.set()
        await self._ending.wait()
        listener.close()
        await listener.wait_closed()
        if self._running:
            await asyncio.wait(self._running, timeout=5)  # each ends its own child


class _OpenSsh(asyncssh.SSHServerSession[bytes]):
    """A session that hands what comes in to OpenSSH's sftp-server, and back what that says."""

    def __init__(self, folder: Path, running: set[asyncio.Task[None]]) -> None:
        self._folder = folder
        self._running = running
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue()

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._channel = chan

    def subsystem_requested(self, subsystem: str) -> bool:
        return subsystem == "sftp"

    def session_started(self) -> None:
        task = asyncio.ensure_future(self._run())
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def data_received(self, data: bytes, datatype: int | None) -> None:
        self._waiting.put_nowait(data)

    def eof_received(self) -> bool:
        self._waiting.put_nowait(b"")
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._waiting.put_nowait(b"")

    async def _run(self) -> None:
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(str(OPENSSH), "-d", str(self._folder), stdin=pipe, stdout=pipe)
        assert child.stdin is not None and child.stdout is not None
        back = asyncio.ensure_future(self._back(child.stdout))
        while data := await self._waiting.get():
            child.stdin.write(data)
            await child.stdin.drain()
        child.stdin.close()
        await child.wait()
        await back
        self._channel.exit(0)

    async def _back(self, out: asyncio.StreamReader) -> None:
        while data := await out.read(65536):
            if not self._channel.is_closing():
                self._channel.write(data)


class _Door(asyncssh.SSHServer):
    def __init__(self, server: SftpServer) -> None:
        self._server = server
        self._key_was_good = False

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._server.sessions += 1
        self._connection = conn

    def session_requested(self) -> Any:
        if self._server.handlers:
            return True
        return self._connection.create_server_channel(encoding=None), _OpenSsh(self._server.folder, self._server._running)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        known = self._server.client_key.export_public_key()
        self._key_was_good = username == "accord" and key.export_public_key().split()[:2] == known.split()[:2]
        return self._key_was_good and not self._server.needs_both

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        good = (username, password) == ("accord", self._server.password)
        return good and (self._key_was_good or not self._server.needs_both)


def plain(folder: Path) -> Callable[[Any], asyncssh.SFTPServer]:
    """asyncssh's own server, shut into `folder`."""
    return lambda channel: asyncssh.SFTPServer(channel, chroot=os.fsencode(folder))


def faulty(folder: Path, **handlers: Callable[..., Any]) -> Callable[[Any], asyncssh.SFTPServer]:
    """The same with some of its handlers replaced; each is called with the server and the handler's own arguments."""
    made = type("Faulty", (asyncssh.SFTPServer,), handlers)
    return lambda channel: made(channel, chroot=os.fsencode(folder))
