"""Looking again: what arrived is asked for a day later, and what is gone is owed again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from integrations.contract import Unknown
from plugin.jobs import delivering, work
from plugin.models import Connection, Delivery, DeliveryAct, EventRow
from plugin.runtime import runtime
from plugin.services.case import cases
from plugin.services.keeping.clock import machine_now
from tests.plugin.ledger import change, rows
from tests.plugin.running import settle
from tests.plugin.visits import as_system, on_sqlite_alone
from tests.world import World, uk, use_trial_adapter

pytestmark = pytest.mark.slow  # left out of make test-quick

AT = uk("2026-11-16 10:00")


class TestLookingAgain:
    def filed(self, world: World, tmp_path: Path, **options: Any) -> Path:
        folder = tmp_path / "files"
        folder.mkdir(exist_ok=True)
        use_trial_adapter(folder=str(folder), **options)
        settle(world, AT)
        work.deliver()
        assert all(row.check_at and row.check_at > machine_now() + timedelta(hours=23) for row in rows())
        return folder

    def look(self) -> None:
        change(Delivery, check_at=machine_now() - timedelta(seconds=1))
        work.deliver()

    def test_what_is_there_is_noted_as_seen(self, world: World, tmp_path: Path) -> None:
        self.filed(world, tmp_path)
        self.look()
        assert all(row.seen_at and row.check_at is None and row.state == "on file" for row in rows())
        assert {one.what for one in as_system().scalars(select(DeliveryAct))} == {"seen"}

    def test_what_is_gone_is_owed_again_and_a_person_is_asked(self, world: World, tmp_path: Path) -> None:
        folder = self.filed(world, tmp_path)
        for copy in folder.glob("*.txt"):
            copy.unlink()
        self.look()
        assert {row.state for row in rows()} == {"needs a person"} and all(row.asked_at for row in rows())
        session = as_system()
        reference = rows()[0].record.partition("/")[0]
        state = cases.open_case(session, world.keys, reference=reference).state(AT + timedelta(days=1))
        assert {one.status for one in state.obligations if one.id == "record"} <= {"owed", "overdue"}

    @on_sqlite_alone
    def test_what_only_arrived_is_asked_about_where_the_system_does_not_say(self, world: World, tmp_path: Path) -> None:
        self.filed(world, tmp_path, on_file=False)
        assert {(row.state, row.asked_at) for row in rows()} == {("arrived", None)}
        self.look()
        assert {row.state for row in rows()} == {"arrived"} and all(row.asked_at for row in rows())

    @on_sqlite_alone
    def test_what_only_arrived_is_on_file_once_the_system_says_so(self, world: World, tmp_path: Path) -> None:
        folder = self.filed(world, tmp_path, on_file=False)
        change(Connection, options={"folder": str(folder)})
        self.look()
        assert {row.state for row in rows()} == {"on file"}
        events = list(as_system().scalars(select(EventRow).where(EventRow.kind == "fulfilled")))
        assert len([one for one in events if "remote id" in one.facts]) == 2

    @on_sqlite_alone
    def test_a_system_that_does_not_answer_is_asked_again_later_and_nothing_is_said_to_be_gone(self, world: World, tmp_path: Path) -> None:
        self.filed(world, tmp_path)
        here = runtime(world.app)
        session = as_system()
        change(Delivery, check_at=machine_now() - timedelta(seconds=1))
        for one in delivering.reconciliation.claim(session, world.keys, machine_now(), timedelta(seconds=60), 20):
            again = timedelta(hours=1)
            delivering.reconciliation.conclude(session, here.keys, one, Unknown("no answer"), True, again, AT, machine_now())
        assert {row.state for row in rows()} == {"on file"} and all(row.check_at for row in rows())
