"""Runs a set of processes until it is told to stop: starts them, says when all are up, starts again what dies, ends everything.

Nothing of ours is left behind: a process that ignores SIGTERM is killed, descendants included; if whoever started the supervisor
dies, it stops; if the supervisor itself is killed, its warden ends the rest. Knows nothing of what the processes are.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType

from plugin.demo.child import Child
from plugin.demo.processes import descendants, send
from plugin.demo.warden import Warden

TICK = 0.1
PATIENCE = 8.0  # seconds between SIGTERM and SIGKILL
DEATHS_BEFORE_READY = 3  # a process that dies so often before all were up will not come up
PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class NotReady(Exception):
    """The processes did not come up; the message is for whoever started them."""


class Supervisor:
    """`children` in the order to start them; `say` is told what a person should know, a line at a time."""

    def __init__(self, children: Sequence[Child], say: Callable[[str], None], patience: float = PATIENCE) -> None:
        self.children = children
        self.say = say
        self.patience = patience
        self._asked = 0
        self._parent = os.getppid()
        self._warden: Warden | None = None

    def __enter__(self) -> Supervisor:
        self._warden = Warden()
        adopt_orphans()
        for signum in SIGNALS:
            signal.signal(signum, self._ask_to_stop)
        return self

    def __exit__(self, *_: object) -> None:
        """Ends everything: those others need come last."""
        for last in (False, True):
            self._end([child for child in self.children if child.plan.last_to_stop is last])
        assert self._warden is not None
        send(descendants([os.getpid()]) - {self._warden.pid}, signal.SIGKILL)
        self._warden.dismiss()

    def stopping(self) -> bool:
        """Whether it was told to stop, or whoever started it is gone."""
        return bool(self._asked) or os.getppid() != self._parent

    def start(self, names: Sequence[str], within: float) -> bool:
        """Starts these and waits until they are up; False if told to stop meanwhile.

        Raises NotReady after `within` seconds, or as soon as one keeps dying.
        """
        chosen = [child for child in self.children if child.plan.name in names]
        for child in chosen:
            self._start(child)
        until = time.monotonic() + within
        while not self.stopping():
            self._look_after()
            missing = [child for child in chosen if not child.is_up()]
            if not missing:
                return True
            hopeless = [child for child in missing if child.deaths >= DEATHS_BEFORE_READY]
            if hopeless or time.monotonic() > until:
                raise NotReady(_why(hopeless or missing))
            time.sleep(TICK)
        return False

    def run(self) -> None:
        """Looks after the processes until told to stop."""
        while not self.stopping():
            self._look_after()
            time.sleep(TICK)

    def run_once(self, child: Child) -> bool:
        """Runs a process to its end; True if it ended well. False if it failed, or told to stop meanwhile."""
        self._start(child)
        while child.running() and not self.stopping():
            self._look_after()
            time.sleep(TICK)
        ended = child.process is not None and not child.running()
        well = ended and child.process is not None and child.process.returncode == 0
        self._end([child])
        return well

    def _start(self, child: Child) -> None:
        assert self._warden is not None
        self._warden.started(child.start([self._warden.fileno()]))

    def _look_after(self) -> None:
        now = time.monotonic()
        for child in self.children:
            if child.process is not None and not child.running():
                self._forget(child)
                how = child.buried()
                pause = child.start_at - now
                self.say(f"{child.plan.name} {how}; starting it again in {max(pause, 0):.1f} s. Its log: {child.log}")
            elif child.process is None and child.deaths and now >= child.start_at:
                self._start(child)

    def _forget(self, child: Child) -> None:
        """What is left of a dead process's group is ended with it: a web server's workers would keep its port."""
        assert self._warden is not None
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        self._warden.ended(child.pid)

    def _end(self, children: Sequence[Child]) -> None:
        running = [child for child in children if child.running()]
        family = descendants(child.pid for child in running)
        send([child.pid for child in running], signal.SIGTERM)
        until = time.monotonic() + self.patience
        impatient = max(self._asked, 1)  # told again while ending: no more waiting
        while any(child.running() for child in running) and time.monotonic() < until and self._asked <= impatient:
            time.sleep(TICK / 2)
        family |= descendants([child.pid for child in running])
        send([child.pid for child in running if child.running()], signal.SIGKILL)
        send(family, signal.SIGKILL)
        for child in children:
            if child.process is not None:
                child.process.wait()
                self._forget(child)
                child.process = None

    def _ask_to_stop(self, _signum: int, _frame: FrameType | None) -> None:
        self._asked += 1


def adopt_orphans() -> None:
    """On Linux, makes this process the parent of descendants whose own parent was killed, so that they are found at the end."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _why(children: Sequence[Child]) -> str:
    return "\n".join(f"{child.plan.name} does not come up. The end of its log, {child.log}:\n{child.last_words()}" for child in children)
