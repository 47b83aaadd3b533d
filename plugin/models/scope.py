"""Who may see which case: every statement of a session is narrowed to its principal, and refused where none is bound.

Access comes from `participant` rows alone (decision: visibility is taking part). Raw SQL text would pass beside this; there is none.
So would a table that is read without its class: reads name classes. (Rows are put in by table; whose they are is the caller's to know.)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Executable, event, select
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from plugin.models.base import Base, OfCase
from plugin.models.case import Disagreement, Participant


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff of one agency; `side` and `case` are set where a link narrows them to one disagreement."""

    agency_id: str
    person_id: str
    case_id: str = ""


@dataclass(frozen=True, slots=True)
class System:
    """The service itself, doing `task` (a sweep, a launch before anybody is known). Sees everything; asked for by name."""

    task: str


Principal = Staff | System


class NoPrincipalError(RuntimeError):
    """A database session was used before anybody was bound to it."""


class ForeignRowError(RuntimeError):
    """A row of a case that the principal takes no part in was about to be written."""


def bind(session: Any, principal: Principal) -> None:
    """Binds `principal` to the session until it is closed or bound anew."""
    session.info["principal"] = principal


def principal(session: Any) -> Principal:
    """Who is bound; raises NoPrincipalError where nobody is."""
    bound: Principal | None = session.info.get("principal")
    if bound is None:
        raise NoPrincipalError("no principal is bound to this database session")
    return bound


Statement = TypeVar("Statement", bound=Executable)
_fixed: set[Executable] = set()


def fixed(statement: Statement) -> Statement:
    """A SELECT made once, at import, with `bindparam` for what changes. Its narrowed forms are kept, so that it is not made, narrowed
    and looked up in the compiler's cache anew at each use: a fifth of the cost of one that is."""
    _fixed.add(statement)
    return statement


@event.listens_for(Session, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    who = principal(state.session)
    if isinstance(who, System) or not state.is_select or state.is_column_load or state.is_relationship_load:
        return
    narrowed = _kept if state.statement in _fixed else _narrowed
    state.statement = narrowed(state.statement, who.agency_id, who.case_id)


def _narrowed(statement: Any, agency_id: str, case_id: str) -> Any:
    return statement.options(*_criteria(agency_id, case_id))


_kept = lru_cache(maxsize=512)(_narrowed)


@lru_cache(maxsize=256)
def _criteria(agency_id: str, case_id: str) -> tuple[Any, ...]:
    """What narrows every table of a case, joined ones too, to the cases that the agency takes part in."""
    seat = Participant.__table__.c  # the table, not the class: this look-up is not itself narrowed
    own = select(seat.disagreement_id).where(seat.agency_id == agency_id)
    if case_id:
        own = own.where(seat.disagreement_id == case_id)
    tables = [mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, OfCase)]
    of_case = [with_loader_criteria(table, table.disagreement_id.in_(own), include_aliases=True) for table in tables]
    return (*of_case, with_loader_criteria(Disagreement, Disagreement.id.in_(own), include_aliases=True))


@event.listens_for(Session, "before_flush")
def _refuse_foreign(session: Session, _context: Any, _instances: Any) -> None:
    who = principal(session)
    if isinstance(who, System):
        return
    touched = {row.disagreement_id for row in (*session.new, *session.dirty, *session.deleted) if isinstance(row, OfCase)}
    allowed = session.info.setdefault("cases", set())
    for case_id in touched - allowed:
        seat = Participant.__table__.c
        found = (
            session.connection().execute(select(seat.side).where(seat.disagreement_id == case_id, seat.agency_id == who.agency_id)).first()
        )
        if found is None or (who.case_id and case_id != who.case_id):
            raise ForeignRowError("a row of a case this principal takes no part in")
        allowed.add(case_id)
