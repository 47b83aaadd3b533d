"""Raised about the wrong child, or with the wrong organisation: whoever heard of it hears that, once; nothing goes on a file."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from plugin.models import Delivery, Disagreement
from plugin.services.acting import moving
from plugin.services.acting.casework import Sent
from plugin.services.keeping.clock import machine_now
from policies import State
from policies.language.compiling import MISTAKE
from tests.stories.telling import Story

pytestmark = pytest.mark.slow  # a story moves the clock through days


def mistaken(story: Story) -> State:
    """The social worker who raised it says so."""
    who = story.world.actor("nc-1042", "raising")
    sent = Sent("raised-by-mistake", 1, {"why": "I had the wrong record open."}, {}, "this page")
    key = f"resolve/{MISTAKE}"
    state = moving.make_move(story.system(), story.world.keys, story.reference, key, who, sent, story.now, machine_now()).state
    story.post()
    return state


def test_whoever_was_asked_or_told_hears_it_once_and_nobody_is_asked_for_anything_more(story: Story) -> None:
    story.raised("2027-03-22 10:00", flags=["looked after"])
    story.until("2027-04-05 12:00")
    heard = {one.to for one in story.mails}
    before = len(story.mails)
    state = mistaken(story)
    assert (state.status, state.outcome) == ("closed", MISTAKE)
    story.until("2027-06-01 12:00")
    since = story.mails[before:]
    assert {one.templates for one in since} == {("raised_by_mistake",)}
    assert sorted(one.to for one in since) == sorted(heard - {"amara.lindqvist@northleigh.example"})
    assert {one.state for one in story.rows() if one.state not in ("cancelled", "on screen")} == {"sent"}


def test_what_waits_to_be_sent_is_not_sent(story: Story) -> None:
    story.raised("2027-03-19 18:10")
    assert "waiting" in {row.state for row in story.rows()}
    sent = len(story.mails)
    mistaken(story)
    story.until("2027-04-20 12:00")
    assert {one.templates for one in story.mails[sent:]} <= {("raised_by_mistake",)}
    assert "waiting" not in {row.state for row in story.rows()}


def test_nothing_goes_onto_any_file(story: Story) -> None:
    story.raised("2027-03-22 10:00")
    mistaken(story)
    story.until("2027-06-01 12:00")
    assert not story.system().scalars(select(Delivery)).all()
    row = story.system().scalars(select(Disagreement)).one()
    assert row.closed_at is not None and row.status == "closed", "kept for as long as any other"


def test_of_a_settled_one_what_is_not_written_yet_is_taken_back(story: Story) -> None:
    story.raised("2027-03-22 10:00")
    outcome = next(one.to for one in story.state().moves if one.kind == "resolve" and one.open)
    story.world.resolve(story.reference, outcome, story.world.actor("nc-1042", "raising"), story.now)
    assert {row.state for row in story.system().scalars(select(Delivery))} <= {"due", "needs a person"}
    mistaken(story)
    rows = story.system().scalars(select(Delivery)).all()
    assert rows and {(row.state, row.reason, row.next_try_at) for row in rows} == {("given up", "It was raised by mistake.", None)}
