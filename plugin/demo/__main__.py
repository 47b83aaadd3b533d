"""`python -m plugin.demo --port 8000`: starts the demo, prints its addresses and `ready`, and ends all of it on Ctrl-C.

Ends with 0 when told to stop, 1 when something does not come up, 2 when it cannot be started (a port in use, say).
"""

from __future__ import annotations

import argparse
import fcntl
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
    env = environment(places, os.environ)
    _say("Starting ...")
    keys.provide(places)
    for folder in (places.data / "queue", places.socket.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    plans = stack.plans(places, os.environ)
    children = [_child(plan, places, env) for plan in plans]
    try:
        with Supervisor(children, _say) as supervisor:
            return _start_and_stay(supervisor, places, _child(stack.preparation(), places, env))
    except NotReady as error:
        _say(str(error))
        return 1


def _start_and_stay(supervisor: Supervisor, places: Places, preparation: Child) -> int:
    plans = [child.plan for child in supervisor.children]
    if not supervisor.start([plan.name for plan in plans if not plan.needs_data], WITHIN):
        return 0
    if not supervisor.run_once(preparation):
        if supervisor.stopping():
            return 0
        raise NotReady(f"The data could not be made ready. The end of the log, {preparation.log}:\n{preparation.last_words()}")
    if supervisor.start([plan.name for plan in plans if plan.needs_data], WITHIN):
        _say(_welcome(places))
        supervisor.run()
    return 0


def _child(plan: Plan, places: Places, env: dict[str, str]) -> Child:
    log = places.data / "logs" / f"{plan.name}.log"
    if log.exists() and log.stat().st_size > LONGEST_LOG:
        log.unlink()
    return Child(plan, env, ROOT, log)


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
