"""A disagreement is raised: the case, who takes part, the child as each agency knows them, and the first event, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

import policies
from integrations.launch.context import ChildDetails
from plugin.models import Agency, ChildKey, Disagreement, Participant, PolicyVersion, new_reference
from plugin.models.scope import System, bind, principal
from plugin.services.acting.consequences import carry_out
from plugin.services.acting.named import add_contact, own_contact
from plugin.services.case import cases, chain, children
from plugin.services.case.cases import Case, New
from plugin.services.case.children import Child
from plugin.services.case.policies import policy_of
from plugin.services.keeping import drafts, sealing


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody named in the form who is in no directory."""

    role: str
    name: str
    email: str
    agency_id: str = ""


@dataclass(frozen=True, slots=True)
class Sibling:
    """A further child the disagreement is about, as the raiser named them. `identifiers` are numbers that all agencies share, `ref` is
    the raising agency's own; `flags` are the child's, `own_people` those whom the child has for themselves. `kind` is "child" or "adult"
    where the raiser said it.
    """

    name: str
    born: str = ""
    identifiers: tuple[tuple[str, str], ...] = ()
    ref: str = ""
    flags: Sequence[str] = ()
    own_people: Sequence[Named] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Raise:
    """What a worker sends: `answers` are the form's, sealed whole; the rest is what the policy must know, as codes.

    `child` are the host's details, kept sealed for the document; `kind` is "child" or "adult" if the raiser said it; `flags` those of the
    child, `own_people` those whom the child has for themselves (an advocate); `case_flags` those of the case; `choices` what was chosen of
    what the policy lets the raiser choose, by its ids.
    `once` makes a second sending of the same page find the first (a random token of the page).
    """

    partnership_id: str
    policy_hash: str
    agency_id: str
    person_id: str
    child_key: str
    child: ChildDetails
    child_ref: str
    other_agency: str
    other_person: str
    themes: Sequence[str]
    answers: Mapping[str, Any]
    form: str
    form_version: int
    once: str
    flags: Sequence[str] = ()
    case_flags: Sequence[str] = ()
    dates: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, str] = field(default_factory=dict)
    protective: str = ""
    start: str = ""
    own_people: Sequence[Named] = ()
    other_named: Named | None = None
    siblings: Sequence[Sibling] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    draft: str = ""
    kind: str = ""

    @property
    def inside(self) -> bool:
        """Whether both sides are one organisation."""
        return self.agency_id == self.other_agency


def raise_disagreement(session: Session, keys: sealing.Keys, wanted: Raise, now: datetime, machine_now: datetime) -> str:
    """Opens the case and returns its reference. The same `once` again returns the first one's. Commits.

    Raises ValueError where somebody would answer what they raise.
    """
    if wanted.other_person == wanted.person_id:
        raise ValueError("nobody disagrees with themselves")
    return cases.transact(session, lambda: _raise(session, keys, wanted, now, machine_now))


def raised_once(session: Session, once: str) -> str | None:
    """The reference of the case this page raised already, or None. The token is the case's id: the primary key is the check."""
    return session.execute(select(Disagreement.reference).where(Disagreement.id == once)).scalar()


def _raise(session: Session, keys: sealing.Keys, wanted: Raise, now: datetime, machine_now: datetime) -> str:
    earlier = raised_once(session, wanted.once)
    if earlier:
        return earlier
    case, row = _new_case(session, keys, wanted, now)
    session.execute(insert(Disagreement), [row])
    other = _contact(session, case, wanted.other_named) if wanted.other_named else wanted.other_person
    session.execute(insert(Participant), _participants(keys, case, wanted, other))
    _keep_keys(session, keys, case, wanted)
    cases.add_events(session, case, _events(session, case, wanted, _own_people(session, case, wanted), now), now)
    # The raiser's principal may see the case from here on; what follows concerns everybody in it.
    if wanted.draft:
        drafts.drop(session, wanted.draft)
    who = principal(session)
    bind(session, System("raise"))
    try:
        carry_out(session, case, case.state(now), now, actor=wanted.person_id, machine_now=machine_now)
    finally:
        bind(session, who)
    return case.reference


def _new_case(session: Session, keys: sealing.Keys, wanted: Raise, now: datetime) -> tuple[Case, dict[str, Any]]:
    data_key = sealing.new_data_key()
    policy = policy_of(session, wanted.policy_hash)
    case = Case(wanted.once, new_reference(), wanted.partnership_id, policy, data_key, 0, chain.START, [], now)
    row = {
        "id": case.id,
        "reference": case.reference,
        "partnership_id": wanted.partnership_id,
        "policy_hash": wanted.policy_hash,
        "created_at": now,
        "key": keys.wrap(data_key),
        "seq": 0,
        "head": chain.START,
        "status": "open",
        "stage": "",
        "outcome": "",
    }
    return case, row


def _participants(keys: sealing.Keys, case: Case, wanted: Raise, other: str) -> list[dict[str, Any]]:
    mine = {
        "disagreement_id": case.id,
        "agency_id": wanted.agency_id,
        "side": "raising",
        "person_id": wanted.person_id,
        "child_key": wanted.child_key,
        "answering_id": "",
    }
    if wanted.inside:
        return [{**mine, "side": "both", "answering_id": other}]
    their_key = keys.shared_child_key(wanted.other_agency, wanted.child.identifiers)
    return [mine, {**mine, "agency_id": wanted.other_agency, "side": "responding", "person_id": other, "child_key": their_key}]


def _contact(session: Session, case: Case, named: Named) -> str:
    return add_contact(session, case, named.role, named.name, named.email, named.agency_id)


def _further(wanted: Raise) -> list[Child]:
    """The siblings, with the ids they have in the engine."""
    return [
        Child(f"c{number}", one.name, one.born, one.identifiers, wanted.agency_id, one.ref) for number, one in enumerate(wanted.siblings, 2)
    ]


def _keep_keys(session: Session, keys: sealing.Keys, case: Case, wanted: Raise) -> None:
    """Lets both agencies find the case from a sibling's file too."""
    agencies = dict.fromkeys((wanted.agency_id, wanted.other_agency))
    rows = [row for agency in agencies for row in children.key_rows(keys, case.id, agency, _further(wanted))]
    if rows:
        session.execute(insert(ChildKey), rows)


def _own_people(session: Session, case: Case, wanted: Raise) -> list[dict[str, str]]:
    """Whom each child has for themselves, the first child's first: opaque ids by role."""
    each = (wanted.own_people, *(one.own_people for one in wanted.siblings))
    return [{one.role: own_contact(session, case, one.role, one.name, one.email) for one in own} for own in each]


def _children(policy: policies.Policy, wanted: Raise, people: list[dict[str, str]], now: datetime) -> list[dict[str, Any]]:
    """The children as facts: codes alone. Where the policy is for both, whether each is a child or an adult on the day."""
    today = policy.calendar.local(now).date()
    first = (wanted.flags, children.kind_of(policy, wanted.child.born, wanted.kind, today, wanted.flags))
    said = [first, *((one.flags, children.kind_of(policy, one.born, one.kind, today, one.flags)) for one in wanted.siblings)]
    return [
        {"child": f"c{number}", "flags": list(flags), **({"is": kind} if kind else {}), **({"people": own} if own else {})}
        for number, ((flags, kind), own) in enumerate(zip(said, people, strict=True), 1)
    ]


def _events(session: Session, case: Case, wanted: Raise, people: list[dict[str, str]], now: datetime) -> list[New]:
    columns = Agency.id, Agency.type, Agency.traits
    agencies = session.execute(select(*columns).where(Agency.id.in_([wanted.agency_id, wanted.other_agency])))
    known = {row.id: row for row in agencies}
    sides = (("raising", known[wanted.agency_id]), ("responding", known[wanted.other_agency]))
    parties = [{"agency": row.id, "type": row.type, "side": side, "traits": list(row.traits)} for side, row in sides]
    facts: dict[str, Any] = {
        "themes": list(wanted.themes),
        "start": wanted.start,
        "parties": parties,
        "children": _children(case.policy, wanted, people, now),
        "flags": list(wanted.case_flags),
        "dates": dict(wanted.dates),
        **({"choices": dict(wanted.choices)} if wanted.choices else {}),
        "form": wanted.form,
        "form version": wanted.form_version,
        "once": wanted.once,
        **wanted.facts,
    }
    facts["start"] = facts["start"] or policies.starting_stage(case.policy, facts)
    details = wanted.child
    text: dict[str, Any] = {
        "answers": dict(wanted.answers),
        "child": {"name": details.name, "born": details.born, "identifiers": [list(one) for one in details.identifiers]},
        "local": {"agency": wanted.agency_id, "ref": wanted.child_ref},
    }
    if wanted.siblings:
        text["siblings"] = [children.sealed(one) for one in _further(wanted)]
    new = [New("raised", "", "raising", wanted.person_id, wanted.agency_id, facts, text)]
    if wanted.protective:
        new.append(New("fact", "protective date", "raising", wanted.person_id, wanted.agency_id, {"value": wanted.protective}))
    return new


def partnership_of(session: Session, policy_hash: str) -> str:
    """The partnership a stored policy belongs to."""
    return session.execute(select(PolicyVersion.partnership_id).where(PolicyVersion.hash == policy_hash)).scalar_one()
