"""Commands of the service: `flask --app wsgi …`. Policies and forms have their own (`plugin.policy_cli`, `plugin.form_cli`),
accounts theirs (`plugin.admin_cli`)."""

from __future__ import annotations

import csv
from pathlib import Path

import click
import yaml
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy import select

from plugin.admin_cli import admin
from plugin.extensions import db
from plugin.form_cli import form
from plugin.models import Agency, Disagreement, EventRow, Person, RoleHolder, begin_writing
from plugin.models.scope import System, bind
from plugin.policy_cli import policy
from plugin.runtime import runtime
from plugin.services import cases, chain, connections, consequences
from plugin.services.clock import business_now, machine_now

projections = AppGroup("projections", help="Rows that repeat what evaluation says.")
audit = AppGroup("audit", help="The chains of events.")
connection = AppGroup("connection", help="Agencies' record systems.")
directory = AppGroup("directory", help="People and their roles.")


def register(app: Flask) -> None:
    """Adds every command to the app."""
    for group in (projections, audit, connection, directory, policy, form, admin):
        app.cli.add_command(group)


@projections.command("rebuild")
def rebuild() -> None:
    """Evaluate every open case again and bring its rows in line (new holidays, a better engine)."""
    bind(db.session, System("rebuild"))
    keys, now = runtime(current_app).keys, business_now(db.session)
    found = list(db.session.scalars(select(Disagreement.id).where(Disagreement.status != "closed")))
    for case_id in found:

        def work(case_id: str = case_id) -> None:
            case = cases.open_case(db.session, keys, case_id=case_id, lock=True)
            consequences.carry_out(db.session, case, case.state(now), now, machine_now=machine_now())

        cases.transact(db.session, work)
    print(f"{len(found)} cases looked at again")


@audit.command("verify")
def verify() -> None:
    """Check every case's chain; exit 1 naming the first event that does not follow."""
    bind(db.session, System("audit"))
    broken = 0
    for case_id, reference, count in db.session.execute(select(Disagreement.id, Disagreement.reference, Disagreement.seq)).all():
        rows = db.session.scalars(select(EventRow).where(EventRow.disagreement_id == case_id).order_by(EventRow.seq))
        seq = chain.first_break(rows, count)
        if seq is not None:
            broken += 1
            print(f"{reference}: event {seq} does not follow")
    print("every chain holds" if not broken else f"{broken} chains are broken")
    raise SystemExit(1 if broken else 0)


@connection.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--secrets", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="a YAML file of secrets by name")
def load_connection(file: Path, secrets: Path | None) -> None:
    """Put in an agency's connection from a YAML file: id, agency, title, launch, adapter, options."""
    bind(db.session, System("connection"))
    here = runtime(current_app)
    given = yaml.safe_load(file.read_text(encoding="utf-8"))
    values = yaml.safe_load(secrets.read_text(encoding="utf-8")) if secrets else {}
    try:
        done = connections.load(db.session, here.keys, given, values, machine_now())
    except (LookupError, ValueError, TypeError) as wrong:
        raise SystemExit(f"{file.name}: {wrong}") from None
    print(f"connection {done} is in place")


@directory.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_directory(file: Path) -> None:
    """Put in people from a CSV file with the columns agency, name, job_title, email, role, deputy_email (one line a role)."""
    bind(db.session, System("directory"))
    begin_writing(db.session)
    with file.open(newline="", encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    people: dict[tuple[str, str], Person] = {}
    for number, row in enumerate(rows, start=2):
        if db.session.get(Agency, row.get("agency", "")) is None or "@" not in row.get("email", ""):
            raise SystemExit(f"{file.name}:{number}: needs the id of an agency that is there, and an e-mail address; nothing was put in")
        people[row["agency"], row["email"].casefold()] = _person(row)
    db.session.flush()
    for row in rows:
        _role(row, people)
    db.session.commit()
    print(f"{len(people)} people are in place")


def _person(row: dict[str, str]) -> Person:
    same = select(Person).where(Person.agency_id == row["agency"], Person.email == row["email"])
    found = db.session.scalar(same)
    if found is None:
        found = Person(agency_id=row["agency"], email=row["email"], name=row["name"])
        db.session.add(found)
        db.session.flush()
    found.name, found.job_title = row["name"], row.get("job_title", "")
    return found


def _role(row: dict[str, str], people: dict[tuple[str, str], Person]) -> None:
    if not row.get("role"):
        return
    person = people[row["agency"], row["email"].casefold()]
    deputy = people.get((row["agency"], row.get("deputy_email", "").casefold()))
    same = RoleHolder.agency_id == row["agency"], RoleHolder.role == row["role"], RoleHolder.person_id == person.id
    held = db.session.scalar(select(RoleHolder).where(*same))
    if held is None:
        held = RoleHolder(agency_id=row["agency"], role=row["role"], person_id=person.id)
        db.session.add(held)
    held.deputy_id = deputy.id if deputy else None
