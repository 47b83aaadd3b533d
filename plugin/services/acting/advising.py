"""Advice asked for before or instead of raising a disagreement (HSCP-6): recorded for the agency alone. There is no case, nobody in
another agency is told, and no clock runs.

Which policy offers it, the policy says: one that has something to do with the form `advice` on the raising side.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import forms
from plugin.models import Advice, Person, begin_writing
from plugin.services.keeping import drafts, sealing
from policies import Policy

FORM = "advice"


@dataclass(frozen=True, slots=True)
class Recorded:
    """One piece of advice: when it was recorded, by whom, and what was written, in the form's words."""

    at: datetime
    by: str
    rows: tuple[tuple[str, str], ...]
    answers: Mapping[str, Any]


def offered(policy: Policy) -> str:
    """What the policy calls asking for advice, where it offers it; "" where it does not."""
    return next((duty.title for duty in policy.duties if duty.form == FORM and duty.by.side == "raising"), "")


def record(
    session: Session,
    keys: sealing.Keys,
    row: Mapping[str, str],
    answers: Mapping[str, Any],
    facts: Mapping[str, Any],
    once: str,
    draft: str,
    now: datetime,
) -> None:
    """Keeps the advice; the same page sent twice is one record. `row`: agency_id, partnership_id, policy_hash, person_id, child_key.
    Commits."""
    begin_writing(session)
    sealed = keys.fernet.encrypt(json.dumps(dict(answers)).encode())
    version = forms.get(FORM).version
    session.add(Advice(id=once, at=now, form_version=version, facts=dict(facts), sealed=sealed, **row))
    drafts.drop(session, draft)
    try:
        session.commit()
    except IntegrityError:
        session.rollback()  # this very page was sent before


def listed(session: Session, keys: sealing.Keys, agency_id: str, child_keys: Iterable[str]) -> list[Recorded]:
    """The agency's advice about this child, the newest first."""
    about = Advice.agency_id == agency_id, Advice.child_key.in_(list(child_keys))
    kept = select(Advice, Person.name).outerjoin(Person, Person.id == Advice.person_id).where(*about)
    found = []
    for row, name in session.execute(kept.order_by(Advice.at.desc()).limit(20)):
        answers = json.loads(keys.fernet.decrypt(row.sealed))
        rows = tuple((one.label, one.text) for one in forms.rows(forms.get(FORM, row.form_version), answers))
        found.append(Recorded(row.at, name or "", rows, answers))
    return found
