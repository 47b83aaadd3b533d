"""Each night every connection is tested, once, and what is broken is mailed to those who look after it and to nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from plugin.extensions import db
from plugin.jobs import nightly as job
from plugin.models import Connection
from plugin.models.scope import System, bind
from plugin.services.write_back import nightly
from tests.plugin.desks import make_account
from tests.plugin.visits import Mailbox, as_system, on_sqlite_alone, text_of
from tests.world import SCHOOL, World, uk, use_trial_adapter

pytestmark = [pytest.mark.slow, on_sqlite_alone]


def test_it_is_due_once_a_day_after_three_whoever_asks(world: World) -> None:
    session, night = as_system(), uk("2027-03-28 03:00")
    assert not nightly.due(session, uk("2027-03-27 02:59"))
    assert nightly.due(session, uk("2027-03-27 03:00")) and nightly.claim(session, uk("2027-03-27 03:00"))
    assert not nightly.claim(session, uk("2027-03-27 03:00")) and not nightly.due(session, uk("2027-03-27 23:59"))
    assert nightly.claim(session, night) and not nightly.claim(session, night + timedelta(hours=1))
    assert nightly.claim(session, night + timedelta(days=4)), "after some days without a clock it is once, not four times"


def test_what_is_broken_is_mailed_to_those_who_look_after_it(world: World) -> None:
    for role, agency in (("owner", ""), ("administrator", "northleigh-council"), ("administrator", SCHOOL), ("coordinator", "")):
        make_account(world, role, agency, email=f"{role}.{agency}@desk.example")
    bind(db.session, System("test"))
    assert job.tell(["council", "school"]) == 4
    box = Mailbox(world)
    told = {str(one["To"]): text_of(one) for one in box.all()}
    council, school = told["administrator.northleigh-council@desk.example"], told[f"administrator.{SCHOOL}@desk.example"]
    assert "Northleigh Council" in council and "Hill Top School" not in council
    assert "Hill Top School" in school and "Northleigh Council" not in school
    for whole in (told["owner.@desk.example"], told["coordinator.@desk.example"]):
        assert "Northleigh Council" in whole and "Hill Top School" in whole and "/admin/connections" in whole
    assert len(told) == 4


def test_the_job_tests_every_connection_and_only_one_worker_does(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    make_account(world, "owner", email="owner@desk.example")
    monkeypatch.setattr("plugin.jobs.nightly.machine_now", lambda: uk("2027-03-27 03:00"))
    job.test_connections()
    job.test_connections()
    session = as_system()
    assert {row.working for row in session.scalars(select(Connection))} == {False}
    assert len(Mailbox(world).all()) == 1, "nobody can be reached in this test, and that is told once"


def test_where_all_is_well_nobody_is_mailed(world: World) -> None:
    make_account(world, "owner")
    use_trial_adapter()
    result = world.app.test_cli_runner().invoke(args=["connection", "check", "--mail"])
    assert result.exit_code == 0 and "council: Northleigh Council: working" in result.output and "0 mails sent" in result.output
    assert Mailbox(world).all() == []
