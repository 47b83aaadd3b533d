"""A disk that is full and a database that is locked: a clear answer, nothing half written, never a success; then all goes on.

The disk is full by SQLite's own limit on pages, which fails as a full disk does; PostgreSQL's full disk cannot be had here.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from integrations.trial import TrialAdapter, TrialOptions
from plugin.extensions import db
from plugin.jobs import work
from plugin.models import Delivery, EventRow
from plugin.runtime import runtime
from plugin.services.keeping.clock import machine_now
from plugin.services.post.reminders import sweep
from tests.pages import Visitor
from tests.plugin.running import settle
from tests.plugin.visits import as_system, dump, fill_raise, on_sqlite_alone, start
from tests.world import World, uk, use_trial_adapter

pytestmark = [pytest.mark.slow, on_sqlite_alone]

AT = uk("2026-11-16 10:00")


@contextmanager
def pragma(*said: str) -> Iterator[None]:
    """Every connection made while the block lasts is set so."""

    def set_up(connection: Any, _record: Any) -> None:
        for one in said:
            connection.execute(f"PRAGMA {one}")

    db.session.remove()
    db.engine.dispose()
    event.listen(Engine, "connect", set_up)
    try:
        yield
    finally:
        event.remove(Engine, "connect", set_up)
        db.session.remove()
        db.engine.dispose()


def pages_of(world: World) -> int:
    with sqlite3.connect(path_of(world)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return int(database.execute("PRAGMA page_count").fetchone()[0])


def path_of(world: World) -> str:
    return runtime(world.app).settings.database_url.removeprefix("sqlite:///")


def test_a_full_disk_is_told_and_nothing_is_half_written(world: World) -> None:
    visitor = Visitor(world.app)
    page = fill_raise(visitor, world, start(visitor, world), unsafe="She goes home alone. " * 300)
    before = dump()
    with pragma(f"max_page_count={pages_of(world)}"):
        told = visitor.press(page, "Send and start")
        assert (told.status, told.h1) == (503, "We cannot save anything just now")
        assert "Ffion" not in told.main and "home alone" not in told.main
        assert {name: rows for name, rows in dump().items() if name != "web_session"} == {
            name: rows for name, rows in before.items() if name != "web_session"
        }
    done = visitor.press(page, "Send and start")
    assert done.h1.startswith("Disagreement PD-"), "the same page, sent again, goes through"


def test_a_full_disk_is_no_delivery_and_the_next_worker_looks_first(world: World, tmp_path: Path) -> None:
    use_trial_adapter(folder=str(tmp_path))
    references = [settle(world, AT) for _ in range(12)]
    as_system()
    with pragma(f"max_page_count={pages_of(world)}"):
        as_system()
        with pytest.raises(work.JobFailedError):
            work.deliver()
    rows = list(as_system().scalars(select(Delivery)))
    filed = {one.facts["record"] for one in as_system().scalars(select(EventRow)) if "remote id" in one.facts}
    assert {row.record for row in rows if row.state == "on file"} >= filed
    for row in rows:
        row.next_try_at = machine_now() if row.next_try_at else None
    db.session.commit()
    work.deliver()
    assert {row.state for row in as_system().scalars(select(Delivery))} == {"on file"}
    for one in references:
        assert len(TrialAdapter().copies(f"{one}/v1", TrialOptions(folder=str(tmp_path)))) <= 2, "one for each of the two agencies"


def test_health_is_red_while_nothing_can_be_written(world: World) -> None:
    with pragma("query_only=1"):
        with pytest.raises(Exception, match="readonly"):
            sweep(as_system(), world.keys, AT, machine_now())
        answer = Visitor(world.app).get("/health/parts").response
    assert answer.status_code == 503 and answer.json["sweep"] == "late"


def test_a_database_that_stays_locked_is_tried_three_times_and_then_told(world: World) -> None:
    visitor = Visitor(world.app)
    page = fill_raise(visitor, world, start(visitor, world))
    with pragma("busy_timeout=40"):
        holder = sqlite3.connect(path_of(world), isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        try:
            told = visitor.press(page, "Send and start")
        finally:
            holder.rollback()
            holder.close()
        assert told.status == 503 and "Nothing of what you just sent was saved." in told.main
    assert visitor.press(page, "Send and start").h1.startswith("Disagreement PD-")


def test_a_lock_that_is_let_go_in_time_is_no_trouble(world: World) -> None:
    """Longer than one wait, shorter than three."""
    visitor = Visitor(world.app)
    page = fill_raise(visitor, world, start(visitor, world))
    with pragma("busy_timeout=1000"):
        holder = sqlite3.connect(path_of(world), isolation_level=None, check_same_thread=False)
        holder.execute("BEGIN IMMEDIATE")
        soon = threading.Timer(1.4, holder.rollback)
        soon.start()
        done = visitor.press(page, "Send and start")
        soon.join()
        holder.close()
    assert done.h1.startswith("Disagreement PD-"), done.main
