"""The desk in a real browser: an agency connected by the screens alone, every page looked at by axe at both widths, by keyboard, without
script, and an administrator who never sees another agency's."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.people import Demo
from tests.journeys.test_every_page import RULES

PASSWORD = "lantern orchard violin 9"
PAGES = (
    "",
    "connections",
    "connections/council",
    "connections/council/launch",
    "connections/council/doctor",
    "connections/council/messages",
    "connections/council/provider/sso",
    "connections/council/provider/smart",
    "connections/council/adapter",
    "connections/council/preset/nhs-fhir-document",
    "connections/council/options",
    "connections/council/options/text",
    "connections/council/secrets",
    "connections/council/preview",
    "connections/council/sample",
    "agencies/own",
    "agencies/northleigh-council/people",
    "agencies/northleigh-council/people/new",
    "agencies/northleigh-council/people/list",
    "accounts",
    "accounts/new",
)


def _sign_in(context: BrowserContext, demo: Demo, who: str) -> Page:
    """By the password and the code that stand on the demo's first page; a code works once, so the next half-minute is waited for."""
    page = context.new_page()
    for _ in range(40):
        page.goto(f"{demo.service}/dev/")
        row = page.locator(".govuk-summary-list__row", has_text=who)
        code = row.locator("strong").inner_text()
        page.goto(f"{demo.service}/admin/sign-in")
        page.get_by_label("Email address").fill(who)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Continue").click()
        page.get_by_label("Enter the code from your app").fill(code)
        page.get_by_role("button", name="Continue").click()
        if page.get_by_role("heading", name="Overview", level=1).count():
            return page
        time.sleep(8)
    raise AssertionError("nobody was let in: " + page.locator("body").inner_text())


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser of its own."""
    made = browser.new_context(viewport={"width": 1100, "height": 900})
    yield made
    made.close()


def _well(page: Page, what: str) -> None:
    found = Axe().run(page, options=RULES).response["violations"]
    assert not found, what + ": " + "; ".join(f"{one['id']} at {one['nodes'][0]['target']}" for one in found)
    for width in (320, 1100):
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{what} at {width}: {wide} px too wide"


def test_every_page_of_the_desk_is_well_at_both_widths(context: BrowserContext, demo: Demo) -> None:
    page = context.new_page()
    page.goto(f"{demo.service}/admin/sign-in")
    _well(page, "signing in")
    page.get_by_role("button", name="Continue").click()
    _well(page, "signing in, refused")
    page.close()
    page = _sign_in(context, demo, "records@northleigh.example")
    for path in PAGES:
        answer = page.goto(f"{demo.service}/admin/{path}")
        assert answer is not None and answer.status == 200, path
        _well(page, path or "overview")
    assert (page.goto(f"{demo.service}/admin/connections/school") or pytest.fail()).status == 404
    # In error: each fault has its place, and the summary leads there.
    for path, button in (("launch", "Save"), ("options", "Save the options"), ("doctor", "Examine it"), ("sample", "Send the sample")):
        page.goto(f"{demo.service}/admin/connections/council/{path}")
        page.evaluate("document.querySelectorAll('input[type=text]').forEach(box => { box.value = ''; })")
        page.locator("button.govuk-button", has_text=re.compile(f"^{button}$")).click()
        expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
        _well(page, f"{path}, wrong")
        page.locator(".govuk-error-summary__list a").first.click()
    page.goto(f"{demo.service}/admin/connections/council")
    page.get_by_role("button", name="Pause this connection").click()
    _well(page, "are you sure")
    page.get_by_role("link", name="No, leave it as it is").click()
    page.get_by_role("button", name="Test the connection").click()
    expect(page.get_by_text("The system was reached")).to_be_visible()
    _well(page, "tested")


def test_the_coordinators_own_pages_are_well(context: BrowserContext, demo: Demo) -> None:
    page = _sign_in(context, demo, "coordinator@partnership.example")
    for path in ("alarms", "keeping", "deliveries", "agencies"):
        page.goto(f"{demo.service}/admin/{path}")
        _well(page, path)
    page.goto(f"{demo.service}/admin/keeping")
    page.get_by_label("Years after closing").fill("some")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    _well(page, "keeping, wrong")
    page.get_by_label("Years after closing").fill("6")
    page.get_by_role("button", name="Continue").click()
    _well(page, "keeping, are you sure")


def test_an_agency_is_connected_by_keyboard_alone_and_without_script(browser: Browser, demo: Demo) -> None:
    made = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 700})
    page = _sign_in(made, demo, "owner@accord.example")
    page.goto(f"{demo.service}/admin/connections")
    _press(page, "Connect The Lantern Project")
    expect(page.get_by_role("heading", level=1)).to_contain_text("The Lantern Project")
    _press(page, "How outcomes reach the file")
    page.get_by_label("Filed by hand").focus()
    page.keyboard.press("Space")
    _press(page, "Continue")
    page.get_by_label(re.compile("^System|record system", re.IGNORECASE)).first.fill("Practice records")
    _press(page, "Save the options")
    expect(page.get_by_role("heading", level=1)).to_contain_text("The Lantern Project")
    _press(page, "Test the connection")
    expect(page.locator("body")).to_contain_text("Tested")
    page.goto(f"{demo.service}/admin/connections")
    row = page.locator("li", has_text="The Lantern Project")
    expect(row).not_to_contain_text("Not set up")
    made.close()


def _press(page: Page, words: str) -> None:
    """By Tab and Enter: the control is reached in the order of the page, and shows that it is."""
    wanted = page.locator("a, button").filter(has_text=re.compile(re.escape(words).replace(r"\ ", r"\s+"))).first
    wanted.focus()
    assert wanted.evaluate("one => one === document.activeElement && one.tabIndex >= 0")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
