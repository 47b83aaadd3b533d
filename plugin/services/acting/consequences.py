"""What must follow from a case's state, made into rows: the projection, mails, invitations, deliveries.

One function, `carry_out`, run in the transaction of every event and by every sweep. It may run any number of times: it makes what the
state asks for and is not yet there, and ends what the state no longer asks for. No mail exists that an obligation did not ask for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from plugin.models import Disagreement, ObligationRow, table_of, upsert_all
from plugin.models.scope import fixed
from plugin.services.case import recording
from plugin.services.case.cases import Case
from plugin.services.case.directory import Directory
from plugin.services.case.recording import Records
from plugin.services.notices import asking
from plugin.services.notices.inviting import Invitations
from plugin.services.notices.rows import Moment
from policies import Obligation, Rung, State

OWED = recording.OWED
_COLUMNS = ("kind", "strength", "status", "side", "role", "agency_id", "due_at", "next_act_at", "policy_hash")
_PROJECTION = table_of(ObligationRow)
_PROJECTED = fixed(
    select(ObligationRow.key, *(getattr(ObligationRow, name) for name in _COLUMNS)).where(
        ObligationRow.disagreement_id == bindparam("case")
    )
)
_DISAGREEMENT = table_of(Disagreement)
_STANDS = (
    update(_DISAGREEMENT)
    .where(_DISAGREEMENT.c.id == bindparam("case"))
    .values(stage=bindparam("now_at"), status=bindparam("now_is"), due_at=bindparam("now_due"))
)
_JUST_AFTER = timedelta(seconds=1)


def carry_out(
    session: Session,
    case: Case,
    state: State,
    now: datetime,
    *,
    actor: str = "",
    machine_now: datetime,
    together: bool = False,
    over: Collection[str] = (),
) -> Directory:
    """Brings the rows of `case` in line with `state` at `now` (business time). `actor` is whoever just acted: they need not be asked
    for what they are doing. Due tries are stamped with machine time. What is to be woken (see `wake`) is left with the session. Returns
    the directory it went by.

    `together`: mails due now are let go by the caller (`mailing.let_go`). `over`: keys of what ended while a mail about it was under way.
    """
    directory, invitations = Directory(session, case), Invitations(session, case, now)
    records = recording.carry_out(session, case, state, directory, now, machine_now)
    if records.fresh:
        wake(session, "delivery")
    state = recording.as_asked(state, records)
    # In a closed case nobody is asked or chased any more but for what its closing asks for (a debrief); what the service itself does (a
    # record, a notice), or somebody in its place, is still done.
    live = [
        one for one in state.obligations if state.is_asked(one) or (one.status in OWED and (one.automatic or one.key in records.by_hand))
    ]
    plans = asking.plans(case, live, directory, now)
    ended = _project(session, case, state, plans, now)
    moment = Moment(now, machine_now, actor, together, frozenset(over) | ended, ended)
    if asking.carry_out(session, case, state, plans, directory, invitations, moment):
        wake(session, "mail")
    _end(case, state, directory, invitations, records)
    return directory


def wake(session: Session, what: str) -> None:
    """Remembers that a worker has something of this kind ("mail", "delivery") to do; the queue is told after the commit."""
    session.info.setdefault("wake", set()).add(what)


def _project(session: Session, case: Case, state: State, plans: Sequence[asking.Plan], now: datetime) -> frozenset[str]:
    """Writes the projection; returns the keys of what was owed by it and is not any more."""
    rungs: dict[str, list[Rung]] = {}
    for one, _party, ladder in plans:
        rungs.setdefault(one.key, []).extend(ladder)
    wanted = {one.key: _projected(case, one, rungs.get(one.key, ()), now) for one in state.obligations if one.status != "not yet"}
    if case.policy.acts_by_itself:
        _mind_the_clock(session, case, state, wanted, now)
    known = {row.key: row for row in session.execute(_PROJECTED, {"case": case.id})}
    other = [row for key, row in wanted.items() if key not in known or any(getattr(known[key], name) != row[name] for name in _COLUMNS)]
    if other:
        upsert_all(session, _PROJECTION, ("disagreement_id", "key"), other)
    if gone := known.keys() - wanted.keys():
        mine = ObligationRow.disagreement_id == case.id, ObligationRow.key.in_(gone)
        session.execute(delete(ObligationRow).where(*mine), execution_options={"synchronize_session": False})
    return frozenset(key for key, row in known.items() if row.status in OWED and key not in rungs)


def _mind_the_clock(session: Session, case: Case, state: State, wanted: dict[str, dict[str, Any]], now: datetime) -> None:
    """Where a policy says what time alone does (the next stage opens, something becomes owed), the case is looked at just after each
    deadline, also one on which nothing owed hangs; and where it stands is written down though nobody did anything.
    """
    ends = [one.due.at for one in state.obligations if one.due and one.status in ("owed", "not yet")]
    due_at = state.due.at if state.due and state.status == "open" else None
    moments = [at + _JUST_AFTER for at in (*ends, *([due_at] if due_at else [])) if at + _JUST_AFTER > now]
    if moments and wanted:
        row = next(iter(wanted.values()))
        row["next_act_at"] = min([*moments, *([row["next_act_at"]] if row["next_act_at"] else [])])
    session.execute(_STANDS, {"case": case.id, "now_at": state.stage, "now_is": state.status, "now_due": due_at})


def _projected(case: Case, one: Obligation, rungs: Sequence[Rung], now: datetime) -> dict[str, Any]:
    later = [rung.at for rung in rungs if rung.at > now]
    if one.status == "owed" and one.due and one.due.at > now:
        later.append(one.due.at)  # the moment it becomes overdue is one to look at, whatever the ladder says
    return {
        "disagreement_id": case.id,
        "key": one.key,
        "kind": one.kind,
        "strength": one.strength,
        "status": one.status,
        "side": one.owner.side,
        "role": one.owner.role,
        "agency_id": one.owner.agency,
        "due_at": one.due.at if one.due else None,
        "next_act_at": min(later) if later else None,
        "policy_hash": case.policy.hash,
        "seq": case.seq,
    }


def _end(case: Case, state: State, directory: Directory, invitations: Invitations, records: Records) -> None:
    """Writes the invitations and ends those that lead nowhere any more.

    Whoever was to act at a stage that is left has nothing more to do there; who was only told may go on reading until it is closed.
    Whoever files a record by hand keeps their link until it lies on file, and whoever owes something after the closing until it is done.
    """
    live = {one.stage or state.stage for one in state.obligations if one.status in OWED} | {state.stage}
    acting = {role for stage in case.policy.stages for role in stage.acts} | {"duty desk"}
    filing = {
        (one.owner.agency, one.stage or state.stage, role) for one in records.by_hand.values() for role in (one.owner.role, "duty desk")
    }
    later = [one for one in state.obligations if one.after_closing and state.is_asked(one) and not one.automatic]
    after = {place for one in later for place in _places(one, state, directory)}
    invitations.write(None if state.status == "closed" else live, acting, filing | after)


def _places(one: Obligation, state: State, directory: Directory) -> Iterator[tuple[str, str, str]]:
    """Where those are invited who owe it, or stand behind them: agency ("" the partnership), stage, role."""
    agencies = {"", one.owner.agency} if one.owner.agency else {"", *(seat.agency_id for seat in directory.sides(one.owner.side))}
    for agency in agencies:
        for role in (one.owner.role, "duty desk"):
            yield agency, one.stage or state.stage, role
