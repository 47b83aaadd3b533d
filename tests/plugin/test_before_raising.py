"""What comes before a disagreement is raised, as each policy has it: advice alone, other routes, the dates that clocks count from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update

from plugin.models import Advice, Disagreement, EventRow, MailRow, Person, RoleHolder, begin_writing
from policies import pack
from tests.pages import Page, Visitor
from tests.plugin.visits import ANSWERS, as_system, on_sqlite_alone, raise_by_hand, start, to_where
from tests.world import World, make_world

pytestmark = [pytest.mark.slow, on_sqlite_alone]  # left out of make test-quick

ADVICE = {
    "who-name": "Siobhan Gunawardena",
    "who-role": "Named nurse",
    "who-organisation": "Vale and Forest Hospital Trust",
    "when-day": "2",
    "when-month": "3",
    "when-year": "2026",
    "when-time": "9:00",
    "problem": "The school does not share what it knows.",
    "advice": "Ask for the chronology first.",
}


@pytest.fixture
def havering(app: Flask) -> World:
    """The demo's people under a policy that offers advice alone (HSCP-6) and has another route (HSCP-7)."""
    return make_world(app, "havering")


def _record(visitor: Visitor, page: Page, then: str) -> Page:
    page = visitor.press(page, "Record advice")
    page = visitor.press(page, "Check your answers", {**ADVICE, "next": then})
    assert page.h1 == "Check your answers", page.errors()
    return visitor.press(page, "Keep it")


@pytest.mark.parametrize("cookies", [True, False])
def test_advice_alone_is_kept_for_the_agency_and_raises_nothing(havering: World, cookies: bool) -> None:
    visitor = Visitor(havering.app, cookies=cookies)
    page = _record(visitor, start(visitor, havering), "advice only")
    assert page.h1 == "Disagreements about this child"
    assert "Ask for the chronology first." in page.words and "written down by Amara Lindqvist" in page.words
    session = as_system()
    assert session.scalar(select(func.count()).select_from(Disagreement)) == 0
    assert session.scalar(select(func.count()).select_from(MailRow)) == 0
    kept = session.scalars(select(Advice)).one()
    assert kept.facts["after advice"] == "advice only"
    assert b"chronology" not in kept.sealed
    colleague, other_child, school = (Visitor(havering.app, cookies=False) for _ in range(3))
    assert "Ask for the chronology first." in start(colleague, havering, "nc-1077").words
    assert "Ask for the chronology first." not in start(other_child, havering, child_ref="9001").words
    assert "Ask for the chronology first." not in start(school, havering, "htull", "417", "school").words


def test_the_same_advice_sent_twice_is_one(havering: World) -> None:
    visitor = Visitor(havering.app, cookies=False)
    page = visitor.press(start(visitor, havering), "Record advice")
    page = visitor.press(page, "Check your answers", {**ADVICE, "next": "advice only"})
    visitor.press(page, "Keep it")
    assert visitor.press(page, "Keep it").status == 200
    assert as_system().scalar(select(func.count()).select_from(Advice)) == 1


def test_after_advice_the_way_leads_on_to_raising_with_what_is_known(havering: World) -> None:
    visitor = Visitor(havering.app)
    page = _record(visitor, start(visitor, havering), "raise")
    assert page.h1 == "First: is the child in danger now?"
    page = visitor.press(page, "Continue", {"immediate_harm": "no"})
    page = visitor.press(page, "Continue", {"route_0": "no"})
    page = visitor.press(page, "Continue", {"agency": "hill-top-school"})
    assert "Siobhan Gunawardena, Named nurse" in page.form("Check your answers").sends["talked_to"]


def test_a_policy_that_offers_no_advice_has_no_page_for_it(world: World) -> None:
    visitor = Visitor(world.app)
    page = start(visitor, world)
    assert "Record advice" not in page.buttons()
    assert visitor.get("/frame/advice").status == 404


def test_another_route_is_seen_before_anything_is_raised(world: World) -> None:
    visitor = Visitor(world.app)
    page = visitor.press(start(visitor, world), "Raise professional disagreement")
    page = visitor.press(page, "Continue", {"immediate_harm": "no"})
    assert page.h1 == "Is this the right way?" and "inside your own agency" in page.words
    assert visitor.press(page, "Continue").errors() == {
        "route_0": "Choose yes or no: Is this about a decision, wrongdoing or danger inside your own agency?"
    }
    page = visitor.press(page, "Continue", {"route_0": "yes"})
    assert page.h1 == "There is another route for this" and "whistleblowing" in page.words
    assert visitor.press(page, "Do not raise it here").h1 == "Disagreements about this child"
    page = visitor.press(page, "It is also about another agency")
    assert "Which organisation" in page.words, "a wrong answer shuts nobody out"


def test_a_policy_without_other_routes_does_not_ask(app: Flask) -> None:
    world = make_world(app, "birmingham")
    visitor = Visitor(world.app)
    page = visitor.press(start(visitor, world), "Raise professional disagreement")
    page = visitor.press(page, "Continue", {"immediate_harm": "no"})
    assert "Which organisation" in page.words
    assert visitor.press(page, "Back").h1 == "First: is the child in danger now?"


@pytest.mark.parametrize("cookies", [True, False])
def test_the_dates_a_clock_counts_from_are_asked_and_count(app: Flask, cookies: bool) -> None:
    world = make_world(app, "birmingham")
    visitor = Visitor(world.app, cookies=cookies)
    page = visitor.press(to_where(visitor, start(visitor, world)), "Continue", {"agency": "hill-top-school"})
    assert page.h1 == "A few facts", "this policy also asks how it was first raised"
    at = datetime.now(UTC).astimezone(ZoneInfo("Europe/London")) - timedelta(days=3)
    names = sorted({name.rsplit("-", 1)[0] for name in page.form("Continue").controls if name.startswith("date_")})
    typed = {f"{name}-{part}": str(getattr(at, part)) for name in names for part in ("day", "month", "year")}
    page = visitor.press(page, "Continue", {**typed, **{f"{name}-time": "9:00" for name in names}})
    page = visitor.press(page, "Check your answers", _answers(world, page))
    assert page.h1 == "Check your answers", page.errors()
    assert f"{at:%A} {at.day} {at:%B %Y}" in page.words, "what was said before is looked over too"
    page = visitor.press(page, "Send and start")
    facts = as_system().scalar(select(EventRow.facts).where(EventRow.kind == "raised")) or {}
    assert facts["dates"] and all(value.startswith(f"{at:%Y-%m-%d}") for value in facts["dates"].values())
    assert "This step should" in page.words


def _answers(world: World, page: Page) -> dict[str, object]:
    theme = next(name for name in _values(page, "themes") if name != "other")
    said = {**ANSWERS, "themes": [theme], "person": world.people["htull"], "risk": "Likely, and soon."}
    return {name: value for name, value in said.items() if name in page.form("Check your answers").controls}


def _values(page: Page, name: str) -> list[str]:
    assert page.tree is not None
    return [one.get("value", "") for one in page.tree.iter("input") if one.get("name") == name]


def test_an_open_disagreement_with_the_same_organisation_is_warned_of(world: World) -> None:
    visitor = Visitor(world.app)
    page = raise_by_hand(visitor, world, start(visitor, world))
    page = visitor.press(to_where(visitor, visitor.press(page, "All disagreements")), "Continue", {"agency": "hill-top-school"})
    assert "There is an open disagreement about this child with Hill Top School already" in page.words


@pytest.mark.parametrize("id", ["birmingham", "south-gloucestershire", "gloucestershire", "wiltshire"])
def test_in_danger_the_page_says_what_the_policy_says_and_whom_to_tell_once(app: Flask, id: str) -> None:
    world, visitor = make_world(app, id), Visitor(app)
    page = visitor.press(start(visitor, world), "Raise professional disagreement")
    page = visitor.press(page, "Continue", {"immediate_harm": "yes"})
    assert "Accord tells nobody for you." in page.words and "@" not in page.main
    gate = pack(id).emergency
    assert gate is not None and gate.text in page.words and "Tell  now" not in page.text
    assert (f"Tell {gate.tell} now. {gate.text}" in page.words) == (gate.tell.lower() not in gate.text.lower()), page.words


def test_in_danger_the_page_says_the_telephone_of_whoever_is_to_be_told_or_that_it_knows_none(world: World) -> None:
    visitor = Visitor(world.app)
    page = visitor.press(start(visitor, world), "Raise professional disagreement")
    assert "Accord calls nobody and is not watched round the clock." in page.words
    told = visitor.press(page, "Continue", {"immediate_harm": "yes"})
    assert "Accord does not know their telephone number: ask your switchboard or a manager" in told.words
    session = as_system()
    begin_writing(session)
    session.execute(update(Person).values(phone="01632 960 001"), execution_options={"synchronize_session": False})
    session.commit()
    told = visitor.press(page, "Continue", {"immediate_harm": "yes"})
    assert ": 01632 960 001" in told.words and "does not know" not in told.words
    begin_writing(session)
    session.execute(delete(RoleHolder).where(RoleHolder.role == "safeguarding lead"), execution_options={"synchronize_session": False})
    session.commit()
    told = visitor.press(page, "Continue", {"immediate_harm": "yes"})
    assert "Accord does not know who that is where you work, or their telephone number." in told.words
