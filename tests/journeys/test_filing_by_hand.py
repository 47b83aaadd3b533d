"""An agency without a record system that can be written to: from the mail to the last page, in a real browser, on a telephone's width.

The case is settled through the service's own use cases; everything that its people see and do is in the browser.
"""

from __future__ import annotations

import itertools
import os
import re
import time
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from plugin.app import create_app
from plugin.config import Settings
from plugin.demo.places import Places, environment
from plugin.extensions import db
from plugin.models import Connection, Person
from plugin.models.scope import System, bind
from plugin.services.keeping.clock import business_now
from tests.journeys.people import Answerer, Demo, Worker, link_of
from tests.plugin.running import settle
from tests.world import World

AXE = Axe()
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
MANAGER = "l.fairweather@milllane.example"


@pytest.fixture
def world(demo: Demo) -> Iterator[World]:
    """The demo's own database and queue, from this process."""
    app: Flask = create_app(Settings.read(environment(Places(demo.folder, demo.port), os.environ)))
    with app.app_context():
        bind(db.session, System("test"))
        people = {row.staff_id: row.id for row in db.session.execute(select(Person.staff_id, Person.id))}
        db.session.rollback()
        yield World(app, {}, people, itertools.count(time.time_ns()))
        db.session.remove()
        db.engine.dispose()


def _well(who: Answerer | Worker, what: str) -> None:
    found = AXE.run(who.page, options=RULES).response["violations"]
    assert not found, what + ": " + "; ".join(f"{one['id']} at {one['nodes'][0]['target']}" for one in found)
    for frame in who.page.frames:
        wide = frame.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{what}: {wide} px too wide"


def test_a_surgery_files_by_hand_and_the_council_sees_it(browser: Browser, demo: Demo, world: World) -> None:
    bind(db.session, System("test"))
    assert not db.session.scalar(select(Connection.id).where(Connection.agency_id == "mill-lane-surgery")), "nothing is connected there"
    at = business_now(db.session) - timedelta(hours=3)
    reference = settle(world, at, other_agency="mill-lane-surgery", other_person=world.people["ml-1"], answers_by="ml-1")
    manager = Answerer(browser, demo, MANAGER)
    manager.enter(link_of(demo.wait_for_mail(MANAGER, reference)))
    expect(manager.page.locator(".accord-receipts")).to_contain_text("Mill Lane Surgery")
    manager.press("Put it on the child’s file")
    _well(manager, "what is to be filed")
    with manager.page.expect_download() as fetched:
        manager.page.get_by_role("button", name="Download the documents").click()
    assert fetched.value.suggested_filename == f"{reference}-v1.zip"
    with zipfile.ZipFile(fetched.value.path()) as pack:
        assert "READ ME FIRST.txt" in pack.namelist()
    manager.press("Say where you put it")
    manager.press("Check your answers")
    _well(manager, "nothing said")
    expect(manager.page.get_by_text("There is a problem")).to_be_visible()
    manager.page.get_by_label("Where did you put it?").fill("Documents, Safeguarding")
    today = datetime.now().astimezone() - timedelta(days=1)
    for part, value in (("day", today.day), ("month", today.month), ("year", today.year)):
        manager.page.locator(f"#day-{part}").fill(str(value))
    manager.page.get_by_label(re.compile("I have checked")).check()
    manager.press("Check your answers")
    _well(manager, "looked over")
    manager.press("Send")
    expect(manager.page.locator(".accord-receipts li", has_text="Mill Lane Surgery")).to_contain_text("On file")
    manager.page.goto(f"{demo.service}/filing")
    expect(manager.page.get_by_text("Nothing waits to be filed by you.")).to_be_visible()
    _well(manager, "an empty tray")
