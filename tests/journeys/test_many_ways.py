"""The pages for people who use them in other ways: enlarged four times, printed, with no script, slowly; and in a frame too small."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.journeys.people import Demo, Worker, fill_in
from tests.journeys.people import press as press_in
from tests.journeys.site import ZOOMED, Site, fits, press, serving
from tests.pages import Visitor
from tests.plugin.visits import Mailbox, on_sqlite_alone, raise_by_hand, reference_on, start, to_the_question
from tests.world import World

LEAD = "m.tull@hilltop.example"


@pytest.fixture
def site(app: Flask, browser: Browser) -> Iterator[Site]:
    """The service, running."""
    with serving(app, browser) as running:
        yield running


def _case(world: World) -> tuple[Visitor, str]:
    visitor = Visitor(world.app)
    return visitor, reference_on(raise_by_hand(visitor, world, start(visitor, world)))


def _answer_all(page: Page) -> None:
    page.get_by_label(re.compile("Marguerite Tull")).check()
    page.get_by_label("The need for action").check()
    page.get_by_label("Something they did not do").check()
    fill_in(page.main_frame, Why_is="Nobody opens.", What_should="A visit.", What_does="She is alone.")
    page.get_by_label("None of these").check()


@on_sqlite_alone
def test_at_400_percent_every_stop_of_the_keyboard_is_seen(site: Site, world: World) -> None:
    """1280 by 1024 enlarged four times is 320 by 256: nothing is cut off, and what has focus is on the screen."""
    visitor, reference = _case(world)
    to_the_question(visitor, visitor.get("/frame/home"))
    page = site.page(visitor, viewport=ZOOMED)
    for path in ("/frame/home", "/frame/raise", "/frame/raise/what", f"/case/{reference}", f"/case/{reference}/do?what=settle"):
        site.goto(page, path)
        fits(page, path)
        for _ in range(30):
            page.keyboard.press("Tab")
            seen = page.evaluate(
                """() => { const one = document.activeElement; if (one === document.body) return true;
                    const box = (one.labels && one.type !== 'text' && one.labels[0] || one).getBoundingClientRect();
                    return box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth; }"""
            )
            assert seen, f"{path}: {page.evaluate('document.activeElement.outerHTML')} has focus and is not on the screen"


@on_sqlite_alone
def test_on_paper_everything_that_was_said_can_be_read_and_no_button_stands_there(site: Site, world: World) -> None:
    visitor, reference = _case(world)
    page = site.goto(site.page(visitor), f"/case/{reference}")
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = false; })")
    said = page.get_by_text("She goes home alone.").last
    assert not said.is_visible()
    page.emulate_media(media="print")
    expect(said).to_be_visible()
    expect(page.get_by_role("heading", name="What happens next")).to_be_visible()
    assert page.get_by_role("button").count() == 0
    for step in ("Talk to each other", "Answer the concern"):
        expect(page.get_by_text(step).locator("visible=true").first).to_be_visible()
    assert len(page.pdf()) > 10_000


@on_sqlite_alone
def test_both_journeys_with_no_script(site: Site, world: World) -> None:
    visitor = Visitor(world.app)
    start(visitor, world)
    page = site.goto(site.page(visitor, script=False), "/frame/home")
    press(page, "Raise professional disagreement")
    page.get_by_label("Yes", exact=True).check()
    press(page, "Continue")
    press(page, "I have read this")
    page.get_by_label("No", exact=True).check()
    press(page, "Continue")
    page.get_by_label("Hill Top School").check()
    press(page, "Continue")
    _answer_all(page)
    press(page, "Check your answers")
    press(page, "Send and start")
    expect(page.get_by_text("We are writing to")).to_be_visible()
    reference = reference_on_page(page)
    mailbox = Mailbox(world)
    mailbox.send_due()
    lead = site.goto(site.page(script=False), mailbox.link_to(LEAD))
    press(lead, "Send me a code")
    lead.get_by_label("Code").fill(mailbox.code_to(LEAD))
    press(lead, "Continue")
    press(lead, "Answer the concern")
    lead.get_by_label("I do not agree").check()
    fill_in(lead.main_frame, What_are_your_reasons="A teacher walks with her.", How_is_the_child="She is met.")
    press(lead, "Check your answers")
    press(lead, "Send")
    expect(lead.get_by_text("Done. It is recorded.")).to_be_visible()
    site.goto(page, f"/case/{reference}")
    press(page, "Settle the disagreement")
    page.get_by_label("Resolved", exact=True).check()
    now = datetime.now(UTC).astimezone(ZoneInfo("Europe/London"))
    for part in ("day", "month", "year"):
        page.locator(f"#settled_at-{part}").fill(str(getattr(now, part)))
    page.locator("#settled_at-time").fill(f"{now:%H:%M}")
    fill_in(page.main_frame, What_was_agreed="She is met.", What_are_the_reasons="It is safe.", What_will="She is not alone.")
    page.get_by_label("No", exact=True).check()
    press(page, "Check your answers")
    assert page.get_by_role("heading", level=1).inner_text() == "Check your answers"


def reference_on_page(page: Page) -> str:
    """The reference in a page's heading."""
    found = re.search(r"PD-\w{4}-\w{4}", page.get_by_role("heading", level=1).inner_text())
    assert found
    return found.group()


@on_sqlite_alone
def test_a_session_that_is_about_to_end_says_so_and_can_be_kept(site: Site, world: World) -> None:
    visitor = Visitor(world.app)
    to_the_question(visitor, start(visitor, world))
    page = site.page(visitor)
    page.clock.install()
    site.goto(page, "/frame/raise/what")
    page.clock.fast_forward("17:50")
    assert page.get_by_role("alert").count() == 0
    page.clock.fast_forward("00:15")
    warned = page.get_by_role("alert")
    expect(warned).to_contain_text("closes in 2 minutes")
    stay = page.get_by_role("button", name="Stay on this page")
    expect(stay).to_be_focused()
    stay.press("Enter")
    expect(warned).to_have_count(0)
    page.clock.fast_forward("17:50")
    page.get_by_label("Why is the child not safe?").fill("She is alone.")
    page.clock.fast_forward("00:03")
    expect(page.get_by_text("What you typed is saved.")).to_be_visible()
    page.clock.fast_forward("10:00")
    assert page.get_by_role("alert").count() == 0, "what is typed and kept is use"
    page.clock.fast_forward("10:05")
    expect(page.get_by_role("alert")).to_contain_text("This page has closed")
    expect(page.get_by_label("Why is the child not safe?")).to_be_hidden()  # what is typed from now on would be lost
    expect(page.get_by_text("Child: ")).to_be_hidden()


@on_sqlite_alone
def test_the_longest_a_session_lasts_is_told_too(site: Site, world: World) -> None:
    visitor = Visitor(world.app)
    start(visitor, world)
    page = site.page(visitor)
    page.clock.install()
    site.goto(page, "/frame/home")
    for _ in range(13):  # four hours, kept open again and again
        page.clock.fast_forward("18:05")
        if page.get_by_role("button", name="Stay on this page").count():
            page.get_by_role("button", name="Stay on this page").click()
            expect(page.get_by_role("alert")).to_have_count(0)
    page.clock.fast_forward("03:30")
    expect(page.get_by_role("alert")).to_contain_text("as long as it may")


def test_a_frame_goes_on_in_a_tab_and_a_long_page_is_reached_to_its_end(browser: Browser, demo: Demo) -> None:
    worker = Worker(browser, demo, "Gethin Abara", "Rhiannon Oyelaran")
    worker.launch()
    press_in(worker.frame, "Raise professional disagreement")
    worker.frame.get_by_label("No", exact=True).check()
    press_in(worker.frame, "Continue")
    for box in worker.frame.get_by_label("No", exact=True).all():
        box.check()
    press_in(worker.frame, "Continue")
    worker.frame.get_by_label("Hill Top School").check()
    press_in(worker.frame, "Continue")
    worker.frame.get_by_label("Why is the child not safe?").fill("Line.\n" * 400)
    press_in(worker.frame, "Check your answers")
    worker.frame.evaluate("document.querySelector('textarea').style.height = '6000px'")
    outer = worker.page.locator("iframe")
    expect(outer).to_have_attribute("height", "4000")
    last = worker.frame.get_by_role("button", name="Check your answers")
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
    press_in(worker.frame, "Open in a new tab")
    with worker.context.expect_page() as opened:
        worker.frame.get_by_role("button", name="Open the tab").click()
    tab = opened.value
    expect(tab.get_by_role("heading", level=1)).to_have_text("Raise a disagreement with Hill Top School")
    assert "Line." in tab.get_by_label("Why is the child not safe?").input_value(), "what was typed came along"


def test_the_record_system_is_told_that_the_session_has_ended(browser: Browser, demo: Demo) -> None:
    worker = Worker(browser, demo, "Gethin Abara", "Dylan Oyelaran")
    worker.page.clock.install()
    worker.page.get_by_role("link", name="Raise professional disagreement").click()
    worker.page.frame_locator("iframe").get_by_role("button", name="Start").click()
    expect(worker.page.frame_locator("iframe").get_by_role("heading", level=1)).to_contain_text("Disagreements")
    worker.page.clock.fast_forward("20:10")
    expect(worker.page.get_by_role("link", name="Open it again")).to_be_visible()
