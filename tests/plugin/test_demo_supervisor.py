"""The supervisor with toy processes: up, died, stubborn, orphaned; and after the end nothing is left."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from plugin.demo.child import LONGEST_PAUSE, Child, Plan
from plugin.demo.health import answers_http, answers_ping, is_free
from plugin.demo.places import ROOT, Places, environment
from plugin.demo.processes import alive

pytestmark = pytest.mark.slow  # left out of make test-quick

# A toy that is up leaves a file `<name>-<pid>` in the folder and sleeps.
TOY = "import os, sys, time, signal\ndef here(): open(f'{sys.argv[1]}-{os.getpid()}', 'w').close()\n"
TOYS = {
    "plain": "here(); time.sleep(600)",
    "stubborn": "signal.signal(signal.SIGTERM, signal.SIG_IGN); here(); time.sleep(600)",
    "parent": "here(); os.fork() or (os.setsid(), here()); time.sleep(600)",
    "weakling": "print('no such thing'); sys.exit(3)",
}
DRIVER = """
import sys
from pathlib import Path
from plugin.demo.child import Child, Plan
from plugin.demo.supervisor import NotReady, Supervisor
folder, *toys = sys.argv[1:]
children = []
for toy in toys:
    name, code = toy.split("=", 1)
    plan = Plan(name, (sys.executable, "-c", code, f"{folder}/{name}"), up=lambda name=name: any(Path(folder).glob(f"{name}-*")))
    children.append(Child(plan, Path(folder)))
try:
    with Supervisor(children, lambda text: print(text, flush=True), patience=1.0) as supervisor:
        if supervisor.start([child.plan.name for child in children], 20):
            print("ready", flush=True)
            supervisor.run()
except NotReady as error:
    sys.exit(str(error))
"""


class Toys:
    """A supervisor in a process of its own, with some of TOYS under it."""

    def __init__(self, folder: Path, *names: str, shell: bool = False) -> None:
        self.folder = folder
        argv = [sys.executable, "-c", DRIVER, str(folder), *(f"{name}={TOY}{TOYS[name]}" for name in names)]
        if shell:  # a shell in between, which stays the supervisor's parent
            argv = ["sh", "-c", '"$@"; true', "sh", *argv]
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)

    def line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def pids(self, name: str = "*") -> list[int]:
        return [int(path.name.rpartition("-")[2]) for path in self.folder.glob(f"{name}-*")]

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()
        for pid in filter(alive, self.pids()):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def toys(tmp_path: Path) -> Iterator[Callable[..., Toys]]:
    started: list[Toys] = []

    def start(*names: str, **how: bool) -> Toys:
        started.append(Toys(tmp_path, *names, **how))
        return started[-1]

    yield start
    for one in started:
        one.end()


def eventually(true: Callable[[], object], within: float = 10.0) -> None:
    until = time.monotonic() + within
    while not true():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.05)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything_also_what_ignores_it(toys: Callable[..., Toys], how: signal.Signals) -> None:
    demo = toys("plain", "stubborn", "parent")
    assert demo.line() == "ready"
    eventually(lambda: len(demo.pids()) == 4)
    demo.process.send_signal(how)
    assert demo.process.wait(10) == 0
    assert not any(map(alive, demo.pids()))


def test_a_second_ctrl_c_does_not_wait(toys: Callable[..., Toys]) -> None:
    demo = toys("stubborn")
    assert demo.line() == "ready"
    began = time.monotonic()
    demo.process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    demo.process.send_signal(signal.SIGINT)
    demo.process.wait(10)
    assert time.monotonic() - began < 0.9
    assert not any(map(alive, demo.pids()))


def test_what_dies_is_started_again_and_said_so(toys: Callable[..., Toys]) -> None:
    demo = toys("plain", "parent")
    assert demo.line() == "ready"
    (first,) = demo.pids("plain")
    os.kill(first, signal.SIGKILL)
    assert demo.line().startswith("plain was ended by SIGKILL; starting it again in 0.5 s. Its log: ")
    eventually(lambda: len(demo.pids("plain")) == 2)
    assert not alive(first)


def test_an_orphan_is_ended_with_the_rest(toys: Callable[..., Toys]) -> None:
    demo = toys("parent")
    assert demo.line() == "ready"
    eventually(lambda: len(demo.pids()) == 2)
    parent, orphan = sorted(demo.pids())
    os.kill(parent, signal.SIGKILL)
    demo.line()
    assert alive(orphan)
    demo.process.terminate()
    demo.process.wait(10)
    assert not alive(orphan)


def test_if_the_supervisor_is_killed_nothing_outlives_it(toys: Callable[..., Toys]) -> None:
    demo = toys("plain", "stubborn", "parent")
    assert demo.line() == "ready"
    eventually(lambda: len(demo.pids()) == 4)
    demo.process.kill()
    eventually(lambda: not any(map(alive, demo.pids())))


def test_if_whoever_started_it_is_killed_it_ends(toys: Callable[..., Toys]) -> None:
    demo = toys("plain", shell=True)
    assert demo.line() == "ready"
    demo.process.kill()
    eventually(lambda: not any(map(alive, demo.pids())))


def test_what_cannot_come_up_is_told_with_its_log(toys: Callable[..., Toys]) -> None:
    demo = toys("plain", "weakling")
    out, errors = demo.process.communicate(timeout=30)
    assert "weakling ended with code 3; starting it again" in out
    assert "weakling does not come up" in errors and "no such thing" in errors
    assert demo.process.returncode == 1
    assert not any(map(alive, demo.pids("plain")))


def test_pauses_between_starts_grow_to_a_limit(tmp_path: Path) -> None:
    child = Child(Plan("weakling", (sys.executable, "-c", "raise SystemExit(1)")), tmp_path)
    pauses = []
    for _ in range(3):
        child.start()
        child.process.wait()
        child.buried()
        pauses.append(round(child.start_at - time.monotonic(), 1))
    assert pauses == [0.5, 1.0, 2.0]
    child.deaths = 50
    child.start()
    child.process.wait()
    child.buried()
    assert child.start_at - time.monotonic() <= LONGEST_PAUSE


FORKED = """
import sys
from pathlib import Path
from plugin.demo.child import Child, Plan
child = Child(Plan("one", sys.argv[2:], module=True), Path(sys.argv[1]))
child.start()
code = child.process.wait()
print(code, child.buried())
"""


@pytest.mark.parametrize(
    ("argv", "said", "logged"),
    [
        (["platform", "--terse"], "0 ended with code 0", "Linux" if sys.platform == "linux" else ""),
        (["py_compile", "no-such-file.py"], "1 ended with code 1", "no-such-file.py"),
        (["no_such_module"], "1 ended with code 1", "No module named no_such_module"),
    ],
)
def test_a_module_runs_in_a_fork_as_python_m_runs_it(tmp_path: Path, argv: list[str], said: str, logged: str) -> None:
    done = subprocess.run([sys.executable, "-c", FORKED, str(tmp_path), *argv], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == said
    assert logged in (tmp_path / "logs/one.log").read_text()
    assert (tmp_path / "pids/one").read_text().strip().isdigit()


# ---- where things are, and whether they answer


def test_a_port_in_use_is_not_free() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not is_free(port)
    assert is_free(port)
    assert not answers_http(port, "/health", "accord.localhost")


def test_nothing_answers_where_there_is_nothing(tmp_path: Path) -> None:
    assert not answers_ping(tmp_path / "no.sock")


def test_a_long_path_gets_its_socket_in_a_temporary_folder(tmp_path: Path) -> None:
    near, far = Places(Path("/srv/demo"), 8000), Places(Path("/srv") / ("x" * 120), 8000)
    assert near.socket == Path("/srv/demo/queue.sock")
    assert len(os.fsencode(far.socket)) < 100 and far.socket != Places(Path("/srv") / ("y" * 120), 8000).socket


def test_a_database_a_queue_and_waits_of_ones_own_are_used() -> None:
    places = Places(Path("/srv/demo"), 8000)
    own = {"ACCORD_DATABASE_URL": "postgresql+psycopg://county", "ACCORD_REDIS_URL": "redis://county", "ACCORD_SWEEP_SECONDS": "1"}
    assert environment(places, own).items() >= own.items()
    assert environment(places, {})["ACCORD_OUTBOUND_LOCAL"] == "127.0.0.1:8001,127.0.0.1:8002"
    more = environment(places, {"ACCORD_OUTBOUND_LOCAL": "127.0.0.1:9100"})["ACCORD_OUTBOUND_LOCAL"]
    assert more == "127.0.0.1:8001,127.0.0.1:8002,127.0.0.1:9100", "a record system of one's own may be tried beside the demo's"
