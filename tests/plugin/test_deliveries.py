"""What is owed to a file arrives there once: workers killed while writing, the queue lost, hosts that fail, leases that end."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pytest_httpserver import HTTPServer
from sqlalchemy import func, select, update
from werkzeug import Request, Response

from integrations.contract import Delivered
from integrations.launch.context import ChildDetails
from integrations.trial import TrialAdapter, TrialOptions
from plugin.app import create_app
from plugin.config import Settings
from plugin.extensions import db
from plugin.jobs import work
from plugin.models import Attempt, Connection, Delivery, Disagreement, EventRow, begin_writing
from plugin.runtime import runtime
from plugin.services.case import chain
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.post.reminders import sweep
from plugin.services.write_back import deliveries, endings, records
from plugin.services.write_back.endings import Terms, Tried
from tests.pages import Visitor
from tests.plugin.running import Worker, settle, wait_until, worker
from tests.plugin.visits import as_system, start
from tests.servers import RedisServer
from tests.world import World, make_world, uk, use_trial_adapter

AT = uk("2026-11-16 10:00")
KILLS = int(os.environ.get("ACCORD_TEST_KILLS", "25"))


def use_folders(tmp_path: Path, **options: Any) -> dict[str, Path]:
    """Both agencies write to the trial adapter, each into a folder of its own."""
    folders = {}
    session = as_system()
    begin_writing(session)
    for row in session.scalars(select(Connection)):
        folders[row.agency_id] = tmp_path / f"file of {row.id}"
        folders[row.agency_id].mkdir()
        row.adapter, row.options = "trial", {**options, "folder": str(folders[row.agency_id])}
    session.commit()
    return folders


def states() -> Counter[str]:
    """How many deliveries stand where."""
    rows = as_system().execute(select(Delivery.state)).scalars().all()
    return Counter(rows)


def all_on_file() -> bool:
    return set(states()) == {"on file"}


def run_sweep(world: World) -> None:
    session = as_system()
    sweep(session, world.keys, business_now(session), machine_now())


def one_document_a_file(folders: dict[str, Path]) -> None:
    """Every delivery is on file, with exactly one document, whose number is the one we tell."""
    session = as_system()
    rows = list(session.scalars(select(Delivery)))
    assert rows and {row.state for row in rows} == {"on file"}
    for row in rows:
        copies = TrialAdapter().copies(row.record, TrialOptions(folder=str(folders[row.agency_id])))
        assert copies == [row.remote_id], f"{row.record} lies at {row.agency_id} as {copies}"
    for case in session.execute(select(Disagreement.id, Disagreement.seq)):
        events = list(session.scalars(select(EventRow).where(EventRow.disagreement_id == case.id).order_by(EventRow.seq)))
        assert chain.first_break(events, case.seq) is None
        filed = [one.about for one in events if "remote id" in one.facts]
        assert len(filed) == len(set(filed)) == sum(row.disagreement_id == case.id for row in rows)


@pytest.mark.slow
def test_workers_killed_while_writing_lose_nothing_and_write_nothing_twice(world: World, tmp_path: Path) -> None:
    """Real processes, killed with -9 at random moments; leases of a second."""
    kills = KILLS if "sqlite" in runtime(world.app).settings.database_url else max(4, KILLS // 6)
    folders, chance, interrupted = use_folders(tmp_path), random.Random(kills), 0
    workers = [Worker(world, tmp_path / "worker.log", lease_seconds=1)]
    try:
        for _ in range(kills):
            workers.append(Worker(world, tmp_path / "worker.log", lease_seconds=1))  # it gets ready while the one before it works
            while sum(states().values()) - states()["on file"] < 10:
                settle(world, AT)
            run_sweep(world)
            attempts = _attempts()
            wait_until(lambda before=attempts: _attempts() > before or _tap(world), 60, 0.005)
            time.sleep(chance.uniform(0, 0.25))
            workers.pop(0).kill()
            interrupted += states()["claimed"] > 0
        wait_until(lambda: run_sweep(world) or all_on_file(), 60, 0.3)
    finally:
        for running in workers:
            running.kill()
    one_document_a_file(folders)
    assert interrupted > kills // 3, f"only {interrupted} of {kills} kills came while something was being written"


def _attempts() -> int:
    return int(as_system().scalar(select(func.sum(Delivery.attempt))) or 0)


def _tap(world: World) -> bool:
    runtime(world.app).waker.wake("delivery")
    return False


@pytest.mark.slow
def test_a_queue_flushed_in_the_middle_loses_nothing(world: World, tmp_path: Path) -> None:
    folders = use_folders(tmp_path)
    for _ in range(3):
        settle(world, AT)
    here = runtime(world.app)
    assert here.waker.queue.count > 0
    here.waker.redis.flushall()
    assert here.waker.queue.count == 0 and states() == {"due": 6}
    with worker(world, tmp_path / "worker.log"):
        run_sweep(world)
        wait_until(all_on_file)
    one_document_a_file(folders)


@pytest.mark.slow
def test_a_queue_that_is_down_loses_nothing(world: World, tmp_path: Path, redis_server: RedisServer) -> None:
    """The service saves as before, the worker waits, and what was saved is written when the queue is back."""
    folders = use_folders(tmp_path)
    with worker(world, tmp_path / "worker.log"):
        settle(world, AT)
        run_sweep(world)
        wait_until(all_on_file)
        redis_server.stop()
        settle(world, AT)
        settle(world, AT)
        run_sweep(world)
        assert states() == {"on file": 2, "due": 4}
        assert Visitor(world.app).get("/health/parts").response.json["queue"] == "down"
        redis_server.start()
        wait_until(lambda: run_sweep(world) or all_on_file(), 30, 0.5)
    one_document_a_file(folders)


def test_a_worker_whose_lease_ended_while_it_wrote_changes_nothing_any_more(world: World, tmp_path: Path) -> None:
    folders = use_folders(tmp_path)
    settle(world, AT)
    here, session = runtime(world.app), as_system()
    slow = deliveries.claim(session, world.keys, machine_now(), timedelta(0), 20)
    adapter = here.adapters.get("trial")
    numbers = {}
    for one in slow:
        record = records.record_for(session, world.keys, one, False)
        session.rollback()
        written = adapter.write(record, adapter.options.model_validate(one.options), {}, here.http)
        assert isinstance(written, Delivered)
        numbers[one.id] = written.remote_id
    work.deliver()
    before = {row.id: (row.state, row.attempt, row.remote_id, row.done_at) for row in as_system().scalars(select(Delivery))}
    assert {(state, attempt) for state, attempt, *_rest in before.values()} == {("on file", 2)}
    session = as_system()
    for one in slow:
        now = machine_now()
        outcome = Delivered(numbers[one.id] + " told late")
        endings.conclude(session, world.keys, [(one, Tried(outcome, now, now), Terms((0,), searchable=True))], now)
    after = {row.id: (row.state, row.attempt, row.remote_id, row.done_at) for row in as_system().scalars(select(Delivery))}
    assert after == before
    assert as_system().scalar(select(func.count()).select_from(Attempt)) == 4, "both tries are in the log"
    one_document_a_file(folders)


@pytest.mark.slow
def test_two_workers_at_once_never_hold_one_row(world: World, tmp_path: Path) -> None:
    folders = use_folders(tmp_path)
    for _ in range(6):
        settle(world, AT)
    with worker(world, tmp_path / "a.log"), worker(world, tmp_path / "b.log"):
        for _ in range(40):
            _tap(world)
        wait_until(lambda: run_sweep(world) or all_on_file(), 40, 0.2)
    one_document_a_file(folders)
    assert {row.attempt for row in as_system().scalars(select(Delivery))} == {1}


@pytest.mark.parametrize(
    ("behaviour", "state", "copies"),
    [
        ("silent after writing", "on file", 1),
        ("silent before writing", "on file", 1),
        ("crash", "on file", 1),
        ("defer", "on file", 1),
        ("refuse", "needs a person", 0),
    ],
)
def test_whatever_a_host_does_there_is_one_document_or_a_person_is_asked(
    world: World, tmp_path: Path, behaviour: str, state: str, copies: int
) -> None:
    folders = use_folders(tmp_path, behaviour=behaviour, times=2)
    settle(world, AT)
    wait_until(lambda: work.deliver() or set(states()) == {state}, 10, 0.3)
    for row in as_system().scalars(select(Delivery)):
        assert len(TrialAdapter().copies(row.record, TrialOptions(folder=str(folders[row.agency_id])))) == copies


def test_where_a_host_cannot_be_searched_a_person_looks_before_it_is_sent_again(world: World, tmp_path: Path) -> None:
    folders = use_folders(tmp_path, behaviour="silent after writing", can_be_searched=False)
    settle(world, AT)
    wait_until(lambda: work.deliver() or set(states()) <= {"needs a person"}, 10, 0.3)
    for row in as_system().scalars(select(Delivery)):
        assert len(TrialAdapter().copies(row.record, TrialOptions(folder=str(folders[row.agency_id])))) == 1


REST = {
    "steps": [
        {
            "id": "document",
            "does": "create",
            "path": "/documents",
            "body_format": "json",
            "body": '{"reference": "{{key}}", "title": "{{title}}"}',
            "success_statuses": [201],
            "remote_id": "json:id",
            "look": {
                "path": "/documents?reference={{key}}",
                "success_statuses": [200],
                "among": "json:documents",
                "found": "json:id",
                "matches": {"json:reference": "{{key}}"},
            },
        }
    ],
}


class TestAHostThatFailsTwice:
    """Over HTTP: a host that answers 500, 500, then takes the document."""

    @pytest.fixture
    def settings(self, settings: Settings, httpserver: HTTPServer) -> Settings:
        """The host is one that may be called; tries are a minute apart."""
        local = (f"127.0.0.1:{httpserver.port}",)
        return Settings(
            **{**{one: getattr(settings, one) for one in Settings.__dataclass_fields__}, "outbound_local": local, "retry_seconds": (60, 60)}
        )

    @pytest.fixture
    def app(self, settings: Settings) -> Iterator[Flask]:
        """The service with these settings."""
        made = create_app(settings)
        with made.app_context():
            yield made
            db.session.remove()
            db.engine.dispose()

    @pytest.fixture
    def world(self, app: Flask) -> World:
        """The demo's people in it."""
        return make_world(app)

    def test_the_page_says_waiting_then_on_file(self, world: World, httpserver: HTTPServer) -> None:
        seen: Counter[str] = Counter()

        def answer(request: Request) -> Response:
            reference = request.get_json()["reference"]
            seen[reference] += 1
            host = f"H{len(seen)}{seen[reference]}"
            return Response("{}", 500) if seen[reference] <= 2 else Response(f'{{"id": "{host}"}}', 201, content_type="application/json")

        httpserver.expect_request("/documents", method="POST").respond_with_handler(answer)
        httpserver.expect_request("/documents", method="GET").respond_with_json({"documents": []})
        session = as_system()
        begin_writing(session)
        session.execute(update(Connection).where(Connection.id == "school").values(adapter="", options={}))
        way = session.get_one(Connection, "council")
        way.adapter, way.options = "rest", {"base_url": f"http://127.0.0.1:{httpserver.port}", **REST}
        session.commit()
        reference = settle(world, AT, child=ChildDetails("Ffion Achebe-Lloyd", "2016-05-04", (("nhs-number", "9434765919"),)))
        visitor = Visitor(world.app)
        said = []
        for _ in range(3):
            work.deliver()
            page = visitor.press(start(visitor, world), reference)
            said.append(next(one for one in page.listed("accord-receipts") if "Northleigh Council" in one))
            session = as_system()
            begin_writing(session)
            session.execute(update(Delivery).where(Delivery.state == "due").values(next_try_at=machine_now()))
            session.commit()
        assert [one.startswith("Waiting") for one in said] == [True, True, False], said
        assert said[2].startswith("On file")
        assert seen == {f"{reference}/v1": 3}
        row = as_system().scalar(select(Delivery).where(Delivery.agency_id == "northleigh-council"))
        assert row is not None and row.remote_id == "H13" and "Document H13" in said[2]
        theirs = next(one for one in page.listed("accord-receipts") if "Hill Top School" in one)
        assert theirs.startswith("To be filed"), "an agency with no way in is shown as one a person must file at"


def test_use_trial_adapter_is_what_the_world_offers(world: World) -> None:
    """Deliveries in memory, for tests that need no folder, end on file too."""
    use_trial_adapter()
    settle(world, AT)
    work.deliver()
    assert states() == {"on file": 2}
