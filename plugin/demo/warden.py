"""The warden: a second process that ends the demo's processes should the supervisor itself be killed.

It holds one end of a pipe whose other end only the supervisor has. The supervisor says on it which processes it has started and which
have ended; when the pipe closes, however that came about, the warden ends what is left. After an orderly stop nothing is.
"""

from __future__ import annotations

import os
import signal
import time

from plugin.demo.processes import alive, descendants, send

PATIENCE = 3.0


class Warden:
    """The supervisor's end. Start it before anything else, while the process is small and has one thread."""

    def __init__(self) -> None:
        reading, self._writing = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._writing)
            _watch(reading)
        os.close(reading)

    def fileno(self) -> int:
        """The pipe's end: whoever else holds it open keeps the warden from noticing."""
        return self._writing

    def started(self, pid: int) -> None:
        """The supervisor has started this process."""
        os.write(self._writing, f"+{pid}\n".encode())

    def ended(self, pid: int) -> None:
        """This process has ended and been reaped."""
        os.write(self._writing, f"-{pid}\n".encode())

    def dismiss(self) -> None:
        """Everything has ended: the warden may go."""
        os.close(self._writing)
        os.waitpid(self.pid, 0)


def _watch(reading: int) -> None:
    """The warden's life. Never returns: it shares the supervisor's program, and must not run on in it."""
    try:
        os.setsid()  # Ctrl-C in the terminal is for the supervisor
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, signal.SIG_IGN)
        for stream in (0, 1, 2):  # whoever reads the supervisor's output must not wait for the warden
            os.dup2(os.open(os.devnull, os.O_RDWR), stream)
        left: set[int] = set()
        with os.fdopen(reading) as lines:
            for line in lines:
                (left.add if line[0] == "+" else left.discard)(int(line[1:]))
        _end(left)
    finally:
        os._exit(0)


def _end(left: set[int]) -> None:
    family = left | descendants(left)
    send(family, signal.SIGTERM)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and any(map(alive, family)):
        time.sleep(0.1)
    send(family | descendants(family), signal.SIGKILL)
