"""Putting a policy in force from the command line: the partnership is set up, cases keep their version, mistakes change nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from plugin.extensions import db
from plugin.models import Disagreement, Partnership, PolicyVersion
from plugin.models.scope import System, bind
from plugin.services.case.policies import current_policy, partnership_for
from policies import pack, pack_text
from tests.plugin.visits import on_sqlite_alone
from tests.world import World, uk

pytestmark = [on_sqlite_alone, pytest.mark.slow]


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["policy", "activate", *arguments])


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    file = tmp_path / "newer.yaml"
    file.write_text(pack_text("gloucestershire").replace("version: 2018-07", "version: 2027-01"))
    return file


def test_a_new_partnership_is_set_up_with_its_policy_areas_and_mailboxes(world: World) -> None:
    mailboxes = ("--coordinator", "board@wiltshire.example", "--duty-desk", "duty@wiltshire.example")
    done = run(world.app, "wiltshire", "--area", "E06000054", "--accept-unresolved", *mailboxes)
    assert done.exit_code == 0, done.output
    assert "is in force for Wiltshire Safeguarding Children Board (wiltshire)" in done.output
    with world.app.app_context():
        bind(db.session, System("test"))
        row = db.session.get_one(Partnership, "wiltshire")
        assert (row.title, row.coordinator_email, row.duty_desk_email) == (
            "Wiltshire Safeguarding Children Board",
            "board@wiltshire.example",
            "duty@wiltshire.example",
        )
        assert partnership_for(db.session, "demo", "E06000054") == "wiltshire"
        assert current_policy(db.session, "wiltshire").hash == pack("wiltshire").hash


def test_a_new_version_replaces_the_old_one_and_running_cases_keep_theirs(world: World, newer: Path) -> None:
    world.make_disagreement(uk("2027-03-19 18:10"))
    assert run(world.app, str(newer), "--partnership", "demo").exit_code == 0
    with world.app.app_context():
        bind(db.session, System("test"))
        assert current_policy(db.session, "demo").version == "2027-01"
        assert db.session.scalars(select(Disagreement.policy_hash)).all() == [pack("gloucestershire").hash]
    assert run(world.app, "gloucestershire", "--partnership", "demo").exit_code == 0
    with world.app.app_context():
        bind(db.session, System("test"))
        assert current_policy(db.session, "demo").version == "2018-07", "one that was replaced may come back"
        assert len(db.session.scalars(select(PolicyVersion.hash).where(PolicyVersion.partnership_id == "demo")).all()) == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere",), "neither a policy"),
        (("wiltshire", "--area", "Wiltshire"), "is not the code of an area"),
        (("south-gloucestershire",), "names things that it does not give: The flow chart of Appendix 1"),
        (("gloucestershire", "--partnership", "others"), "This very text is the policy of the partnership 'demo'"),
    ],
)
def test_wrong_input_is_one_clear_line_and_changes_nothing(world: World, arguments: tuple[str, ...], says: str) -> None:
    done = run(world.app, *arguments)
    assert done.exit_code == 2
    assert says in done.output
    with world.app.app_context():
        bind(db.session, System("test"))
        assert current_policy(db.session, "demo").hash == pack("gloucestershire").hash
        assert db.session.scalars(select(Partnership.id)).all() == ["demo"]


def test_open_references_may_be_accepted(world: World) -> None:
    assert run(world.app, "south-gloucestershire", "--accept-unresolved").exit_code == 0
