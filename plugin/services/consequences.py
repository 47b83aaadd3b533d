"""What must follow from a case's state, made into rows: the projection, mails, invitations, deliveries.

One function, `carry_out`, run in the transaction of every event and by every sweep. It may run any number of times: it makes what the
state asks for and is not yet there, and ends what the state no longer asks for. No mail exists that an obligation did not ask for.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

import policies
from plugin.models import MailRow, ObligationRow, new_id, table_of
from plugin.models.scope import fixed
from plugin.services import recording
from plugin.services.cases import Case
from plugin.services.directory import Directory, Recipient
from plugin.services.inviting import Invitations
from plugin.services.recording import Records
from policies import Obligation, Rung, State

OWED = recording.OWED
_COLUMNS = ("kind", "strength", "status", "side", "role", "agency_id", "due_at", "next_act_at", "policy_hash")
_PROJECTION, _MAIL = table_of(ObligationRow), table_of(MailRow)
_PROJECTED = fixed(
    select(ObligationRow.key, *(getattr(ObligationRow, name) for name in _COLUMNS)).where(
        ObligationRow.disagreement_id == bindparam("case")
    )
)
_PROJECT_AGAIN = (
    update(_PROJECTION)
    .where(_PROJECTION.c.disagreement_id == bindparam("case"), _PROJECTION.c.key == bindparam("of"))
    .values({name: bindparam(f"new_{name}") for name in (*_COLUMNS, "seq")})
)
_MAILED = fixed(
    select(MailRow.obligation, MailRow.rung, MailRow.recipient, MailRow.state).where(MailRow.disagreement_id == bindparam("case"))
)


def carry_out(session: Session, case: Case, state: State, now: datetime, *, actor: str = "", machine_now: datetime) -> None:
    """Brings the rows of `case` in line with `state` at `now` (business time). `actor` is whoever just acted: they need not be asked
    for what they are doing. Due tries are stamped with machine time. What is to be woken (see `wake`) is left with the session."""
    directory, invitations = Directory(session, case), Invitations(session, case, now)
    records = recording.carry_out(session, case, state, now, machine_now)
    if records.fresh:
        wake(session, "delivery")
    state = recording.as_asked(state, records)
    # In a closed case nobody is asked or chased any more; what the service itself does (a record, a notice), or somebody in its place,
    # is still done.
    live = [
        one for one in state.obligations if one.status in OWED and (one.automatic or one.key in records.by_hand or state.status != "closed")
    ]
    ladder = {one.key: policies.rungs(case.policy, one, now) for one in live}
    _project(session, case, state, ladder, now)
    _mail(session, case, state, directory, invitations, ladder, now, actor, machine_now)
    _end(case, state, invitations, records)


def wake(session: Session, what: str) -> None:
    """Remembers that a worker has something of this kind ("mail", "delivery") to do; the queue is told after the commit."""
    session.info.setdefault("wake", set()).add(what)


def _project(session: Session, case: Case, state: State, ladder: dict[str, tuple[Rung, ...]], now: datetime) -> None:
    wanted = {one.key: _projected(case, one, ladder.get(one.key, ()), now) for one in state.obligations if one.status != "not yet"}
    known = {row.key: row for row in session.execute(_PROJECTED, {"case": case.id})}
    if fresh := [row for key, row in wanted.items() if key not in known]:
        session.execute(insert(_PROJECTION), fresh)
    changed = [row for key, row in wanted.items() if key in known and any(getattr(known[key], name) != row[name] for name in _COLUMNS)]
    if changed:
        again = [{"case": case.id, "of": row["key"], **{f"new_{name}": row[name] for name in (*_COLUMNS, "seq")}} for row in changed]
        session.execute(_PROJECT_AGAIN, again)
    if gone := known.keys() - wanted.keys():
        mine = ObligationRow.disagreement_id == case.id, ObligationRow.key.in_(gone)
        session.execute(delete(ObligationRow).where(*mine), execution_options={"synchronize_session": False})


def _projected(case: Case, one: Obligation, rungs: tuple[Rung, ...], now: datetime) -> dict[str, Any]:
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


def _mail(
    session: Session,
    case: Case,
    state: State,
    directory: Directory,
    invitations: Invitations,
    ladder: dict[str, tuple[Rung, ...]],
    now: datetime,
    actor: str,
    machine_now: datetime,
) -> None:
    mailed = session.execute(_MAILED, {"case": case.id}).all()
    there = {(row.obligation, row.rung, row.recipient) for row in mailed}
    rows = []
    for one in state.obligations:
        due = [rung for rung in ladder.get(one.key, ()) if rung.at <= now]
        for rung in _newest(due):
            for party in one.to if rung.to == "recipient" else (one.owner,):
                for who in directory.recipients(party, rung.to, now):
                    if (one.key, rung.id, who.key) in there or (rung.id == "ask" and who.key == f"person:{actor}"):
                        continue
                    there.add((one.key, rung.id, who.key))
                    role = "duty desk" if rung.to in ("duty desk", "partnership") else party.role
                    invitation = invitations.of(one.stage or state.stage, directory.side_of(who.agency_id, party.side), role, who)
                    rows.append(_mail_row(case, one, rung, who, invitation, now, machine_now))
    if rows:
        session.execute(insert(_MAIL), _one_a_person(rows))
        wake(session, "mail")
    owed = {one.key for one in state.obligations if one.status in OWED}
    if any(row.state == "queued" and row.obligation not in owed for row in mailed):
        over = _MAIL.c.disagreement_id == case.id, _MAIL.c.state == "queued", _MAIL.c.obligation.not_in(owed)
        session.execute(update(_MAIL).where(*over).values(state="cancelled", next_try_at=None, reason="no longer owed"))


def _one_a_person(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of several things asked of one person in one step at one moment, one mail is sent; the others are noted as said in it.

    A notice ("tell") is never folded into another: each is owed by itself and done when it is sent.
    """
    said: set[tuple[str, str]] = set()
    for row in rows:
        mine = row["rung"], row["invitation_id"]
        if row["rung"] != "tell" and mine in said:
            row |= {"state": "in another mail", "next_try_at": None, "reason": "asked for in the same mail"}
        said.add(mine)
    return rows


def _newest(due: list[Rung]) -> list[Rung]:
    """Of the rungs already reached only the latest to each kind of recipient: after an outage nobody gets the whole ladder at once."""
    latest = {rung.to: rung for rung in sorted(due, key=lambda rung: rung.at)}
    return list(latest.values())


def _mail_row(
    case: Case, one: Obligation, rung: Rung, who: Recipient, invitation: str, now: datetime, machine_now: datetime
) -> dict[str, Any]:
    reached = bool(who.email)
    return {
        "id": new_id(),
        "disagreement_id": case.id,
        "obligation": one.key,
        "rung": rung.id,
        "recipient": who.key,
        "template": rung.id.replace(" ", "_"),
        "invitation_id": invitation,
        "state": "queued" if reached else "no address",
        "attempt": 0,
        "next_try_at": machine_now if reached else None,
        "created_at": now,
        "reason": "" if reached else "nobody here has a mailbox on record",
    }


def _end(case: Case, state: State, invitations: Invitations, records: Records) -> None:
    """Writes the invitations and ends those that lead nowhere any more.

    Whoever was to act at a stage that is left has nothing more to do there; who was only told may go on reading until it is closed.
    Whoever files a record by hand keeps their link until it lies on file.
    """
    live = {one.stage or state.stage for one in state.obligations if one.status in OWED} | {state.stage}
    acting = {role for stage in case.policy.stages for role in stage.acts} | {"duty desk"}
    filing = {
        (one.owner.agency, one.stage or state.stage, role) for one in records.by_hand.values() for role in (one.owner.role, "duty desk")
    }
    invitations.write(None if state.status == "closed" else live, acting, filing)
