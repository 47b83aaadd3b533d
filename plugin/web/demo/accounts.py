"""The demo's accounts, for its first page: who there is at the desk, with the password and the code of their app. No page of its own.

The accounts are those of `plugin/demo/accounts.yaml`; only the demo seeds them, and only its page shows this.
"""

from __future__ import annotations

from typing import Any

import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

from plugin.models import Account
from plugin.services.desk import accounts
from plugin.services.keeping.clock import machine_now
from plugin.services.keeping.sealing import Keys

DEMO_PASSWORD = "lantern orchard violin 9"  # noqa: S105  # of invented people, shown on the demo's first page


def people(session: Session, keys: Keys) -> list[dict[str, Any]]:
    """Each account's role, name, email, password, the secret of its app and the code that it shows now."""
    found = session.scalars(select(Account).where(Account.active, Account.enrolled, Account.totp.is_not(None)).order_by(Account.email))
    return [_shown(row, keys.fernet.decrypt(row.totp or b"").decode()) for row in found]


def _shown(row: Account, secret: str) -> dict[str, Any]:
    shown = {"role": accounts.ROLES[row.role], "name": row.name, "email": row.email, "password": DEMO_PASSWORD}
    return {**shown, "secret": secret, "code": pyotp.TOTP(secret).at(machine_now())}
