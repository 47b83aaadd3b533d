"""Laying files by SFTP so that an importer sees each whole or not at all, and nothing that lies there is ever overwritten.

Servers of SFTP version 3 say "failure" for many things, so after one we look and see. What does not live here: which files (`plan`),
the session (`net.ssh`).
"""

from __future__ import annotations

import contextlib
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, field

import asyncssh

from integrations.drop.files import Conflict
from integrations.drop.plan import File

_WRITE = asyncssh.FXF_WRITE | asyncssh.FXF_CREAT | asyncssh.FXF_TRUNC


class NoSpace(Exception):
    """The disk at the other side has no room for the file. Nothing of it has its name."""


@dataclass
class Remote:
    """One folder of one session. `named` counts the files that were given their names: from the first on, something is there."""

    sftp: asyncssh.SFTPClient
    folder: str
    named: list[str] = field(default_factory=list)

    async def lay(self, files: Sequence[File]) -> None:
        """All of them in order. Raises `Conflict`, `NoSpace`, and asyncssh's errors as they come."""
        for file in files:
            if not await self.lies_there(file):
                await self._write_aside(file)
                await self._name(file)
            self.named.append(file.name)

    async def lies_there(self, file: File) -> bool:
        """Whether exactly this file lies there; its size is looked at first. Raises `Conflict` for another file of that name."""
        path = self._path(file.name)
        try:
            size = (await self.sftp.stat(path)).size
            there = None if size != len(file.content) else await self._read(path, len(file.content))
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
            return False
        if there != file.content:
            raise Conflict(f"another file is there already with the name {file.name}")
        return True

    async def room(self) -> int | None:
        """Bytes free for us on that disk; None where the server cannot say."""
        try:
            disk = await self.sftp.statvfs(self.folder)
        except asyncssh.SFTPError:
            return None
        return disk.bavail * (disk.frsize or disk.bsize)

    async def _write_aside(self, file: File) -> None:
        part = self._path(f"{file.name}.part")
        try:
            async with self.sftp.open(part, _WRITE, encoding=None) as out:
                await out.write(file.content)
                with contextlib.suppress(asyncssh.SFTPOpUnsupported):
                    await out.fsync()
            written = (await self.sftp.stat(part)).size
        except (asyncssh.SFTPNoSpaceOnFilesystem, asyncssh.SFTPQuotaExceeded):
            await self._forget(part)
            raise NoSpace from None
        except asyncssh.SFTPFailure:
            await self._forget(part)
            room = await self.room()
            if room is not None and room < len(file.content):
                raise NoSpace from None
            raise
        if written != len(file.content):
            raise asyncssh.SFTPFailure("the file is not as long as it was written")

    async def _name(self, file: File) -> None:
        """A plain rename, which fails where the name is taken; the one that overwrites (posix-rename) is never asked for."""
        part, path = self._path(f"{file.name}.part"), self._path(file.name)
        try:
            await self.sftp.rename(part, path)
        except (asyncssh.SFTPFailure, asyncssh.SFTPFileAlreadyExists):
            if not await self.lies_there(file):
                raise
            await self._forget(part)

    async def _read(self, path: str, size: int) -> bytes:
        async with self.sftp.open(path, "rb") as file:
            found: bytes = await file.read(size + 1)
            return found

    async def _forget(self, path: str) -> None:
        with contextlib.suppress(asyncssh.SFTPError):
            await self.sftp.remove(path)

    def _path(self, name: str) -> str:
        return posixpath.join(self.folder, name)
