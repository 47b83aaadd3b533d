"""`flask retention …`: how long closed disagreements are kept, and which go when; as the coordinator's desk does it."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from plugin.extensions import db
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.desk import retention as service
from plugin.services.desk.retention import RetentionError
from plugin.services.keeping.clock import business_now, machine_now

retention = AppGroup("retention", help="How long closed disagreements are kept.")
_BY = "command line"


@retention.command("set")
@click.argument("partnership")
@click.argument("years")
def set_years(partnership: str, years: str) -> None:
    """Remove disagreements YEARS after closing (0: keep them for good). Nothing goes in the first 30 days."""
    bind(db.session, System("retention"))
    try:
        service.set_rule(db.session, partnership, years, business_now(db.session), machine_now(), by=_BY)
    except RetentionError as wrong:
        raise SystemExit(wrong.text) from None
    except LookupError:
        raise SystemExit(f"there is no partnership '{partnership}'") from None
    click.echo("kept for good" if service.checked(years) == 0 else f"removed {years} years after closing")


@retention.command("list")
@click.argument("partnership")
def show(partnership: str) -> None:
    """What goes within 90 days, what is held and why, what went lately."""
    bind(db.session, System("retention"))
    try:
        rows = service.listed(db.session, runtime(current_app).keys, partnership, business_now(db.session))
    except LookupError:
        raise SystemExit(f"there is no partnership '{partnership}'") from None
    for one in rows:
        click.echo("  ".join([one.reference, f"{one.goes_at:%Y-%m-%d}" if one.goes_at else "-", one.state, one.why]).rstrip())
    if not rows:
        click.echo("nothing")


@retention.command("hold")
@click.argument("reference")
@click.option("--reason", required=True, help="why it is kept; it names nobody the case is about")
def hold(reference: str, reason: str) -> None:
    """Keep one disagreement until it is lifted at the desk."""
    bind(db.session, System("retention"))
    try:
        service.hold(db.session, runtime(current_app).keys, reference, reason, business_now(db.session), machine_now(), by=_BY)
    except RetentionError as wrong:
        raise SystemExit(wrong.text) from None
    click.echo(f"{reference} is held")
