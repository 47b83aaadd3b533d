"""Starts what is measured: databases, the queue, the sink, gunicorn, the worker, the clock; and ends all of it.

A `Stage` is a folder with servers for one run of the bench; a `Service` is the service on one database of it.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import redis
from flask import Flask
from flask_migrate import upgrade

from integrations.launch.host import new_keypair
from plugin.app import create_app
from plugin.config import Settings
from plugin.demo.stack import GUNICORN
from plugin.extensions import db
from plugin.services.keeping.sealing import Keys
from tests.servers import PostgresServer, RedisServer

ROOT = Path(__file__).resolve().parents[2]


class Stage:
    """Servers in `folder` (a short path: sockets lie in it). Use as a context."""

    def __init__(self, folder: Path, cold: bool = False) -> None:
        self.folder, self.cold = folder, cold
        self.redis = RedisServer(folder / "redis.sock")
        self.sink = Process([sys.executable, "-m", "tests.bench.sink", str(port := free_port())], folder / "sink.log", {})
        self.sink_port = port
        self._postgres: PostgresServer | None = None

    def __enter__(self) -> Stage:
        Keys.create(str(self.folder / "secrets.json"), new_keypair("ES256")[0])
        self.redis.start()
        self.sink.start()
        answers(self.sink_port)
        return self

    def __exit__(self, *_: object) -> None:
        self.sink.stop()
        self.redis.stop()
        if self._postgres:
            self._postgres.stop()

    @property
    def postgres(self) -> PostgresServer:
        """The PostgreSQL of the run, started when first asked for."""
        self._postgres = self._postgres or PostgresServer(self.folder / "pg")
        return self._postgres

    def database(self, engine: str, name: str) -> str:
        """The address of an empty database ("sqlite" or "postgresql")."""
        if engine == "sqlite":
            return f"sqlite:///{self.folder / name}.db"
        self.postgres.create(name)
        return self.postgres.url(name)

    def redis_pid(self) -> int:
        """The process id of the queue's server."""
        with redis.Redis.from_url(self.redis.url) as client:
            return int(client.info("server")["process_id"])

    def postgres_pid(self) -> int:
        """The process id of PostgreSQL's first process."""
        return int((self.folder / "pg" / "postmaster.pid").read_text().split()[0])

    def app(self, database_url: str) -> Flask:
        """The service's app in this process, with its tables made."""
        made = create_app(self.settings(database_url))
        with made.app_context():
            upgrade()
            db.engine.dispose()
        return made

    def settings(self, database_url: str) -> Settings:
        """The defaults of a live service, at the places of this stage."""
        return Settings.read(self.environment(database_url, 1))

    def environment(self, database_url: str, port: int) -> dict[str, str]:
        """What the service's processes are started with."""
        return {
            "ACCORD_DATABASE_URL": database_url,
            "ACCORD_REDIS_URL": self.redis.url,
            "ACCORD_SECRETS_FILE": str(self.folder / "secrets.json"),
            "ACCORD_PUBLIC_URL": f"http://accord.localhost:{port}",
            "ACCORD_MAIL": f"folder:{self.folder / 'mail'}",
            "ACCORD_OUTBOUND_LOCAL": f"127.0.0.1:{self.sink_port}",
        }

    def taken(self) -> dict[str, list[float]]:
        """What came to the sink: monotonic seconds by event id."""
        line = http.client.HTTPConnection("127.0.0.1", self.sink_port, timeout=10)
        line.request("GET", "/taken")
        found: dict[str, list[float]] = json.loads(line.getresponse().read())
        line.close()
        return found

    def forget(self) -> None:
        """Empties the sink."""
        line = http.client.HTTPConnection("127.0.0.1", self.sink_port, timeout=10)
        line.request("DELETE", "/taken")
        line.getresponse().read()
        line.close()

    def wait_for(self, count: int, within: float, every: float = 0.05) -> dict[str, list[float]]:
        """The same once `count` events have come, or what there is after `within` seconds."""
        until = time.monotonic() + within
        while len(found := self.taken()) < count and time.monotonic() < until:
            time.sleep(every)
        return found


class Process:
    """A process with its log in a file; `stop` ends it politely, then at once."""

    def __init__(self, argv: list[str], log: Path, env: dict[str, str]) -> None:
        self._argv, self._log, self._env = argv, log, env
        self._popen: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Its id, once started."""
        assert self._popen is not None
        return self._popen.pid

    def start(self) -> None:
        """Starts it from the root of the code."""
        with self._log.open("ab") as log:
            self._popen = subprocess.Popen(self._argv, stdout=log, stderr=log, cwd=ROOT, env={**os.environ, **self._env})

    def stop(self) -> None:
        """Ends it."""
        if self._popen:
            self._popen.terminate()
            try:
                self._popen.wait(10)
            except subprocess.TimeoutExpired:
                self._popen.kill()
                self._popen.wait()


class Service:
    """Web processes (gunicorn, two sync workers as the demo has them) and what works beside them. Use as a context."""

    def __init__(self, stage: Stage, app: str, beside: dict[str, str], environment: dict[str, str], port: int) -> None:
        self.port = port
        web = [sys.executable, "-m", "gunicorn", f"--bind=127.0.0.1:{port}", *GUNICORN, app]
        self.parts = {"web": Process(web, stage.folder / "web.log", environment)}
        for name, module in beside.items():
            self.parts[name] = Process([sys.executable, "-m", module], stage.folder / f"{name}.log", environment)
        self._stack = ExitStack()

    def __enter__(self) -> Service:
        for part in self.parts.values():
            part.start()
            self._stack.callback(part.stop)
        answers(self.port)
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()


def service(stage: Stage, database_url: str) -> Service:
    """The service as it is deployed on one machine."""
    port = free_port()
    beside = {"worker": "plugin.jobs.worker", "clock": "plugin.jobs.clock"}
    return Service(stage, "wsgi:app", beside, stage.environment(database_url, port), port)


def run_clients(port: int, clients: list[dict[str, Any]], answers_: dict[str, str], keep_pages: bool = False) -> dict[str, Any]:
    """Runs the clients in a process of their own and gives what they measured. Raises RuntimeError where a page was wrong."""
    run = {"port": port, "clients": clients, "answers": answers_, "keep_pages": keep_pages}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.client"], input=json.dumps(run), capture_output=True, text=True, cwd=ROOT, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-4000:])
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def answers(port: int, within: float = 60) -> None:
    """Waits until somebody listens on this port. Raises RuntimeError where nobody does in time."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"nobody answers on port {port}")


def free_port() -> int:
    """A port on loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
