"""Commands about reminders and mail: `flask --app wsgi reminders|queue|mail …`, and an agency's hours and ladder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import yaml
from flask import current_app
from flask.cli import AppGroup

from plugin.extensions import db
from plugin.jobs.returns import read_mailbox
from plugin.mail import wording
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.desk.parts import parts
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.notices import office, wordings
from plugin.services.notices.wordings import WordingRefusedError
from plugin.services.post import incoming
from plugin.services.post.reminders import sweep

reminders = AppGroup("reminders", help="What is due, looked at.")
queue = AppGroup("queue", help="How the parts that run beside the web are.")
mail = AppGroup("mail", help="The wording of mails, and what came back.")
agency = AppGroup("agency", help="When an agency may be mailed, and its own reminders.")
GROUPS = (reminders, queue, mail, agency)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@reminders.command("sweep")
def sweep_now() -> None:
    """Look at everything that is due, once; for cron, where no clock process runs."""
    bind(db.session, System("sweep"))
    done = sweep(db.session, runtime(current_app).keys, business_now(db.session), machine_now())
    click.echo(f"{done} cases looked at")


@queue.command("status")
@click.option("--json", "as_json", is_flag=True, help="for machines")
def status(as_json: bool) -> None:
    """Say whether the clock is alive, what is due and since when, and what waits; exit 1 where something stands still."""
    bind(db.session, System("queue"))
    here = runtime(current_app)
    said = parts(db.session, business_now(db.session), machine_now(), here.settings.sweep_seconds)
    said["queue"] = here.waker.depth()
    click.echo(json.dumps(said) if as_json else "\n".join(_line(name, value) for name, value in said.items()))
    raise SystemExit(1 if said["sweep"] == "late" or said["queue"] == "down" else 0)


_WORDS = {
    "sweep": "The clock",
    "swept_seconds_ago": "Last sweep, seconds ago",
    "oldest_due": "Oldest obligation due, seconds ago",
    "mail_due": "Mails due",
    "mail_oldest_due": "Oldest mail due, seconds ago",
    "mail_waits_for_offices": "Mails that wait for an office to open",
    "mail_last_sent": "Last mail sent, seconds ago",
    "deliveries_due": "Records due for a file",
    "needs_a_person": "Records that need a person",
    "nobody_reached": "Cases in which nobody has been reached",
    "queue": "Jobs in the queue",
}


def _line(name: str, value: Any) -> str:
    return f"{_WORDS.get(name, name):<42} {'none' if value is None else value}"


@mail.command("templates")
@click.argument("partnership")
def templates(partnership: str) -> None:
    """List the mails, and which of them a partnership words in its own way."""
    bind(db.session, System("mail"))
    for name in wordings.listed(db.session, partnership):
        click.echo(f"{name:<20} {'own' if wordings.is_own(db.session, partnership, name) else ''}".rstrip())


@mail.command("show")
@click.argument("partnership")
@click.argument("name", type=click.Choice(wording.editable()))
def show(partnership: str, name: str) -> None:
    """Print a mail's wording as it is in use, to start from."""
    bind(db.session, System("mail"))
    click.echo(wordings.listed(db.session, partnership)[name], nl=False)


@mail.command("check")
@click.argument("partnership")
@click.argument("name", type=click.Choice(wording.editable()))
@click.argument("file", type=_FILE)
def check(partnership: str, name: str, file: Path) -> None:
    """Say what keeps FILE from being the wording of a mail, or show how it would read."""
    bind(db.session, System("mail"))
    text = file.read_text(encoding="utf-8")
    _refuse(file, wordings.faults(db.session, partnership, name, text))
    for one in wordings.preview(name, text):
        click.echo(f"{one.subject}\n\n{one.text}\n{'-' * 60}")


@mail.command("set")
@click.argument("partnership")
@click.argument("name", type=click.Choice(wording.editable()))
@click.argument("file", type=_FILE)
def set_wording(partnership: str, name: str, file: Path) -> None:
    """Use FILE as the wording of a mail from the next one on."""
    bind(db.session, System("mail"))
    try:
        wordings.keep(db.session, partnership, name, file.read_text(encoding="utf-8"), "command line", machine_now())
    except WordingRefusedError as refused:
        _refuse(file, refused.faults)
    except LookupError:
        raise SystemExit(f"there is no partnership {partnership}") from None
    click.echo(f"{name} is worded so from now on")


@mail.command("reset")
@click.argument("partnership")
@click.argument("name", type=click.Choice(wording.editable()))
def reset(partnership: str, name: str) -> None:
    """Go back to the wording that comes with the service."""
    bind(db.session, System("mail"))
    wordings.forget(db.session, partnership, name)
    click.echo(f"{name} is worded as it comes")


def _refuse(file: Path, faults: list[wording.Fault]) -> None:
    if faults:
        raise SystemExit("\n".join(f"{file.name}{f':{fault.line}' if fault.line else ''}: {fault.text}" for fault in faults))


@mail.command("returns")
def read_returns() -> None:
    """Read what came back to the mailbox that ACCORD_MAIL_RETURNS names, now."""
    click.echo(f"{read_mailbox()} mails taken")


@mail.command("read")
def all_read() -> None:
    """Say that somebody has read the mails that people wrote in reply: the alarm ends."""
    bind(db.session, System("mail"))
    click.echo(f"{incoming.all_read(db.session, machine_now())} were waiting")


@agency.command("hours")
@click.argument("agency_id")
@click.argument("file", type=_FILE)
def hours(agency_id: str, file: Path) -> None:
    """Put in when an agency may be mailed, from a YAML file: opens, shuts, days, closed; or always; or nothing for the policy's hours."""
    bind(db.session, System("directory"))
    try:
        said = _mapping(file)
        if "always" in said:
            said["always"] = said["always"] in ("yes", "true")
        office.set_hours(db.session, agency_id, said)
    except LookupError:
        raise SystemExit(f"there is no agency {agency_id}") from None
    except ValueError as wrong:
        raise SystemExit(f"{file.name}: {wrong}") from None
    click.echo(f"{agency_id} is mailed by these hours")


@agency.command("ladder")
@click.argument("agency_id")
@click.argument("file", type=_FILE)
def ladder(agency_id: str, file: Path) -> None:
    """Put in an agency's own reminders from a YAML file: for each strength a list of id, at, to and urgent, as in a policy."""
    bind(db.session, System("directory"))
    try:
        office.set_ladder(db.session, agency_id, _mapping(file))
    except LookupError:
        raise SystemExit(f"there is no agency {agency_id}") from None
    except ValueError as wrong:
        raise SystemExit(f"{file.name}: {wrong}") from None
    click.echo(f"{agency_id} is reminded by this ladder")


def _mapping(file: Path) -> dict[str, Any]:
    try:
        found = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)  # noqa: S506  # text alone: no tag makes an object
    except yaml.YAMLError as wrong:
        raise SystemExit(f"{file.name}: {str(wrong).splitlines()[0]}") from None
    if found in (None, ""):
        return {}
    if not isinstance(found, dict):
        raise SystemExit(f"{file.name}: write keys with values, such as 'opens: 08:30'")
    return {str(key): value for key, value in found.items()}
