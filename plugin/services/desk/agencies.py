"""Agencies as the desk keeps them: made by an owner or a coordinator, described by their administrator."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from plugin.models import Agency, Partnership, begin_writing
from plugin.services.case.policies import current_policy
from plugin.services.desk import accounts
from plugin.services.notices.waking import look_where_lost

_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"


class Risk(BaseModel):
    """Who of the agency accepted that a code by mail proves the mailbox and not the person."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=2, max_length=120, title="Their name", examples=["Constance Mbatha"])
    role: str = Field(min_length=2, max_length=120, title="Their job", examples=["Senior information risk owner"])
    accepted_on: str = Field(title="The day they accepted it", description="As year-month-day.", examples=["2027-01-18"])

    @model_validator(mode="after")
    def _day(self) -> Self:
        try:
            date.fromisoformat(self.accepted_on)
        except ValueError:
            raise ValueError("enter the day as year-month-day, for example 2027-01-18") from None
        return self


class AgencyForm(BaseModel):
    """What is asked about an agency."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=2, max_length=120, title="Name", description="As people know it.", examples=["Hill Top School"])
    type: str = Field(title="Kind of organisation", description="The policy says what each kind may and must do.")
    traits: list[str] = Field(default=[], title="What else is true of it", description="The policy asks some things of these alone.")
    duty_desk_email: str = Field(
        default="",
        max_length=254,
        title="Email of its duty desk",
        description="Who is told when nobody else of this agency can be reached. A mailbox that somebody reads every working day.",
        examples=["safeguarding.duty@example.gov.uk"],
    )
    assurance: Literal["mailbox_code", "sso"] = Field(
        default="mailbox_code",
        title="How its managers prove who they are",
        description="When they open a link that was mailed to them: by a code to their mailbox, or by your agency's own sign-in.",
    )
    risk: Risk | None = Field(
        default=None,
        validate_default=True,
        title="Who accepted the risk of codes by mail",
        description="A code shows that somebody can read the mailbox, not who they are. Somebody of the agency must have accepted this.",
    )

    @field_validator("duty_desk_email")
    @classmethod
    def _reads_mail(cls, given: str) -> str:
        if given and not re.match(_EMAIL, given):
            raise ValueError("the email of the duty desk is not an email address, like duty@example.gov.uk")
        return given

    @field_validator("risk")
    @classmethod
    def _accepted(cls, given: Risk | None, info: ValidationInfo) -> Risk | None:
        if given is None and info.data.get("assurance") == "mailbox_code":
            raise ValueError("for codes by mail, say who accepted the risk: tick “Use this” and fill in the three lines")
        return given


def choices(session: Session, partnership_id: str) -> dict[str, list[tuple[str, str]]]:
    """What may be chosen, in words: the ways of proof, and the kinds of agency that the partnership's policy knows."""
    ways = {"assurance": [("mailbox_code", "By a code to their mailbox"), ("sso", "By the agency’s own sign-in")]}
    try:
        policy = current_policy(session, partnership_id)
    except LookupError:
        return ways
    return {**ways, "type": [(one.id, one.title) for one in policy.agency_types]}


def proof_wanted(session: Session, agency_id: str) -> Literal["code", "sso", "none", "off"]:
    """How somebody with a link proves who they are: a code to the mailbox of record, or their agency's own sign-in. "none" where the
    agency has not said who accepted the risk of codes, "off" where it does not take part: then nothing is opened. Who is of no agency
    here gets a code."""
    row = session.get(Agency, agency_id) if agency_id else None
    if row is None:
        return "code"
    if row.off_since is not None:
        return "off"
    if row.assurance == "sso":
        return "sso"
    return "code" if row.risk else "none"


def listed(session: Session) -> list[Agency]:
    """Every agency, by name."""
    return list(session.scalars(select(Agency).order_by(Agency.name)))


def save(session: Session, agency_id: str, partnership_id: str, given: Mapping[str, Any], now: datetime, *, by: str) -> str:
    """Writes a checked form over an agency, or makes a new one (`agency_id` is ""). Returns its id. Commits. Raises LookupError."""
    begin_writing(session)
    row = session.get(Agency, agency_id) if agency_id else None
    if row is None:
        if agency_id or session.get(Partnership, partnership_id) is None:
            raise LookupError(agency_id or partnership_id)
        row = Agency(id=_fresh_id(session, str(given["name"])), partnership_id=partnership_id)
        session.add(row)
    row.name, row.type = str(given["name"]), str(given["type"])
    row.traits, row.duty_desk_email = list(given.get("traits", ())), str(given.get("duty_desk_email", ""))
    row.assurance, row.risk = str(given.get("assurance", "mailbox_code")), dict(given.get("risk") or {})
    look_where_lost(session, row.id, now)
    accounts.note(session, by, row.id, "agency changed" if agency_id else "agency made", row.id, row.assurance, now)
    session.commit()
    return row.id


def form_of(row: Agency) -> dict[str, Any]:
    """An agency as its form shows it."""
    shown: dict[str, Any] = {name: getattr(row, name) for name in ("name", "type", "traits", "duty_desk_email", "assurance")}
    return {**shown, "risk": dict(row.risk) or None}


def _fresh_id(session: Session, name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "agency"
    found, number = stem, 1
    while session.get(Agency, found) is not None:
        number += 1
        found = f"{stem}-{number}"
    return found
