"""What must follow from a case's state, made into rows: the projection, mails, invitations, deliveries.

One function, `carry_out`, run in the transaction of every event and by every sweep. It may run any number of times: it makes what the
state asks for and is not yet there, and ends what the state no longer asks for. No mail exists that an obligation did not ask for.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

import policies
from plugin.models import Connection, Delivery, Invitation, MailRow, ObligationRow, new_id
from plugin.services.cases import Case
from plugin.services.directory import Directory, Recipient
from policies import Obligation, Rung, State

OWED = ("owed", "overdue")
_COLUMNS = ("kind", "strength", "status", "side", "role", "agency_id", "due_at", "next_act_at", "policy_hash")


def carry_out(session: Session, case: Case, state: State, now: datetime, *, actor: str = "", machine_now: datetime) -> None:
    """Brings the rows of `case` in line with `state` at `now` (business time). `actor` is whoever just acted: they need not be asked
    for what they are doing. Due tries are stamped with machine time. Ids to wake are left in session.info["wake"]."""
    directory = Directory(session, case)
    ladder = {one.key: policies.rungs(case.policy, one, now) for one in state.obligations if one.status in OWED}
    _project(session, case, state, ladder, now)
    _mail(session, case, state, directory, ladder, now, actor, machine_now)
    _deliver(session, case, state, machine_now)
    _end(session, case, state, now)


def wake(session: Session, what: str) -> None:
    """Remembers that a worker has something of this kind ("mail", "delivery") to do; the queue is told after the commit."""
    session.info.setdefault("wake", set()).add(what)


def _project(session: Session, case: Case, state: State, ladder: dict[str, tuple[Rung, ...]], now: datetime) -> None:
    wanted = {one.key: _projected(case, one, ladder.get(one.key, ()), now) for one in state.obligations if one.status != "not yet"}
    rows = select(ObligationRow.key, *(getattr(ObligationRow, name) for name in _COLUMNS)).where(ObligationRow.disagreement_id == case.id)
    known = {row.key: row for row in session.execute(rows)}
    fresh = [row for key, row in wanted.items() if key not in known]
    if fresh:
        session.execute(insert(ObligationRow), fresh)
    for key, row in wanted.items():
        if key in known and any(getattr(known[key], name) != row[name] for name in _COLUMNS):
            mine = ObligationRow.disagreement_id == case.id, ObligationRow.key == key
            session.execute(
                update(ObligationRow).where(*mine).values({**row, "seq": case.seq}), execution_options={"synchronize_session": False}
            )
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
    ladder: dict[str, tuple[Rung, ...]],
    now: datetime,
    actor: str,
    machine_now: datetime,
) -> None:
    mailed = select(MailRow.obligation, MailRow.rung, MailRow.recipient).where(MailRow.disagreement_id == case.id)
    there = {tuple(row) for row in session.execute(mailed)}
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
                    invitation = _invite(
                        session, case, one.stage or state.stage, directory.side_of(who.agency_id, party.side), role, who, now
                    )
                    rows.append(_mail_row(case, one, rung, who, invitation, now, machine_now))
    if rows:
        session.execute(insert(MailRow), _one_a_person(rows))
        wake(session, "mail")


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


def _invite(session: Session, case: Case, stage: str, side: str, role: str, who: Recipient, now: datetime) -> str:
    """The invitation a link to `who` opens: one a stage, role and person; made here the first time, live again if it had ended."""
    mine = (
        Invitation.disagreement_id == case.id,
        Invitation.stage == stage,
        Invitation.role == role,
        Invitation.person_id == who.key,
    )
    found = session.execute(select(Invitation.id).where(*mine)).scalar()
    if found:
        again = update(Invitation).where(Invitation.id == found).values(ended_at=None, ended_because="")
        session.execute(again, execution_options={"synchronize_session": False})
        return str(found)
    made = {
        "id": new_id(),
        "disagreement_id": case.id,
        "stage": stage,
        "side": side,
        "role": role,
        "agency_id": who.agency_id,
        "person_id": who.key,
        "created_at": now,
    }
    session.execute(insert(Invitation), [made])
    return str(made["id"])


def _deliver(session: Session, case: Case, state: State, machine_now: datetime) -> None:
    records = [one for one in state.obligations if one.kind == "record" and one.automatic and one.status in OWED and one.owner.agency]
    if not records:
        return
    there = {row[0] for row in session.execute(select(Delivery.obligation).where(Delivery.disagreement_id == case.id))}
    wanted = [one for one in records if one.key not in there]
    ways = {
        row.agency_id: row.id
        for row in session.execute(
            select(Connection.id, Connection.agency_id).where(
                Connection.agency_id.in_([one.owner.agency for one in wanted]), Connection.adapter != "", Connection.enabled
            )
        )
    }
    rows = [_delivery_row(case, one, ways.get(one.owner.agency, ""), machine_now) for one in wanted]
    if rows:
        session.execute(insert(Delivery), rows)
        wake(session, "delivery")


def _delivery_row(case: Case, one: Obligation, connection_id: str, machine_now: datetime) -> dict[str, Any]:
    version = sum(1 for event in case.events if event.kind == "resolved")
    return {
        "id": new_id(),
        "disagreement_id": case.id,
        "obligation": one.key,
        "agency_id": one.owner.agency,
        "connection_id": connection_id,
        "record": f"{case.reference}/v{max(version, 1)}",
        "seq": case.seq,
        "state": "due" if connection_id else "needs a person",
        "attempt": 0,
        "must_look": False,
        "next_try_at": machine_now if connection_id else None,
        "reason": "" if connection_id else "this agency has no connected record system: a person must file it",
        "created_at": machine_now,
    }


def _end(session: Session, case: Case, state: State, now: datetime) -> None:
    """Mails for what is no longer owed are cancelled; invitations that lead nowhere any more are ended."""
    owed = [one.key for one in state.obligations if one.status in OWED]
    session.execute(
        update(MailRow)
        .where(MailRow.disagreement_id == case.id, MailRow.state == "queued", MailRow.obligation.not_in(owed))
        .values(state="cancelled", next_try_at=None, reason="no longer owed"),
        execution_options={"synchronize_session": False},
    )
    # Whoever was to act at a stage that is left has nothing more to do there; who was only told may go on reading until it is closed.
    live = {one.stage or state.stage for one in state.obligations if one.status in OWED} | {state.stage}
    acting = {role for stage in case.policy.stages for role in stage.acts} | {"duty desk"}
    over = state.status == "closed"
    left = Invitation.stage.not_in(live) & Invitation.role.in_(acting)
    ended = Invitation.disagreement_id == case.id, Invitation.ended_at.is_(None), (Invitation.id != "") if over else left
    because = "closed" if over else "stage moved"
    session.execute(
        update(Invitation).where(*ended).values(ended_at=now, ended_because=because), execution_options={"synchronize_session": False}
    )
