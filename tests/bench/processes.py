"""What processes cost: CPU seconds and memory of a process with all that descend from it, from /proc (Linux only)."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from plugin.demo.processes import descendants

_TICK = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> set[int]:
    """The process and its descendants."""
    return {pid} | descendants([pid])


def cpu_seconds(pid: int) -> float:
    """User and system time of the family so far, children that have ended and were reaped included."""
    total = 0
    for one in family(pid):
        with suppress(OSError):
            fields = (Path("/proc") / str(one) / "stat").read_text(errors="replace").rpartition(")")[2].split()
            total += sum(int(ticks) for ticks in fields[11:15])
    return total / _TICK


def memory(pid: int) -> float:
    """Proportional set size of the family, in MB of 10^6 bytes: a page that three processes share counts a third for each."""
    total = 0
    for one in family(pid):
        with suppress(OSError):
            lines = (Path("/proc") / str(one) / "smaps_rollup").read_text().splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total * 1024 / 1e6
