"""A service whose keys do not open what is in its database does not start: web, worker, clock; and says what to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from plugin.app import create_app
from plugin.config import Settings
from plugin.models import Draft, Secret, begin_writing
from plugin.runtime import runtime
from plugin.services.keeping import drafts
from plugin.services.keeping.clock import machine_now
from plugin.starting import refuse_unreadable
from tests.plugin.visits import as_system, on_sqlite_alone
from tests.world import World

pytestmark = [pytest.mark.slow, on_sqlite_alone]
COMMANDS = {
    "web": ["gunicorn", "-w", "1", "-b", "127.0.0.1:0", "wsgi:app"],
    "worker": ["plugin.jobs.worker"],
    "clock": ["plugin.jobs.clock", "--once"],
}


def with_keys(settings: Settings, tmp_path: Path, *fernet: str) -> dict[str, str]:
    """The environment of a process that is given other keys."""
    kept = json.loads(Path(settings.secrets_file).read_text())
    file = tmp_path / "other.json"
    file.write_text(json.dumps({**kept, "fernet": list(fernet) or [Fernet.generate_key().decode()]}))
    said = {
        f"ACCORD_{one.name.upper()}": str(getattr(settings, one.name))
        for one in fields(settings)
        if one.name in ("database_url", "redis_url")
    }
    return {**os.environ, **said, "ACCORD_SECRETS_FILE": str(file), "ACCORD_MAIL": f"folder:{tmp_path / 'mail'}"}


@pytest.mark.parametrize("part", COMMANDS)
def test_no_part_of_it_starts_and_each_says_why(world: World, settings: Settings, tmp_path: Path, part: str) -> None:
    assert world
    command = COMMANDS[part]
    done = subprocess.run(
        [sys.executable, "-m", *command], env=with_keys(settings, tmp_path), capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 3, done.stderr
    assert "other.json do not open what is in the database" in done.stderr and "secrets check" in done.stderr
    assert "Put the right file in its place" in done.stderr and "council-secret" not in done.stderr


def test_commands_that_help_still_run(world: World, settings: Settings, tmp_path: Path) -> None:
    assert world
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "secrets", "check"]
    done = subprocess.run(command, env=with_keys(settings, tmp_path), capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stdout.startswith("secret ")


def test_an_older_key_that_is_still_in_the_list_opens_what_it_sealed(world: World, settings: Settings, tmp_path: Path) -> None:
    assert world
    old = json.loads(Path(settings.secrets_file).read_text())["fernet"][0]
    env = with_keys(settings, tmp_path, Fernet.generate_key().decode(), old)
    done = subprocess.run([sys.executable, "-m", *COMMANDS["clock"]], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_one_row_is_enough_and_somebody_may_start_it_all_the_same(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    session = as_system()
    begin_writing(session)
    row = session.scalars(select(Secret)).first()
    row.ciphertext = Fernet(Fernet.generate_key()).encrypt(b"x")
    session.commit()
    with pytest.raises(SystemExit) as ended:
        refuse_unreadable(world.app)
    assert ended.value.code == 3 and "1 rows of those looked at" in capsys.readouterr().err
    here = runtime(world.app)
    here.settings = replace(here.settings, start_anyway=True)
    refuse_unreadable(world.app)
    assert "do not open what is in the database" in capsys.readouterr().err, "it still says so"


def test_what_is_half_typed_is_no_reason(world: World) -> None:
    session = as_system()
    begin_writing(session)
    session.add(Draft(owner="x", sealed=Fernet(Fernet.generate_key()).encrypt(b"{}"), saved_at=machine_now()))
    session.commit()
    refuse_unreadable(world.app)
    assert drafts.load(as_system(), world.keys, "x") == {}


def test_a_database_without_tables_is_no_reason(tmp_path: Path, settings: Settings) -> None:
    told = {one.name: getattr(settings, one.name) for one in fields(settings)}
    app = create_app(Settings(**{**told, "database_url": f"sqlite:///{tmp_path / 'empty.db'}"}))
    refuse_unreadable(app)
