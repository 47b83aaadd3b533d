"""What every test may ask for: real databases (SQLite and PostgreSQL), a real Redis, the app on them, and cases made by `make_*`.

Nothing here is a double: the Redis is a server process, PostgreSQL is PostgreSQL. What needs a browser is in tests/journeys.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import create_engine, text

from integrations.launch.host import new_keypair
from plugin.app import create_app
from plugin.config import Settings
from plugin.extensions import db
from plugin.services.keeping.sealing import Keys
from tests.browsers import FLAGS, chromium
from tests.peers.fixtures import *  # noqa: F403  the real counterparts, for every test
from tests.servers import PostgresServer, RedisServer
from tests.world import World, make_world


@pytest.fixture(scope="session")
def session_folder() -> Iterator[Path]:
    """A short path of its own (sockets take 107 bytes at most), removed at the end."""
    path = Path(tempfile.mkdtemp(prefix="acc-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the run (two drivers cannot live at once). Its contexts are like private windows: third-party cookies are blocked,
    as they will be for people."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def redis_server(session_folder: Path) -> Iterator[RedisServer]:
    """One real server for the run; `redis_url` empties it for each test."""
    server = RedisServer(session_folder / "redis.sock")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The address of an empty Redis."""
    redis_server.start()
    redis_server.flush()
    return redis_server.url


@pytest.fixture(scope="session")
def postgres_server(session_folder: Path) -> Iterator[PostgresServer]:
    """One real PostgreSQL for the run."""
    server = PostgresServer(session_folder / "pg")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def secrets_file(session_folder: Path) -> Path:
    """The deployment's keys for all tests."""
    path = session_folder / "secrets.json"
    Keys.create(str(path), new_keypair("ES256")[0])
    return path


@pytest.fixture(scope="session")
def sqlite_template(session_folder: Path, secrets_file: Path) -> Path:
    """A database with the tables in it, made by the migrations; copied for each test."""
    path = session_folder / "template.db"
    _migrate(f"sqlite:///{path}", secrets_file)
    with create_engine(f"sqlite:///{path}").connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer, secrets_file: Path) -> str:
    """The name of a database with the tables in it; PostgreSQL copies it for each test."""
    postgres_server.create("template_accord")
    _migrate(postgres_server.url("template_accord"), secrets_file)
    return "template_accord"


def _migrate(url: str, secrets_file: Path) -> None:
    app = create_app(Settings(database_url=url, secrets_file=str(secrets_file)))
    with app.app_context():
        upgrade()
        db.engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database with its tables, on each engine in turn."""
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_template"), tmp_path / "accord.db")
        yield f"sqlite:///{tmp_path / 'accord.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.copy(request.getfixturevalue("postgres_template"))
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def settings(database_url: str, redis_url: str, secrets_file: Path, tmp_path: Path) -> Settings:
    """The settings of a test's own service: short leases, quick retries, mail into a folder."""
    return Settings(
        database_url=database_url,
        redis_url=redis_url,
        secrets_file=str(secrets_file),
        mail=f"folder:{tmp_path / 'mail'}",
        public_url="https://accord.example",
        lease_seconds=4,
        retry_seconds=(0, 0, 1),
        demo=True,
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The service on a database and a queue of its own."""
    made = create_app(settings)
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def world(app: Flask) -> World:
    """The app with the demo's partnership, agencies and people in it."""
    return make_world(app)
