"""What is laid on the child's file: one document a case and version, the same at every attempt, as PDF and text."""

from __future__ import annotations

from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

import policies
from forms import document
from integrations.contract import Document, Identifier, Record
from plugin.models import Participant
from plugin.services import casefile, cases, sealing
from plugin.services.casefile import CaseFile, Entry
from plugin.services.deliveries import Claimed
from policies import Deadline


def record_for(session: Session, keys: sealing.Keys, claimed: Claimed, with_documents: bool = True) -> Record:
    """The record of a claimed delivery, from the case as it stood when the delivery was decided. Raises NotFoundError."""
    case = cases.open_case(session, keys, case_id=claimed.case_id)
    case.events = [event for event in case.events if event.seq <= claimed.seq]
    at = case.events[-1].recorded_at
    state = case.state(at)
    viewer = policies.Viewer(claimed.agency_id, _side_of(session, claimed))
    file = casefile.read(session, case, state, viewer, up_to=claimed.seq)
    stem = claimed.record.replace("/", "-")
    documents: tuple[Document, ...] = ()
    if with_documents:
        made = compose(file, claimed.record)
        documents = (
            Document(f"{stem}.pdf", "application/pdf", document.as_pdf(made)),
            Document(f"{stem}.txt", "text/plain; charset=utf-8", document.as_text(made).encode()),
        )
    return Record(
        key=claimed.record,
        reference=case.reference,
        title=f"Professional disagreement {case.reference}: {state.outcome_title}",
        summary=f"Outcome: {state.outcome_title}. Stage: {state.stage_title}. Policy: {case.policy.title}, version {case.policy.version}.",
        written_at=at,
        child=_identifiers(session, file, claimed.agency_id),
        documents=documents,
        fields={
            "reference": case.reference,
            "key": claimed.record,
            "stem": stem,
            "outcome": state.outcome_title,
            "outcome_code": state.outcome,
            "stage": state.stage_title,
            "policy": f"{case.policy.title}, version {case.policy.version}",
            "raised": file.entries[0].at.date().isoformat(),
            "settled": at.date().isoformat(),
        },
    )


def _side_of(session: Session, claimed: Claimed) -> policies.Side:
    mine = Participant.disagreement_id == claimed.case_id, Participant.agency_id == claimed.agency_id
    return cast("policies.Side", session.execute(select(Participant.side).where(*mine)).scalar_one())


def _identifiers(session: Session, file: CaseFile, agency_id: str) -> tuple[Identifier, ...]:
    """How this agency knows the child: its own reference if it raised, the shared identifiers (NHS number, UPN) in any case."""
    shared = [Identifier(system, value) for system, value in file.child.get("identifiers", ())]
    if file.local.get("agency") == agency_id:
        return (Identifier("local", file.local["ref"]), *shared)
    return tuple(shared)


def compose(file: CaseFile, key: str) -> document.Document:
    """The document a reader of the file understands without this service: who, which side, when, under which policy, what is open."""
    state, policy = file.state, file.case.policy
    about = [
        ("Reference", key),
        ("Child", file.child.get("name", "") or "Not given by the record system"),
        ("Date of birth", file.child.get("born", "") or "Not given by the record system"),
        ("Raised by", _seats(file, "raising")),
        ("Raised with", _seats(file, "responding")),
        ("Policy", f"{policy.title}, version {policy.version}"),
        ("Outcome", state.outcome_title or "None yet"),
        ("Decided at", state.stage_title),
        ("What the policy says of the outcome", state.binding or "Nothing: it is an agreement between the people named here"),
    ]
    sections = [document.Section("The disagreement", rows=about)]
    sections += [_section(entry) for entry in file.entries]
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


def _section(entry: Entry) -> document.Section:
    who = ", ".join(part for part in (entry.who, entry.agency) if part) or "Accord"
    rows = [("When", f"{entry.at:%A} {entry.at.day} {entry.at:%B %Y, %H:%M} UTC"), ("By", who), *entry.rows]
    return document.Section(entry.title, rows=rows)


def _when(due: Deadline | None) -> str:
    return f"{due.local_date:%A} {due.local_date.day} {due.local_date:%B %Y}" if due else "No date is set by the policy"
