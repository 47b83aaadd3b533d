"""Runs a Python module as `python -m` does, in a fork of this process: what is loaded here is loaded once for all of them.

Five processes that each load the service for themselves take three times the memory and twice the time to start.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import traceback
from collections.abc import Sequence


class Forked:
    """A forked process, with as much of Popen as `Child` uses. `argv`: the module and its arguments; `out`: where its output goes."""

    def __init__(self, argv: Sequence[str], out: int, not_for_it: Sequence[int]) -> None:
        self.returncode: int | None = None
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            _live(argv, out, not_for_it)

    def poll(self) -> int | None:
        """Its exit code (negative: the signal that ended it), or None while it runs."""
        return self._reap(os.WNOHANG)

    def wait(self) -> int:
        """Its exit code, when it has ended."""
        code = self._reap(0)
        assert code is not None
        return code

    def _reap(self, how: int) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, how)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


def _live(argv: Sequence[str], out: int, not_for_it: Sequence[int]) -> None:
    """The new process's life. Never returns: what stands below it on the stack belongs to the old one."""
    code = 1
    try:
        _settle(out, not_for_it)
        sys.argv = list(argv)
        runpy.run_module(argv[0], run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:  # the last place where it can be seen
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _settle(out: int, not_for_it: Sequence[int]) -> None:
    """A session of its own, no signal handler of the old process, its own input and output."""
    os.setsid()
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, signal.SIG_DFL)
    for inherited in not_for_it:
        os.close(inherited)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, stream in ((nothing, 0), (out, 1), (out, 2)):
        os.dup2(source, stream)
    os.close(nothing)
