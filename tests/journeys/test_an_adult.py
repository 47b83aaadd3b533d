"""A disagreement about an adult under an invented board's policy, in a real browser at 320 px: raised without consent, an advocate named
late, answered by link, settled, told to the adult, closed, on both files; and what the coordinator sees. No page says "child".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

import forms
from integrations.launch.context import ChildDetails
from plugin.extensions import db
from plugin.jobs import work
from plugin.models import Delivery
from plugin.models.scope import System, bind
from plugin.services.case.policies import activate
from plugin.services.keeping.clock import machine_now
from tests.journeys.site import Site, press, serving, well
from tests.journeys.test_inside_one_agency import fill_in, send
from tests.pages import Visitor
from tests.plugin.desks import sign_in
from tests.plugin.visits import Mailbox, as_system, enter, on_sqlite_alone, start
from tests.world import World, make_world, use_trial_adapter

pytestmark = on_sqlite_alone
POLICY = Path(__file__).parent / "ormsley.yaml"
IDRIS = ChildDetails("Idris Halloran-Voss", "1939-10-02", (("nhs-number", "9990000018"),))
ADVOCATE, LEAD = "t.oyelaran@voices.example", "m.tull@hilltop.example"


@pytest.fixture
def site(app: Flask, browser: Browser) -> Iterator[Site]:
    """The service, running."""
    with serving(app, browser) as running:
        yield running


def make_board(app: Flask) -> World:
    """The demo's people under that policy, with record systems that take what is sent."""
    world = make_world(app)
    bind(db.session, System("test"))
    activate(db.session, "demo", POLICY.read_text(encoding="utf-8"), machine_now(), forms.ids())
    use_trial_adapter()
    return world


def looked_at(page: Page, what: str) -> None:
    """Nothing wrong, nothing too wide, and nobody is called a child."""
    well(page, what)
    said = page.locator("main").inner_text()
    assert not re.search(r"\bchild(ren)?\b", said, re.IGNORECASE), f"{what}: {said}"


def raised(page: Page) -> str:
    """Without the adult's consent, and with the reason asked for; who their advocate is, is not known yet."""
    press(page, "Raise professional disagreement")
    page.get_by_label("Yes", exact=True).check()
    press(page, "Continue")
    expect(page.get_by_text("Call 999. Then tell your safeguarding lead.")).to_be_visible()
    press(page, "I have read this")
    page.get_by_label("No", exact=True).check()
    press(page, "Continue")
    page.get_by_label("Hill Top School").check()
    press(page, "Continue")
    page.get_by_label(re.compile("They do not agree")).check()
    press(page, "Continue")
    page.get_by_label(re.compile("Marguerite Tull")).check()
    page.get_by_label("Self-neglect or hoarding").check()
    page.get_by_label("Something they did not do").check()
    fill_in(page, Why_is="He has no heating.", What_should="A joint visit this week.", What_does="He could die of cold.")
    page.get_by_label(re.compile("^Finds it very hard")).check()
    expect(page.get_by_text("Who is the adult’s independent advocate?")).to_be_visible()
    looked_at(page, "what it is about")
    press(page, "Check your answers")
    press(page, "Send and start")
    return re.search(r"PD-\w{4}-\w{4}", page.get_by_role("heading", level=1).inner_text()).group()  # type: ignore[union-attr]


def linked(site: Site, world: World, mailbox: Mailbox, address: str, reference: str) -> Page:
    """Somebody who came by the link in their mail."""
    mailbox.send_due()
    visitor = Visitor(world.app)
    enter(visitor, mailbox, address)
    return site.goto(site.page(visitor), f"/case/{reference}")


def settle(page: Page) -> None:
    press(page, "Settle the disagreement")
    page.get_by_label("Agreed", exact=True).check()
    now = datetime.now(ZoneInfo("Europe/London"))
    for part, said in (("day", now.day), ("month", now.month), ("year", now.year), ("time", f"{now:%H:%M}")):
        page.locator(f"#settled_at-{part}").fill(str(said))
    fill_in(page, What_was_agreed="A joint visit.", What_are_the_reasons="It is cold.", What_will="Heating from Friday.")
    page.get_by_label("No", exact=True).check()
    send(page)


def test_from_the_adults_record_to_both_files(site: Site, app: Flask) -> None:
    world, visitor = make_board(app), Visitor(app)
    start(visitor, world, child=IDRIS)
    worker = site.goto(site.page(visitor), "/frame/home")
    reference = raised(worker)
    expect(worker.get_by_role("button", name="Write down why it is raised without the adult's consent")).to_be_visible()
    looked_at(worker, "raised")

    mailbox = Mailbox(world)
    coordinator = sign_in(world, "coordinator").visitor
    desk = site.goto(site.page(coordinator), "/admin/alarms")
    expect(desk.get_by_text(reference).first).to_be_visible()
    expect(desk.get_by_role("heading", name="Nobody has said who is to be told (1)")).to_be_visible()
    looked_at(desk, "nobody knows the advocate")
    press(worker, "Say who is to be told")
    worker.locator("#officer-name").fill("Tamsin Oyelaran")
    worker.locator("#officer-email").fill(ADVOCATE)
    send(worker)
    advocate = linked(site, world, mailbox, ADVOCATE, reference)
    expect(advocate.get_by_text("He has no heating.")).to_be_visible()
    expect(advocate.get_by_role("button", name=re.compile("Somebody else|Add information|Settle"))).to_have_count(0)
    looked_at(advocate, "the advocate reads")
    desk.reload()
    expect(desk.get_by_text(reference)).to_have_count(0)

    lead = linked(site, world, mailbox, LEAD, reference)
    looked_at(lead, "the other side")
    press(lead, "Answer the concern")
    lead.get_by_label("I do not agree").check()
    fill_in(lead, What_are_your_reasons="He said no to a visit.", How_is="A neighbour looks in.")
    send(lead)
    settle(lead)
    worker = site.goto(worker, f"/case/{reference}")
    press(worker, "Confirm the outcome")
    fill_in(worker, Who_will="The council, on Friday.")
    for box in ("signed-role", "signed-organisation"):
        worker.locator(f"#{box}").fill("Social worker")
    send(worker)
    press(worker, "Tell the adult, or their advocate")
    worker.get_by_label("This has been done").check()
    send(worker)
    press(worker, "Close the disagreement")
    worker.locator("main input[type=checkbox]").check()
    send(worker)
    work.deliver()
    worker = site.goto(worker, f"/case/{reference}")
    expect(worker.locator(".accord-receipts li", has_text="On file")).to_have_count(2)
    looked_at(worker, "on the adult's file")
    assert {row.state for row in as_system().scalars(select(Delivery))} == {"on file"}
