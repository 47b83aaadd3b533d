"""A disagreement inside one organisation, in a real browser: raised, answered, taken up by somebody above both sides, on one file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from plugin.jobs import work
from plugin.models import Delivery
from tests.journeys.site import NARROW, Site, press, serving, well
from tests.pages import Visitor
from tests.plugin.test_inside_one_agency import ABOVE, ELSEWHERE, OFFICER, POLICY, under
from tests.plugin.visits import Mailbox, as_system, enter, on_sqlite_alone, start
from tests.world import COUNCIL, World, make_world, use_trial_adapter

pytestmark = on_sqlite_alone


@pytest.fixture
def site(app: Flask, browser: Browser) -> Iterator[Site]:
    """The service, running."""
    with serving(app, browser) as running:
        yield running


def staff(site: Site, world: World, who: str) -> Page:
    """Somebody of the council, come from the child's record."""
    visitor = Visitor(world.app)
    start(visitor, world, who)
    return site.goto(site.page(visitor), "/frame/home")


def send(page: Page) -> None:
    press(page, "Check your answers")
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your answers")
    press(page, "Send")
    expect(page.get_by_text("Done. It is recorded.")).to_be_visible()


def fill_in(page: Page, **answers: str) -> None:
    for label, text in answers.items():
        page.get_by_label(re.compile("^" + re.escape(label.replace("_", " ")), re.IGNORECASE)).first.fill(text)


def raised(page: Page) -> str:
    """The reviewing officer raises it with the social worker."""
    press(page, "Raise professional disagreement")
    page.get_by_label("No", exact=True).check()
    press(page, "Continue")
    well(page, "with whom")
    page.get_by_label("Somebody in your own organisation, Northleigh Council").check()
    press(page, "Continue")
    expect(page.get_by_role("heading", level=1)).to_have_text("Raise a disagreement inside Northleigh Council")
    assert page.get_by_label(re.compile("Dorothea Kaminski")).count() == 0, "nobody disagrees with themselves"
    page.get_by_label(re.compile("Amara Lindqvist")).check()
    page.get_by_label("The plan").check()
    page.get_by_label("Something they did not do").check()
    fill_in(page, Why_is="The plan was not carried out.", What_should="Carry it out.", What_does="She has not seen her sister.")
    press(page, "Check your answers")
    press(page, "Send and start")
    expect(page.get_by_text("You speak for the side that raised it.")).to_be_visible()
    well(page, "raised")
    found = re.search(r"PD-\w{4}-\w{4}", page.get_by_role("heading", level=1).inner_text())
    assert found
    return found.group()


def test_a_reviewing_officer_and_a_social_worker_of_one_council(site: Site, app: Flask) -> None:
    world = under(make_world(app), POLICY)
    use_trial_adapter()
    officer = staff(site, world, OFFICER)
    reference = raised(officer)

    mailbox = Mailbox(world)
    mailbox.send_due()
    linked = Visitor(world.app)
    enter(linked, mailbox, "amara.lindqvist@northleigh.example")
    worker = site.goto(site.page(linked, viewport=NARROW), f"/case/{reference}")
    expect(worker.get_by_text("You speak for the other side.")).to_be_visible()
    well(worker, "by link")
    press(worker, "Answer")
    worker.get_by_label("This has been done").check()
    send(worker)

    somebody = staff(site, world, ELSEWHERE)
    press(somebody, reference)
    expect(somebody.get_by_text("you are on neither", exact=False)).to_be_visible()
    expect(somebody.get_by_role("button", name="Go on to")).to_have_count(0)
    well(somebody, "on neither side")
    press(somebody, "Say for which side you speak")
    press(somebody, "Check your answers")
    expect(somebody.get_by_role("alert")).to_contain_text("Choose the side you speak for")
    well(somebody, "no side chosen")
    somebody.get_by_label("The side that raised it: Dorothea Kaminski, Northleigh Council").check()
    send(somebody)
    well(somebody, "on a side")

    for step in ("Managers", "Head of service"):
        press(officer, f"Go on to {step}")
        expect(officer.get_by_label(re.compile("Philippa"))).to_have_count(0)
        officer.get_by_label(re.compile("Ikenna Vasquez" if step == "Managers" else "Beatriz Holloway")).check()
        fill_in(officer, Why_is_it_not="We still see it differently.", How_is_the_child="She stays with her carers.")
        send(officer)
    above = staff(site, world, ABOVE)
    press(above, reference)
    expect(above.get_by_text("You stand above both sides.")).to_be_visible()
    well(above, "above both sides")
    press(above, "Decide")
    above.get_by_label("This has been done").check()
    send(above)
    press(above, "Settle the disagreement")
    above.get_by_label("Agreed", exact=True).check()
    now = datetime.now(ZoneInfo("Europe/London"))
    for part, said in (("day", now.day), ("month", now.month), ("year", now.year), ("time", f"{now:%H:%M}")):
        above.locator(f"#settled_at-{part}").fill(str(said))
    fill_in(above, What_was_agreed="She sees her sister.", What_are_the_reasons="It was in the plan.", What_will="She sees her weekly.")
    above.get_by_label("No", exact=True).check()
    send(above)

    work.deliver()
    files = [(row.agency_id, row.state) for row in as_system().scalars(select(Delivery))]
    assert files == [(COUNCIL, "on file")], "one organisation, one file, one record"
