"""Signed lists of the chains' heads: what a chain alone cannot show is found with the list and the public key."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlalchemy import delete, select, text

from plugin.config import Settings
from plugin.extensions import db
from plugin.jobs import clock
from plugin.models import Base, Checkpoint, Disagreement, EventRow, begin_writing
from plugin.newkeys import main as newkeys
from plugin.runtime import runtime
from plugin.services.case import chain, checkpoints
from plugin.services.keeping.clock import machine_now
from tests.plugin.running import settle
from tests.plugin.visits import as_system, on_sqlite_alone
from tests.world import World, uk

pytestmark = [pytest.mark.slow, on_sqlite_alone]
NOW = uk("2027-03-16 10:00")


def run(world: World, *arguments: str) -> Any:
    as_system()
    return world.app.test_cli_runner().invoke(args=["audit", *arguments])


def write_anew(reference: str) -> None:
    """Somebody who has the whole database changes the first event and every hash after it."""
    session = as_system()
    begin_writing(session)
    case = session.scalars(select(Disagreement).where(Disagreement.reference == reference)).one()
    previous = chain.START
    for row in session.scalars(select(EventRow).where(EventRow.disagreement_id == case.id).order_by(EventRow.seq)).all():
        if row.seq == 1:
            row.at = row.at - timedelta(days=1)
        row.previous = previous
        previous = row.hash = chain.link(previous, chain.event_of(row), row.sealed_hash)
    case.head = previous
    session.commit()


def remove(reference: str) -> None:
    """… or removes a case, with everything about it."""
    session = as_system()
    begin_writing(session)
    case_id = session.scalar(select(Disagreement.id).where(Disagreement.reference == reference))
    session.execute(text("PRAGMA defer_foreign_keys=ON"))
    for table in reversed(Base.metadata.sorted_tables):
        if "disagreement_id" in table.c:
            session.execute(delete(table).where(table.c.disagreement_id == case_id))
    session.execute(delete(Base.metadata.tables["disagreement"]).where(Base.metadata.tables["disagreement"].c.id == case_id))
    session.commit()


@pytest.fixture
def cases(world: World) -> list[str]:
    """One settled, one just raised."""
    return [settle(world, NOW), world.make_disagreement(NOW)]


def test_a_chain_written_anew_from_its_start_holds_by_itself_and_not_against_the_list(
    world: World, cases: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "list.txt"
    assert "holds the heads of 2 cases" in run(world, "checkpoint", str(file)).output
    world.make_disagreement(NOW)
    good = run(world, "verify", "--checkpoint", str(file))
    assert good.exit_code == 0 and "2 cases" in good.output, "what came later is no fault"
    write_anew(cases[0])
    assert run(world, "verify").exit_code == 0, "a chain alone cannot show it"
    found = run(world, "verify", "--checkpoint", str(file))
    assert found.exit_code == 1 and f"{cases[0]}: its events up to" in found.output and cases[1] not in found.output


def test_a_case_that_was_removed_or_cut_short_is_found(world: World, cases: list[str], tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    run(world, "checkpoint", str(file))
    remove(cases[1])
    assert run(world, "verify").exit_code == 0, "what is not there has no chain that breaks"
    found = run(world, "verify", "--checkpoint", str(file))
    assert found.exit_code == 1 and f"{cases[1]}: this case was there on" in found.output
    session = as_system()
    begin_writing(session)
    case = session.scalars(select(Disagreement).where(Disagreement.reference == cases[0])).one()
    last = session.get_one(EventRow, (case.id, case.seq))
    case.seq, case.head = case.seq - 1, last.previous
    session.delete(last)
    session.commit()
    found = run(world, "verify", "--checkpoint", str(file))
    assert f"{cases[0]}: it had" in found.output and "2 chains are broken" in found.output


def test_the_public_key_alone_is_enough_on_a_copy_of_the_database(
    world: World, cases: list[str], settings: Settings, tmp_path: Path
) -> None:
    file, public, copy = tmp_path / "list.txt", tmp_path / "public.pem", tmp_path / "copy.db"
    run(world, "checkpoint", str(file))
    public.write_text(run(world, "key").output)
    db.session.remove()
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(settings.database_url.removeprefix("sqlite:///"), copy)
    assert newkeys(str(tmp_path / "any.json")) == 0
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "audit", "verify", "--checkpoint", str(file), "--key", str(public)]
    env = {"PATH": "/usr/bin", "ACCORD_DATABASE_URL": f"sqlite:///{copy}", "ACCORD_SECRETS_FILE": str(tmp_path / "any.json")}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "every chain holds" in done.stdout and cases, done.stderr


def test_another_program_can_check_the_signature(world: World, cases: list[str]) -> None:
    whole = run(world, "checkpoint").output
    body, _, last = whole.rpartition("signature ")
    key = load_pem_public_key(run(world, "key").output.encode())
    assert isinstance(key, Ed25519PublicKey) and all(one in body for one in cases)
    key.verify(base64.b64decode(last.split()[1]), body.encode())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("cases 2", "cases 1"), "the signature does not fit"),
        (lambda text: "\n".join(line for line in text.splitlines() if not line.startswith("PD-")) + "\n", "the signature does not fit"),
        (lambda text: "hello", "this is not a checkpoint"),
        (lambda text: text.partition("signature")[0], "this is not a checkpoint"),
        (lambda text: text.replace("signature ", "signature x "), "this is not a checkpoint"),
    ],
)
def test_a_list_that_was_changed_is_refused(world: World, cases: list[str], tmp_path: Path, change: Any, said: str) -> None:
    file = tmp_path / "list.txt"
    run(world, "checkpoint", str(file))
    file.write_text(change(file.read_text()))
    refused = run(world, "verify", "--checkpoint", str(file))
    assert refused.exit_code == 1 and f"list.txt: {said}" in refused.output and cases


def test_another_key_is_refused_and_one_that_is_none(world: World, cases: list[str], tmp_path: Path) -> None:
    file, other = tmp_path / "list.txt", tmp_path / "other.jwk"
    run(world, "checkpoint", str(file))
    newkeys(str(tmp_path / "other.json"))
    fresh = json.loads((tmp_path / "other.json").read_text())["checkpoint"]
    other.write_text(json.dumps({name: value for name, value in fresh.items() if name != "d"}))
    assert "signed with another key" in run(world, "verify", "--checkpoint", str(file), "--key", str(other)).output
    other.write_text("nonsense")
    assert "the public key cannot be read" in run(world, "verify", "--checkpoint", str(file), "--key", str(other)).output and cases


def test_the_clock_keeps_one_a_day_each_naming_the_one_before(world: World, cases: list[str], tmp_path: Path) -> None:
    here, now = runtime(world.app), machine_now()
    object.__setattr__(here.settings, "checkpoints_folder", str(tmp_path))
    clock.keep_checkpoint(here)
    clock.keep_checkpoint(here)
    kept = as_system().scalars(select(Checkpoint)).one()
    assert (tmp_path / f"checkpoint-{kept.day}.txt").read_text() == kept.text and cases[0] in kept.text
    assert checkpoints.keep(as_system(), here.keys, "https://x", now) is None, "another process was quicker"
    second = checkpoints.keep(as_system(), here.keys, "https://x", now + timedelta(days=1))
    assert second is not None and f"previous {kept.digest}" in second.text
    assert run(world, "checkpoint", "--day", kept.day).output == kept.text
    assert "none was kept" in run(world, "checkpoint", "--day", "2001-01-01").output
    write_anew(cases[0])
    assert run(world, "verify").exit_code == 1, "the one kept last is looked at without being asked"
