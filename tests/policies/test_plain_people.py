"""Sentences that a partnership manager reads: true for who may act alone, in good English."""

from __future__ import annotations

import pytest

from policies import Policy, chart
from policies.plain import as_text, in_plain_english
from tests.policies.small import small

MORE = """dates:
  - {id: meets, title: When the committee next meets, rule: R-1}
  - {id: received, title: When you received the decision, rule: R-1}
choices:
  - id: urgency
    title: How urgent it is
    by: either worker
    rule: R-1
    options: [{id: usual, title: Usual}, {id: urgent, title: Urgent}]
owes:
  - id: item
    kind: agenda item
    title: Put it on the agenda
    by: raising boss
    when: meets given
    limit: 10 working days before meets
    strength: should
    rule: R-1
  - id: look
    kind: consideration
    title: Look again
    by: both worker
    when: not resolved
    limit: 3 days from received or raised
    repeats: 1 week
    strength: must
    rule: R-1
  - {id: tell, kind: notice, title: Tell the advocate, by: raising worker, to: advocate, for each: advocate, strength: must, rule: R-1}
"""
PAIRS = (
    ("    acts: boss\n", "    acts: boss\n    opened by: either boss\n"),
    ("roles:\n", "roles:\n  - {id: advocate, title: Advocate, of: child}\n"),
)


def policy() -> Policy:
    return small(*PAIRS, more=MORE)


@pytest.mark.parametrize(
    "says",
    [
        "The boss on either side may open it.",
        "It is chosen by the worker on either side.",
        "Its time: 10 working days before the committee next meets.",
        "Each time it was done it comes again: 1 week later.",
        "Stage entry: the next stage is entered when people say that this one is not settled.",
    ],
)
def test_what_is_said_of_people_and_times(says: str) -> None:
    assert says in as_text(in_plain_english(policy()), width=100_000)


def test_a_stage_that_one_side_alone_opens_is_still_said_to_be_so() -> None:
    shown = as_text(in_plain_english(small(("    acts: boss\n", "    acts: boss\n    opened by: raising boss\n"))), width=100_000)
    assert "Only the boss on the raising side may open it." in shown


@pytest.mark.parametrize(
    "says",
    [
        "10 working days before the committee next meets",
        "3 days (calendar days) from when you received the decision or when it was raised",
        "Again each time, 1 week after it was done.",
        "The boss on either side may open it.",
    ],
)
def test_a_drawing_says_dates_in_the_policy_s_words(says: str) -> None:
    assert says in as_text(chart(policy()).outline, width=100_000)
