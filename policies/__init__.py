"""The pure core: a policy as data, and one function that says where a case stands.

    state = evaluate(policy, events, now)

Imports the standard library, pydantic, PyYAML and `holidays`; nothing of ours above it, no Flask, no database.
"""

from policies.charting import Drawing, chart
from policies.evaluating.answers import who_waits
from policies.evaluating.beginning import choices_at_start, possible_starts, starting_stage
from policies.evaluating.ladders import Rung, rungs
from policies.evaluating.panels import panel_problems
from policies.evaluating.people import people
from policies.evaluating.states import evaluate, next_steps
from policies.evaluating.views import Viewer, view
from policies.language.loader import load
from policies.language.problems import PackError, Problem
from policies.packs import pack, pack_ids, pack_text
from policies.parts.canonical import canonical
from policies.parts.json_form import EVENTS, STATE, json_schema
from policies.parts.model import Policy
from policies.parts.schema import Deadline, Event, Move, Obligation, Party, Reason, Side, StageSpell, State, Strength, Warning
from policies.parts.stages import Outcome, Question, Stage
from policies.parts.vocabulary import Choice, Emergency, Flag, FormWords, OutsideDate, Redirect

__all__ = [
    "EVENTS", "STATE", "Choice", "Deadline", "Drawing", "Emergency", "Event", "Flag", "FormWords", "Move", "Obligation", "Outcome",
    "OutsideDate",
    "PackError", "Party", "Policy", "Problem", "Question", "Reason", "Redirect", "Rung", "Side", "Stage", "StageSpell", "State",
    "Strength", "Viewer", "Warning", "canonical", "chart", "choices_at_start", "evaluate", "json_schema", "load", "next_steps", "pack",
    "pack_ids", "pack_text", "panel_problems", "people", "possible_starts", "rungs", "starting_stage", "view", "who_waits",
]  # fmt: skip
