"""`flask admin …`: accounts of the desk, the first one and links for who lost their way in. `flask secrets …`: keys that are changed."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from plugin.extensions import db
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.desk import accounts
from plugin.services.desk.accounts import AccountError, Wanted
from plugin.services.keeping import rotation
from plugin.services.keeping.clock import machine_now

admin = AppGroup("admin", help="Accounts of owners, administrators and coordinators.")


@admin.command("create")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", type=click.Choice(list(accounts.ROLES)), default="owner", show_default=True)
@click.option("--agency", default="", help="for an administrator: the id of their agency")
@click.option("--partnership", default="", help="for a coordinator: the id of their partnership")
def create(email: str, name: str, role: str, agency: str, partnership: str) -> None:
    """Make an account, and print the link by which its owner chooses a password."""
    bind(db.session, System("admin"))
    try:
        _id, token = accounts.create(db.session, Wanted(email, name, role, agency, partnership), machine_now())
    except AccountError as wrong:
        raise SystemExit(f"--{wrong.field}: {wrong.text}") from None
    _tell(email, token)


@admin.command("link")
@click.option("--email", required=True)
@click.option("--lost-app", is_flag=True, help="they lost their telephone, too: password, app and recovery codes are forgotten")
def link(email: str, lost_app: bool) -> None:
    """Print a fresh link for somebody who forgot their password."""
    bind(db.session, System("admin"))
    found = accounts.by_email(db.session, email)
    if found is None:
        raise SystemExit(f"--email: nobody has an account with {email}")
    _tell(email, accounts.new_link(db.session, found.id, machine_now(), forget_app=lost_app))


secrets = AppGroup("secrets", help="What the deployment's keys sealed.")


@secrets.command("rotate")
def rotate() -> None:
    """Seal everything anew by the newest key (the first of `fernet` in the keys' file), so that older ones can be taken out."""
    bind(db.session, System("rotation"))
    try:
        done = rotation.rotate(db.session, runtime(current_app).keys)
    except ValueError as wrong:
        raise SystemExit(str(wrong)) from None
    print(", ".join(f"{count} of {table}" for table, count in done.items()) + " sealed anew")


@secrets.command("check")
def check() -> None:
    """Say what no key of the keys' file opens; exit 1 where there is something."""
    bind(db.session, System("rotation"))
    lost = rotation.unreadable(db.session, runtime(current_app).keys)
    print("\n".join(lost) if lost else "the keys open everything")
    raise SystemExit(1 if lost else 0)


def _tell(email: str, token: str) -> None:
    print(f"Give this link to {email}, by a way that only they read. It works once, within {accounts.SETUP_LIFE.days} days:")
    print(f"{runtime(current_app).settings.public_url}/admin/welcome/{token}")
