"""Laying a file in a folder so that an importer sees it whole or not at all, and nothing that lies there is ever overwritten.

What does not live here: which files (`plan`).
"""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

from integrations.drop.plan import File

_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS)


class Conflict(Exception):
    """Another file has this name. The text names it: names are made of our reference and hold nothing about the child."""


def lies_there(folder: Path, file: File) -> bool:
    """Whether exactly this file lies there. Raises `Conflict` for one of the same name with other bytes, OSError as it comes."""
    try:
        there = (folder / file.name).read_bytes()
    except FileNotFoundError:
        return False
    if there != file.content:
        raise Conflict(f"another file is there already with the name {file.name}")
    return True


def lay(folder: Path, file: File) -> None:
    """Writes aside, to the disk, then gives the name by a link, which fails where the name is taken. Raises `Conflict`, OSError.

    1. Done before: nothing to do. 2. Write `.part`, flush. 3. Link to the name. 4. Remove `.part`. 5. Flush the folder.
    """
    if lies_there(folder, file):
        return
    part = folder / f".{file.name}.part"
    try:
        with part.open("wb") as out:
            out.write(file.content)
            out.flush()
            os.fsync(out.fileno())
        _name(part, folder / file.name)
    except FileExistsError:
        lies_there(folder, file)
    finally:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()
    _flush(folder)


def _name(part: Path, whole: Path) -> None:
    try:
        whole.hardlink_to(part)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # Some shares know no links; there a rename must do, after one more look.
        if whole.exists():
            raise FileExistsError(whole.name) from None
        part.rename(whole)


def _flush(folder: Path) -> None:
    """Some network shares refuse to flush a folder; the file itself is on their disk by then."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
