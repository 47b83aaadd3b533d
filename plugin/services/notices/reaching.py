"""Whether somebody can be reached by mail just now: of an organisation that takes part, with a mailbox on record that takes mail, not away.

Looked up many at a time and kept while one case is worked on. Who stands in for somebody who cannot be reached is in `asking`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from plugin.models import Absence, Mailbox
from plugin.models.scope import fixed
from plugin.services.case.directory import Recipient

# What a row of mail says where nobody was reached by it.
UNREACHED = ("no address", "bad mailbox", "away", "failed", "bounced")
_AWAY = fixed(
    select(Absence.person_id, Absence.ends_at).where(
        Absence.person_id.in_(bindparam("people", expanding=True)),
        Absence.begins_at <= bindparam("now"),
        Absence.ends_at > bindparam("now"),
    )
)
_MAILBOXES = fixed(
    select(Mailbox.digest, Mailbox.state, Mailbox.reason, Mailbox.until, Mailbox.choice).where(
        Mailbox.digest.in_(bindparam("digests", expanding=True))
    )
)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a recipient: `problem` is "" or one of UNREACHED, `until` the end of an absence, `choice` how mail is wanted."""

    problem: str = ""
    reason: str = ""
    until: datetime | None = None
    choice: str = "together"


NO_ADDRESS = Known("no address", "nobody here has a mailbox on record")
LEFT = Known("no address", "their organisation does not take part now")


def digest_of(address: str) -> str:
    """What is kept of an address where the address itself need not be."""
    return hashlib.sha256(address.strip().casefold().encode()).hexdigest()


class Reach:
    """Ask `load` for everybody at once, then `of` for each. `now` is business time."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now
        self._known: dict[str, Known] = {}

    def load(self, recipients: Iterable[Recipient]) -> None:
        """Looks up those not known yet, in two statements."""
        fresh = {one.key: one for one in recipients if one.key not in self._known}
        if not fresh:
            return
        people = sorted(key.partition(":")[2] for key in fresh if key.startswith("person:"))
        away = {row.person_id: row.ends_at for row in self._session.execute(_AWAY, {"people": people, "now": self._now})} if people else {}
        digests = sorted({digest_of(one.email) for one in fresh.values() if one.email})
        boxes = {row.digest: row for row in self._session.execute(_MAILBOXES, {"digests": digests})} if digests else {}
        for key, one in fresh.items():
            until = away.get(key.partition(":")[2]) if key.startswith("person:") else None
            self._known[key] = self._judge(one, until, boxes.get(digest_of(one.email)))

    def of(self, who: Recipient) -> Known:
        """What is known of `who`; looked up now where it was not before."""
        self.load([who])
        return self._known[who.key]

    def _judge(self, who: Recipient, away_until: datetime | None, box: object) -> Known:
        if who.left:
            return LEFT
        if not who.email:
            return NO_ADDRESS
        choice = str(getattr(box, "choice", "together"))
        if away_until is not None:
            return Known("away", "away", away_until, choice)
        state, until = getattr(box, "state", ""), getattr(box, "until", None)
        if state == "bad":
            return Known("bad mailbox", getattr(box, "reason", ""), None, choice)
        if state == "away" and until is not None and until > self._now:
            return Known("away", "an automatic reply said so", until, choice)
        return Known(choice=choice)
