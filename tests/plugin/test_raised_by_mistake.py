"""Saying on the page that a disagreement was raised by mistake, and what comes of it on the files where it lies already."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from plugin.jobs import work
from plugin.models import Delivery
from plugin.services.keeping.clock import machine_now
from plugin.services.write_back import deliveries, records
from tests.pages import Visitor
from tests.plugin.running import settle
from tests.plugin.test_deliveries import use_folders
from tests.plugin.visits import as_system, fill_raise, on_sqlite_alone, reference_on, start
from tests.world import World, uk

pytestmark = [pytest.mark.slow, on_sqlite_alone]
WHY = "I had the record of another child open."


@pytest.mark.parametrize("cookies", [True, False])
def test_whoever_raised_it_says_so_with_a_reason_and_it_is_closed(world: World, cookies: bool) -> None:
    visitor = Visitor(world.app, cookies=cookies)
    page = visitor.press(fill_raise(visitor, world, start(visitor, world)), "Send and start")
    reference = reference_on(page)
    page = visitor.press(visitor.press(page, reference) if page.h1 != f"Disagreement {reference}" else page, "It was raised by mistake")
    assert page.h1 == "Say that it was raised by mistake"
    assert "Nothing goes onto any file." in page.words and "safe now" not in page.words
    assert "Say what the mistake was" in visitor.press(page, "Check your answers", {"why": ""}).words
    page = visitor.press(visitor.press(page, "Check your answers", {"why": WHY}), "Send")
    assert page.h1 == f"Disagreement {reference}"
    assert "This was raised by mistake. Nobody has to do anything more about it. It went onto no file." in page.words
    assert "What happens next" not in page.words and WHY in page.words
    assert "Open it again" in page.words and "It was raised by mistake" not in {form.button for form in page.forms()}


def test_where_a_record_is_on_file_already_the_page_says_where_and_a_last_one_puts_it_right(world: World, tmp_path: Path) -> None:
    use_folders(tmp_path)
    reference = settle(world, uk("2026-11-16 10:00"))
    work.deliver()
    visitor = Visitor(world.app)
    page = visitor.press(visitor.press(start(visitor, world), reference), "It was raised by mistake")
    assert "A record is already on file at Northleigh Council and at Hill Top School." in page.words
    page = visitor.press(visitor.press(page, "Check your answers", {"why": WHY}), "Send")
    assert "Where it lies on a file is said below." in page.words
    work.deliver()
    rows = as_system().scalars(select(Delivery).order_by(Delivery.record)).all()
    assert [(row.record, row.state) for row in rows] == [(f"{reference}/v{number}", "on file") for number in (1, 1, 2, 2)]
    for row in rows[2:]:
        record = records.record_for(as_system(), world.keys, deliveries.as_read(as_system(), row.id, machine_now()))
        told = " ".join(record.documents[1].content.decode().split())
        assert "It may not be about this child at all." in told and WHY in told
        assert "She goes home alone." not in told, "nothing of what was said: it is as like as not another child's"
