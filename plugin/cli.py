"""Commands of the service: `flask --app wsgi …`. Policies and forms have their own (`plugin.commands.policy`, `plugin.commands.form`),
accounts theirs (`plugin.commands.desk`)."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy import select

from integrations.contract import WHO_HELPS
from plugin.commands import mail as mail_cli
from plugin.commands.audit import audit
from plugin.commands.connection import COMMANDS, read_file, refused
from plugin.commands.database import database
from plugin.commands.desk import admin, secrets
from plugin.commands.form import form
from plugin.commands.policy import policy
from plugin.commands.retention import retention
from plugin.extensions import db
from plugin.jobs import nightly
from plugin.models import Disagreement
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.acting import consequences
from plugin.services.case import cases
from plugin.services.desk import connections, people_lists, ways
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.write_back import checks

projections = AppGroup("projections", help="Rows that repeat what evaluation says.")
connection = AppGroup("connection", help="Agencies' record systems.")
directory = AppGroup("directory", help="People and their roles.")


def register(app: Flask) -> None:
    """Adds every command to the app."""
    for group in (projections, audit, database, connection, directory, policy, form, admin, secrets, retention, *mail_cli.GROUPS):
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


for command in COMMANDS:
    connection.add_command(command)


@connection.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--secrets", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="a YAML file of secrets by name")
def load_connection(file: Path, secrets: Path | None) -> None:
    """Put in an agency's connection from a YAML file: id, agency, title, launch, adapter, options."""
    bind(db.session, System("connection"))
    here = runtime(current_app)
    given = read_file(file, ("id", "agency", "title"))
    values = {name: str(value) for name, value in read_file(secrets).items()} if secrets else {}
    try:
        done = connections.load(db.session, here.keys, given, values, machine_now(), allowed=here.http.allowed)
    except (LookupError, ValueError, TypeError) as wrong:
        raise refused(file, wrong) from None
    print(f"connection {done} is in place")


@connection.command("check")
@click.option("--mail", "tell", is_flag=True, help="mail what is broken to those who look after it")
def check_connections(tell: bool) -> None:
    """Test every connection; exit 1 where one is not well. Writes nothing in any record system."""
    bind(db.session, System("checks"))
    here = runtime(current_app)
    bad = checks.run_all(db.session, here.keys, here.adapters, here.http, machine_now())
    for way, agency, circuit in checks.all_of(db.session):
        print(f"{way.id}: {agency}: {ways.standing(way, circuit, machine_now()).look}")
        for finding in way.findings:
            print(f"  {'well' if finding['ok'] else 'NOT WELL'}: {finding['what']}: {finding['text']}")
            if not finding["ok"]:
                print(f"    {WHO_HELPS[finding['what']]}")
    if tell:
        print(f"{nightly.tell(bad)} mails sent")
    raise SystemExit(1 if bad else 0)


@directory.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_directory(file: Path) -> None:
    """Put in people from a CSV file: agency, name, job_title, email, role, deputy_email, staff_id, team (one line a role)."""
    bind(db.session, System("directory"))
    rows, faults = people_lists.read_list(db.session, file.read_text(encoding="utf-8-sig"))
    if faults:
        raise SystemExit("\n".join(f"{file.name}:{one.line}: {one.text}" for one in faults) + "\nnothing was put in")
    print(f"{people_lists.put_in(db.session, rows, machine_now(), by='command line')} people are in place")
