"""Whom the partnership itself means: who holds its roles, the addresses its policy needs, what its text names and does not give.

Each is kept with its dates: what took its place tells when it ended. They stand outside the policy, so that a person who leaves is no new
version. What does not live here: the agencies' own people (`people`), reading them in a case (`case.directory`, `case.references`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from plugin.models import Binding, Partnership, begin_writing, table_of
from plugin.models.scope import Desk
from plugin.services.case import references
from plugin.services.desk import accounts
from plugin.services.desk.people import EMAIL
from plugin.services.notices.waking import look_where_partnership_lost
from policies import Policy

AREA = re.compile(r"[EWSN]\d{8}")
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Needed:
    """One thing that a policy asks the partnership for: `kind` role (somebody is asked at this mailbox), address or reference.

    `text` is its title; `who` and `email` what is known now, `since` from when.
    """

    name: str
    kind: str
    text: str
    rule: str = ""
    who: str = ""
    email: str = ""
    since: datetime | None = None


class ContactError(ValueError):
    """What was typed cannot be; `faults` has a text for each field: `who.NAME`, `email.NAME`, or a column of the partnership."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(faults.values()))
        self.faults = dict(faults)


def needed(session: Session, partnership_id: str, policy: Policy) -> list[Needed]:
    """Everything a policy asks for, with what is known of it: roles first, then addresses, then what its text does not give."""
    rows = session.scalars(select(Binding).where(Binding.partnership_id == partnership_id, Binding.valid_to.is_(None)))
    known = {row.name: row for row in rows}
    return [_with(one, known.get(one.name)) for one in asked(policy)]


def asked(policy: Policy) -> Iterator[Needed]:
    """The same without what is known."""
    for role in policy.roles.values():
        if role.of == "partnership":
            yield Needed(role.id, "role", role.title, role.rule)
    for name in policy.contacts:
        if name not in policy.roles:
            yield Needed(name, "address", name[:1].upper() + name[1:])
    for one in policy.unresolved:
        yield Needed(references.named(one.id), "reference", one.text, one.rule)


def _with(one: Needed, row: Binding | None) -> Needed:
    return one if row is None else Needed(one.name, one.kind, one.text, one.rule, row.title, row.email, row.valid_from)


def may_change(who: Desk, partnership_id: str) -> bool:
    """An owner any, a coordinator their own."""
    return who.role == "owner" or (who.role == "coordinator" and who.partnership_id == partnership_id)


def save(
    session: Session, who: Desk, partnership_id: str, policy: Policy, typed: Mapping[str, str], now: datetime, machine_now: datetime
) -> int:
    """Writes what was typed (`who.NAME`, `email.NAME`, `coordinator_email`, `duty_desk_email`, `areas`); how many things are other now.

    What is emptied ends. Areas are an owner's to say, and each is of one partnership: whose it is, is whose policy a child comes under and
    who reads of their case. Raises ContactError, and LookupError where the desk may not. Commits. `now` is business time.
    """
    if not may_change(who, partnership_id):
        raise LookupError(partnership_id)
    given, own = checked(policy, typed), own_of(typed)
    if who.role != "owner":
        own.pop("areas", None)
    begin_writing(session)
    refuse_taken(session, partnership_id, own)
    body = session.get_one(Partnership, partnership_id)
    before = {one.name: (one.who, one.email) for one in needed(session, partnership_id, policy)}
    changed = [name for name, told in given.items() if told != before[name]]
    for name in changed:
        put(session, partnership_id, name, given[name], now)
        accounts.note(session, who.account_id, "", "contact changed", partnership_id, name, machine_now)
    for column, value in own.items():
        if getattr(body, column) != value:
            setattr(body, column, value)
            changed.append(column)
            accounts.note(session, who.account_id, "", "contact changed", partnership_id, column, machine_now)
    if changed:
        look_where_partnership_lost(session, partnership_id, now)
    session.commit()
    return len(changed)


def put(session: Session, partnership_id: str, name: str, told: tuple[str, str], now: datetime) -> None:
    """Ends what is known under a name, and begins what takes its place, if anything does. In the caller's transaction."""
    live = Binding.partnership_id == partnership_id, Binding.name == name, Binding.valid_to.is_(None)
    session.execute(update(table_of(Binding)).where(*live).values(valid_to=now))
    title, email = told
    if title or email:
        session.add(Binding(partnership_id=partnership_id, name=name, title=title, email=email, valid_from=now))


def checked(policy: Policy, typed: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """What was typed of each thing that the policy asks for: who, and at which address. Raises ContactError, also for `own_of`."""
    found, faults = {}, own_faults(typed)
    for one in asked(policy):
        if f"who.{one.name}" not in typed:
            continue
        who, email = " ".join(typed[f"who.{one.name}"].split()), typed.get(f"email.{one.name}", "").strip()
        found[one.name] = (who, email)
        if len(who) > _LONGEST:
            faults[f"who.{one.name}"] = f"Use {_LONGEST} characters at most."
        if email and not EMAIL.fullmatch(email):
            faults[f"email.{one.name}"] = "This is not an email address, like business.manager@example.gov.uk."
        if one.kind == "role" and who and not email:
            faults[f"email.{one.name}"] = "Give the mailbox, too: without one nobody can be asked."
        if email and not who:
            faults[f"who.{one.name}"] = "Say whose mailbox this is: mails and pages name them."
    if faults:
        raise ContactError(faults)
    return found


def refuse_taken(session: Session, partnership_id: str, own: Mapping[str, object]) -> None:
    """Raises ContactError where one of the areas is another partnership's."""
    wanted = own.get("areas")
    if not isinstance(wanted, list):
        return
    for title, areas in session.execute(select(Partnership.title, Partnership.areas).where(Partnership.id != partnership_id)):
        if both := sorted({*wanted} & {*areas}):
            raise ContactError({"areas": f"{both[0]} is an area of {title}. Take it out there first, if that is wrong."})


def own_of(typed: Mapping[str, str]) -> dict[str, object]:
    """The partnership's own columns, as typed."""
    found: dict[str, object] = {name: typed[name].strip() for name in ("coordinator_email", "duty_desk_email") if name in typed}
    if "areas" in typed:
        found["areas"] = sorted({one.upper() for one in re.split(r"[\s,;]+", typed["areas"]) if one})
    return found


def own_faults(typed: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with them."""
    own, faults = own_of(typed), {}
    for name in ("coordinator_email", "duty_desk_email"):
        if own.get(name) and not EMAIL.fullmatch(str(own[name])):
            faults[name] = "This is not an email address, like safeguarding.partnership@example.gov.uk."
    if own.get("coordinator_email") == "":
        faults["coordinator_email"] = "Give a mailbox that somebody reads: it is told when nobody else can be reached."
    areas = own.get("areas", [])
    if wrong := [one for one in areas if not AREA.fullmatch(one)] if isinstance(areas, list) else []:
        faults["areas"] = f"“{wrong[0]}” is not the code of an area. It is a letter and eight digits, such as E06000025."
    return faults
