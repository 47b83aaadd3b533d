"""What a record system's message does: it raises, adds to, or closes a disagreement, as a member of staff of its agency would.

Answers are held to the same forms as on a page. Whoever is named must be known, or is made known, at the agency of the connection; a
message can never speak for another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import forms
from integrations.launch.context import ChildDetails
from plugin.models import Agency, Person, begin_writing
from plugin.models.scope import Staff as StaffPrincipal
from plugin.models.scope import System, bind
from plugin.services.acting import actors, casework, moving, raising
from plugin.services.acting.actors import Member
from plugin.services.acting.casework import Sent
from plugin.services.acting.raising import Named, Raise, Sibling
from plugin.services.acting.rights import Actor
from plugin.services.arriving import launching, message_answers
from plugin.services.arriving.inbound import RefusedError, Signed
from plugin.services.arriving.message_answers import wrong
from plugin.services.arriving.messages_in import AddMessage, CloseMessage, Message, RaiseMessage, Staff
from plugin.services.case import casefile, cases, children, own_people, recording
from plugin.services.case.cases import Case, NoLongerOpenError, NotFoundError
from plugin.services.case.policies import NoPolicyError, current_policy, partnership_for
from plugin.services.case.staff import mailboxes, roles_of
from plugin.services.keeping.sealing import Keys
from policies import Policy

ANSWERED_BY_US = ("agency", "person", "other_person")


def do(session: Session, keys: Keys, signed: Signed, message: Message, once: str, now: datetime, machine_now: datetime) -> str:
    """Does what a message says; the reference of the disagreement. The same `once` is done once. Raises RefusedError 422. Commits.

    Leaves the session bound to the system. `now` is business time.
    """
    bind(session, System("message"))
    person_id = _person(session, signed, message.staff)
    try:
        if isinstance(message, RaiseMessage):
            return _raise(session, keys, signed, message, person_id, once, now, machine_now)
        return _act(session, keys, signed, message, person_id, once, now, machine_now)
    finally:
        bind(session, System("message"))


def _person(session: Session, signed: Signed, staff: Staff) -> str:
    """Whoever did it there. Raises RefusedError for somebody who left, or who may not act."""
    same = select(Person).where(Person.agency_id == signed.agency_id, Person.staff_id == staff.id)
    found = session.scalar(same)
    if found is None:
        begin_writing(session)
        found = session.scalar(same) or Person(agency_id=signed.agency_id, staff_id=staff.id, name=staff.name or staff.id)
        session.add(found)
        session.commit()
    if not found.active:
        raise wrong("/staff/id", "This member of staff has left.")
    if not launching.may_act(signed.profile, {"roles": staff.roles}) and not roles_of(session, found.id):
        raise wrong("/staff/roles", "None of these roles may act, and nobody gave them a role here.")
    return found.id


def _raise(
    session: Session, keys: Keys, signed: Signed, said: RaiseMessage, person_id: str, once: str, now: datetime, machine_now: datetime
) -> str:
    own = session.get_one(Agency, signed.agency_id).partnership_id
    partnership = partnership_for(session, own, said.area)
    try:
        policy = current_policy(session, partnership)
    except NoPolicyError:
        raise RefusedError(503, "no policy is in force", retry_after=3600) from None
    other = session.get(Agency, said.other.agency)
    if other is None or other.partnership_id != own or not _may_be_with(policy, inside=other.id == signed.agency_id):
        raise wrong("/with/agency", "This is not an agency that a disagreement can be with.")
    if other.off_since is not None:
        raise wrong("/with/agency", "This agency does not take part in the partnership now.")
    there = select(Person.id).where(Person.agency_id == other.id, Person.email == said.other.email, Person.active)
    known = session.scalar(there) or ""
    if known == person_id:
        raise wrong("/with/email", "This is whoever raises it. Name the person they disagree with.")
    if not known and not said.other.name:
        raise wrong("/with/name", "This person is in no directory: give their name, too.")
    address = said.other.email.casefold()
    if not known and not {address, address.rpartition("@")[2]} & mailboxes(session, own):
        raise wrong("/with/email", "No organisation of this partnership has addresses like this one. Make the person known there first.")
    definition = forms.get("raise")
    for name in ANSWERED_BY_US:
        if name in said.answers:
            raise wrong(f"/answers/{name}", "This stands in “with”.")
    named = {"name": said.other.name, "email": said.other.email} if not known else None
    answers = message_answers.read_answers(
        definition,
        {**said.answers, "agency": other.id, "person": known or "someone else", **({"other_person": named} if named else {})},
        {**casefile.choices_of(policy), "agencies": [(other.id, other.name)], "people": [(known, known)] if known else []},
        {
            **casefile.said_in(policy),
            **own_people.when_raising(policy)[1],
            "asks child or adult": policy.subject_word == "person" and not said.child.born,
        },
        now,
    )
    facts = forms.facts(definition, answers)
    wanted = Raise(
        partnership_id=partnership,
        policy_hash=policy.hash,
        agency_id=signed.agency_id,
        person_id=person_id,
        child_key=keys.child_key(signed.agency_id, said.child.ref),
        child=ChildDetails(said.child.name, said.child.born, tuple(said.child.identifiers.items())),
        child_ref=said.child.ref,
        other_agency=other.id,
        other_person=known,
        other_named=Named(policy.stages[0].acts[0], said.other.name, said.other.email, other.id) if not known else None,
        themes=facts.get("themes", []),
        answers=answers,
        form=definition.id,
        form_version=definition.version,
        once=once,
        flags=[one for one in facts.get("flags", []) if one in policy.flag_ids],
        case_flags=[policy.emergency.flag] if policy.emergency and said.danger else [],
        dates=_dates(policy, said.dates, now),
        protective=facts.get("protective date", ""),
        own_people=_own_people(answers, policy),
        siblings=[_sibling(one, policy) for one in answers.get("siblings") or ()],
        facts={"about": facts.get("about", "")},
        kind=answers.get("child_or_adult") or "",
    )
    bind(session, StaffPrincipal(signed.agency_id, person_id))
    return raising.raise_disagreement(session, keys, wanted, now, machine_now)


def _may_be_with(policy: Policy, inside: bool) -> bool:
    """Whether the policy is for a disagreement inside one organisation, or between two."""
    return policy.inside_allowed != "no" if inside else policy.inside_allowed != "only"


def _own_people(said: Mapping[str, Any], policy: Policy) -> list[Named]:
    return [Named(role, one["name"], one["email"]) for role, one in own_people.said_raising(policy, said)]


def _sibling(said: Mapping[str, Any], policy: Policy) -> Sibling:
    numbers = (("nhs-number", said.get("nhs_number")), ("upn", said.get("upn")))
    return Sibling(
        said["name"],
        said.get("born") or "",
        tuple((system, value) for system, value in numbers if value),
        said.get("ref") or "",
        [one for one in said.get("flags") or () if one in policy.flag_ids],
        _own_people(said, policy),
        said.get("child_or_adult") or "",
    )


def _dates(policy: Policy, given: Mapping[str, datetime], now: datetime) -> dict[str, str]:
    known = {one.id: one for one in policy.dates}
    for name in given.keys() - known.keys():
        raise wrong(f"/dates/{name}", f"The policy asks for: {', '.join(known) or 'no dates'}.")
    for name, one in known.items():
        if one.required and name not in given:
            raise wrong(f"/dates/{name}", "The policy's clocks count from this date. It is missing.")
        if name in given and given[name] > now and not one.ahead:
            raise wrong(f"/dates/{name}", "This must not be in the future.")
    return {name: at.astimezone(UTC).isoformat() for name, at in given.items()}


def _act(
    session: Session,
    keys: Keys,
    signed: Signed,
    said: AddMessage | CloseMessage,
    person_id: str,
    once: str,
    now: datetime,
    machine_now: datetime,
) -> str:
    bind(session, StaffPrincipal(signed.agency_id, person_id))
    try:
        case = cases.open_case(session, keys, reference=said.reference)
        actor = _actor(session, case, signed, said, person_id)
        definition = forms.get("changes" if isinstance(said, AddMessage) else "close")
        answers = _checked(definition, said, case, now)
        sent = Sent(definition.id, definition.version, answers, forms.facts(definition, answers), once)
        if isinstance(said, AddMessage):
            casework.add_information(session, keys, said.reference, actor, sent, now, machine_now)
        else:
            key = next((one.key for one in case.state(now).moves if one.kind == "close"), "close")
            moving.make_move(session, keys, said.reference, key, actor, sent, now, machine_now)
    except NotFoundError:
        raise wrong("/reference", "Your agency takes part in no disagreement with this reference.") from None
    except NoLongerOpenError:
        raise wrong("/type", "This is not open now: the policy asks for something else first, or it is closed.") from None
    return said.reference


def _checked(definition: forms.Definition, said: AddMessage | CloseMessage, case: Case, now: datetime) -> dict[str, Any]:
    policy = case.policy
    asked, own = own_people.lacking(policy, [children.Child(one, "") for one in recording.children_of(case) if one], case.events, "person")
    context = {**casefile.said_in(policy), **own, "moments": casefile.moments_of(case)}
    choices = {**casefile.choices_of(policy), "people": [], "agencies": [], "personal roles of each": asked}
    return message_answers.read_answers(definition, said.answers, choices, context, now)


def _actor(session: Session, case: Case, signed: Signed, said: AddMessage | CloseMessage, person_id: str) -> Actor:
    """A member of staff in their own record system, as a launch would make them. Inside one organisation the message says for which side
    they speak, where nothing else does. Raises RefusedError."""
    actor = actors.of_staff(session, case, Member(person_id, signed.agency_id, roles_of(session, person_id)))
    if said.side and actor.side not in ("", "both", said.side):
        raise wrong("/side", "This member of staff does not stand on that side.")
    if actors.must_say_side(actor) and not said.side:
        raise wrong("/side", "Both sides are your organisation. Say for which one this member of staff speaks.")
    if actors.must_say_side(actor):
        return replace(actor, side=said.side, roles=frozenset((*case.policy.stages[0].acts[:1], *roles_of(session, person_id))))
    return actor
