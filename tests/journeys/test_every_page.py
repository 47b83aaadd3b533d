"""Every page of both journeys, as a person meets it: axe finds nothing, nothing is wider than the screen, Back and a second window lose
nothing, and all of it works with no script.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Frame, Page, Route, expect

from tests.journeys.people import Demo, Worker, fill_in, no_other_route, press

LEAD = "m.tull@hilltop.example"
CHILD = "Isla Wrenfield"
AXE = Axe()
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}


def _well(page: Page, what: str) -> None:
    """No finding of axe on the page and in its frames, and nothing wider than the screen."""
    found = AXE.run(page, options=RULES).response["violations"]
    assert not found, what + ": " + "; ".join(f"{one['id']} at {one['nodes'][0]['target']}" for one in found)
    for frame in page.frames:
        wide = frame.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{what}: {wide} px too wide"


def _to_the_question(frame: Callable[[], Frame], danger: str = "No") -> None:
    press(frame(), "Raise professional disagreement")
    frame().get_by_label(danger, exact=True).check()
    press(frame(), "Continue")
    if danger == "Yes":
        press(frame(), "I have read this")
    no_other_route(frame())
    frame().get_by_label("Hill Top School").check()
    press(frame(), "Continue")


def _fill(frame: Frame, why: str) -> None:
    frame.get_by_label(re.compile("Marguerite Tull")).check()
    frame.get_by_label("The need for action").check()
    frame.get_by_label("Something they did not do").check()
    fill_in(frame, Why_is=why, What_should="A visit this week.", What_does="She is alone.")
    frame.get_by_label("None of these").check()


@pytest.mark.parametrize(("width", "child"), [(320, CHILD)])
def test_the_workers_pages(browser: Browser, demo: Demo, width: int, child: str) -> None:
    worker = Worker(browser, demo, "Amara Lindqvist", child, width=width)
    frame = lambda: worker.frame  # noqa: E731  # read anew each time: every page is a new document
    worker.launch()
    _well(worker.page, "the list")
    worker.press("Raise professional disagreement")
    worker.press("Continue")
    _well(worker.page, "the first question, not answered")
    frame().get_by_label("Yes", exact=True).check()
    worker.press("Continue")
    _well(worker.page, "whom to tell")
    worker.press("I have read this")
    worker.press("Continue")
    _well(worker.page, "another route, not answered")
    no_other_route(frame())
    worker.press("Continue")
    _well(worker.page, "which organisation, not answered")
    frame().get_by_label("Hill Top School").check()
    worker.press("Continue")
    worker.press("Check your answers")
    _well(worker.page, "the questions, not answered")
    _fill(frame(), "Nobody opens the door.")
    worker.press("Check your answers")
    _well(worker.page, "the answers to look over")
    worker.press("Send and start")
    _well(worker.page, "the disagreement")
    for button in ("Talk to each other", "Settle the disagreement", "Go on to"):
        worker.press(button)
        _well(worker.page, f"{button}, empty")
        worker.press("Check your answers")
        _well(worker.page, f"{button}, sent empty")
        worker.press("Back")
    worker.press("Add information")
    _well(worker.page, "adding information")


@pytest.mark.parametrize("cookies", [True, False])
def test_back_leads_back_and_keeps_what_was_typed(browser: Browser, demo: Demo, cookies: bool) -> None:
    worker = Worker(browser, demo, "Gethin Abara", "Rowan Wrenfield")
    if not cookies:
        worker.context.route(f"{demo.service}/**", _without_cookies)
    worker.launch()
    _to_the_question(lambda: worker.frame)
    _fill(worker.frame, "He was not seen.")
    worker.press("Check your answers")
    for heading, kept in (("Raise a disagreement with Hill Top School", "He was not seen."), ("Raise a disagreement", "")):
        worker.page.evaluate("history.back()")
        expect(worker.frame.get_by_role("heading", level=1)).to_have_text(heading)
        if kept:
            assert worker.frame.locator("#unsafe").input_value() == kept
    expect(worker.frame.get_by_label("Hill Top School")).to_be_checked()
    assert worker.frame.evaluate("location.pathname").startswith("/frame/" if cookies else "/again/")
    worker.frame.evaluate("location.reload()")
    expect(worker.frame.get_by_label("Hill Top School")).to_be_checked()


def _without_cookies(route: Route) -> None:
    """As a browser does that keeps none at all in a frame of another site.

    Fetched from the address: only the browser itself knows that names under localhost are this machine.
    """
    asked = urlsplit(route.request.url)
    at_the_address = asked._replace(netloc=f"127.0.0.1:{asked.port}").geturl()
    answer = route.fetch(url=at_the_address, headers={**route.request.headers, "host": asked.netloc}, max_redirects=0)
    route.fulfill(response=answer, headers={name: value for name, value in answer.headers.items() if name != "set-cookie"})
    answer.dispose()
    route.request.frame.page.context.clear_cookies(domain="127.0.0.1")  # the fetch itself keeps them


def test_a_second_window_loses_nothing_when_the_first_has_sent(browser: Browser, demo: Demo) -> None:
    first = Worker(browser, demo, "Gethin Abara", "Dylan Oyelaran")
    first.launch()
    _to_the_question(lambda: first.frame)
    _fill(first.frame, "From the first window.")
    second = Worker(browser, demo, "Gethin Abara", "Dylan Oyelaran")
    second.launch()
    _to_the_question(lambda: second.frame)
    _fill(second.frame, "From the second window.")
    first.press("Check your answers")
    first.press("Send and start")
    second.press("Check your answers")
    expect(second.frame.get_by_text("From the second window.")).to_be_visible()


def test_a_frame_works_with_no_script(browser: Browser, demo: Demo) -> None:
    worker = Worker(browser, demo, "Amara Lindqvist", "Zeynep Halloran", script=False)
    worker.page.get_by_role("link", name="Raise professional disagreement").click()
    with worker.page.expect_event("framenavigated"):
        worker.page.get_by_role("button", name="Open the form").click()
    worker.page.wait_for_timeout(500)
    worker.press("Start")
    _to_the_question(lambda: worker.frame, "Yes")
    _fill(worker.frame, "She was sent home.")
    worker.press("Check your answers")
    worker.press("Send and start")
    expect(worker.frame.get_by_role("heading", level=1)).to_contain_text("Disagreement PD-")
