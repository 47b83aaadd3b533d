"""The pages in a real Chromium: nothing for axe to find, nothing wider than a narrow frame, the keyboard and the error summary lead
where they say, questions that depend on an answer work with script and without.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask

from forms import gallery

pytestmark = pytest.mark.browser
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],
}
NAMES = [one.name for one in gallery.specimens()]


@pytest.fixture(scope="module")
def narrow(browser: Any) -> Iterator[Any]:
    """A page 320 pixels wide; a violation of the content policy or an error of a script fails the test."""
    yield from opened(browser, viewport={"width": 320, "height": 640})


@pytest.fixture(scope="module")
def wide(browser: Any) -> Iterator[Any]:
    """A page 1280 pixels wide."""
    yield from opened(browser, viewport={"width": 1280, "height": 900})


@pytest.fixture(scope="module")
def scriptless(browser: Any) -> Iterator[Any]:
    """A page without script."""
    yield from opened(browser, java_script_enabled=False, viewport={"width": 320, "height": 640})


def opened(browser: Any, **how: Any) -> Iterator[Any]:
    context = browser.new_context(**how)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def focused(page: Any) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.className"))


@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_and_nothing_is_wider_than_a_narrow_frame(narrow: Any, site: str, name: str) -> None:
    narrow.goto(f"{site}/{name}")
    found = Axe().run(narrow, options=RULES).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert narrow.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("name", ["raise-1-what-filled", "resolve-1-in-error"])
def test_text_at_twice_its_size_stays_within_a_narrow_frame(narrow: Any, site: str, name: str) -> None:
    narrow.goto(f"{site}/{name}")
    narrow.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
    assert narrow.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith("in-error")])
def test_the_error_summary_takes_focus_and_each_link_lands_on_its_control(wide: Any, site: str, name: str) -> None:
    wide.goto(f"{site}/{name}")
    assert "govuk-error-summary" in focused(wide)
    links = wide.locator(".govuk-error-summary a")
    for number in range(links.count()):
        link = links.nth(number)
        target = link.get_attribute("href").removeprefix("#")
        link.focus()
        wide.keyboard.press("Enter")
        assert focused(wide) == target
        assert wide.evaluate("document.activeElement.matches('input, textarea, select')")
        assert wide.evaluate("(e => e.top >= 0 && e.bottom <= innerHeight)(document.activeElement.getBoundingClientRect())")


def test_without_script_the_links_of_the_error_summary_land_on_the_control_too(scriptless: Any, site: str) -> None:
    scriptless.goto(f"{site}/action-plan-1-plan-in-error")
    scriptless.locator(".govuk-error-summary a").first.click()
    assert scriptless.url.endswith("#aim")
    scriptless.keyboard.press("Tab")
    scriptless.keyboard.type("after")
    assert scriptless.locator("#actions-0-what").input_value() == "after" or scriptless.locator("#aim").input_value() == "after"


def test_a_question_appears_with_the_answer_that_opens_it_and_goes_with_it(narrow: Any, site: str) -> None:
    narrow.goto(f"{site}/raise-1-what-empty")
    assert not narrow.locator("#other_person-name").is_visible()
    narrow.get_by_label("Someone else").check()
    assert narrow.locator("#other_person-name").is_visible()
    narrow.locator("#person").check()
    assert not narrow.locator("#other_person-name").is_visible()
    assert not narrow.locator("#officer-name").is_visible()
    narrow.get_by_label("The child is on a child protection plan").check()
    assert narrow.locator("#officer-name").is_visible()
    assert not narrow.get_by_text("Answer this only if").is_visible()


def test_none_of_these_and_the_others_put_each_other_out(narrow: Any, site: str) -> None:
    narrow.goto(f"{site}/raise-1-what-empty")
    narrow.get_by_label("The child is looked after").check()
    assert narrow.locator("#officer-name").is_visible()
    narrow.get_by_label("None of these").check()
    assert not narrow.get_by_label("The child is looked after").is_checked()
    assert not narrow.locator("#officer-name").is_visible()
    narrow.get_by_label("The child is looked after").check()
    assert not narrow.get_by_label("None of these").is_checked()


def test_without_script_every_question_is_there_and_says_when_to_answer_it(scriptless: Any, site: str) -> None:
    scriptless.goto(f"{site}/raise-1-what-empty")
    assert scriptless.locator("#other_person-name").is_visible()
    assert scriptless.locator("#officer-name").is_visible()
    assert "Answer this only if you chose “The child is looked after” or" in scriptless.locator(".accord-when__why").inner_text()


@pytest.mark.parametrize("page", ["narrow", "scriptless"])
def test_entries_are_added_and_removed_with_and_without_script(page: str, site: str, request: pytest.FixtureRequest) -> None:
    view = request.getfixturevalue(page)
    view.goto(f"{site}/action-plan-1-plan-empty")
    view.locator("#actions-0-who").fill("Ann")
    view.get_by_role("button", name="Add another action").click()
    view.locator("#actions-1-who").fill("Bola")
    assert view.locator("#actions-0-who").input_value() == "Ann"
    view.get_by_role("button", name="Remove Action 1").click()
    assert view.locator("#actions-0-who").input_value() == "Bola"
    assert view.locator(".govuk-error-summary").count() == 0


def test_a_new_entry_takes_focus(narrow: Any, site: str) -> None:
    narrow.goto(f"{site}/action-plan-1-plan-empty")
    narrow.get_by_role("button", name="Add another action").click()
    narrow.wait_for_function("document.activeElement.id === 'actions-1-what'")


def test_enter_in_a_box_goes_on_and_removes_nothing(narrow: Any, site: str) -> None:
    narrow.goto(f"{site}/action-plan-1-plan-filled")
    narrow.locator("#actions-1-who").press("Enter")
    narrow.wait_for_selector("#kept")
    assert narrow.locator("#kept").inner_text().count('"due"') == 2


def test_a_form_is_filled_and_sent_with_the_keyboard_alone(wide: Any, site: str) -> None:
    wide.goto(f"{site}/discussion-1-empty")
    wide.locator("#talked").focus()
    wide.keyboard.press("Space")
    for text in ("22", "3", "2027", "9am"):
        wide.keyboard.press("Tab")
        wide.keyboard.type(text)
    wide.keyboard.press("Tab")
    wide.keyboard.press("Space")
    for text in ("Ann and Bola", "Both views", "It is likely"):
        wide.keyboard.press("Tab")
        wide.keyboard.type(text)
    wide.keyboard.press("Tab")
    wide.keyboard.press("Space")
    wide.keyboard.press("Tab")
    wide.keyboard.press("Space")
    wide.keyboard.press("Tab")
    wide.keyboard.type("We go on")
    wide.keyboard.press("Tab")
    wide.keyboard.press("Space")
    wide.keyboard.press("Tab")
    wide.keyboard.press("Enter")
    wide.wait_for_selector("#kept")
    assert '"mode":"face to face"' in wide.locator("#kept").inner_text().replace(" ", "").replace("facetoface", "face to face")


def test_a_second_press_sends_nothing(narrow: Any, site: str) -> None:
    sent: list[str] = []
    narrow.on("request", lambda request: sent.append(request.method) if request.method == "POST" else None)
    narrow.goto(f"{site}/waive-1-filled")
    narrow.evaluate("for (let press = 0; press < 2; press++) document.querySelector('form button').click()")
    narrow.wait_for_selector("#kept")
    assert sent == ["POST"]


def test_what_is_typed_is_kept_as_a_draft_while_typing_and_on_leaving(browser: Any, site: str, pages: Flask) -> None:
    page = browser.new_context().new_page()
    kept = pages.config["DRAFTS"]
    kept.clear()
    page.goto(f"{site}/waive-1-empty")
    page.locator("#why").press_sequentially("It was do")
    page.get_by_text("What you typed is saved.").wait_for()
    assert kept == [{"why": ["It was do"]}]
    page.locator("#why").press_sequentially("ne")
    page.get_by_role("link", name="All forms").click()
    page.wait_for_url(f"{site}/")
    for _ in range(50):
        if len(kept) > 1:
            break
        page.wait_for_timeout(100)
    assert kept[-1] == {"why": ["It was done"]}
    page.goto(f"{site}/waive-1-empty")
    page.locator("#why").fill("refuse")
    page.get_by_text("What you typed could not be saved. Keep this page open").wait_for()
    page.context.close()


def test_no_draft_follows_what_is_sent(browser: Any, site: str, pages: Flask) -> None:
    page = browser.new_context().new_page()
    kept = pages.config["DRAFTS"]
    kept.clear()
    page.goto(f"{site}/waive-1-empty")
    page.locator("#why").fill("It was done")
    page.get_by_role("button", name="Continue").click()
    page.wait_for_selector("#kept")
    page.wait_for_timeout(2500)
    assert kept == []
    page.context.close()


def test_within_a_frame_of_another_site_the_error_summary_takes_focus_and_leads_to_the_control(wide: Any, site: str) -> None:
    wide.goto(f"{site.replace('127.0.0.1', 'localhost')}/host?{site}/monitoring-1-raising-in-error")
    frame = wide.frame_locator("iframe")
    frame.locator("#days").wait_for()
    inner = wide.frames[1]
    assert "govuk-error-summary" in inner.evaluate("document.activeElement.className")
    frame.get_by_role("link", name="Enter a whole number from 0 to 100,000").click()
    assert inner.evaluate("document.activeElement.id") == "days"
    assert inner.evaluate("document.documentElement.scrollWidth") <= 340


@pytest.mark.parametrize("text", ["<img src=x onerror=alert(1)>", '"><svg onload=alert(1)>', "</textarea><script>alert(1)</script>"])
def test_what_is_typed_runs_nowhere(wide: Any, site: str, text: str) -> None:
    wide.goto(f"{site}/raise-1-what-empty")
    wide.on("dialog", lambda _dialog: pytest.fail("a dialog opened"))
    before = wide.locator("script, svg, img").count()
    wide.locator("#unsafe").fill(text)
    wide.get_by_label("Someone else").check()
    wide.locator("#other_person-name").fill(text)
    wide.get_by_role("button", name="Continue").click()
    wide.wait_for_selector(".govuk-error-summary")
    assert wide.locator("#unsafe").input_value() == text
    assert wide.locator("#other_person-name").input_value() == text
    assert wide.locator("script, svg, img").count() == before
