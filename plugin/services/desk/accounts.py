"""Accounts of the desk: made by whoever may, opened by a link, kept by password and authenticator app. Each use case commits.

Signing in is `signing_in`. What is wrong with an answer is raised as `AccountError`, in words for the person who typed it.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from plugin.models import Access, Account, Agency, Partnership, WebSession, begin_writing, new_id
from plugin.services.desk import passwords

ROLES = {"owner": "Owner of the installation", "administrator": "Administrator of an agency", "coordinator": "Coordinator of a partnership"}
SETUP_LIFE = timedelta(days=3)
_EMAIL = re.compile(r"[^@\s<>,;:\"]+@[^@\s<>,;:\"]+\.[^@\s<>,;:\".]+")


class AccountError(ValueError):
    """An account that cannot be so. `field` is what is wrong: email, name, role, agency, partnership, password."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field
        self.text = text


@dataclass(frozen=True, slots=True)
class Wanted:
    """An account as somebody asks for it."""

    email: str
    name: str
    role: str
    agency_id: str = ""
    partnership_id: str = ""


def create(session: Session, wanted: Wanted, now: datetime, *, by: str = "command line") -> tuple[str, str]:
    """A new account that cannot sign in yet: its id, and the token of the link by which its password is chosen (shown once).

    `now` is machine time. Raises AccountError. Commits.
    """
    begin_writing(session)
    given = _checked(session, wanted)
    token = secrets.token_urlsafe(32)
    row = Account(
        id=new_id(),
        email=given.email,
        name=given.name,
        role=given.role,
        agency_id=given.agency_id or None,
        partnership_id=given.partnership_id or None,
        setup_hash=passwords.hash_of(token),
        setup_until=now + SETUP_LIFE,
        created_at=now,
    )
    session.add(row)
    note(session, by, given.agency_id, "account created", row.id, given.role, now)
    session.commit()
    return row.id, token


def _checked(session: Session, wanted: Wanted) -> Wanted:
    email, name = wanted.email.strip().casefold(), " ".join(wanted.name.split())
    if not _EMAIL.fullmatch(email) or len(email) > 254:
        raise AccountError("email", "Enter an email address, like name@example.gov.uk.")
    if session.scalar(select(Account.id).where(Account.email == email).execution_options(populate_existing=True)):
        raise AccountError("email", "Somebody with this email address has an account already.")
    if not name or len(name) > 200:
        raise AccountError("name", "Enter their full name.")
    if wanted.role not in ROLES:
        raise AccountError("role", "Choose what this person does here.")
    agency, partnership = wanted.agency_id.strip(), wanted.partnership_id.strip()
    if wanted.role == "administrator" and session.get(Agency, agency) is None:
        raise AccountError("agency", "Choose the agency they look after.")
    if wanted.role == "coordinator" and session.get(Partnership, partnership) is None:
        raise AccountError("partnership", "Choose the partnership they work for.")
    return Wanted(
        email,
        name,
        wanted.role,
        agency if wanted.role == "administrator" else "",
        partnership if wanted.role == "coordinator" else "",
    )


def new_link(session: Session, account_id: str, now: datetime, *, by: str = "command line", forget_app: bool = False) -> str:
    """The token of a fresh link for choosing a password; older ones are dead. `forget_app`: they enrol their app anew, too, and every
    session of theirs ends. Raises LookupError. Commits."""
    begin_writing(session)
    row = session.get(Account, account_id)
    if row is None:
        raise LookupError(account_id)
    token = secrets.token_urlsafe(32)
    row.setup_hash, row.setup_until = passwords.hash_of(token), now + SETUP_LIFE
    if forget_app:
        row.password, row.totp, row.enrolled, row.recovery = "", None, False, []
        _end_sessions(session, account_id)
    note(session, by, row.agency_id or "", "account link made", account_id, "app forgotten" if forget_app else "", now)
    session.commit()
    return token


def set_active(session: Session, account_id: str, active: bool, now: datetime, *, by: str) -> None:
    """Switches an account off (its sessions end at once) or on again. The last active owner stays (AccountError). Commits."""
    begin_writing(session)
    row = session.get(Account, account_id)
    if row is None:
        raise LookupError(account_id)
    others = select(Account.id).where(Account.role == "owner", Account.active, Account.id != account_id)
    if not active and row.role == "owner" and session.scalars(others).first() is None:
        raise AccountError("active", "This is the only owner. Make somebody else an owner first.")
    row.active = active
    if not active:
        _end_sessions(session, account_id)
    note(session, by, row.agency_id or "", "account on" if active else "account off", account_id, "", now)
    session.commit()


def find_by_link(session: Session, token: str, now: datetime) -> Account | None:
    """The account a link opens; None where it is too old, was used, or never was."""
    wanted = select(Account).where(Account.setup_hash == passwords.hash_of(token), Account.setup_until > now, Account.active)
    return session.scalar(wanted) if token else None


def choose_password(session: Session, token: str, password: str, now: datetime) -> None:
    """The link's one use: the password is set and every session of the account ends. Raises AccountError, LookupError. Commits."""
    begin_writing(session)
    row = find_by_link(session, token, now)
    if row is None:
        raise LookupError("link")
    if fault := passwords.fault_in(password, row.email):
        raise AccountError("password", fault)
    row.password, row.setup_hash, row.setup_until, row.failed = passwords.kept(password), "", None, 0
    _end_sessions(session, row.id)
    note(session, row.id, row.agency_id or "", "password chosen", row.id, "", now)
    session.commit()


def by_email(session: Session, email: str) -> Account | None:
    """The account with this address."""
    return session.scalar(select(Account).where(Account.email == email.strip().casefold()))


def _end_sessions(session: Session, account_id: str) -> None:
    session.execute(delete(WebSession).where(WebSession.account_id == account_id), execution_options={"synchronize_session": False})


def note(session: Session, actor: str, agency: str, action: str, subject: str, result: str, now: datetime) -> None:
    """A line of the access log in the same transaction as what it tells of."""
    session.add(Access(at=now, actor=actor, agency=agency, action=action, subject=subject, result=result))
