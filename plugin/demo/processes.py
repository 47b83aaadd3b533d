"""The machine's process table: who descends from whom, and ending a whole family.

A queue worker's child makes a session of its own, so ending a process group is not enough: descendants are looked up.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def descendants(roots: Iterable[int]) -> set[int]:
    """The ids of all processes that descend from `roots`, without the roots; a snapshot."""
    parents = _parents()
    found: set[int] = set()
    newest = set(roots)
    while newest:
        newest = {pid for pid, parent in parents.items() if parent in newest} - found
        found |= newest
    return found


def send(pids: Iterable[int], signum: signal.Signals) -> None:
    """Sends a signal to each process; one that is gone is no matter."""
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signum)


def alive(pid: int) -> bool:
    """Whether a process is there and not just waiting to be reaped."""
    return pid in _parents()


def _parents() -> dict[int, int]:
    """Parent by process id; from /proc where there is one, else from ps."""
    if Path("/proc/self/stat").exists():
        return dict(_from_proc())
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout  # noqa: S607  # ps is where the system has it
    rows = (line.split() for line in listed.splitlines())
    return {int(pid): int(parent) for pid, parent, state in rows if not state.startswith("Z")}


def _from_proc() -> Iterable[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with suppress(OSError):
            # The name of the program stands in brackets and may hold anything; the state and the parent come after the last bracket.
            state, parent = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[:2]
            if state != "Z":
                yield int(entry.name), int(parent)
