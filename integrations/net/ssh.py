"""SFTP through the guard: to listed hosts, whose key is pinned beforehand, within one deadline. The work itself is asynchronous inside.

What does not live here: which files, and what a fault of theirs means (`sftp`). Nothing is read from this machine's own SSH settings,
keys or agent.
"""

from __future__ import annotations

import asyncio
import hmac
import socket
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import asyncssh

from integrations.http import GuardedClient
from integrations.net.deadline import Deadline
from integrations.net.outbound import NotSent, open_socket

T = TypeVar("T")
Work = Callable[[asyncssh.SFTPClient], Awaitable[T]]
_TIMES = 3.0  # a document goes in many turns: three times what one HTTP exchange may take
_CLOSING = 2.0
# OpenSSH locks keys in a way that needs one more library; the secret is sealed here anyway.
_HINT = ", or its passphrase is wrong (take an OpenSSH key's passphrase off with ssh-keygen -p: the secret is kept sealed)"
# Neither this machine's settings, agent and known hosts, nor compression (an answer could unpack to any size).
_NOTHING_OF_OURS: dict[str, Any] = {"config": None, "agent_path": None, "gss_host": None, "known_hosts": b"", "compression_algs": None}


@dataclass(frozen=True, slots=True)
class SshPlace:
    """Where to, as whom, and the keys by which the server is known: OpenSSH public keys, or fingerprints ("SHA256:…").

    The secrets are not shown in a repr; both may be set, for servers that ask for key and password.
    """

    host: str
    port: int
    username: str
    host_keys: tuple[str, ...]
    password: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)
    passphrase: str = field(default="", repr=False)

    @property
    def named(self) -> str:
        """Host and port, for messages."""
        return f"{self.host}:{self.port}"


def sftp_session(http: GuardedClient, place: SshPlace, work: Work[T]) -> T:
    """What `work` gives, done over one SFTP session.

    Raises `NotSent` where no session came to be: nothing can have been written then. What `work` raises comes through, and TimeoutError
    where the time is over.
    """
    deadline = http.deadline(_TIMES)
    keys = _client_keys(place)
    try:
        sock = open_socket(place.host, place.port, http.allowed, deadline, http.resolve)
    except TimeoutError:
        raise NotSent("network", f"no connection to {place.named} in time") from None
    try:
        # A thread of its own: the caller may have a loop running already.
        return _in_a_thread(lambda: asyncio.run(_session(sock, place, keys, deadline, work)))
    finally:
        sock.close()


async def _session(sock: socket.socket, place: SshPlace, keys: list[asyncssh.SSHKey], deadline: Deadline, work: Work[T]) -> T:
    sock.setblocking(False)
    connection = await _connected(sock, place, keys, deadline)
    try:
        try:
            client = await asyncio.wait_for(connection.start_sftp_client(), deadline.left())
        except (asyncssh.Error, OSError, TimeoutError):
            raise NotSent("settings", f"{place.named} lets us in and offers no SFTP") from None
        return await asyncio.wait_for(_worked(client, work), deadline.left())
    finally:
        connection.abort()
        await asyncio.wait([asyncio.ensure_future(connection.wait_closed())], timeout=_CLOSING)


async def _worked(client: asyncssh.SFTPClient, work: Work[T]) -> T:
    return await work(client)


async def _connected(sock: socket.socket, place: SshPlace, keys: list[asyncssh.SSHKey], deadline: Deadline) -> asyncssh.SSHClientConnection:
    pins = _Pins(place)
    told: dict[str, Any] = {"username": place.username, "password": place.password or None, "client_keys": keys or None, **_NOTHING_OF_OURS}
    asked = asyncssh.connect(sock=sock, client_factory=lambda: pins, server_host_key_algs=pins.algorithms, **told)
    try:
        return await asyncio.wait_for(asked, deadline.left())
    except asyncssh.HostKeyNotVerifiable:
        raise NotSent("host key", f"{place.named} shows another host key than the one pinned: {pins.shown}") from None
    except asyncssh.PermissionDenied:
        raise NotSent("credentials", f"{place.named} does not accept our user name with this key or password") from None
    except TimeoutError:
        raise NotSent("network", f"{place.named} was reached and did not answer in time") from None
    except (asyncssh.Error, OSError, ValueError):
        raise NotSent("network", f"{place.named} broke off or does not speak SSH") from None


class _Pins(asyncssh.SSHClient):
    """Believes in the pinned keys and in nothing else. `shown` is the fingerprint of the key that a server showed."""

    def __init__(self, place: SshPlace) -> None:
        self.shown = "none"
        self._prints = [fingerprint_of(pin) for pin in place.host_keys]
        # A server has keys of several kinds and shows the first that we ask for: the pinned kinds are asked for before all others.
        whole = [asyncssh.import_public_key(pin) for pin in place.host_keys if not pin.startswith("SHA256:")]
        kinds = [algorithm.decode() for key in whole for algorithm in key.sig_algorithms if algorithm != b"ssh-rsa"]  # that is SHA-1
        self.algorithms: str | tuple[()] = "^" + ",".join(kinds) if kinds else ()

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Called by asyncssh with the key that the server has proved to hold."""
        self.shown = key.get_fingerprint()
        return any(hmac.compare_digest(self.shown, pinned) for pinned in self._prints)


def fingerprint_of(pin: str) -> str:
    """The fingerprint ("SHA256:…", as `ssh-keygen -l` prints it) of a pinned key. Raises ValueError for what is neither key nor print."""
    if pin.startswith("SHA256:") and len(pin) == len("SHA256:") + 43:
        return pin
    try:
        return str(asyncssh.import_public_key(pin).get_fingerprint())
    except asyncssh.KeyImportError:
        raise ValueError("a host key is a line such as “ssh-ed25519 AAAA…”, or its print, “SHA256:…”") from None


def _client_keys(place: SshPlace) -> list[asyncssh.SSHKey]:
    if not place.private_key and not place.password:
        raise NotSent("credentials", "neither the secret private_key nor the secret password is set")
    if not place.private_key:
        return []
    try:
        return [asyncssh.import_private_key(place.private_key, place.passphrase or None)]
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError, ValueError):
        raise NotSent("credentials", f"the secret private_key is not a private key that can be read{_HINT}") from None


def _in_a_thread(work: Callable[[], T]) -> T:
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return done[0]
