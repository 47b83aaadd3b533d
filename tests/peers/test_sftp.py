"""SFTP against real servers: host keys, proof, files that appear whole, and each kind of failure told apart."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from integrations.contract import Deferred, Delivered, Document, Finding, Outcome, Refused, Unknown
from integrations.http import OutboundRules
from integrations.sftp import SftpAdapter, SftpOptions
from tests.integrations.clients import guarded
from tests.integrations.samples import CHILD_NUMBERS, make_record
from tests.peers.sftp_server import OPENSSH, SftpServer, faulty, plain

pytestmark = pytest.mark.slow
NO_OPENSSH = pytest.mark.skipif(
    OPENSSH is None, reason="no sftp-server of OpenSSH on this machine; .ci/peers installs it on Debian as root"
)
DOCUMENT, CONTROL = "PD-7F3K-92-v1-1-PD-7F3K-92-v1.pdf", "PD-7F3K-92-v1.csv"


@pytest.fixture(params=["asyncssh", pytest.param("openssh", marks=NO_OPENSSH)])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SftpServer]:
    """Each of the real servers, with an empty folder."""
    folder = tmp_path / "there"
    with SftpServer(folder, handlers=plain(folder) if request.param == "asyncssh" else None) as running:
        yield running


def make_options(server: SftpServer, **changes: Any) -> SftpOptions:
    told = {"host": "localhost", "port": server.port, "username": "accord", "host_keys": [server.pin]}
    return SftpOptions.model_validate({**told, **changes})


def client(port: int, **settings: Any) -> Any:
    return guarded(OutboundRules.parse(private=[f"localhost:{port}"]), **{"resolve": lambda _h, _p: ["127.0.0.1"], "total": 5, **settings})


def write(server: SftpServer, secrets: dict[str, str] | None = None, record: Any = None, **changes: Any) -> Outcome:
    told = {"password": server.password} if secrets is None else secrets
    return SftpAdapter().write(record or make_record(), make_options(server, **changes), told, client(server.port))


def find(server: SftpServer, **changes: Any) -> Any:
    told = {"password": server.password}
    return SftpAdapter().find(make_record(), make_options(server, **changes), told, client(server.port))


def check(server: SftpServer, secrets: dict[str, str] | None = None, **changes: Any) -> list[Finding]:
    told = {"password": server.password} if secrets is None else secrets
    return SftpAdapter().check(make_options(server, **changes), told, client(server.port))


def what_is_wrong(findings: list[Finding]) -> list[str]:
    return [finding.what for finding in findings if not finding.ok]


def a_private_key() -> str:
    """One that nobody knows."""
    return asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()


# --- well -----------------------------------------------------------------------------------------------------------------------------


def test_the_document_lies_there_and_the_control_file_came_last(server: SftpServer) -> None:
    assert what_is_wrong(check(server)) == []
    assert list(server.folder.iterdir()) == []
    assert write(server) == Delivered(CONTROL, on_file=False)
    assert sorted(path.name for path in server.folder.iterdir()) == [DOCUMENT, CONTROL]
    assert (server.folder / DOCUMENT).read_bytes() == make_record().documents[0].content
    assert "PD-7F3K-92/v1" in (server.folder / CONTROL).read_text()
    assert (server.folder / DOCUMENT).stat().st_mtime_ns <= (server.folder / CONTROL).stat().st_mtime_ns


def test_writing_again_changes_nothing_and_it_is_found(server: SftpServer) -> None:
    assert find(server, keeps_files=True) is None
    first, times = write(server), {path: path.stat().st_mtime_ns for path in server.folder.iterdir()}
    assert write(server) == first == find(server)
    assert {path: path.stat().st_mtime_ns for path in server.folder.iterdir()} == times


def test_a_large_document_comes_whole(server: SftpServer) -> None:
    content = bytes(range(256)) * 12_000
    assert isinstance(write(server, record=make_record(documents=(Document("large.pdf", "application/pdf", content),))), Delivered)
    assert next(server.folder.glob("*.pdf")).read_bytes() == content


@pytest.mark.parametrize("other", [b"another's", b"%PDF-1.7 the whole STORY \xff"])
def test_another_file_of_that_name_is_left_alone(server: SftpServer, other: bytes) -> None:
    (server.folder / DOCUMENT).write_bytes(other)
    outcome = write(server)
    assert isinstance(outcome, Refused) and DOCUMENT in outcome.reason
    assert (server.folder / DOCUMENT).read_bytes() == other and not (server.folder / CONTROL).exists()
    assert isinstance(find(server), Unknown)


def test_what_was_left_half_is_taken_up(server: SftpServer) -> None:
    (server.folder / f"{DOCUMENT}.part").write_bytes(b"half of i")
    (server.folder / DOCUMENT).write_bytes(make_record().documents[0].content)
    assert find(server) is None, "the document is there and the control file is not: the importer has not been told"
    assert isinstance(write(server), Delivered)
    (server.folder / DOCUMENT).unlink()
    assert isinstance(find(server), Unknown), "the importer may have taken it"


def test_a_journal_remembers_what_the_importer_took(server: SftpServer, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    rules = OutboundRules.parse(private=[f"localhost:{server.port}"], folders=[str(notes)])
    options, http = make_options(server, journal_folder=str(notes)), guarded(rules, resolve=lambda _h, _p: ["127.0.0.1"])
    adapter, secrets = SftpAdapter(), {"password": server.password}
    assert adapter.find(make_record(), options, secrets, http) is None
    assert isinstance(adapter.write(make_record(), options, secrets, http), Delivered)
    for path in server.folder.iterdir():
        path.unlink()
    assert adapter.find(make_record(), options, secrets, http) == Delivered(CONTROL, on_file=False)
    assert isinstance(adapter.write(make_record(), options, secrets, client(server.port)), Refused), "the folder must be allowed"


def test_a_folder_below(server: SftpServer) -> None:
    (server.folder / "in" / "box").mkdir(parents=True)
    assert isinstance(write(server, folder="in/box"), Delivered)
    assert (server.folder / "in" / "box" / CONTROL).exists()
    assert what_is_wrong(check(server, folder="in/elsewhere")) == ["settings"]
    outcome = write(server, folder="in/elsewhere")
    assert isinstance(outcome, Refused) and "not there" in outcome.reason


# --- who they are, who we are -----------------------------------------------------------------------------------------------------------


def test_a_key_does_as_well_as_a_password(server: SftpServer) -> None:
    assert isinstance(write(server, {"private_key": server.private_key}), Delivered)
    locked = server.client_key.export_private_key("pkcs8-pem", passphrase="hidden").decode()
    assert what_is_wrong(check(server, {"private_key": locked, "passphrase": "hidden"})) == []
    assert what_is_wrong(check(server, {"private_key": locked, "passphrase": "wrong"})) == ["credentials"]


@pytest.mark.parametrize(
    "secrets",
    [
        {},
        {"password": "wrong"},
        {"private_key": "nonsense"},
        {"private_key": asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()},
    ],
)
def test_a_wrong_proof_is_refused_and_told(server: SftpServer, secrets: dict[str, str]) -> None:
    outcome = write(server, secrets)
    assert isinstance(outcome, Refused) and what_is_wrong(check(server, secrets)) == ["credentials"]
    assert list(server.folder.iterdir()) == []


def test_a_print_will_do_for_a_pin(server: SftpServer) -> None:
    assert isinstance(write(server, host_keys=[server.host_keys[0].get_fingerprint()]), Delivered)


def test_a_server_with_another_key_gets_nothing(server: SftpServer) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519")
    outcome = write(server, host_keys=[other.export_public_key().decode()])
    assert isinstance(outcome, Refused) and server.host_keys[0].get_fingerprint() in outcome.reason
    assert what_is_wrong(check(server, host_keys=[other.get_fingerprint()])) == ["host key"]
    assert isinstance(write(server, host_keys=[other.get_fingerprint(), server.pin]), Delivered), "two are known while it changes"


def test_the_pinned_kind_of_key_is_asked_for(tmp_path: Path) -> None:
    """A server has several keys; only the RSA one was given to us."""
    folder = tmp_path / "there"
    keys = [asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ssh-rsa", key_size=2048)]
    with SftpServer(folder, handlers=plain(folder), host_keys=keys) as server:
        assert isinstance(write(server, host_keys=[keys[1].export_public_key().decode()]), Delivered)
        ecdsa = asyncssh.generate_private_key("ecdsa-sha2-nistp256").export_public_key().decode()
        assert what_is_wrong(check(server, host_keys=[ecdsa])) == ["host key"]


@pytest.mark.parametrize("keys", [[], ["nonsense"], ["SHA256:short"], [""]])
def test_without_a_pinned_key_there_is_no_connection(keys: list[str]) -> None:
    with pytest.raises(ValueError):
        SftpOptions.model_validate({"host": "h", "username": "u", "host_keys": keys})


# --- faults -----------------------------------------------------------------------------------------------------------------------------


def fail(error: type[asyncssh.SFTPError]) -> Any:
    def handler(*_args: Any) -> None:
        raise error("no")

    return handler


def no_room(_self: Any, _path: bytes) -> Any:
    return asyncssh.SFTPVFSAttrs(
        bsize=4096, frsize=4096, blocks=10, bfree=0, bavail=0, files=0, ffree=0, favail=0, fsid=0, flags=0, namemax=255
    )


@pytest.mark.parametrize(
    ("handlers", "kind", "said"),
    [
        ({"open": fail(asyncssh.SFTPPermissionDenied)}, Refused, "does not let us write"),
        ({"rename": fail(asyncssh.SFTPPermissionDenied)}, Refused, "does not let us write"),
        ({"write": fail(asyncssh.SFTPFailure), "statvfs": no_room}, Deferred, "full"),
        ({"write": fail(asyncssh.SFTPFailure)}, Unknown, "not known"),
        ({"rename": fail(asyncssh.SFTPFailure)}, Unknown, "not known"),
        ({"write": lambda _self, _file, _offset, data: len(data)}, Unknown, "not known"),
    ],
)
def test_faults_of_the_server(tmp_path: Path, handlers: dict[str, Any], kind: type, said: str) -> None:
    folder = tmp_path / "there"
    with SftpServer(folder, handlers=faulty(folder, **handlers)) as server:
        outcome = write(server)
        assert isinstance(outcome, kind) and said in outcome.reason, outcome
        assert not (folder / DOCUMENT).exists() and not (folder / CONTROL).exists()
        if kind is Unknown:
            server.handlers = plain(folder)
            assert isinstance(write(server), Delivered)


def test_a_full_disk_and_a_closed_folder_are_seen_by_the_check(tmp_path: Path) -> None:
    folder = tmp_path / "there"
    for handlers, what in (({"statvfs": no_room}, "space"), ({"stat": fail(asyncssh.SFTPPermissionDenied)}, "permission")):
        with SftpServer(folder, handlers=faulty(folder, **handlers)) as server:
            assert what_is_wrong(check(server)) == [what]


def test_a_server_that_stops_in_the_middle(tmp_path: Path) -> None:
    """It takes the document and then says nothing more: unknown, and the next attempt goes on from there."""
    folder, hang = tmp_path / "there", threading.Event()

    async def never(_self: Any, *_args: Any) -> None:
        while not hang.is_set():
            await asyncio.sleep(0.05)

    with SftpServer(folder, handlers=faulty(folder, rename=never)) as server:
        secrets, http = {"password": server.password}, client(server.port, total=0.5)
        assert isinstance(SftpAdapter().write(make_record(), make_options(server), secrets, http), Unknown)
        hang.set()
        server.handlers = plain(folder)
        assert isinstance(write(server), Delivered)


def lasting(hang: threading.Event, then: str) -> Any:
    """A rename that is done (or not), and after it silence."""

    async def handler(self: Any, *args: Any) -> None:
        if then == "done":
            asyncssh.SFTPServer.rename(self, *args)
        while not hang.is_set():
            await asyncio.sleep(0.05)

    return handler


@pytest.mark.parametrize("then", ["done", "not done"])
def test_silence_after_the_name_was_given_or_before(tmp_path: Path, then: str) -> None:
    folder, hang = tmp_path / "there", threading.Event()
    with SftpServer(folder, handlers=faulty(folder, rename=lasting(hang, then))) as server:
        secrets, http = {"password": server.password}, client(server.port, total=0.4)
        assert isinstance(SftpAdapter().write(make_record(), make_options(server), secrets, http), Unknown)
        hang.set()
        server.handlers = plain(folder)
        assert isinstance(write(server), Delivered)
        assert sorted(path.name for path in folder.iterdir()) == [DOCUMENT, CONTROL]


@pytest.mark.parametrize("when", ["open", "write", "rename"])
def test_a_connection_that_is_cut(tmp_path: Path, when: str) -> None:
    folder = tmp_path / "there"

    def cut(self: Any, *_args: Any) -> None:
        self.channel.get_connection().abort()

    with SftpServer(folder, handlers=faulty(folder, **{when: cut})) as server:
        assert isinstance(write(server), Unknown)
        server.handlers = plain(folder)
        assert isinstance(write(server), Delivered)


def test_a_server_that_drips(tmp_path: Path) -> None:
    """Each answer comes well within any time-out for one answer; the deadline of the whole ends it."""
    folder, one_at_a_time = tmp_path / "there", asyncio.Lock()

    async def slow(self: Any, file: Any, offset: int, data: bytes) -> int:
        async with one_at_a_time:
            await asyncio.sleep(0.7)
        return int(asyncssh.SFTPServer.write(self, file, offset, data))

    with SftpServer(folder, handlers=faulty(folder, write=slow)) as server:
        record = make_record(documents=(Document("large.pdf", "application/pdf", b"x" * 10_000_000),))
        started = time.monotonic()
        outcome = SftpAdapter().write(record, make_options(server), {"password": server.password}, client(server.port, total=0.4))
        assert isinstance(outcome, Unknown) and time.monotonic() - started < 6
        assert not list(folder.glob("*.pdf"))


def test_a_file_that_is_longer_than_it_says_is_not_read_to_its_end(tmp_path: Path) -> None:
    folder, read = tmp_path / "there", []

    def endless(_self: Any, _file: Any, _offset: int, size: int) -> bytes:
        read.append(size)
        return b"x" * size

    with SftpServer(folder, handlers=faulty(folder, read=endless)) as server:
        (folder / DOCUMENT).write_bytes(b"x" * len(make_record().documents[0].content))
        outcome = write(server)
        assert isinstance(outcome, Refused) and "another file" in outcome.reason and sum(read) < 100_000


def listening(answer: bytes | None) -> tuple[socket.socket, int]:
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            if answer is not None:
                connection.sendall(answer)
            else:
                connection.settimeout(5)
                while connection.recv(4096):
                    pass

    threading.Thread(target=serve, daemon=True).start()
    return listener, listener.getsockname()[1]


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"SSH-1.5-old\r\n", b"SSH-2.0-cut\r\n", None])
def test_something_that_is_no_sftp_server(answer: bytes | None) -> None:
    listener, port = listening(answer)
    with listener:
        pin = asyncssh.generate_private_key("ssh-ed25519").get_fingerprint()
        told = {"host": "localhost", "port": port, "username": "accord", "host_keys": [pin]}
        http = client(port, total=0.4)
        outcome = SftpAdapter().write(make_record(), SftpOptions.model_validate(told), {"password": "x"}, http)
        assert isinstance(outcome, Deferred), outcome


def test_nobody_there_a_name_that_is_not_found_and_a_host_that_is_not_listed(tmp_path: Path) -> None:
    folder = tmp_path / "there"
    with SftpServer(folder, handlers=plain(folder)) as server:
        options, secrets, adapter = make_options(server), {"password": server.password}, SftpAdapter()
        unlisted = guarded(OutboundRules())
        assert what_is_wrong(adapter.check(options, secrets, unlisted)) == ["settings"]
        assert isinstance(adapter.write(make_record(), options, secrets, unlisted), Refused) and server.sessions == 0
        lost = client(server.port, resolve=lambda _h, _p: [])
        assert what_is_wrong(adapter.check(options, secrets, lost)) == ["name"]
        elsewhere = client(server.port, resolve=lambda _h, _p: ["169.254.169.254"])
        assert what_is_wrong(adapter.check(options, secrets, elsewhere)) == ["settings"]
    assert what_is_wrong(adapter.check(options, secrets, client(server.port))) == ["network"]
    assert isinstance(adapter.write(make_record(), options, secrets, client(server.port)), Deferred)
    assert isinstance(adapter.find(make_record(), options, secrets, client(server.port)), Unknown)


def test_key_and_password_together(tmp_path: Path) -> None:
    folder = tmp_path / "there"
    with SftpServer(folder, handlers=plain(folder), needs_both=True) as server:
        assert what_is_wrong(check(server, {"password": "sesame"})) == ["credentials"]
        assert what_is_wrong(check(server, {"private_key": server.private_key, "password": "sesame"})) == []


def test_no_secret_and_no_number_of_a_child_in_what_people_and_logs_see(server: SftpServer, caplog: pytest.LogCaptureFixture) -> None:
    secrets = {"password": "wrong-7c1d", "private_key": a_private_key()}
    with caplog.at_level(logging.DEBUG):
        seen = [repr(write(server, secrets)), repr(check(server, secrets)), repr(write(server)), repr(find(server)), caplog.text]
    for hidden in (*secrets.values(), server.password, *CHILD_NUMBERS, "Ann Example", "the whole story"):
        assert all(hidden not in text for text in seen), hidden
