"""What is laid on the child's file: one document a case and version, the same at every attempt, as PDF and text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

import policies
from forms import document
from integrations.contract import Document, Identifier, Record
from plugin.models import Participant
from plugin.services import casefile, cases, sealing
from plugin.services.casefile import CaseFile, Entry
from plugin.services.cases import Case
from plugin.services.deliveries import Claimed
from policies import Deadline, State


def record_for(session: Session, keys: sealing.Keys, claimed: Claimed, with_documents: bool = True) -> Record:
    """The record of a claimed delivery, from the case as it stood when the delivery was decided. Raises NotFoundError."""
    case = cases.open_case(session, keys, case_id=claimed.case_id)
    case.events = [event for event in case.events if event.seq <= claimed.seq]
    at = case.events[-1].recorded_at
    state = case.state(at)
    said = cases.texts(session, case).get(1) or {}
    stem = claimed.record.replace("/", "-")
    return Record(
        key=claimed.record,
        reference=case.reference,
        title=f"Professional disagreement {case.reference}: {state.outcome_title}",
        summary=f"Outcome: {state.outcome_title}. Stage: {state.stage_title}. Policy: {case.policy.title}, version {case.policy.version}.",
        written_at=at,
        child=_identifiers(said, claimed.agency_id),
        documents=_documents(session, case, state, claimed, stem) if with_documents else (),
        fields={
            "reference": case.reference,
            "key": claimed.record,
            "stem": stem,
            "outcome": state.outcome_title,
            "outcome_code": state.outcome,
            "stage": state.stage_title,
            "policy": f"{case.policy.title}, version {case.policy.version}",
            "raised": case.events[0].at.date().isoformat(),
            "settled": at.date().isoformat(),
            "child_born": str(said.get("child", {}).get("born", "")),
            "child_name": str(said.get("child", {}).get("name", "")),
        },
    )


def _side_of(session: Session, claimed: Claimed) -> policies.Side:
    mine = Participant.disagreement_id == claimed.case_id, Participant.agency_id == claimed.agency_id
    return cast("policies.Side", session.execute(select(Participant.side).where(*mine)).scalar_one())


def _documents(session: Session, case: Case, state: State, claimed: Claimed, stem: str) -> tuple[Document, ...]:
    """The same document twice, as this agency may see it: for people and for machines that index text."""
    viewer = policies.Viewer(claimed.agency_id, _side_of(session, claimed))
    made = compose(casefile.read(session, case, state, viewer, up_to=claimed.seq), claimed.record)
    return (
        Document(f"{stem}.pdf", "application/pdf", document.as_pdf(made)),
        Document(f"{stem}.txt", "text/plain; charset=utf-8", document.as_text(made).encode()),
    )


def _identifiers(said: Mapping[str, Any], agency_id: str) -> tuple[Identifier, ...]:
    """How this agency knows the child: its own reference if it raised, the shared identifiers (NHS number, UPN) in any case.

    `said` is what was sealed with the first event.
    """
    shared = [Identifier(system, value) for system, value in said.get("child", {}).get("identifiers", ())]
    local = said.get("local", {})
    if local.get("agency") == agency_id:
        return (Identifier("local", local["ref"]), *shared)
    return tuple(shared)


def compose(file: CaseFile, key: str) -> document.Document:
    """The document a reader of the file understands without this service: who, which side, when, under which policy, what is open."""
    state, policy = file.state, file.case.policy
    about = [
        ("Reference", key),
        ("Child", file.child.get("name", "") or "Not given by the record system"),
        ("Date of birth", _born(file) or "Not given by the record system"),
        ("Raised by", _seats(file, "raising")),
        ("Raised with", _seats(file, "responding")),
        ("Policy", f"{policy.title}, version {policy.version}"),
        ("Outcome", state.outcome_title or "None yet"),
        ("Decided at", state.stage_title),
        ("What the policy says of the outcome", state.binding or "Nothing: it is an agreement between the people named here"),
    ]
    sections = [document.Section("The disagreement", rows=about)]
    # The outcome first: it is what the file is opened for. Then how it came about, in order.
    zone = policy.calendar.zone
    outcome = [entry for entry in file.entries if entry.kind == "resolved"][-1:]
    sections += [_section(entry, zone) for entry in (*outcome, *(one for one in file.entries if one not in outcome))]
    open_points = [(one.title, _when(one.due)) for one in state.obligations if one.status in ("owed", "overdue") and not one.automatic]
    sections.append(document.Section("Still to be done", rows=open_points, paragraphs=[] if open_points else ["Nothing is left open."]))
    if state.warnings:
        sections.append(document.Section("What the policy leaves unclear", paragraphs=[one.text for one in state.warnings]))
    return document.Document(
        title="Professional disagreement: record of the outcome",
        reference=key,
        subtitle=policy.partnership,
        sections=sections,
        footer=f"{key} · {policy.title}, version {policy.version} ({policy.hash[:12]})",
    )


def _seats(file: CaseFile, side: str) -> str:
    return "; ".join(seat.name for seat in file.directory.sides(side)) or "Nobody"


def _section(entry: Entry, zone: ZoneInfo) -> document.Section:
    who = ", ".join(part for part in (entry.who, entry.agency) if part) or "Accord"
    at = entry.at.astimezone(zone)
    rows = [("When", f"{at:%A} {at.day} {at:%B %Y, %H:%M}"), ("By", who), *entry.rows]
    return document.Section(f"{entry.title} (a mistake)" if entry.void else entry.title, rows=rows)


def _born(file: CaseFile) -> str:
    """The date in words; as the record system wrote it where it is no date."""
    given = str(file.child.get("born", ""))
    try:
        day = date.fromisoformat(given)
    except ValueError:
        return given
    return f"{day.day} {day:%B %Y}"


def _when(due: Deadline | None) -> str:
    return f"{due.local_date:%A} {due.local_date.day} {due.local_date:%B %Y}" if due else "No date is set by the policy"
