"""The ledger's rules, one by one: pauses, connections switched off, every child's own file, later versions, own faults."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from sqlalchemy import func, select, text, update

from integrations.contract import Deferred, Refused
from integrations.trial import TrialAdapter, TrialOptions
from plugin.extensions import db
from plugin.jobs import delivering, work
from plugin.models import Attempt, Circuit, Connection, Delivery, EventRow, begin_writing
from plugin.runtime import runtime
from plugin.services.acting.raising import Sibling
from plugin.services.case import cases
from plugin.services.keeping.clock import machine_now
from plugin.services.keeping.sealing import Keys
from plugin.services.write_back import deliveries, endings, records
from plugin.services.write_back.endings import Terms, Tried
from tests.pages import Visitor
from tests.plugin.ledger import change, make_due, rows
from tests.plugin.running import settle
from tests.plugin.test_all_policies import Walker
from tests.plugin.visits import as_system, on_sqlite_alone, start
from tests.world import COUNCIL, SCHOOL, World, uk, use_trial_adapter

pytestmark = pytest.mark.slow  # left out of make test-quick

AT = uk("2026-11-16 10:00")


class TestPauses:
    def test_five_failures_in_a_row_pause_a_connection_and_nothing_is_lost(self, world: World) -> None:
        use_trial_adapter(behaviour="defer")
        for _ in range(7):
            settle(world, AT)
        work.deliver()
        here = {row.connection_id: row for row in as_system().scalars(select(Circuit))}
        assert {one.failures for one in here.values()} == {5} and all(one.open_until > machine_now() for one in here.values())
        assert as_system().scalar(select(func.count()).select_from(Attempt)) == 10, "five tries at each of two connections, then none"
        assert {row.state for row in rows()} == {"due"}
        use_trial_adapter()
        make_due()
        work.deliver()
        assert {row.state for row in rows()} == {"due"}, "the pause lasts, whatever the connection would say now"
        change(Circuit, open_until=machine_now() - timedelta(seconds=1))
        make_due()
        work.deliver()
        assert {row.state for row in rows()} == {"on file"}
        assert as_system().scalar(select(func.count()).select_from(Circuit)) == 0

    @on_sqlite_alone
    def test_after_the_pause_one_is_tried_and_its_failure_begins_it_anew(self, world: World) -> None:
        use_trial_adapter(behaviour="defer")
        for _ in range(7):
            settle(world, AT)
        work.deliver()
        change(Circuit, open_until=machine_now() - timedelta(seconds=1))
        make_due()
        work.deliver()
        assert {one.failures for one in as_system().scalars(select(Circuit))} == {6}

    @on_sqlite_alone
    def test_what_is_refused_pauses_nothing(self, world: World) -> None:
        use_trial_adapter(behaviour="refuse")
        for _ in range(7):
            settle(world, AT)
        work.deliver()
        assert {row.state for row in rows()} == {"needs a person"}
        assert as_system().scalar(select(func.count()).select_from(Circuit)) == 0

    @on_sqlite_alone
    def test_one_agencys_pause_holds_up_nobody_else(self, world: World) -> None:
        use_trial_adapter()
        session = as_system()
        begin_writing(session)
        session.execute(update(Connection).where(Connection.id == "school").values(options={"behaviour": "silent before writing"}))
        session.commit()
        for _ in range(25):
            settle(world, AT)
        work.deliver()
        assert {row.state for row in rows(COUNCIL)} == {"on file"} and {row.state for row in rows(SCHOOL)} == {"due"}

    def test_a_connection_that_is_switched_off_holds_what_is_due_until_it_is_on(self, world: World) -> None:
        use_trial_adapter()
        settle(world, AT)
        change(Connection, enabled=False)
        work.deliver()
        assert {(row.state, row.attempt) for row in rows()} == {("due", 0)}
        change(Connection, enabled=True)
        work.deliver()
        assert {row.state for row in rows()} == {"on file"}


class TestEveryChild:
    SIBLINGS = (
        Sibling("Noah Achebe-Lloyd", "2019-02-11", (("nhs-number", "9990000026"),), "4472"),
        Sibling("Efa Achebe-Lloyd", "2020-07-30", (), "4473"),
    )

    def test_every_childs_file_at_every_agency_gets_its_own(self, world: World) -> None:
        use_trial_adapter()
        reference = settle(world, AT, siblings=self.SIBLINGS)
        assert {(row.agency_id, row.child, row.record) for row in rows()} == {
            (agency, child, record)
            for agency in (COUNCIL, SCHOOL)
            for child, record in (("c1", f"{reference}/v1"), ("c2", f"{reference}/v1-c2"), ("c3", f"{reference}/v1-c3"))
        }
        work.deliver()
        assert {row.state for row in rows()} == {"on file"}
        filed = [one for one in as_system().scalars(select(EventRow).where(EventRow.kind == "fulfilled")) if "remote id" in one.facts]
        assert len(filed) == 2 and all(len(one.facts["records"]) == 3 for one in filed), "an agency has done it when all its files have it"

    @on_sqlite_alone
    def test_a_record_names_its_own_child_by_its_own_numbers_and_no_other(self, world: World) -> None:
        use_trial_adapter()
        settle(world, AT, siblings=self.SIBLINGS)
        session = as_system()
        for row in rows(COUNCIL):
            record = records.record_for(session, world.keys, deliveries.as_read(session, row.id, machine_now()))
            said = record.documents[1].content.decode()
            names = {"c1": "Ffion Achebe-Lloyd", "c2": "Noah Achebe-Lloyd", "c3": "Efa Achebe-Lloyd"}
            assert record.fields["child_name"] == names[row.child]
            assert [name for name in names.values() if name in said] == [names[row.child]]
            local = {"c1": "4471", "c2": "4472", "c3": "4473"}[row.child]
            assert {one.system: one.value for one in record.child}["local"] == local

    @on_sqlite_alone
    def test_the_obligation_stays_open_until_the_last_of_them_is_filed(self, world: World) -> None:
        use_trial_adapter()
        reference = settle(world, AT, siblings=self.SIBLINGS)
        session = as_system()
        begin_writing(session)
        session.execute(update(Delivery).where(Delivery.record.endswith("-c3")).values(next_try_at=machine_now() + timedelta(hours=1)))
        session.commit()
        work.deliver()
        state = cases.open_case(as_system(), world.keys, reference=reference).state(AT + timedelta(hours=2))
        assert {one.status for one in state.obligations if one.id == "record"} == {"owed"}
        make_due()
        work.deliver()
        state = cases.open_case(as_system(), world.keys, reference=reference).state(AT + timedelta(hours=2))
        assert {one.status for one in state.obligations if one.id == "record"} == {"done"}


@on_sqlite_alone
def test_what_is_written_after_the_outcome_goes_on_file_as_a_later_version(world: World) -> None:
    """Confirmed at close, talked about afterwards: three versions, each with all that went before."""
    use_trial_adapter()
    reference = world.make_disagreement(AT)
    walker = Walker(world, reference)
    walker.now = AT
    walker.fulfil_all()
    walker.move("resolve")
    work.deliver()
    walker.fulfil_all()
    walker.move("close")
    work.deliver()
    walker.fulfil_all()
    work.deliver()
    by_version = {row.record: row for row in rows(COUNCIL)}
    assert list(by_version) == [f"{reference}/v{number}" for number in (1, 2, 3)]
    assert {row.state for row in rows()} == {"on file"}
    session = as_system()
    told = []
    for row in by_version.values():
        record = records.record_for(session, world.keys, deliveries.as_read(session, row.id, machine_now()))
        told.append(record.documents[1].content.decode())
        assert record.fields["settled"] == AT.date().isoformat()
    assert ["Done: Confirm the outcome" in one for one in told] == [False, True, True]
    assert len(told[0]) < len(told[1]) < len(told[2])


class TestWhatIsOurFault:
    @on_sqlite_alone
    def test_a_fault_before_anything_was_sent_is_tried_again_without_looking(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        use_trial_adapter()
        settle(world, AT)
        monkeypatch.setattr(records, "record_for", _fails)
        claimed = deliveries.claim(as_system(), world.keys, machine_now(), timedelta(seconds=60), 1)
        ends = delivering.Endings(runtime(world.app))
        ends.add(*delivering._deliver(runtime(world.app), claimed[0], {}))
        (tried,) = as_system().scalars(select(Attempt))
        assert (tried.outcome, tried.reason) == ("deferred", "A fault in the service (RuntimeError). Nothing was sent.")
        assert not as_system().get_one(Delivery, claimed[0].id).must_look

    @on_sqlite_alone
    @pytest.mark.parametrize(("adapter", "options"), [("no such adapter", {}), ("trial", {"behaviour": "dance"})])
    def test_settings_that_cannot_be_used_any_more_ask_a_person_and_stop_no_worker(
        self, world: World, adapter: str, options: dict[str, Any]
    ) -> None:
        settle(world, AT)
        change(Connection, adapter=adapter, options=options)
        work.deliver()
        assert {row.state for row in rows()} == {"needs a person"}
        assert all("settings of this connection" in row.reason for row in rows())

    @on_sqlite_alone
    def test_a_worker_lost_while_it_wrote_to_a_mailbox_leads_to_a_person_not_to_a_second_mail(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        use_trial_adapter()
        monkeypatch.setattr(TrialAdapter, "searchable", False)
        settle(world, AT)
        for _ in deliveries.claim(as_system(), world.keys, machine_now(), timedelta(0), 20):
            pass
        work.deliver()
        assert {row.state for row in rows()} == {"needs a person"} and all(row.must_look for row in rows())
        for row in rows():
            assert runtime(world.app).adapters.get("trial").copies(row.record, TrialOptions()) == []  # type: ignore[attr-defined]  # the trial's own

    @on_sqlite_alone
    def test_a_database_that_cannot_be_written_is_never_a_success(
        self, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The peer wrote, the disk is full: the row stays claimed, and the next worker looks before it writes."""
        use_trial_adapter(folder=str(tmp_path))
        settle(world, AT)
        db.session.rollback()
        with monkeypatch.context() as patched:
            patched.setattr(endings, "_TRIED", text("INSERT INTO no_such_table VALUES (1)"))
            with pytest.raises(work.JobFailedError):
                work.deliver()
        assert {row.state for row in rows()} == {"claimed", "due"}
        assert not [one for one in as_system().scalars(select(EventRow)) if "remote id" in one.facts]
        make_due()
        work.deliver()
        assert {row.state for row in rows()} == {"on file"}
        for row in rows():
            assert len(TrialAdapter().copies(row.record, TrialOptions(folder=str(tmp_path)))) <= 2, "one copy for each agency in one folder"


def _fails(*_args: Any, **_more: Any) -> None:
    raise RuntimeError("Ffion Achebe-Lloyd")


@on_sqlite_alone
def test_nothing_is_sent_from_inside_a_transaction(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    use_trial_adapter(behaviour="silent after writing", times=1)
    for _ in range(3):
        settle(world, AT)
    inside: list[bool] = []
    for name in ("write", "find"):
        as_it_was = getattr(TrialAdapter, name)

        def noting(self: TrialAdapter, *given: Any, then: Any = as_it_was) -> Any:
            inside.append(db.session().in_transaction())
            return then(self, *given)

        monkeypatch.setattr(TrialAdapter, name, noting)
    as_system()
    work.deliver()
    change(Circuit, open_until=None)
    make_due()
    as_system()
    work.deliver()
    change(Delivery, check_at=machine_now() - timedelta(seconds=1))
    as_system()
    work.deliver()
    assert len(inside) > 12 and not any(inside)


@on_sqlite_alone
def test_tries_run_out_and_then_a_person_is_asked_in_words_that_say_how_often(world: World) -> None:
    use_trial_adapter(behaviour="defer")
    settle(world, AT)
    for _ in range(6):
        change(Circuit, open_until=None)
        make_due()
        work.deliver()
    assert {(row.state, row.reason) for row in rows()} == {("needs a person", "The trial system is busy. Tried 4 times.")}


@on_sqlite_alone
@pytest.mark.parametrize("asked", [None, 1800])
def test_the_wait_grows_as_set_with_a_jitter_of_a_fifth_and_never_less_than_the_peer_asks(world: World, asked: int | None) -> None:
    use_trial_adapter()
    settle(world, AT)
    (one, *_rest) = deliveries.claim(as_system(), world.keys, machine_now(), timedelta(seconds=60), 1)
    now = machine_now()
    waited = set()
    for _ in range(200):
        after = timedelta(seconds=asked) if asked else None
        values = endings._next(one, Tried(Deferred("busy", after), now, now), Terms((600,), searchable=True), AT)
        waited.add((values["next_try_at"] - now).total_seconds())
    assert (min(waited) >= 480 and max(waited) <= 720 and max(waited) - min(waited) > 100) if asked is None else waited == {1800}


@on_sqlite_alone
def test_the_log_of_a_try_has_its_status_and_time_and_nothing_else_of_the_exchange(
    world: World, httpserver: HTTPServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "accord")
    httpserver.expect_request("/documents").respond_with_data("Ffion was here: s3cret-word", status=422)
    runtime(world.app).http.allowed = type(runtime(world.app).http.allowed).parse((), (f"127.0.0.1:{httpserver.port}",))
    step = {
        "id": "document",
        "does": "create",
        "path": "/documents",
        "body_format": "json",
        "body": '{"r": "{{key}}"}',
        "remote_id": "json:id",
    }
    base = {"base_url": f"http://127.0.0.1:{httpserver.port}", "steps": [{**step, "success_statuses": [201]}]}
    change(Connection, adapter="rest", options=base)
    settle(world, AT)
    work.deliver()
    tries = list(as_system().scalars(select(Attempt)))
    assert {(one.outcome, one.status, one.looked) for one in tries} == {("refused", 422, False)} and all(one.ms >= 0 for one in tries)
    said = " ".join([one.reason for one in tries] + [row.reason for row in rows()]) + caplog.text
    assert "s3cret" not in said and "Ffion" not in said


def test_no_repr_shows_a_secret_or_a_child(world: World) -> None:
    use_trial_adapter()
    session = as_system()
    begin_writing(session)
    settle(world, AT)
    (one, *_rest) = deliveries.claim(as_system(), world.keys, machine_now(), timedelta(seconds=60), 1)
    held = Terms((1,), True), Tried(Refused("no"), machine_now(), machine_now()), one, world.keys
    assert isinstance(world.keys, Keys)
    shown = repr(held) + repr(records.record_for(as_system(), world.keys, one, False))
    assert not [word for word in ("Ffion", "9990000018", "4471", "secret-8813", "fernet=") if word in shown], shown


@on_sqlite_alone
def test_an_earlier_version_is_over_once_a_later_one_that_holds_it_lies_on_the_file(world: World) -> None:
    use_trial_adapter(behaviour="refuse")
    reference = world.make_disagreement(AT)
    walker = Walker(world, reference)
    walker.now = AT
    walker.fulfil_all()
    walker.move("resolve")
    work.deliver()
    assert {row.state for row in rows()} == {"needs a person"}
    use_trial_adapter()
    walker.fulfil_all()
    walker.move("close")
    work.deliver()
    for agency in (COUNCIL, SCHOOL):
        first, second = rows(agency)[:2]
        assert (first.state, first.asked_at, second.state) == ("given up", None, "on file")
        assert first.reason == f"A later record is on this file, and holds all of this one: {reference}/v2."
    visitor = Visitor(world.app)
    page = visitor.press(start(visitor, world), reference)
    assert "asked to see to it" not in page.words and "Needs a person" not in page.words, "no banner is left"
    case = cases.open_case(as_system(), world.keys, reference=reference)
    state = case.state(AT + timedelta(days=365))
    assert not [one for one in state.obligations if one.kind == "record" and one.status in ("owed", "overdue")]
    met = [event for event in case.events if event.kind == "fulfilled" and event.about.startswith("case/record/")]
    assert {event.facts["record"] for event in met} == {f"{reference}/v2"}
    assert not [event for event in case.events if event.kind == "waived"]


@on_sqlite_alone
def test_an_earlier_version_waits_on_where_the_later_one_lies_on_another_file(world: World) -> None:
    use_trial_adapter(behaviour="refuse")
    reference = world.make_disagreement(AT)
    walker = Walker(world, reference)
    walker.now = AT
    walker.fulfil_all()
    walker.move("resolve")
    work.deliver()
    walker.fulfil_all()
    walker.move("close")
    work.deliver()
    assert {row.state for row in rows()} == {"needs a person"}, "both wait: neither lies there"
    second = rows(COUNCIL)[1]
    session = as_system()
    begin_writing(session)
    session.execute(update(Delivery).where(Delivery.id == second.id).values(state="on file", asked_at=None))
    endings.filed.follow(session, world.keys, second.disagreement_id, second.obligation, walker.now, machine_now())
    session.commit()
    assert [row.state for row in rows(COUNCIL)] == ["given up", "on file"]
    assert {row.state for row in rows(SCHOOL)} == {"needs a person"}
