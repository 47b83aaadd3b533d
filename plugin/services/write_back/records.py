"""What is laid on a child's file: one document a case, child and version, the same at every attempt, as PDF and text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

import policies
from forms import document
from integrations.contract import Document, Identifier, Record
from plugin.models import Participant
from plugin.services.case import casefile, cases, children, delivery_words
from plugin.services.case.casefile import SIDES, CaseFile
from plugin.services.case.cases import Case, NotFoundError
from plugin.services.case.children import Child
from plugin.services.case.entries import Entry
from plugin.services.keeping import sealing
from plugin.services.write_back.deliveries import Claimed
from policies import Deadline, Obligation, State

_WHAT = (
    "Professionals of the organisations named here disagreed about how to keep this {child} safe. This is what was said and decided, in "
    "their own words, under the policy named here. Nothing in it was changed afterwards. What came later stands in a later record."
)
_MISTAKE = (
    "This was raised by mistake, and is closed. It may not be about this {child} at all. What an earlier record on this file says of it "
    "does not count."
)
_SCHEMES = {"nhs-number": "NHS number", "upn": "Unique pupil number"}


Known = Mapping[str, Case]


def record_for(session: Session, keys: sealing.Keys, claimed: Claimed, with_documents: bool = True, known: Known | None = None) -> Record:
    """The record of a claimed delivery, from the case as it stood when the delivery was decided. Raises NotFoundError.

    `known`: cases that were read already, by id (`cases.open_several`).
    """
    whole = (known or cases.open_several(session, keys, [claimed.case_id])).get(claimed.case_id)
    if whole is None:
        raise NotFoundError(claimed.case_id)
    said = cases.texts(session, whole)
    case = replace(whole, events=[event for event in whole.events if event.seq <= claimed.seq])
    at = case.events[-1].recorded_at
    state = case.state(at)
    right = delivery_words.read(case, claimed.id, claimed.sealed).get("correct", {})
    child = _as_known(children.of_case(said.get(1) or {}), claimed, right)
    stem = claimed.record.replace("/", "-")
    return Record(
        key=claimed.record,
        reference=case.reference,
        title=f"Professional disagreement {case.reference}: {state.outcome_title}",
        summary=f"Outcome: {state.outcome_title}. Stage: {state.stage_title}. Policy: {case.policy.title}, version {case.policy.version}.",
        written_at=at,
        child=tuple(Identifier(system, value) for system, value in child.known_to(claimed.agency_id)),
        documents=_documents(session, case, state, claimed, child, stem) if with_documents else (),
        fields={
            "reference": case.reference,
            "key": claimed.record,
            "stem": stem,
            "outcome": state.outcome_title,
            "outcome_code": state.outcome,
            "stage": state.stage_title,
            "policy": f"{case.policy.title}, version {case.policy.version}",
            "raised": case.events[0].at.date().isoformat(),
            "settled": _settled(case).date().isoformat(),
            "child_born": child.born,
            "child_name": child.name,
        },
    )


def _settled(case: Case) -> datetime:
    """When it was settled last; the last thing that happened where it never was."""
    return next((event.at for event in reversed(case.events) if event.kind == "resolved"), case.events[-1].at)


def _as_known(family: Sequence[Child], claimed: Claimed, right: Mapping[str, str]) -> Child:
    """The child of this delivery, with what a person put right for this agency's record system: a number, the date of birth."""
    child = next((one for one in family if one.id == (claimed.child or children.FIRST)), Child(claimed.child, ""))
    if not right:
        return child
    shared = {**dict(child.identifiers), **{system: value for system, value in right.items() if system in ("nhs-number", "upn")}}
    local = {"agency_id": claimed.agency_id, "ref": right["local"]} if right.get("local") else {}
    return replace(child, identifiers=tuple(shared.items()), born=right.get("born") or child.born, **local)


def _side_of(session: Session, claimed: Claimed) -> policies.Side:
    mine = Participant.disagreement_id == claimed.case_id, Participant.agency_id == claimed.agency_id
    return cast("policies.Side", session.execute(select(Participant.side).where(*mine)).scalar_one())


def _documents(session: Session, case: Case, state: State, claimed: Claimed, child: Child, stem: str) -> tuple[Document, ...]:
    """The same document twice, as this agency may see it and for this child's file: for people and for machines that index text."""
    viewer = policies.Viewer(claimed.agency_id, _side_of(session, claimed))
    made = compose(casefile.read(session, case, state, viewer, up_to=claimed.seq, child=child.id), claimed.record, child)
    return (
        Document(f"{stem}.pdf", "application/pdf", document.as_pdf(made)),
        Document(f"{stem}.txt", "text/plain; charset=utf-8", document.as_text(made).encode()),
    )


def compose(file: CaseFile, key: str, child: Child | None = None) -> document.Document:
    """The document a reader of the file understands without this service: who, which side, when, under which policy, what is open.

    `child`: whose file it is for, by default the child it was raised on.
    """
    state, policy = file.state, file.case.policy
    whom = casefile.whom(policy)
    child = child or (file.children[0] if file.children else Child(children.FIRST, ""))
    about = [
        ("Reference", key),
        (whom["child"].capitalize(), child.name or "Not given by the record system"),
        ("Date of birth", _born(child) or "Not given by the record system"),
        *((_SCHEMES[scheme], value) for scheme, value in child.identifiers if scheme in _SCHEMES),
        ("Raised by", _seats(file, "raising")),
        ("Raised with", _seats(file, "responding")),
        ("Policy", f"{policy.title}, version {policy.version}"),
        ("Partnership", policy.partnership),
        ("Outcome", state.outcome_title or "None yet"),
        ("Decided at", state.stage_title),
        ("What the policy says of the outcome", state.binding or "Nothing: it is an agreement between the people named here"),
    ]
    sections = [document.Section("What this is", paragraphs=[_WHAT.format(**whom)]), document.Section("The disagreement", rows=about)]
    # The outcome first: it is what the file is opened for. Then how it came about, in order.
    zone = policy.calendar.zone
    outcome = [entry for entry in file.entries if entry.kind == "resolved"][-1:]
    if state.unmade:  # nothing of what was said: it is as like as not another child's
        sections = [document.Section("Raised by mistake", paragraphs=[_MISTAKE.format(**whom)]), sections[1]]
        return _document(file, key, [*sections, *(_section(entry, zone) for entry in outcome)])
    sections += [_section(entry, zone) for entry in (*outcome, *(one for one in file.entries if one not in outcome))]
    owed = [one for one in state.obligations if one.status in ("owed", "overdue") and not one.automatic and one.child in ("", child.id)]
    open_points = [(one.title, f"{_owner(file, one)}\n{_when(one.due)}{' (overdue)' * (one.status == 'overdue')}") for one in owed]
    sections.append(document.Section("Still to be done", rows=open_points, paragraphs=[] if open_points else ["Nothing is left open."]))
    if state.warnings:
        sections.append(document.Section("What the policy leaves unclear", paragraphs=[one.text for one in state.warnings]))
    cited = {rule for entry in file.entries for rule in entry.rules}
    if rules := [(rule.id, rule.says) for rule in policy.rules if rule.id in cited]:
        sections.append(document.Section("The rules of the policy that are named here", rows=rules))
    return _document(file, key, sections)


def _document(file: CaseFile, key: str, sections: Sequence[document.Section]) -> document.Document:
    policy = file.case.policy
    return document.Document(
        title="Professional disagreement: record of the outcome",
        reference=key,
        subtitle=policy.partnership,
        sections=list(sections),
        footer=f"{key} · {policy.title}, version {policy.version} ({policy.hash[:12]})",
    )


def _seats(file: CaseFile, side: str) -> str:
    return "; ".join(casefile.side_words(file, side)) or "Nobody"


def _section(entry: Entry, zone: ZoneInfo) -> document.Section:
    who = ", ".join(part for part in (entry.who, entry.agency) if part) or "Accord"
    at = entry.at.astimezone(zone)
    side = f", for {SIDES[entry.side]}" if entry.side in SIDES and entry.agency else ""
    rule = [("Rule of the policy", ", ".join(entry.rules))] if entry.rules else []
    rows = [("When", f"{at:%A} {at.day} {at:%B %Y, %H:%M}"), ("By", f"{who}{side}"), *rule, *entry.rows]
    return document.Section(f"{entry.title} (a mistake)" if entry.void else entry.title, rows=rows)


def _owner(file: CaseFile, one: Obligation) -> str:
    """Who owes it: the role, and the agency or agencies."""
    owner = one.owner
    agencies = dict.fromkeys(
        seat.name
        for seat in file.directory.seats
        if seat.agency_id == owner.agency or (not owner.agency and owner.side in (seat.side, "both"))
    )
    return f"{owner.title}{', ' if agencies else ''}{' and '.join(agencies)}"


def _born(child: Child) -> str:
    """The date in words; as the record system wrote it where it is no date."""
    try:
        day = date.fromisoformat(child.born)
    except ValueError:
        return child.born
    return f"{day.day} {day:%B %Y}"


def _when(due: Deadline | None) -> str:
    return f"{due.local_date:%A} {due.local_date.day} {due.local_date:%B %Y}" if due else "No date is set by the policy"
