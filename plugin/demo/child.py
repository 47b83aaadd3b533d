"""One process of the demo: what it runs, whether it is up, and when it may be started again after it died."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
SETTLED = 1.5  # longer than a broken import takes to show
STEADY = 30.0  # seconds of life after which a death is the first one again


@dataclass(frozen=True, slots=True)
class Plan:
    """How to run one process. `up` says whether it answers; a process with nothing to ask is up when it has lived SETTLED seconds.

    `needs_data`: it is started when the database is ready. `last_to_stop`: others need it until they have stopped.
    """

    name: str
    argv: Sequence[str]
    up: Callable[[], bool] | None = None
    needs_data: bool = False
    last_to_stop: bool = False


@dataclass
class Child:
    """A running process of a plan, over its restarts. Times are of the monotonic clock."""

    plan: Plan
    env: Mapping[str, str]
    folder: Path
    log: Path
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    seen_up: bool = False
    start_at: float = 0.0
    _started: float = field(default=0.0, repr=False)

    def start(self) -> int:
        """Starts it in a session of its own, its output going to the log; answers its process id."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(  # noqa: S603  # the demo's own commands
                list(self.plan.argv),
                cwd=self.folder,
                env=dict(self.env),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
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
        code = self.process.returncode
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
