"""A simulated case keeps to the limits as they are when they end, and says what opened by itself."""

from __future__ import annotations

from policies.simulating import simulate
from tests.policies.making import at
from tests.policies.small import small

LOG = "owes:\n  - {id: log, kind: record, title: Log, by: raising worker, limit: 5 working days, strength: must, rule: R-2}\n"


def test_a_stage_is_left_when_its_time_ends_by_what_was_done_at_it() -> None:
    policy = small(("limit: 5 working days\n", "limit: 20 working days from case/log or raised\n"), more=LOG)
    lines = {one.text: one.local[:10] for one in simulate(policy, at("2026-12-14 10:00"), "late").lines}
    assert lines["Done: Log"] == "2026-12-21"
    # Twenty working days after 21 December, without Christmas Day, Boxing Day's substitute and New Year's Day.
    assert lines["Not settled at First"] == "2027-01-21"


def test_a_stage_that_opens_by_itself_is_said_before_what_it_asks_for_and_names_whose_time_was_up() -> None:
    policy = small(("agency types:\n", "settings: {time up: opens}\nagency types:\n"))
    texts = [one.text for one in simulate(policy, at("2026-11-23 10:00"), "none").lines]
    opened = texts.index("Time was up at First; this opened by itself: Second")
    assert opened < min(place for place, text in enumerate(texts) if "Talk again" in text)


def test_what_is_asked_for_after_its_time_is_said_to_be_so() -> None:
    cap = "caps:\n  - {id: all, title: All, limit: 24 hours from raised, ends: resolved, strength: must, rule: R-1}\n"
    texts = [one.text for one in simulate(small(more=cap), at("2026-11-23 10:00"), "none").lines]
    talks = [text for text in texts if "Talk" in text]
    assert [text.endswith("(past before it was asked for)") for text in talks if text.startswith(("must", "should"))] == [False, True, True]
