"""Drop by SFTP: documents first, then a control file, in a folder of a server whose host key is pinned.

The rules are those of the folder (`folder`): names are the same at every attempt, each file is written aside and renamed whole, nothing
is overwritten. What does not live here: the session (`net.ssh`), the laying (`drop.remote`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import asyncssh
from pydantic import Field, field_validator

from integrations.answer.verdict import of_fault
from integrations.contract import Deferred, Delivered, Finding, Outcome, Record, Refused, Unknown
from integrations.drop.files import Conflict
from integrations.drop.journal import Journal
from integrations.drop.options import DropOptions
from integrations.drop.plan import File, left_half, planned
from integrations.drop.remote import NoSpace, Remote
from integrations.http import GuardedClient, NotSent
from integrations.limits import fault_in
from integrations.net.ssh import SshPlace, fingerprint_of, sftp_session
from integrations.template.language import TemplateFault

_LOST = (asyncssh.Error, OSError, TimeoutError)  # the session broke; SFTPError is one of asyncssh's


class SftpOptions(DropOptions):
    """The server and the folder, beside the names and the control file."""

    host: str = Field(
        pattern=r"^[A-Za-z0-9.:-]+$", title="Server", description="The name of the SFTP server.", examples=["sftp.council.example"]
    )
    port: int = Field(default=22, ge=1, le=65535, title="Port", description="Its port.", examples=[2222])
    username: str = Field(
        min_length=1, title="User name", description="Our user name there. Key or password are secrets.", examples=["accord"]
    )
    host_keys: list[str] = Field(
        min_length=1,
        title="Host keys",
        description=(
            "The key by which the server is known, as a line “ssh-ed25519 AAAA…” or its print “SHA256:…”. Ask whoever runs the server;"
            " do not take it from the connection itself. Two while the key changes."
        ),
        examples=[["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleEx"]],
    )
    folder: str = Field(
        default=".",
        title="Folder",
        description="The folder there, from the root or from where we land.",
        pattern=r"^[^\x00-\x1f]+$",
        examples=["/inbox/safeguarding"],
    )

    @field_validator("host_keys")
    @classmethod
    def _keys(cls, value: list[str]) -> list[str]:
        for one in value:
            fingerprint_of(one)
        return value


class SftpAdapter:
    """The adapter. What it drops has "arrived"; that the importer took it, only the importer knows."""

    id: ClassVar[str] = "sftp"
    title: ClassVar[str] = "SFTP with a control file"
    options: ClassVar[type[SftpOptions]] = SftpOptions
    secret_names: ClassVar[tuple[str, ...]] = ("password", "private_key", "passphrase")
    searchable: ClassVar[bool] = True
    needs_documents: ClassVar[bool] = True

    def check(self, options: SftpOptions, secrets: Mapping[str, str], http: GuardedClient) -> list[Finding]:
        """Name, way, host key, credentials, folder, room on the disk: in this order. Writes nothing."""
        fault = _fault_of_journal(options, http)
        if fault:
            return [Finding("settings", False, fault)]
        try:
            return sftp_session(http, _place(options, secrets), lambda sftp: _looked_at(Remote(sftp, options.folder)))
        except NotSent as problem:
            return [Finding(problem.kind, False, f"{problem.reason}.")]
        except _LOST:
            return [Finding("network", False, "The session was lost while we looked.")]

    def preview(self, record: Record, options: SftpOptions) -> str:
        """The names of the files, and the control file's text."""
        try:
            files = planned(record, options)
        except TemplateFault as fault:
            return f"This record would not be dropped: {fault}."
        place = f"sftp://{options.host}:{options.port}/{options.folder.lstrip('/')}"
        lines = [f"{place}/{file.name} ({len(file.content):,} bytes)" for file in files]
        return "\n".join(lines + ["\n" + file.content.decode("utf-8") for file in files if file.is_control])

    def write(self, record: Record, options: SftpOptions, secrets: Mapping[str, str], http: GuardedClient) -> Outcome:
        """Documents, then the control file. A fault in between is taken up by the next attempt."""
        fault = fault_in(record, options.limits) or _fault_of_journal(options, http)
        if fault:
            return Refused(f"Nothing was written: {fault.rstrip('.')}.")
        try:
            files = planned(record, options)
        except TemplateFault as problem:
            return Refused(f"This cannot be dropped: {problem}.")
        return _dropped(files, Journal(options.journal_folder, record.key), _place(options, secrets), options, http)

    def reads_back(self, options: SftpOptions) -> bool:
        """Where the importer leaves the files."""
        return options.keeps_files

    def find(self, record: Record, options: SftpOptions, secrets: Mapping[str, str], http: GuardedClient) -> Delivered | Unknown | None:
        """By the files themselves, or by our journal where the importer takes them away."""
        journal = Journal(options.journal_folder, record.key)
        try:
            files = planned(record, options)
            if journal.ended:
                return Delivered(files[-1].name, options.on_file)
            there = sftp_session(http, _place(options, secrets), lambda sftp: _seen(Remote(sftp, options.folder), files))
        except NotSent as problem:
            return Unknown(f"The server could not be asked: {problem.reason}.")
        except (*_LOST, TemplateFault, Conflict):
            return Unknown("The folder could not be looked at.")
        if all(there.values()):
            return Delivered(files[-1].name, options.on_file)
        if options.keeps_files or (journal.kept and not journal.begun) or left_half(there, files):
            return None
        return Unknown("The importer may have taken the files already; a person must look.")


def _dropped(files: list[File], journal: Journal, place: SshPlace, options: SftpOptions, http: GuardedClient) -> Outcome:
    laid: list[Remote] = []

    async def lay(sftp: asyncssh.SFTPClient) -> None:
        laid.append(Remote(sftp, options.folder))
        journal.begin()
        await laid[0].lay(files)

    try:
        sftp_session(http, place, lay)
        journal.end()
    except NotSent as problem:
        return of_fault(problem, writes=True)
    except Conflict as conflict:
        return Refused(f"This cannot be dropped: {conflict}.")
    except (NoSpace, *_LOST) as error:
        return _outcome_of(error, bool(laid and laid[0].named))
    return Delivered(files[-1].name, options.on_file)


def _outcome_of(error: Exception, something_is_there: bool) -> Outcome:
    if isinstance(error, asyncssh.SFTPPermissionDenied | asyncssh.SFTPWriteProtect):
        return Refused("The server does not let us write into this folder. Ask whoever runs it.", where="permission")
    if isinstance(error, asyncssh.SFTPNoSuchFile | asyncssh.SFTPNoSuchPath):
        return Refused("The folder is not there. Ask whoever runs the server, or look at the settings.", where="settings")
    if isinstance(error, NoSpace):
        reason = "The disk at the other side is full."
        if something_is_there:
            return Unknown(f"{reason} Some of the files are there.", where="space")
        return Deferred(f"{reason} Nothing was written.", where="space")
    return Unknown("The session broke off while the files were laid down; it is not known how much of it is there.")


async def _looked_at(remote: Remote) -> list[Finding]:
    well = [Finding("network", True, "The server was reached, and its host key is the one pinned.")]
    well.append(Finding("credentials", True, "It lets us in."))
    try:
        is_folder = (await remote.sftp.stat(remote.folder)).type == asyncssh.FILEXFER_TYPE_DIRECTORY or await remote.sftp.isdir(
            remote.folder
        )
    except asyncssh.SFTPPermissionDenied:
        return [*well, Finding("permission", False, "We may not look into the folder. Ask whoever runs the server.")]
    except asyncssh.SFTPError:
        is_folder = False
    if not is_folder:
        return [*well, Finding("settings", False, "The folder is not there. Look at its name; it counts from where we land.")]
    room = await remote.room()
    if room == 0:
        return [*well, Finding("space", False, "The disk at the other side is full. Ask whoever runs the server.")]
    return [*well, Finding("permission", True, "The folder is there. Whether we may write in it, only a first delivery shows.")]


async def _seen(remote: Remote, files: list[File]) -> dict[str, bool]:
    return {file.name: await remote.lies_there(file) for file in files}


def _place(options: SftpOptions, secrets: Mapping[str, str]) -> SshPlace:
    kept = {name: secrets.get(name, "") for name in SftpAdapter.secret_names}
    return SshPlace(options.host.lower(), options.port, options.username, tuple(options.host_keys), **kept)


def _fault_of_journal(options: SftpOptions, http: GuardedClient) -> str | None:
    folder = options.journal_folder
    if folder and not http.allowed.allows_folder(Path(folder)):
        return "The deployment does not allow the folder for our notes."
    return "The folder for our notes is not there." if folder and not Path(folder).is_dir() else None
