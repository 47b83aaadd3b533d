"""The whole demo as `make run` starts it: seconds until `ready`, and memory of every process after some journeys (Linux).

A cold start (`--cold`) is that of a fresh clone: the environment is made, everything is installed. It takes a minute and the network.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plugin.app import create_app
from plugin.config import Settings
from plugin.demo.places import Places, environment
from tests.bench.figures import Figure
from tests.bench.journeys import answers
from tests.bench.processes import memory
from tests.bench.seeding import seed_beside
from tests.bench.stage import ROOT, Stage, run_clients

TITLE = "The demo"
PORT, JOURNEYS = 8630, 20


def measure(stage: Stage) -> Iterator[Figure]:
    """A first start, which fills the data; a second one; its memory."""
    data = stage.folder / "demo"
    run = [sys.executable, "-m", "plugin.demo"]
    with _started(run, data, ROOT) as (_, seconds):
        yield Figure("seconds to ready, first start", seconds, "s", "the data is made")
    with _started(run, data, ROOT) as (pid, seconds):
        yield Figure("seconds to ready, warm", seconds, "s", "the environment and the data are there")
        yield Figure("memory at rest", memory(pid), "MB", "PSS of all processes, the queue and both pretend hosts included")
        _journeys(data)
        yield Figure(
            f"memory after {JOURNEYS} journeys", memory(pid), "MB", "each process has loaded what it needs: pages, the maker of PDFs"
        )
        _journeys(data)
        yield Figure(f"memory after {2 * JOURNEYS} journeys", memory(pid), "MB", "and grows no more")
    if stage.cold:
        yield from _cold(stage)


def _journeys(data: Path) -> None:
    """Cases settled in the running demo, and time for what follows from them."""
    env = environment(Places(data, PORT), {})
    app = create_app(Settings.read(env))
    seeded = seed_beside(app, JOURNEYS, 1)
    run_clients(PORT, [{"fs": seeded.sessions[0], "cases": seeded.cases}], answers(seeded))
    time.sleep(8)


def _cold(stage: Stage) -> Iterator[Figure]:
    """From a clone that has nothing: `make run` makes its environment first."""
    clone = stage.folder / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    with _started(["make", "--silent", "run", f"PORT={PORT}"], clone / ".data", clone) as (_, seconds):
        yield Figure("seconds to ready, cold", seconds, "s", "a fresh clone, the packages from the cache or the network")
    shutil.rmtree(clone)


@contextmanager
def _started(argv: list[str], data: Path, where: Path) -> Iterator[tuple[int, float]]:
    """The process id of a demo that is ready, and the seconds that it took."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("ACCORD_")} | {"ACCORD_DEMO_DATA": str(data)}
    command = argv if argv[0] == "make" else [*argv, "--port", str(PORT)]
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=where, env=env) as demo:
        assert demo.stdout is not None
        said = []
        for line in demo.stdout:
            said.append(line)
            if line.strip() == "ready":
                break
        else:
            raise RuntimeError("the demo did not come up:\n" + "".join(said))
        try:
            yield demo.pid, time.monotonic() - began
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(30)
