"""Many people at once, from a list with commas (CSV): read whole, each fault with its line, and put in whole or not at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from plugin.models import Agency, Person, RoleHolder, begin_writing
from plugin.services.desk import accounts
from plugin.services.desk.people import EMAIL

COLUMNS = ("agency", "name", "job_title", "email", "role", "deputy_email", "staff_id", "team", "telephone")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line of a list."""

    line: int
    text: str


def read_list(
    session: Session, text: str, agency_id: str = "", roles: Mapping[str, str] = MappingProxyType({})
) -> tuple[list[dict[str, str]], list[Fault]]:
    """The lines of a CSV text with the columns COLUMNS (name and email are enough), and what is wrong with them.

    `agency_id` is what stands where there is no column for it, and the only one allowed then; `roles` those the policy knows, with their
    titles: a list may say either. Between the columns stand commas, or semicolons or tabs, as spreadsheets make and copy them.
    """
    first = text.lstrip("\ufeff").partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")), skipinitialspace=True, delimiter=max(",;\t", key=first.count))
    named = ["_".join(name.casefold().split()) for name in reader.fieldnames or ()]
    reader.fieldnames = named
    unknown = [name for name in named if name not in COLUMNS]
    if unknown or not {"name", "email"} <= set(named):
        wanted = ", ".join(COLUMNS[1:] if agency_id else COLUMNS)
        return [], [Fault(1, f"The first line must name the columns. There can be: {wanted}. Name and email are needed.")]
    known = set(session.scalars(select(Agency.id)))
    ids = {said.casefold(): one for one, title in roles.items() for said in (title, one)}
    rows, faults = [], []
    for row in reader:
        clean = {name: " ".join((row.get(name) or "").split()) for name in COLUMNS}
        clean["agency"] = clean["agency"] or agency_id
        clean["role"] = ids.get(clean["role"].casefold(), clean["role"])
        rows.append(clean)
        if fault := _fault(row, clean, known, agency_id, roles):
            faults.append(Fault(reader.line_num, fault))
    there = {(row["agency"], row["email"].casefold()) for row in rows}
    faults += [Fault(at, f"There is no line for the deputy {row['deputy_email']}.") for at, row in enumerate(rows, 2) if _lost(row, there)]
    return rows, faults


def _fault(row: Mapping[Any, Any], clean: Mapping[str, str], known: set[str], agency_id: str, roles: Collection[str]) -> str:
    if None in row:
        return "This line has more entries than the first. Put entries with commas in them in quotes."
    if clean["agency"] not in known:
        return f"There is no agency with the id “{clean['agency']}”."
    if agency_id and clean["agency"] != agency_id:
        return "This person is of another agency. You can put in your own alone."
    if not EMAIL.fullmatch(clean["email"]):
        return f"“{clean['email']}” is not an email address."
    if len(clean["name"]) < 2:
        return "The name is missing."
    if len(clean["telephone"]) > 40:
        return "The telephone number is too long: 40 characters at most."
    if roles and clean["role"] and clean["role"] not in roles:
        return f"The policy has no role “{clean['role']}”. It has: {', '.join(sorted(roles))}."
    return ""


def _lost(row: Mapping[str, str], there: set[tuple[str, str]]) -> bool:
    return bool(row["deputy_email"]) and (row["agency"], row["deputy_email"].casefold()) not in there


def put_in(session: Session, rows: Collection[Mapping[str, str]], now: datetime, *, by: str) -> int:
    """Puts in lines that `read_list` found nothing wrong with, over who is there already. The number of people. Commits."""
    begin_writing(session)
    people: dict[tuple[str, str], Person] = {}
    for row in rows:
        people[row["agency"], row["email"].casefold()] = _put_in_person(session, row)
    session.flush()
    for row in rows:
        _put_in_role(session, row, people)
    for agency in sorted({row["agency"] for row in rows}):
        accounts.note(session, by, agency, "list of people put in", agency, str(len(rows)), now)
    session.commit()
    return len(people)


def _put_in_person(session: Session, row: Mapping[str, str]) -> Person:
    found = session.scalar(select(Person).where(Person.agency_id == row["agency"], Person.email == row["email"]))
    if found is None:
        found = Person(agency_id=row["agency"], email=row["email"], name=row["name"])
        session.add(found)
    found.name, found.job_title = row["name"], row["job_title"] or found.job_title or ""
    if row["staff_id"]:
        found.staff_id = row["staff_id"]
    if row["team"]:
        found.team = row["team"]
    if row["telephone"]:
        found.phone = row["telephone"]
    session.flush()
    return found


def _put_in_role(session: Session, row: Mapping[str, str], people: Mapping[tuple[str, str], Person]) -> None:
    if not row["role"]:
        return
    person = people[row["agency"], row["email"].casefold()]
    deputy = people.get((row["agency"], row["deputy_email"].casefold()))
    same = RoleHolder.agency_id == row["agency"], RoleHolder.role == row["role"], RoleHolder.person_id == person.id
    held = session.scalar(select(RoleHolder).where(*same))
    if held is None:
        held = RoleHolder(agency_id=row["agency"], role=row["role"], person_id=person.id)
        session.add(held)
    held.deputy_id = deputy.id if deputy else None
