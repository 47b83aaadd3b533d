"""One process of the demo: what it runs, whether it is up, and when it may be started again after it died."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from plugin.demo.forked import Forked

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
SETTLED = 1.5  # longer than a broken import takes to show
STEADY = 30.0  # seconds of life after which a death is the first one again


class Process(Protocol):
    """What is asked of a running process, whichever way it was started."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None:
        """Its exit code, or None while it runs."""

    def wait(self) -> int:
        """Its exit code, when it has ended."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to run one process.

    `argv` is a program and its arguments; with `module`, the name of a Python module and its arguments, which is run as `python -m`
    would in a fork of this process (`forked`). `up` says whether it answers; a process with nothing to ask is up when it has lived
    SETTLED seconds. `needs_data`: it is started when the database is ready. `last_to_stop`: others need it until they have stopped.
    """

    name: str
    argv: Sequence[str]
    module: bool = False
    up: Callable[[], bool] | None = None
    needs_data: bool = False
    last_to_stop: bool = False


@dataclass
class Child:
    """A running process of a plan, over its restarts; it inherits this process's environment. Times are of the monotonic clock.

    In `data` it has its log (`logs/<name>.log`) and, for whoever looks for it, its process id (`pids/<name>`).
    """

    plan: Plan
    data: Path
    process: Process | None = None
    deaths: int = 0
    seen_up: bool = False
    start_at: float = 0.0
    _started: float = field(default=0.0, repr=False)

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return self.data / "logs" / f"{self.plan.name}.log"

    def start(self, not_for_it: Sequence[int] = ()) -> int:
        """Starts it in a session of its own; answers its process id. `not_for_it`: file descriptors it must not inherit."""
        pid_file = self.data / "pids" / self.plan.name
        for path in (self.log, pid_file):
            path.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as out:
            if self.plan.module:
                self.process = Forked(self.plan.argv, out.fileno(), not_for_it)
            else:
                self.process = subprocess.Popen(  # noqa: S603  # the demo's own commands
                    list(self.plan.argv), stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
                )
        pid_file.write_text(f"{self.process.pid}\n")
        self._started, self.seen_up = time.monotonic(), False
        return self.process.pid

    @property
    def pid(self) -> int:
        """The process id; only while it is running."""
        assert self.process is not None
        return self.process.pid

    def running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def buried(self) -> str:
        """Takes note of a death and sets when to start again; answers how it died."""
        assert self.process is not None
        code = self.process.wait()
        self.process = None
        now = time.monotonic()
        self.deaths = 1 if now - self._started > STEADY else self.deaths + 1
        self.start_at = now + min(FIRST_PAUSE * 2 ** (self.deaths - 1), LONGEST_PAUSE)
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"

    def is_up(self) -> bool:
        """Whether it runs and answers; asked until it has once said yes."""
        self.seen_up = self.running() and (self.seen_up or self._answers())
        return self.seen_up

    def _answers(self) -> bool:
        return self.plan.up() if self.plan.up else time.monotonic() - self._started > SETTLED

    def last_words(self, lines: int = 8) -> str:
        """The end of its log."""
        with self.log.open("rb") as log:
            log.seek(max(0, os.fstat(log.fileno()).st_size - 8192))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
