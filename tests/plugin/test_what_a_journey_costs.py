"""How many statements a journey runs, and that more of them is no accident: what a page shows must not be asked for one by one.

Counted, not timed: the same on every machine. `make bench` times the same journey.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from plugin.extensions import db
from plugin.runtime import runtime
from plugin.services.acting import casework
from plugin.services.acting.casework import Sent
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.post import mailing
from tests.pages import Page, Visitor
from tests.plugin.visits import as_system, start
from tests.world import World

# Who is there (2), the case and what was said in it (2), its seats, what this person holds, the time, the draft.
TO_SHOW_A_FORM = 8
# The same, and what was typed is kept.
TO_LOOK_IT_OVER = 9
# The same as to show it; then what is locked, added and worked out in one transaction (17, of which one takes back mail that still waits),
# and what the page after it lists (2). The page is drawn of the case that was worked out: it reads nothing again.
TO_SEND_IT = 27
ANSWERS = {
    "outcome": "resolved",
    "agreed": "She is collected from school.",
    "reasons": "It is dark and the road is busy.",
    "for_child": "She is not alone.",
    "still_open": "no",
}


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements that are run meanwhile, each with what was asked for."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, asked: object, *_more: object) -> None:
        if not statement.startswith("BEGIN"):
            found.append(f"{' '.join(statement.split())} {asked}")

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def settled(world: World, reference: str) -> tuple[list[int], Page, Visitor]:
    """A disagreement settled in a frame that keeps no cookies: how many statements each of the three requests ran, and the last page."""
    visitor = Visitor(world.app, cookies=False)
    fs = start(visitor, world).form("Raise").sends["_fs"]
    now = business_now(as_system()).astimezone()
    day = {"settled_at-day": str(now.day), "settled_at-month": str(now.month), "settled_at-year": str(now.year)}
    typed = {**ANSWERS, **day, "settled_at-time": f"{now:%H:%M}"}
    common, once, counts = {"_fs": fs, "what": "settle"}, "", []
    for step in ({"do": "open"}, {"do": "check", **typed}, {"do": "send"}):
        with counted(world.app) as statements:
            page = visitor.post(f"/case/{reference}/do", {**common, **step, "once": once})
        assert page.status == 200, page.words
        counts.append(len(statements))
        once = next((form.sends["once"] for form in page.forms() if "once" in form.sends), "")
    assert "Settled" in page.words
    return counts, page, visitor


def add_information(world: World, reference: str, times: int) -> None:
    """More of a story: each piece is an event with words of its own."""
    who = world.actor("nc-1042", "raising")
    for number in range(times):
        session = as_system()
        sent = Sent("changes", 1, {"changed": f"She was seen again ({number})."}, {"flags": []}, f"more-{number}")
        casework.add_information(session, world.keys, reference, who, sent, business_now(session), machine_now())


def test_a_journey_runs_no_more_statements_than_it_did(world: World) -> None:
    reference = world.make_disagreement(business_now(as_system()) - timedelta(minutes=5))
    counts, _page, _visitor = settled(world, reference)
    assert counts[0] <= TO_SHOW_A_FORM
    assert counts[1] <= TO_LOOK_IT_OVER
    assert counts[2] <= TO_SEND_IT


def test_whoever_was_named_is_not_looked_for_among_all_who_do_the_same_work(world: World) -> None:
    """A county's list may give thousands of people the role with which its policy begins."""
    begun = business_now(as_system()) - timedelta(minutes=5)
    with counted(world.app) as statements:
        reference = world.make_disagreement(begun)
        world.escalate(reference, "2", world.actor("nc-1042", "raising"), begun + timedelta(minutes=1))
    looked_for = [one for one in statements if "FROM role_holder JOIN" in one]
    assert looked_for and not [one for one in looked_for if "'practitioner'" in one]


@pytest.mark.slow
def test_a_long_story_is_read_in_as_many_statements_as_a_short_one(world: World) -> None:
    begun = business_now(as_system()) - timedelta(minutes=5)
    short, long = world.make_disagreement(begun), world.make_disagreement(begun)
    add_information(world, long, 12)
    assert settled(world, long)[0] == settled(world, short)[0]


@pytest.mark.slow
def test_the_page_drawn_at_once_says_what_the_page_read_anew_says(world: World) -> None:
    reference = world.make_disagreement(business_now(as_system()) - timedelta(minutes=5))
    _counts, drawn, visitor = settled(world, reference)
    fs = next(form.sends["_fs"] for form in drawn.forms() if "_fs" in form.sends)
    again = visitor.post(f"/case/{reference}", {"_fs": fs})
    assert again.status == 200
    assert drawn.main.endswith(again.main[len(again.h1) :]), "but for what is said of what was just done"


def test_mails_of_eight_cases_are_gathered_in_as_many_statements_as_those_of_two(world: World) -> None:
    assert _gathered(world, 8) == _gathered(world, 2)


def _gathered(world: World, cases: int) -> int:
    """How many statements a worker runs to take the mails of so many new cases and make letters of them."""
    session = as_system()
    now = business_now(session)
    references = {world.make_disagreement(now) for _ in range(cases)}
    session = as_system()
    with counted(world.app) as statements:
        letters = mailing.claim(session, runtime(world.app).keys, machine_now(), now + timedelta(days=3), timedelta(minutes=2), 200)
    assert references <= {part.reference for letter in letters for part in letter.parts}
    return len(statements)
