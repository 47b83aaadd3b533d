"""A date that a policy counts from is given as a disagreement is raised or later, and given anew when it has moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

import forms
from plugin.services.case import case_dates, casefile, cases
from plugin.services.keeping.clock import machine_now
from plugin.web.child import policy_questions
from tests.pages import Visitor
from tests.plugin.visits import as_system, on_sqlite_alone, start
from tests.policies.small import small
from tests.world import make_world

HEARD = "{id: heard, title: When you heard, rule: R-1}"
HEARING = "{id: hearing, title: When the hearing is, ahead: yes, required: yes, rule: R-1}"
POLICY = small(more=f"dates: [{HEARD}, {HEARING}]\n")
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
DAY = {"day": "1", "month": "12", "year": "2026", "time": "9:00"}


def _given(field: str) -> dict[str, list[str]]:
    return {f"{field}-{part}": [value] for part, value in DAY.items()}


def test_only_a_date_that_may_lie_ahead_is_taken_from_the_future_when_raising() -> None:
    form = policy_questions.facts(POLICY, "")
    assert form is not None and form.title == "Which dates count?"
    bound = forms.bind(form, data={**_given("date_0"), **_given("date_1")}, choices={}, context={}, now=NOW)
    assert not bound.validate() and [name.partition("-")[0] for name, _ in bound.errors] == ["date_0"]


def test_each_date_is_asked_for_where_it_was_ticked_and_held_to_what_it_may_be() -> None:
    form, choices, context = forms.get("changes"), casefile.choices_of(POLICY), casefile.said_in(POLICY)
    choices |= {"flags": [], "personal roles of each": []}
    data = {"which_dates": ["1"], **_given("date_0"), **_given("date_ahead_1")}
    bound = forms.bind(form, data=data, choices=choices, context=context, now=NOW)
    assert bound.validate(), bound.errors
    assert case_dates.said(POLICY, bound.values()) == {"hearing": "2026-12-01T09:00:00+00:00"}, "the first was not ticked"
    bound = forms.bind(form, data={"which_dates": ["0"], **_given("date_0")}, choices=choices, context=context, now=NOW)
    assert not bound.validate() and [name.partition("-")[0] for name, _ in bound.errors] == ["date_0"]


@pytest.mark.slow
@on_sqlite_alone
def test_a_date_that_becomes_known_later_moves_what_counts_from_it(app: Flask) -> None:
    world = make_world(app, "birmingham")
    now = machine_now()
    reference = world.make_disagreement(now)
    visitor = Visitor(app)
    start(visitor, world)
    page = visitor.press(visitor.get(f"/case/{reference}"), "Add information")
    assert "Do you know one of these dates now, or has one moved? (optional)" in page.words
    asked = visitor.press(page, "Check your answers", {"which_dates": "0"})
    assert asked.errors(), "ticked and not given"
    before = now - timedelta(days=3)
    said = {"date_0-day": str(before.day), "date_0-month": str(before.month), "date_0-year": str(before.year), "date_0-time": "9:00"}
    page = visitor.press(visitor.press(asked, "Check your answers", {"which_dates": "0", **said}), "Send")
    assert "When the decision was received or the disagreement began" in page.words
    case = cases.open_case(as_system(), world.keys, reference=reference)
    stated = [one.facts["value"] for one in case.events if one.about == "decision received"]
    assert [datetime.fromisoformat(str(one)).date() for one in stated] == [before.date()]
    due = case.state(now).due
    assert due is not None and due.started is not None and due.started.date() == before.date(), "its clock counts from there"
