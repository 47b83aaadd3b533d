"""Doing something in a case: fulfilling an obligation with a form, setting it aside, stating a fact, correcting an entry.

Who may do what is in `rights`, moves are in `moving`. What the policy closes stays closed with its reason shown; a guard may be overridden
with a reason by somebody who may open the stage.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

import forms
from plugin.models import Disagreement, EventRow, Invitation, Participant, Person, RoleHolder
from plugin.models.scope import System, bind, principal
from plugin.services.acting.consequences import carry_out
from plugin.services.acting.named import own_contact
from plugin.services.acting.rights import Actor, acts, may_correct, may_fulfil, may_set_aside
from plugin.services.case import case_dates, cases, children, own_people, recording
from plugin.services.case.cases import Case, New, NoLongerOpenError
from plugin.services.case.directory import Directory
from plugin.services.case.register import Seat
from plugin.services.case.staff import names
from plugin.services.keeping import drafts, sealing
from policies import Event, Obligation, Stage, State


@dataclass(frozen=True, slots=True)
class Sent:
    """What somebody sends: answers (sealed), facts (codes), the page's once-only token, its draft, and which part of the form it is.

    `seen` is the case as they saw it, where it was read to look the form over: it is not read again unless somebody was first.
    """

    form: str
    form_version: int
    answers: Mapping[str, Any]
    facts: Mapping[str, Any] = field(default_factory=dict)
    once: str = ""
    draft: str = ""
    part: str = ""
    seen: Case | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it: the case as it is now, where it stands, and the directory by which this was worked out."""

    case: Case
    state: State
    directory: Directory


def of_person(person_id: str) -> ColumnElement[bool]:
    """For a statement with `participant` in it: cases this person is named in, was asked about, or has done something in."""
    invited = select(Invitation.disagreement_id).where(Invitation.person_id == f"person:{person_id}")
    acted = select(EventRow.disagreement_id).where(EventRow.actor == person_id)
    of_case = Participant.disagreement_id
    named = or_(Participant.person_id == person_id, Participant.answering_id == person_id)
    return or_(named, of_case.in_(invited), of_case.in_(acted))


def is_of_person(session: Session, case_id: str, person_id: str) -> bool:
    """Whether this case is one of `of_person`."""
    mine = select(Participant.side).where(Participant.disagreement_id == case_id, of_person(person_id))
    return session.execute(mine.limit(1)).first() is not None


def open_between(session: Session, agency_id: str, child_key: str, other_id: str) -> list[str]:
    """The references of what is open about this child between the two agencies, whoever raised it; inside the one where they are one."""
    theirs = select(Participant.disagreement_id).where(Participant.agency_id == other_id)
    if agency_id == other_id:
        theirs = theirs.where(Participant.side == "both")
    own = select(Disagreement.reference).join(Participant, Participant.disagreement_id == Disagreement.id)
    same = own.where(Participant.agency_id == agency_id, Participant.child_key == child_key, Disagreement.status != "closed")
    return list(session.scalars(same.where(Disagreement.id.in_(theirs))))


def could_act(session: Session, seat: Seat, stage: Stage) -> list[Person]:
    """Who could take it on at this stage for an agency: those who hold a role of the stage there."""
    held = select(Person).join(RoleHolder, RoleHolder.person_id == Person.id)
    rows = session.scalars(
        held.where(RoleHolder.agency_id == seat.agency_id, RoleHolder.role.in_(stage.acts), Person.active).order_by(RoleHolder.listed)
    )
    return list(rows.unique())


def fulfil(
    session: Session, keys: sealing.Keys, reference: str, key: str, actor: Actor, sent: Sent, now: datetime, machine_now: datetime
) -> Done:
    """Meets an obligation with a form, or, where an answer leaves it owed (nobody was reached), records that it was tried.

    The same page sent twice is one event. Raises NotFoundError, NoLongerOpenError. Commits.
    """

    def events(case: Case, state: State) -> list[New]:
        one = next((one for one in state.obligations if one.key == key), None)
        if one is None or not may_fulfil(case.policy, actor, one):
            raise NoLongerOpenError(_who_did(session, case, one))
        who: tuple[Any, str, str] = (actor.side, actor.person_id, actor.agency_id)
        _note_answer(session, actor, now)
        met = not sent.form or forms.meets(forms.get(sent.form, sent.form_version), sent.answers)
        return [New("fulfilled" if met else "noted", key, *who, sent_facts(sent), {"answers": dict(sent.answers)})]

    return act(session, keys, reference, actor, sent, events, now, machine_now)


def set_aside(
    session: Session, keys: sealing.Keys, reference: str, key: str, actor: Actor, sent: Sent, now: datetime, machine_now: datetime
) -> Done:
    """Says with a reason that an obligation is not met and is chased no more. Raises NotFoundError, NoLongerOpenError. Commits."""

    def events(case: Case, state: State) -> list[New]:
        one = next((one for one in state.obligations if one.key == key), None)
        if one is None or not may_set_aside(case.policy, actor, one):
            raise NoLongerOpenError(_who_did(session, case, one))
        _note_answer(session, actor, now)
        who: tuple[Any, str, str] = (actor.side, actor.person_id, actor.agency_id)
        return [New("waived", key, *who, sent_facts(sent), {"answers": dict(sent.answers)})]

    return act(session, keys, reference, actor, sent, events, now, machine_now)


def _note_answer(session: Session, actor: Actor, now: datetime) -> None:
    """Somebody with a link has done something of what they were asked: the raiser sees that they answered."""
    if actor.invitation:
        answered = update(Invitation).where(Invitation.id == actor.invitation).values(answered_at=now)
        session.execute(answered, execution_options={"synchronize_session": False})


def add_information(
    session: Session, keys: sealing.Keys, reference: str, actor: Actor, sent: Sent, now: datetime, machine_now: datetime
) -> Done:
    """States what is true now: flags of the child set or taken back, dates that the policy counts from, a protective date, and words.

    Raises NoLongerOpenError. Commits.
    """

    def events(case: Case, state: State) -> list[New]:
        if state.status == "closed" or not acts(actor):
            raise NoLongerOpenError
        who: tuple[Any, str, str] = (actor.side, actor.person_id, actor.agency_id)
        chosen = [children.flag_of(code) for code in sent.facts.get("flags", [])]
        known = [children.flag_of(code) for code in children.flags_now(state)]
        over = [New("fact", flag, *who, {"value": False, "child": child}) for flag, child in known if (flag, child) not in chosen]
        wanted = sent.facts.get("protective date")
        dated = [New("fact", date, *who, {"value": at}) for date, at in case_dates.said(case.policy, sent.answers).items()]
        dated += [New("fact", "protective date", *who, {"value": wanted})] if wanted else []
        noted = New("noted", "", *who, sent_facts(sent), {"answers": dict(sent.answers)})
        return [*new_flags(session, case, state, sent, who), *over, *dated, noted]

    return act(session, keys, reference, actor, sent, events, now, machine_now)


def correct(
    session: Session, keys: sealing.Keys, reference: str, seq: str, actor: Actor, sent: Sent, now: datetime, machine_now: datetime
) -> Done:
    """Says that entry `seq` was a mistake; nothing is changed or removed, what follows is worked out without it.

    With words that were added goes what the same form stated: whoever takes back a wrong date is not left with it.
    Raises NoLongerOpenError. Commits.
    """

    def events(case: Case, state: State) -> list[New]:
        wrong = next((one for one in case.events if str(one.seq) == seq), None)
        void = {one.about for one in case.events if one.kind == "corrected"}
        if wrong is None or seq in void or state.status == "closed" or not may_correct(actor, wrong):
            raise NoLongerOpenError
        who: tuple[Any, str, str] = (actor.side, actor.person_id, actor.agency_id)
        stated = [str(one.seq) for one in stated_with(case, wrong) if str(one.seq) not in void]
        said = New("corrected", seq, *who, {**sent_facts(sent), "void": True}, {"answers": dict(sent.answers)})
        return [*(New("corrected", one, *who, {"void": True}) for one in stated), said]

    return act(session, keys, reference, actor, sent, events, now, machine_now)


def stated_with(case: Case, wrong: Event) -> list[Event]:
    """What was stated by the form whose words are this entry; nothing for an entry of another kind."""
    if (wrong.kind, wrong.about) != ("noted", ""):
        return []
    return [one for one in case.events if (one.kind, one.actor, one.recorded_at) == ("fact", wrong.actor, wrong.recorded_at)]


def sent_facts(sent: Sent) -> dict[str, Any]:
    """What every event made by a form says: which form and version, the page's token, and what the answers say to the policy."""
    said = {"form": sent.form, "form version": sent.form_version, "once": sent.once} if sent.form else {"once": sent.once}
    return {**said, **({"form part": sent.part} if sent.part else {}), **sent.facts}


def new_flags(session: Session, case: Case, state: State, sent: Sent, who: tuple[Any, str, str]) -> list[New]:
    """Flags of a child that were not known before, each as a fact; and before them who was named as a child's own (a reviewing officer,
    an advocate), so that the notice a flag makes owed is owed to them and not to whoever stands in for one."""
    known, people = own_people.named(case.policy, case.events), dict[str, dict[str, str]]()
    for (child, role), said in own_people.said_of_each(case.policy, recording.children_of(case), sent.answers).items():
        if (child, role) not in known:
            people.setdefault(child, {})[role] = own_contact(session, case, role, said["name"], said["email"])
    fresh = [children.flag_of(code) for code in sent.facts.get("flags", []) if code not in children.flags_now(state)]
    return [
        *(New("fact", "officer", *who, {"child": child, "people": own}) for child, own in people.items()),
        *(New("fact", flag, *who, {"value": True, "child": child}) for flag, child in fresh),
    ]


def act(
    session: Session,
    keys: sealing.Keys,
    reference: str,
    actor: Actor,
    sent: Sent,
    events: Callable[[Case, State], list[New]],
    now: datetime,
    machine_now: datetime,
) -> Done:
    """Opens the case, asks `events` what to add, adds it with all that follows, commits; again from the start if somebody was first."""

    def work() -> Done:
        case = cases.open_case(session, keys, reference=reference, lock=True, read=sent.seen)
        if case.key is None:
            raise NoLongerOpenError  # its time was over and its words were removed: what is typed now could not be kept
        state = case.state(now)
        if sent.once and any(event.facts.get("once") == sent.once for event in case.events):
            return Done(case, state, Directory(session, case))  # this very page was sent before: same answer, nothing done twice
        if sent.draft:
            if not sent.answers:
                raise NoLongerOpenError  # a form that nobody looked over: its draft is gone, or never was
            drafts.drop(session, sent.draft)
        state = cases.add_events(session, case, events(case, state), now)
        who = principal(session)
        bind(session, System("act"))  # what follows concerns everybody in the case
        try:
            directory = carry_out(session, case, state, now, actor=actor.person_id, machine_now=machine_now)
        finally:
            bind(session, who)
        return Done(case, state, directory)

    return cases.transact(session, work)


def _who_did(session: Session, case: Case, one: Obligation | None) -> str:
    if one is None or one.done_seq is None:
        return ""
    by = case.events[one.done_seq - 1].actor
    return names(session, [by]).get(by, "")
