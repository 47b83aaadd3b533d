"""What can be done to a disagreement, seen in a real browser, one after another: each button, its form, and what the page says then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.journeys.people import fill_in
from tests.journeys.site import Site, press, serving, unfold, well
from tests.pages import Visitor
from tests.plugin.visits import on_sqlite_alone, raise_by_hand, reference_on, start
from tests.world import World

pytestmark = on_sqlite_alone


@pytest.fixture
def case(app: Flask, browser: Browser, world: World) -> Iterator[Page]:
    """The page of a disagreement just raised, before its worker."""
    visitor = Visitor(app)
    reference = reference_on(raise_by_hand(visitor, world, start(visitor, world)))
    with serving(app, browser) as site:
        yield Site.goto(site, site.page(visitor), f"/case/{reference}")


def _send(page: Page) -> None:
    press(page, "Check your answers")
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your answers")
    press(page, "Send")
    expect(page.get_by_text("Done. It is recorded.")).to_be_visible()


def _date(page: Page, name: str, at: datetime) -> None:
    for part in ("day", "month", "year"):
        page.locator(f"#{name}-{part}").fill(str(getattr(at, part)))
    if page.locator(f"#{name}-time").count():
        page.locator(f"#{name}-time").fill(f"{at:%H:%M}")


def _now() -> datetime:
    return datetime.now(UTC).astimezone(ZoneInfo("Europe/London"))  # as the form asks


def test_information_and_an_earlier_date_then_a_mistake(case: Page) -> None:
    press(case, "Add information")
    sooner = _now() + timedelta(days=1)
    _date(case, "protective_date", sooner.replace(hour=23, minute=0))
    fill_in(case.main_frame, What_do_you_want_to_add="The father is out of prison tomorrow.")
    _send(case)
    expect(case.get_by_text(f"{sooner:%A} {sooner.day} {sooner:%B %Y}").first).to_be_attached()
    expect(case.get_by_text("The father is out of prison tomorrow.")).to_be_visible()
    unfold(case)
    press(case, "This was a mistake Information added")
    expect(case.get_by_text("This is taken back with it: To be settled sooner")).to_be_visible()
    fill_in(case.main_frame, What_was_wrong="It is his brother.")
    _send(case)
    expect(case.locator(".govuk-tag", has_text="A mistake")).to_have_count(2)
    expect(case.get_by_text("It is his brother.")).to_be_visible()


def test_a_talk_recorded_then_on_to_the_managers(case: Page) -> None:
    press(case, "Talk to each other")
    case.get_by_label("Yes", exact=True).check()
    case.get_by_label("We do not agree", exact=True).check()
    _date(case, "held_at", _now() - timedelta(minutes=2))
    case.get_by_label("Face to face (best)").check()
    fill_in(case.main_frame, Who_took_part="We two.", What_was_said="We see it differently.", What_was_decided="To go on.")
    for box in case.locator("form input[type=checkbox]:visible").all():
        box.check()
    _send(case)
    expect(case.get_by_text("We see it differently.")).to_be_visible()
    press(case, "Go on to Line managers")
    fill_in(case.main_frame, Why_is_it_not="We see it differently.", How_is_the_child="She is met.")
    case.get_by_label("Philippa Okonjo-Reyes").check()
    _send(case)
    expect(case.get_by_text("We are writing to")).to_be_visible()
    expect(case.get_by_text("Philippa Okonjo-Reyes").first).to_be_visible()
    expect(case.locator("main")).to_contain_text("Moved to Line managers")


def test_withdrawn_with_a_reason_then_opened_again(case: Page) -> None:
    press(case, "Withdraw it")
    expect(case.get_by_role("heading", level=1)).to_have_text("Withdraw the disagreement")
    press(case, "Check your answers")
    expect(case.get_by_text("There is a problem")).to_be_visible()
    fill_in(case.main_frame, Why="The visit took place.", How_is_the_child="She was seen.")
    _send(case)
    expect(case.locator("main")).to_contain_text("Outcome: Withdrawn")
    press(case, "Open it again")
    fill_in(case.main_frame, Why="It was another child.", How_is_the_child="She is with her aunt.")
    _send(case)
    expect(case.locator("main")).to_contain_text("Reopened")
    expect(case.get_by_role("heading", name="What happens next")).to_be_visible()


def test_raised_about_the_wrong_child_is_ended_at_once(case: Page) -> None:
    press(case, "It was raised by mistake")
    expect(case.get_by_text("Nothing goes onto any file.")).to_be_visible()
    well(case, "the form of a mistake")
    fill_in(case.main_frame, What_was_the_mistake="I had the wrong record open.")
    _send(case)
    expect(case.get_by_text("This was raised by mistake. Nobody has to do anything more about it.")).to_be_visible()
    assert case.get_by_role("heading", name="What happens next").count() == 0
    well(case, "a case raised by mistake")


def test_settled_and_only_then_open_to_be_closed(case: Page) -> None:
    assert case.get_by_role("button", name="Close the disagreement").count() == 0
    press(case, "Settle the disagreement")
    case.get_by_label("Resolved", exact=True).check()
    if case.locator("#settled_at-day").count():
        _date(case, "settled_at", _now())
    fill_in(case.main_frame, What_was_agreed="She is met.", What_are_the_reasons="It is safe.", What_will="She is not alone.")
    case.get_by_label("No", exact=True).check()
    press(case, "Check your answers")
    press(case, "Send")
    expect(case.locator("main")).to_contain_text("Settled, not closed")
    expect(case.get_by_text("On the child’s file").first).to_be_visible()
