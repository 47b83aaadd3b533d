"""What stands around the stages of a chart: the emergency gate and other routes first, the raising, what is owed throughout, the end.

What lives here: those blocks, and the whole flow put together. What does not: the stages (`stages`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeAlias

from policies.charting.cards import cap_card, duty_card, is_doing, outcome_card, panel_card, question_card, stop_card
from policies.charting.flow import Block, BlockKind, Card, Flow, Link
from policies.charting.stages import DOING, TELLING, homes_of, stage_blocks, stage_links
from policies.evaluating.due_words import day_words, due_words
from policies.parts.model import Policy
from policies.parts.schema import State
from policies.plain.naming import listed, lowered, quoted
from policies.plain.phases import phase

Cards: TypeAlias = Sequence[Card]
LEGEND = (
    "The raising side is whoever raised the disagreement, the responding side whoever it is with. Must: a duty. Should: advised. "
    "May: as you like. Guide: to go by."
)


def flow_of(policy: Policy, state: State | None = None, at: str = "") -> Flow:
    """The whole chart of a policy; with a state, the block where that case stands is marked and those it has been at are named.

    `at` marks a block by its key ("stage 2", "settled", "closed") where there is no state. Raises KeyError where there is no such block.
    """
    homes = homes_of(policy)
    now, past = _place_of(policy, state) if state is not None else (_marked(policy, at), frozenset[str]())
    blocks = (
        *_before(policy),
        _start(policy),
        *_always(policy, homes),
        *stage_blocks(policy, homes, now, past),
        *_end(policy, now),
    )
    links = (*_leading_in(blocks), *stage_links(policy, blocks))
    if blocks[-1].key == "closed":
        links = (*links, Link("next", "settled", "closed"))
    return Flow(f"{policy.title}: {policy.partnership}", _edition(policy), _summary(policy, blocks), blocks, links, LEGEND)


def _edition(policy: Policy) -> str:
    start = f", in force from {day_words(policy.effective_from)}" if policy.effective_from else ""
    end = f", until {day_words(policy.effective_until)}" if policy.effective_until else ""
    return f"Version {policy.version}{start}{end}"


def _marked(policy: Policy, at: str) -> dict[str, str]:
    if at in ("settled", "closed"):
        return {at: f"The case is {at}"}
    if at and at not in {f"stage {one.id}" for one in policy.stages}:
        raise KeyError(at)
    return {at: "The case is here"} if at else {}


def place_of(state: State) -> str:
    """The key of the block where a case stands."""
    return f"stage {state.stage}" if state.status == "open" else state.status


def _place_of(policy: Policy, state: State) -> tuple[dict[str, str], frozenset[str]]:
    """What is said at the block where the case stands, and the stages it has been at."""
    past = frozenset(one.stage for one in state.spells if one.left is not None)
    if state.status != "open":
        return {place_of(state): f"The case is {state.status}: {state.outcome_title}"}, past | {state.stage}
    due = f", {due_words(policy.calendar, state.due)}" if state.due is not None else ""
    return {place_of(state): f"The case is here{due}"}, past - {state.stage}


def _summary(policy: Policy, blocks: tuple[Block, ...]) -> str:
    stages = listed(f"{one.id} {one.title}" for one in policy.stages)
    here = next((f" {one.now}: {one.title}." for one in blocks if one.now), "")
    return f"Flow chart of the policy {quoted(policy.title)}, version {policy.version}. Its stages are {stages}.{here}"


# What the text of `inside one agency` is for: the case that the policy is not for.
_INSIDE = {"no": "Inside one organisation", "yes": "Inside one organisation", "only": "Between two organisations"}


def _before(policy: Policy) -> Iterator[Block]:
    gate = policy.emergency
    left: tuple[Card, ...] = ()
    if gate is not None:
        tell = (f"If yes, tell {lowered(gate.tell)}.",) if gate.tell else ()
        left = (Card("emergency", gate.question, (*tell, gate.text)),)
    right = tuple(Card(f"redirect {one.id}", one.question, (f"If yes: {one.text}",)) for one in policy.redirects)
    if policy.inside is not None and policy.inside.text:
        right = (*right, Card("inside one agency", _INSIDE[policy.inside.allowed], (policy.inside.text,)))
    if left or right:
        yield _two("before", "before", "First of all", left, right, "Is anybody in danger?", "Is this the right way?")


def _two(key: str, kind: BlockKind, title: str, left: Cards, right: Cards, left_title: str, right_title: str, now: str = "") -> Block:
    """A block of two lists of cards, of which either may be empty."""
    return Block(
        key,
        kind,
        title,
        left=tuple(left),
        right=tuple(right),
        left_title=left_title if left else "",
        right_title=right_title if right else "",
        now=now,
    )


def _start(policy: Policy) -> Block:
    caps = [*(cap_card(policy, one) for one in policy.caps), *(stop_card(policy, one) for one in policy.stops)]
    dates = [Card(f"date {one.id}", one.title, ("This date is asked for.", *("It must be given.",) * one.required)) for one in policy.dates]
    return _two("start", "start", "The disagreement is raised", caps, dates, "Time for several stages", "Dates")


def _always(policy: Policy, homes: dict[str, str]) -> Iterator[Block]:
    duties = [one for one in policy.duties if not one.stage and phase(one) == "always"]
    left = [duty_card(policy, one) for one in duties if is_doing(one)]
    left += [question_card(policy, one) for one in policy.questions if not homes[f"choice {one.id}"]]
    right = [duty_card(policy, one) for one in duties if not is_doing(one)]
    right += [panel_card(policy, one) for one in policy.panels if not homes[f"panel {one.id}"]]
    if left or right:
        yield _two("always", "always", "At any stage", left, right, DOING, TELLING)


def _end(policy: Policy, now: dict[str, str]) -> Iterator[Block]:
    outcomes = [outcome_card(policy, one) for one in policy.outcomes]
    after = [duty_card(policy, one) for one in policy.duties if not one.stage and phase(one) == "settled"]
    yield _two("settled", "settled", "It is settled", outcomes, after, "How it can end", "What follows", now.get("settled", ""))
    last = [one for one in policy.duties if not one.stage and phase(one) == "closed"]
    left = [duty_card(policy, one) for one in last if is_doing(one)]
    right = [duty_card(policy, one) for one in last if not is_doing(one)]
    if last or "closed" in now:
        yield _two("closed", "closed", "It is closed", left, right, DOING, TELLING, now.get("closed", ""))


def _leading_in(blocks: tuple[Block, ...]) -> Iterator[Link]:
    """The ways from what comes first to the first stage."""
    first = next(number for number, one in enumerate(blocks) if one.kind in ("stage", "gate"))
    for above, below in pairwise(blocks[: first + 1]):
        yield Link("next", above.key, below.key)
