"""A process that is told to end (SIGTERM) while it works ends well: it finishes what it is at, and nothing is lost or done twice."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from integrations.trial import TrialAdapter, TrialOptions
from plugin.config import Settings
from plugin.jobs import work
from plugin.models import Delivery, Heartbeat, MailRow
from plugin.runtime import runtime
from tests.plugin.running import Worker, environment, settle, wait_until
from tests.plugin.visits import as_system, on_sqlite_alone
from tests.servers import RedisServer
from tests.world import World, uk, use_trial_adapter

pytestmark = [pytest.mark.slow, on_sqlite_alone]
AT = uk("2026-11-16 10:00")


def ends(process: subprocess.Popen[bytes], within: float = 20) -> int:
    """Tells it to end; its exit code."""
    process.send_signal(signal.SIGTERM)
    return process.wait(within)


def states() -> set[str]:
    return set(as_system().scalars(select(Delivery.state)))


def test_a_worker_finishes_what_it_delivers_and_the_rest_waits(world: World, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    use_trial_adapter(folder=str(files))
    references = [settle(world, AT) for _ in range(6)]
    first = Worker(world, tmp_path / "one.log")
    wait_until(lambda: "on file" in states())
    assert first.end() == 0, first.log.read_text()
    assert "claimed" not in states(), "nothing was let go of half done"
    work.deliver()
    assert states() == {"on file"}
    for one in references:
        assert len(TrialAdapter().copies(f"{one}/v1", TrialOptions(folder=str(files)))) == 2, "one for each of the two agencies"


def test_a_worker_whose_queue_went_away_ends_all_the_same(world: World, tmp_path: Path, redis_server: RedisServer) -> None:
    running = Worker(world, tmp_path / "worker.log")
    wait_until(lambda: runtime(world.app).waker.redis.keys("rq:worker:*"))
    redis_server.stop()
    wait_until(lambda: "retrying" in running.log.read_text())
    time.sleep(1)  # it waits for the queue by itself now
    assert running.end() == 0, running.log.read_text()


def test_two_clocks_that_are_told_to_end_have_asked_each_person_once(world: World, settings: Settings) -> None:
    for number in range(4):
        world.make_disagreement(AT, child_key=str(number))
    before = as_system().scalar(select(func.count()).select_from(MailRow))
    command = [sys.executable, "-m", "plugin.jobs.clock"]
    clocks = [subprocess.Popen(command, env=environment(settings, sweep_seconds=1)) for _ in range(2)]
    wait_until(lambda: as_system().scalar(select(Heartbeat.at).where(Heartbeat.name == "sweep")))
    time.sleep(0.5)
    assert [ends(one) for one in clocks] == [0, 0]
    rows = as_system().execute(select(MailRow.disagreement_id, MailRow.obligation, MailRow.rung, MailRow.recipient)).all()
    assert len(rows) == len(set(rows)) and len(rows) >= (before or 0)


def test_a_request_that_is_under_way_is_answered(settings: Settings, world: World) -> None:
    """Half of it was sent when gunicorn is told to end; the other half comes after that."""
    assert world
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "-w", "1", "-b", f"127.0.0.1:{port}", "--no-control-socket", "wsgi:app"]
    told = {**environment(settings), "PYTHONWARNINGS": "ignore"}
    web = subprocess.Popen(command, env=told, cwd=Path(__file__).parents[2], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: _answers(port), 30, 0.2)
        with socket.create_connection(("127.0.0.1", port), timeout=10) as browser:
            browser.sendall(b"POST /admin/sign-in HTTP/1.1\r\nHost: accord.example\r\nContent-Type: application/x-www-form-urlencoded\r\n")
            time.sleep(0.5)
            web.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            browser.sendall(b"Content-Length: 7\r\n\r\nemail=x")
            assert browser.recv(100).startswith(b"HTTP/1.1 "), "it is answered"
        assert web.wait(20) == 0
    finally:
        if web.poll() is None:
            os.kill(web.pid, signal.SIGKILL)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as asked:
            asked.sendall(b"GET /health HTTP/1.0\r\nHost: accord.example\r\n\r\n")
            return b"200" in asked.recv(100)
    except OSError:
        return False
