"""`flask retention …`: how long closed disagreements are kept, and which go when; as the coordinator's desk does it. And what was removed,
as a list that outlives the database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from plugin.extensions import db
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.desk import holds, removed
from plugin.services.desk import retention as service
from plugin.services.desk.holds import RetentionError
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.keeping.signing import BadListError

retention = AppGroup("retention", help="How long closed disagreements are kept.")
_BY = "command line"
_REASON = click.option("--reason", required=True, help="why; it names nobody the case is about")


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
@_REASON
def hold(reference: str, reason: str) -> None:
    """Keep one disagreement until that is lifted."""
    _say(holds.hold, reference, reason)
    click.echo(f"{reference} is held")


@retention.command("release")
@click.argument("reference")
@_REASON
def release(reference: str, reason: str) -> None:
    """Let one go when its time is over although something in it is still owed."""
    _say(holds.release, reference, reason)
    click.echo(f"{reference} goes when its time is over")


@retention.command("lift")
@click.argument("reference")
def lift(reference: str) -> None:
    """Take back that one is held, or was let go."""
    bind(db.session, System("retention"))
    try:
        holds.lift(db.session, holds.of(db.session, reference), business_now(db.session), machine_now(), by=_BY)
    except RetentionError as wrong:
        raise SystemExit(wrong.text) from None
    click.echo(f"that is lifted; {reference} follows the rule")


def _say(use_case: Callable[..., None], reference: str, reason: str) -> None:
    bind(db.session, System("retention"))
    try:
        use_case(db.session, runtime(current_app).keys, reference, reason, business_now(db.session), machine_now(), by=_BY)
    except RetentionError as wrong:
        raise SystemExit(wrong.text) from None


@retention.command("removed")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def write_removed(file: Path) -> None:
    """Write the signed list of what was removed to FILE; what is in FILE already stays in it. Keep it apart from backups."""
    bind(db.session, System("retention"))
    here = runtime(current_app)
    try:
        removed.lay(db.session, here.keys, here.settings.public_url, file, machine_now())
        count = len(removed.read(file.read_text(encoding="utf-8"), here.keys))
    except (BadListError, LookupError) as wrong:
        raise SystemExit(f"{file}: {wrong.args[0]}") from None
    except OSError as fault:
        raise SystemExit(f"{file}: {fault.strerror}") from None
    click.echo(f"{file} names {count} disagreements")


@retention.command("again")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def again(file: Path) -> None:
    """After a backup was restored: remove once more what FILE says was removed. May be run again."""
    bind(db.session, System("retention"))
    try:
        listed = removed.read(file.read_text(encoding="utf-8"), runtime(current_app).keys)
    except (BadListError, UnicodeDecodeError) as wrong:
        raise SystemExit(f"{file}: {wrong}") from None
    back = removed.remove_again(db.session, listed, machine_now())
    click.echo("\n".join([*(f"{one} removed again" for one in back), f"{len(back)} of {len(listed)} had come back"]))
