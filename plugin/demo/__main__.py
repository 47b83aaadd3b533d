"""`python -m plugin.demo --port 8000`: starts the demo, prints its addresses and `ready`, and ends all of it on Ctrl-C.

Ends with 0 when told to stop, 1 when something does not come up, 2 when it cannot be started (a port in use, say).
"""

from __future__ import annotations

import argparse
import fcntl
import gc
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from plugin.demo import health, stack
from plugin.demo.child import Child, Plan
from plugin.demo.hosts import keys
from plugin.demo.places import ROOT, Places, data_folder, environment
from plugin.demo.supervisor import NotReady, Supervisor

WITHIN = 90.0  # seconds for all of it to come up, on a slow machine
LONGEST_LOG = 2_000_000


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the demo; answers the exit code."""
    options = argparse.ArgumentParser(prog="make run", description="Accord on this machine, with two pretend record systems.")
    options.add_argument("--port", type=int, default=8000, help="the service's port; the record systems take the next two")
    places = Places(data_folder(os.environ), options.parse_args(argv).port)
    if trouble := cannot_start(places):
        print(trouble, file=sys.stderr)
        return 2
    with (lock := _lock_file(places)):
        if not _locked(lock):
            print(f"The demo is already running on the data in {places.data}. Stop it first.", file=sys.stderr)
            return 2
        return _run(places)


def cannot_start(places: Places) -> str:
    """In one line, why the demo cannot be started here and what to do; empty where it can."""
    if not places.ports[0] >= 1024 and places.ports[-1] <= 65535:
        return "Choose a port from 1024 to 65533, for example: PORT=9000 make run"
    for port in places.ports:
        if not health.is_free(port):
            return f"Port {port} is in use. Stop what uses it, or choose another: PORT={_elsewhere(places.port)} make run"
    return ""


def _elsewhere(port: int) -> int:
    """A port further on, where this one and the next two are free; 9000 where none is found."""
    return next((start for start in range(port + 100, 60000, 100) if all(map(health.is_free, range(start, start + 3)))), 9000)


def _run(places: Places) -> int:
    _say("Starting ...")
    given = dict(os.environ)
    os.environ.update(environment(places, given))  # for every process that is started from here on
    os.chdir(ROOT)
    keys.provide(places)
    for folder in (places.data / "queue", places.socket.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    children = [_child(plan, places) for plan in stack.plans(places, given)]
    try:
        with Supervisor(children, _say) as supervisor:
            return _start_and_stay(supervisor, places)
    except NotReady as error:
        _say(str(error))
        return 1


def _start_and_stay(supervisor: Supervisor, places: Places) -> int:
    plans = [child.plan for child in supervisor.children]
    _load()
    if not supervisor.start([plan.name for plan in plans if not plan.needs_data], WITHIN):
        return 0
    preparation = _child(stack.preparation(), places)
    if not supervisor.run_once(preparation):
        if supervisor.stopping():
            return 0
        raise NotReady(f"The data could not be made ready. The end of the log, {preparation.log}:\n{preparation.last_words()}")
    if supervisor.start([plan.name for plan in plans if plan.needs_data], WITHIN):
        _say(_welcome(places))
        supervisor.run()
    return 0


def _load() -> None:
    """Loads the service's code here, once, for all that is forked from this process. Late: a taken port is told at once."""
    for name in stack.LOADED_ONCE:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # the collector would write to pages that could stay shared


def _child(plan: Plan, places: Places) -> Child:
    child = Child(plan, places.data)
    if child.log.exists() and child.log.stat().st_size > LONGEST_LOG:
        child.log.unlink()
    return child


def _welcome(places: Places) -> str:
    return (
        f"Accord            {places.service_url}\n"
        f"Council's records {places.host_url('council')}\n"
        f"School's records  {places.host_url('school')}\n"
        f"Mailbox           {places.service_url}/dev/mailbox\n"
        f"Start in the council's or the school's records. Ctrl-C ends everything; the data stays in {places.data}.\n"
        "ready"
    )


def _lock_file(places: Places) -> TextIO:
    places.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Path(places.data / "lock").open("w")


def _locked(lock: TextIO) -> bool:
    """Takes the data folder for this process; the warden holds it on, should this process be killed, until all has ended."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
