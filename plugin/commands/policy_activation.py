"""The command that puts a policy in force for a partnership: the one command about policies that needs the service's database.

What lives here: options and what is printed. What does not: storing it (`services.case.policies`), reading it (`policy_arguments`).
"""

from __future__ import annotations

import re

import click
from flask.cli import with_appcontext

import forms
import policies
from plugin.commands.policy_arguments import policy_named, wrong
from plugin.extensions import db
from plugin.models.scope import System, bind
from plugin.services.case.policies import activate, begins, establish
from plugin.services.keeping.clock import business_now

_AREA = re.compile(r"[EWSN]\d{8}")


@click.command("activate")
@click.argument("name")
@click.option("--partnership", default="", help="The partnership's id; the policy's own id where none is given. It is set up if it is new.")
@click.option("--area", "areas", multiple=True, help="The nine-character code of an area where it holds (E06000025); may be repeated.")
@click.option("--coordinator", default="", help="Mailbox of the partnership's coordinator.")
@click.option("--duty-desk", default="", help="Mailbox that is told when nobody else can be reached.")
@click.option("--accept-unresolved", is_flag=True, help="Although its text names things that it does not give; the desk can fill them in.")
@with_appcontext
def activate_command(
    name: str, partnership: str, areas: tuple[str, ...], coordinator: str, duty_desk: str, accept_unresolved: bool
) -> None:
    """Put the policy NAME (an id, or a file) in force for a partnership. Cases that run keep the version they were raised under.
    Where its own first day (from, under effective) is still to come, it comes into force then."""
    policy = policy_named(name)
    unknown = next((one for one in areas if not _AREA.fullmatch(one)), "")
    if unknown:
        raise wrong(f"'{unknown}' is not the code of an area. It is a letter and eight digits, such as E06000025.")
    if policy.unresolved and not accept_unresolved:
        missing = "; ".join(one.text for one in policy.unresolved)
        raise wrong(f"The policy names things that it does not give: {missing} Give them, or use --accept-unresolved.")
    bind(db.session, System("policy"))
    owner = partnership or policy.id
    contacts = {"coordinator_email": coordinator, "duty_desk_email": duty_desk}
    try:
        establish(db.session, owner, policy.partnership, areas, contacts)
        now = business_now(db.session)
        activate(db.session, owner, policy.text, now, forms.known())
    except policies.PackError as fault:
        raise wrong(str(fault.problems[0])) from None
    except ValueError as fault:
        raise wrong(str(fault)) from None
    at = begins(policy, now)
    said = "is in force" if at <= now else f"comes into force on {at.astimezone(policy.zone):%-d %B %Y}"
    click.echo(f"{policy.title}, version {policy.version}, {said} for {policy.partnership} ({owner}).")
