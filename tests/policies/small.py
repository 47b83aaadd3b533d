"""A pack of a dozen lines, for tests that need one rule at a time."""

from __future__ import annotations

from policies import Policy, chart, load
from policies.plain import as_text, in_plain_english
from tests.policies.geometry import faults

HEAD = """language: 1
id: small
title: A small policy
partnership: Somewhere
version: 1
themes:
  - {id: need, title: Need}
agency types:
  - {id: council, title: Council}
  - {id: school, title: School}
roles:
  - {id: worker, title: Worker}
  - {id: boss, title: Boss}
outcomes:
  - {id: settled, title: Settled}
"""

STAGES = """stages:
  - id: 1
    title: First
    acts: worker
    limit: 5 working days
    rule: R-1
    owes:
      - {id: talk, kind: discussion, title: Talk, by: both, strength: must, rule: R-2}
  - id: 2
    title: Second
    acts: boss
    limit: 5 working days
    rule: R-3
    owes:
      - {id: talk, kind: discussion, title: Talk again, by: each, strength: should, rule: R-4}
"""

COUNCIL = {"agency": "council", "type": "council", "side": "responding"}
SCHOOL = {"agency": "school", "type": "school", "side": "raising"}


def small_text(*pairs: tuple[str, str], more: str = "") -> str:
    """The text of the small pack with pieces replaced (each must be there) and lines added at the end."""
    text = HEAD + STAGES
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text + more


def small(*pairs: tuple[str, str], more: str = "") -> Policy:
    """The small policy, changed. Each one is drawn and put into words as it is made, so that a test of any rule tries those too."""
    policy = load(small_text(*pairs, more=more), source="small.yaml")
    for narrow in (False, True):
        wrong = faults(chart(policy, narrow=narrow).svg)
        assert wrong == [], f"the drawing of this policy: {wrong}"
    assert as_text(in_plain_english(policy))
    return policy
