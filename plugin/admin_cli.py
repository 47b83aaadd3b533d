"""`flask admin …`: accounts of the desk from the command line: the first one, and a fresh link for somebody who lost their way in."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from plugin.extensions import db
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services import accounts
from plugin.services.accounts import AccountError, Wanted
from plugin.services.clock import machine_now

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


def _tell(email: str, token: str) -> None:
    print(f"Give this link to {email}, by a way that only they read. It works once, within {accounts.SETUP_LIFE.days} days:")
    print(f"{runtime(current_app).settings.public_url}/admin/welcome/{token}")
