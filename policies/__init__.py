"""The pure core: a policy as data, and one function that says where a case stands.

    state = evaluate(policy, events, now)

Imports the standard library, pydantic, PyYAML and `holidays`; nothing of ours above it, no Flask, no database.
"""

from policies.canonical import canonical
from policies.loader import load
from policies.model import Choice, Emergency, Flag, Outcome, OutsideDate, Policy, Redirect, Stage
from policies.packs import pack, pack_ids, pack_text
from policies.people import people
from policies.problems import PackError, Problem
from policies.schema import (
    EVENTS,
    STATE,
    Deadline,
    Event,
    Move,
    Obligation,
    Party,
    Reason,
    Side,
    StageSpell,
    State,
    Strength,
    Warning,
    json_schema,
)

__all__ = [
    "EVENTS", "STATE", "Choice", "Deadline", "Emergency", "Event", "Flag", "Move", "Obligation", "Outcome", "OutsideDate", "PackError",
    "Party", "Policy", "Problem", "Reason", "Redirect", "Side", "Stage", "StageSpell", "State", "Strength", "Warning", "canonical",
    "json_schema", "load", "pack", "pack_ids", "pack_text", "people",
]  # fmt: skip
