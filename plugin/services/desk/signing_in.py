"""Signing in at the desk: password, then a code of the authenticator app (RFC 6238); counted in the database.

Between the two stands a session that is not `started` and opens nothing but the code page. A wrong answer says no more than that; five
of them close the account for a quarter of an hour, whoever gave them.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import pyotp
from sqlalchemy import update
from sqlalchemy.orm import Session

from plugin.models import Account, WebSession, begin_writing
from plugin.services.arriving import launching
from plugin.services.arriving.launching import Limits
from plugin.services.desk import accounts, passwords
from plugin.services.keeping.sealing import Keys

TRIES, LOCKED_FOR = 5, timedelta(minutes=15)
STEP = 30
ISSUER = "Accord"


class SignInRefusedError(Exception):
    """Not let in. `why` is wrong, or locked."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def begin(session: Session, email: str, password: str, now: datetime, limits: Limits) -> str:
    """The first half: the token of a session that waits for the code. Raises SignInRefusedError. Commits either way."""
    begin_writing(session)
    row = accounts.by_email(session, email)
    # An address that has no account takes the same time as one that has.
    fitting = passwords.fits(password, row.password if row and row.active else "")
    if row is None or not row.active:
        session.rollback()
        raise SignInRefusedError("wrong")
    _count(session, row, fitting, now, whole=False)
    token = secrets.token_urlsafe(32)
    session.add(_session_of(row, token, now, limits, started=False))
    session.commit()
    return token


def finish(session: Session, keys: Keys, waiting: WebSession, typed: str, now: datetime) -> str:
    """The second half: a code of the app, or a recovery code. Returns the session's new token. Raises SignInRefusedError. Commits."""
    begin_writing(session)
    row = session.get_one(Account, waiting.account_id)
    if not row.enrolled or row.totp is None:
        raise SignInRefusedError("wrong")
    step = _step_of(keys, row, typed, now)
    spare = passwords.hash_of(typed) if len(typed) > 8 else ""
    recovering = bool(spare) and spare in row.recovery
    _count(session, row, step is not None or recovering, now)
    if step is not None:
        row.last_step = step
    if recovering:
        row.recovery = [one for one in row.recovery if one != spare]
    return _let_in(session, row, waiting, "recovery code" if recovering else "app", now)


def provisional(session: Session, keys: Keys, account_id: str) -> pyotp.TOTP:
    """The secret that somebody is about to put into their app, the same each time the page is shown. Commits where it makes one."""
    row = session.get_one(Account, account_id)
    if row.totp is None:
        begin_writing(session)
        row = session.get_one(Account, account_id)
        row.totp = keys.fernet.encrypt(pyotp.random_base32().encode())
        session.commit()
        row = session.get_one(Account, account_id)
    return _app(keys, row)


def enrol(session: Session, keys: Keys, waiting: WebSession, typed: str, now: datetime) -> tuple[str, list[str]]:
    """The app is taken when it shows the right code: the session's new token, and recovery codes (shown once).

    Raises SignInRefusedError. Commits.
    """
    begin_writing(session)
    row = session.get_one(Account, waiting.account_id)
    step = _step_of(keys, row, typed, now) if row.totp and not row.enrolled else None
    _count(session, row, step is not None, now)
    codes = passwords.new_recovery_codes()
    row.enrolled, row.last_step = True, step or 0
    row.recovery = [passwords.hash_of(code) for code in codes]
    accounts.note(session, row.id, row.agency_id or "", "app enrolled", row.id, "", now)
    return _let_in(session, row, waiting, "app", now), codes


def let_in_by_provider(session: Session, account_id: str, now: datetime, limits: Limits, *, whole: bool = True) -> str:
    """A session for somebody whose identity provider signed them in: a `whole` one, or one that waits for the code of their app, as after
    a password. Returns its token. Commits."""
    begin_writing(session)
    row = session.get_one(Account, account_id)
    token = secrets.token_urlsafe(32)
    if whole:
        row.last_in_at = now
        accounts.note(session, row.id, row.agency_id or "", "signed in", row.id, "identity provider", now)
    session.add(_session_of(row, token, now, limits, started=whole))
    session.commit()
    return token


def _session_of(row: Account, token: str, now: datetime, limits: Limits, *, started: bool) -> WebSession:
    return WebSession(
        id=launching.session_id(token),
        kind="desk",
        agency_id=row.agency_id or "",
        person_id="",
        account_id=row.id,
        started=started,
        created_at=now,
        seen_at=now,
        ends_at=now + limits.absolute,
    )


def leave(session: Session, row: WebSession, now: datetime) -> None:
    """Signs out. Commits."""
    begin_writing(session)
    session.execute(update(WebSession).where(WebSession.id == row.id).values(ends_at=now), execution_options={"synchronize_session": False})
    session.commit()


def _let_in(session: Session, row: Account, waiting: WebSession, how: str, now: datetime) -> str:
    row.last_in_at = now
    accounts.note(session, row.id, row.agency_id or "", "signed in", row.id, how, now)
    session.flush()
    token = secrets.token_urlsafe(32)
    fresh = update(WebSession).where(WebSession.id == waiting.id, WebSession.started.is_(False))
    done = session.execute(
        fresh.values(id=launching.session_id(token), started=True, seen_at=now), execution_options={"synchronize_session": False}
    )
    if not done.rowcount:  # type: ignore[attr-defined]  # an UPDATE's result has it
        session.rollback()
        raise SignInRefusedError("wrong")  # the same page sent twice: the first one is in
    session.commit()
    return token


def _count(session: Session, row: Account, right: bool, now: datetime, whole: bool = True) -> None:
    """Counts a wrong try by a conditional update, so that guesses at one instant share the five; the count ends when somebody is in.

    `whole` is False for the password alone: it must not give whoever knows it five more guesses at the code. A locked account refuses
    a right answer, too. Raises SignInRefusedError, having committed the count.
    """
    if row.failed_at is not None and row.failed_at + LOCKED_FOR <= now:
        row.failed = 0
        session.flush()
    if right and row.failed < TRIES:
        if whole:
            row.failed, row.failed_at = 0, None
        return
    account_id, agency = row.id, row.agency_id or ""
    counting = update(Account).where(Account.id == account_id, Account.failed < TRIES).values(failed=Account.failed + 1, failed_at=now)
    session.execute(counting, execution_options={"synchronize_session": False})
    session.expire(row)
    locked = row.failed >= TRIES
    accounts.note(session, account_id, agency, "sign-in refused", account_id, "locked" if locked else "wrong", now)
    session.commit()
    raise SignInRefusedError("locked" if locked else "wrong")


def _step_of(keys: Keys, row: Account, typed: str, now: datetime) -> int | None:
    """The half-minute whose code was typed, one off either way for clocks that differ; None for a wrong or used one."""
    digits = "".join(typed.split())
    if len(digits) != 6 or not digits.isascii() or not digits.isdigit():
        return None
    app, here = _app(keys, row), int(now.timestamp()) // STEP
    fitting = [step for step in (here - 1, here, here + 1) if pyotp.utils.strings_equal(app.generate_otp(step), digits)]
    return next((step for step in fitting if step > row.last_step), None)


def _app(keys: Keys, row: Account) -> pyotp.TOTP:
    assert row.totp is not None
    return pyotp.TOTP(keys.fernet.decrypt(row.totp).decode(), name=row.email, issuer=ISSUER, interval=STEP)
