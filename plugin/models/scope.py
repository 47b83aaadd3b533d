"""Who may see which case: every statement of a session is narrowed to its principal, and refused where none is bound.

For professionals access comes from `participant` rows alone (visibility is taking part). A desk sees what it administers: cases by
status, stage and dates, never what was said in them. Raw SQL text would pass beside this; there is none. So would a table that is
read or changed without its class: what a principal does names classes. (Rows are put in by table, and changed so in what the service does
once a case was opened for its principal; whose they are is the caller's to know.)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Executable, event, false, select
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from plugin.models.base import Base, OfCase
from plugin.models.case import Contact, Disagreement, EventRow, Participant
from plugin.models.connection import Connection, Secret
from plugin.models.directory import Agency
from plugin.models.ledger import Delivery, Invitation
from plugin.models.operations import Advice
from plugin.models.web_session import WebSession


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff of one agency; `side` and `case` are set where a link narrows them to one disagreement."""

    agency_id: str
    person_id: str
    case_id: str = ""

    @property
    def reach(self) -> Reach:
        """What decides which rows are seen."""
        return "staff", self.agency_id, self.case_id


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody signed in at the desk. `role` is owner, administrator (of `agency_id`) or coordinator (of `partnership_id`).

    An administrator sees their agency's people, connections and accounts, and of the cases it takes part in the rows that hold codes
    and dates; a coordinator the same rows of all cases of the partnership, and no secrets; an owner every agency's configuration and
    no case at all. None of them sees an event or a contact: what was said of a child is for those who take part.
    """

    account_id: str
    role: str
    agency_id: str = ""
    partnership_id: str = ""

    @property
    def reach(self) -> Reach:
        """What decides which rows are seen."""
        return self.role, self.agency_id, self.partnership_id


@dataclass(frozen=True, slots=True)
class System:
    """The service itself, doing `task` (a sweep, a launch before anybody is known). Sees everything; asked for by name."""

    task: str


Reach = tuple[str, str, str]
Principal = Staff | Desk | System


class NoPrincipalError(RuntimeError):
    """A database session was used before anybody was bound to it."""


class ForeignRowError(RuntimeError):
    """A row of a case that the principal takes no part in was about to be written."""


def bind(session: Any, principal: Principal) -> None:
    """Binds `principal` to the session until it is closed or bound anew."""
    session.info["principal"] = principal
    session.info.pop("cases", None)  # what an earlier principal was let write says nothing of this one


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
    changes = state.is_orm_statement and (state.is_update or state.is_delete)
    if isinstance(who, System) or not (state.is_select or changes) or state.is_column_load or state.is_relationship_load:
        return
    narrowed = _kept if state.statement in _fixed else _narrowed
    state.statement = narrowed(state.statement, who.reach)


def _narrowed(statement: Any, reach: Reach) -> Any:
    return statement.options(*_criteria(reach))


_kept = lru_cache(maxsize=512)(_narrowed)


@lru_cache(maxsize=256)
def _criteria(reach: Reach) -> tuple[Any, ...]:
    """What narrows every table of a case, joined ones too, to the cases in reach; and for a desk the tables of agencies."""
    own = _cases(reach)
    of_case = [_only(table, table.disagreement_id.in_(own)) for table in _classes() if issubclass(table, OfCase)]
    cases = (*of_case, _only(Disagreement, Disagreement.id.in_(own)))
    return cases if reach[0] == "staff" else (*cases, *_of_desk(reach))


def _only(table: type[Base], wanted: Any) -> Any:
    return with_loader_criteria(table, wanted, include_aliases=True)


def _classes() -> list[Any]:
    return [mapper.class_ for mapper in Base.registry.mappers]


def _cases(reach: Reach) -> Any:
    """The ids of the cases in reach. Tables, not classes: this look-up is not itself narrowed."""
    kind, agency_id, other = reach
    seat, case = Participant.__table__.c, Disagreement.__table__.c
    if kind == "coordinator":
        return select(case.id).where(case.partnership_id == other)
    if kind == "owner":
        return select(case.id).where(false())
    if kind == "staff" and other and not agency_id:  # a link to somebody of no agency here (an officer, the chair): its one case
        return select(case.id).where(case.id == other)
    own = select(seat.disagreement_id).where(seat.agency_id == agency_id)
    return own.where(seat.disagreement_id == other) if kind == "staff" and other else own


_NEVER_AT_A_DESK = (EventRow, Contact, Advice)
_OF_ONE_AGENCY = (Delivery, Invitation)


def _of_desk(reach: Reach) -> list[Any]:
    kind, agency_id, partnership_id = reach
    hidden = [_only(table, false()) for table in _NEVER_AT_A_DESK]
    if kind == "owner":
        return hidden
    agency, way = Agency.__table__.c, Connection.__table__.c
    mine = [agency_id] if kind == "administrator" else select(agency.id).where(agency.partnership_id == partnership_id)
    tables = [table for table in _classes() if _belongs_to_an_agency(table)]
    if kind == "administrator":
        tables += _OF_ONE_AGENCY
    secrets = select(way.id).where(way.agency_id.in_(mine)) if kind == "administrator" else select(way.id).where(false())
    return [*hidden, _only(Secret, Secret.connection_id.in_(secrets)), *(_only(one, one.agency_id.in_(mine)) for one in tables)]


def _belongs_to_an_agency(table: Any) -> bool:
    return hasattr(table, "agency_id") and not issubclass(table, OfCase) and table is not WebSession


@event.listens_for(Session, "before_flush")
def _refuse_foreign(session: Session, _context: Any, _instances: Any) -> None:
    who = principal(session)
    if isinstance(who, System):
        return
    rows = [*session.new, *session.dirty, *session.deleted]
    allowed = session.info.setdefault("cases", set())
    for case_id in {row.disagreement_id for row in rows if isinstance(row, OfCase)} - allowed:
        in_reach = _cases(who.reach).where(_case_column(who) == case_id)
        if session.connection().execute(in_reach).first() is None:
            raise ForeignRowError("a row of a case this principal takes no part in")
        allowed.add(case_id)
    if isinstance(who, Desk):
        _refuse_other_agencies(session, who, rows)


def _case_column(who: Staff | Desk) -> Any:
    kind, agency_id, case_id = who.reach
    by_case = kind in ("owner", "coordinator") or (kind == "staff" and case_id and not agency_id)
    return Disagreement.__table__.c.id if by_case else Participant.__table__.c.disagreement_id


def _refuse_other_agencies(session: Session, who: Desk, rows: list[Any]) -> None:
    """An owner may configure every agency, an administrator their own, a coordinator those of the partnership."""
    touched = {row.agency_id for row in rows if _belongs_to_an_agency(type(row))}
    touched |= {row.id for row in rows if isinstance(row, Agency)}
    way, agency = Connection.__table__.c, Agency.__table__.c
    for connection_id in {row.connection_id for row in rows if isinstance(row, Secret)}:
        touched.add(session.connection().execute(select(way.agency_id).where(way.id == connection_id)).scalar())
    if who.role == "owner":
        return
    ours = {who.agency_id}
    if who.role == "coordinator":
        ours = set(session.connection().execute(select(agency.id).where(agency.partnership_id == who.partnership_id)).scalars())
        ours |= {row.id for row in session.new if isinstance(row, Agency) and row.partnership_id == who.partnership_id}
    if touched - ours:
        raise ForeignRowError("a row of an agency that is not this desk's")
