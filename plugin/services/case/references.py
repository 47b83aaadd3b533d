"""What a policy's text names and does not give ("the people named overleaf"), as its partnership filled it in: dated, outside the pack.

What lives here: reading it, and saying it to whoever opens a case. What does not: writing it (`services.desk.contacts`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from plugin.models import Binding
from plugin.services.case.cases import Case
from policies import Policy, State
from policies.parts.schema import Warning

_PREFIX = "reference:"  # before the id of an unresolved reference, so that it cannot be taken for a contact's name


def named(reference: str) -> str:
    """The name under which a binding keeps what was filled in for a reference of this id."""
    return f"{_PREFIX}{reference}"


def filled(session: Session, partnership_id: str) -> dict[str, str]:
    """What was filled in, by the id of the reference."""
    mine = Binding.partnership_id == partnership_id, Binding.valid_to.is_(None), Binding.name.startswith(_PREFIX)
    return {name.removeprefix(_PREFIX): title for name, title in session.execute(select(Binding.name, Binding.title).where(*mine))}


def told(session: Session, case: Case, state: State) -> State:
    """The state with what was filled in said in the place of what is missing. Reads nothing where the policy's text gives all it names."""
    if not case.policy.unresolved:
        return state
    own = _said(case.policy, filled(session, case.partnership_id))
    return replace(state, warnings=(*own, *(one for one in state.warnings if one.code != "unresolved")))


def _said(policy: Policy, given: dict[str, str]) -> Iterator[Warning]:
    for one in policy.unresolved:
        if one.id in given:
            yield Warning("note", f"{one.text} The partnership says: {given[one.id]}", one.rule)
        else:
            yield Warning("unresolved", f"The policy names something that it does not give: {one.text}", one.rule)
