"""Somebody looked for among thousands, in a real browser: by keyboard alone, in a narrow frame, with script and without; axe."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from tests.journeys.site import NARROW, Site, serving, well
from tests.pages import Visitor
from tests.plugin.test_choosing_among_thousands import hire
from tests.plugin.visits import on_sqlite_alone, start, to_the_question
from tests.world import World

pytestmark = on_sqlite_alone


@pytest.fixture
def site(app: Flask, browser: Browser) -> Iterator[Site]:
    """The service, running."""
    with serving(app, browser) as running:
        yield running


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
def test_a_name_is_typed_and_one_of_those_found_is_chosen_by_keyboard(site: Site, world: World, script: bool) -> None:
    hire("hill-top-school")
    visitor = Visitor(world.app)
    to_the_question(visitor, start(visitor, world))
    page = site.goto(site.page(visitor, viewport=NARROW, script=script), "/frame/raise/what")
    box = page.get_by_label("Find somebody by name or job")
    box.focus()
    page.keyboard.type("dalaigh 299")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#find-hint")).to_have_text("13 people found with “dalaigh 299”. Choose below.")
    expect(box).to_be_focused()
    if script:
        well(page, "the people found")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")  # the button Find, once more
    expect(box).to_be_focused()
    for key in ("Tab", "Tab", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.name") == "person"
    expect(page.locator("input[name=person]:checked")).to_have_count(1)
