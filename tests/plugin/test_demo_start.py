"""`make run`'s command itself: refusals in one plain line; and all of it up, looked after and ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from plugin.demo import health
from plugin.demo.hosts.store import Store
from plugin.demo.places import ROOT, Places
from plugin.demo.processes import alive, descendants

Start = Callable[..., subprocess.Popen[str]]


def free_port() -> int:
    """A port that is free, and the next two as well."""
    for start in range(21000 + os.getpid() % 5000, 60000, 7):
        if all(map(health.is_free, range(start, start + 3))):
            return start
    raise RuntimeError("no three free ports in a row")


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "data", free_port())


@pytest.fixture
def start(places: Places) -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def command(port: int = places.port) -> subprocess.Popen[str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith("ACCORD_")}
        env["ACCORD_DEMO_DATA"] = str(places.data)
        argv = [sys.executable, "-m", "plugin.demo", "--port", str(port)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(subprocess.Popen(argv, cwd=ROOT, env=env, text=True, **pipes))
        return started[-1]

    yield command
    for one in started:
        one.terminate()
        one.communicate(timeout=30)


def until_line(demo: subprocess.Popen[str], wanted: str) -> list[str]:
    """What it prints, up to the line that begins so."""
    lines: list[str] = []
    assert demo.stdout and demo.stderr
    for line in demo.stdout:
        lines.append(line.strip())
        if line.startswith(wanted):
            return lines
    raise AssertionError(f"never said {wanted!r}: {lines} {demo.stderr.read()}")


def test_a_port_in_use_is_said_in_one_line(start: Start, places: Places) -> None:
    with closing(socket.create_server(("127.0.0.1", places.port + 1))):
        out, errors = (demo := start()).communicate(timeout=20)
    assert (demo.returncode, out) == (2, "")
    assert errors.startswith(f"Port {places.port + 1} is in use. Stop what uses it, or choose another: PORT=")
    assert errors.count("\n") == 1


def test_an_impossible_port_is_said_in_one_line(start: Start) -> None:
    demo = start(port=80)
    assert demo.communicate(timeout=20)[1] == "Choose a port from 1024 to 65533, for example: PORT=9000 make run\n"
    assert demo.returncode == 2


@pytest.mark.slow
def test_all_of_it_comes_up_is_looked_after_and_ends(start: Start, places: Places) -> None:
    demo = start()
    lines = until_line(demo, "ready")
    for address in (places.service_url, places.host_url("council"), places.host_url("school"), f"{places.service_url}/dev/mailbox"):
        assert any(line.endswith(address) for line in lines), address
    assert urllib.request.urlopen(f"{places.host_api('council')}/sign-in").status == 200
    assert health.answers_ping(places.socket)

    with ExitStack() as browser:  # connections opened ahead of time, on which nothing is said
        for _ in range(6):
            browser.enter_context(socket.create_connection(("127.0.0.1", places.port)))
        assert all(health.answers_http(places.port, "/health", "accord.localhost") for _ in range(6))

    second = start(port=free_port())
    assert "already running" in second.communicate(timeout=20)[1]
    assert second.returncode == 2

    family = descendants([demo.pid])
    assert len(family) >= 8  # queue, two hosts, gunicorn with two workers, queue worker, clock, warden
    for name in ("council", "service", "queue"):
        os.kill(int((places.data / "pids" / name).read_text()), signal.SIGKILL)
        until_line(demo, f"{name} was ended by SIGKILL; starting it again in 0.5 s")
    until = time.monotonic() + 20
    while not (all(answers(places)) and health.answers_ping(places.socket)):
        assert time.monotonic() < until
        time.sleep(0.1)
    family |= descendants([demo.pid])

    Store(places.data / "council.sqlite3").add("88213", **DOCUMENT)
    demo.send_signal(signal.SIGINT)
    assert demo.wait(20) == 0
    assert not any(map(alive, family))
    assert all(map(health.is_free, places.ports))

    again = start()
    until_line(again, "ready")
    assert len(Store(places.data / "council.sqlite3").documents("88213")) == 1


def answers(places: Places) -> Iterator[bool]:
    """Whether the service and each host answers."""
    for name, port in zip(("accord", "council", "school"), places.ports, strict=True):
        yield health.answers_http(port, "/health", f"{name}.localhost")


DOCUMENT = {
    "title": "Outcome",
    "category": "Correspondence",
    "reference": "PD-7F3K-92/v1",
    "file_name": "outcome.txt",
    "media_type": "text/plain",
    "content": b"ok",
}
