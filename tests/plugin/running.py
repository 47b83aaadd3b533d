"""The service's own processes, started for a test as a deployment starts them: by their module, configured by the environment alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from plugin.config import Settings
from plugin.runtime import runtime
from tests.world import World


def environment(settings: Settings, **changes: Any) -> dict[str, str]:
    """These settings as environment variables, on top of the test's own."""
    told = {one.name: changes.get(one.name, getattr(settings, one.name)) for one in fields(Settings)}
    return {**os.environ, **{f"ACCORD_{name.upper()}": _as_text(value) for name, value in told.items()}}


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return ",".join(str(one) for one in value) if isinstance(value, tuple) else str(value)


class Worker:
    """`python -m plugin.jobs.worker` in a process of its own. What it says goes to `log`."""

    def __init__(self, world: World, log: Path, **changes: Any) -> None:
        self.log = log
        self._file = log.open("ab")
        command = [sys.executable, "-m", "plugin.jobs.worker"]
        settings = runtime(world.app).settings
        self.process = subprocess.Popen(command, env=environment(settings, **changes), stdout=self._file, stderr=self._file)

    def end(self) -> int:
        """Tells it to end, as whoever runs it does; its exit code."""
        self.process.terminate()
        code = self.process.wait(30)
        self._file.close()
        return code

    def kill(self) -> None:
        """Ends it as a crash of the machine would: nothing is tidied."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._file.close()


@contextmanager
def worker(world: World, log: Path, **changes: Any) -> Iterator[Worker]:
    """One while the block lasts."""
    running = Worker(world, log, **changes)
    try:
        yield running
    finally:
        running.kill()


def wait_until(true: Callable[[], Any], seconds: float = 60, every: float = 0.05) -> Any:
    """Waits for something to hold; returns what it gave. Fails saying so after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := true():
            return found
        time.sleep(every)
    raise AssertionError(f"it did not happen within {seconds} seconds")


def settle(world: World, at: datetime, answers_by: str = "htull", **more: Any) -> str:
    """A disagreement raised and settled an hour later, so that its outcome is owed to both files. Returns the reference."""
    reference = world.make_disagreement(at, **more)
    state = world.fulfil(
        reference,
        "1/answer",
        world.actor(answers_by, "responding", "practitioner"),
        at + timedelta(minutes=30),
        "response",
        answers={"position": "disagree", "reasons": "A teacher walks with her."},
    )
    outcome = next(move.to for move in state.moves if move.kind == "resolve" and move.open)
    world.resolve(reference, outcome, world.actor("nc-1042", "raising"), at + timedelta(hours=1))
    return reference
