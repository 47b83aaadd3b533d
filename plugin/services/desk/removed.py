"""The list of what was removed, kept outside the database, so that a backup from before a removal does not bring anything back.

    accord removed 1
    service https://accord.example.gov.uk
    made 2033-03-21T02:00:09Z
    cases 1
    PD-7F3K-92HV 2033-03-21T02:00:07Z
    signature KID SIGNATURE

Signed (`keeping.signing`), since a line of it destroys a case in a database that is restored. It names no child and no person. What does
not live here: when a case goes (`retention`), what is taken out of one (`case.removal`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from plugin.models import Disagreement, new_id
from plugin.services.case import cases, removal
from plugin.services.desk import accounts
from plugin.services.keeping import signing
from plugin.services.keeping.sealing import Keys
from plugin.services.keeping.signing import BadListError

NAME = "removed.txt"
_FIRST = "accord removed 1"
_HEAD = 4  # lines before the first case
_CASE = re.compile(r"(\S+) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)")
_AT = "%Y-%m-%dT%H:%M:%SZ"
_AT_ONCE = 500


def compose(session: Session, keys: Keys, service: str, earlier: Mapping[str, datetime], machine_now: datetime) -> str:
    """Every removed case of the database and of an `earlier` list, signed. Raises LookupError where the keys' file cannot sign."""
    there = session.execute(select(Disagreement.reference, Disagreement.removed_at).where(Disagreement.removed_at.is_not(None)))
    every = {**{reference: at for reference, at in there if at is not None}, **earlier}
    lines = [_FIRST, f"service {service}", f"made {machine_now.astimezone(UTC):{_AT}}", f"cases {len(every)}"]
    lines += [f"{reference} {at.astimezone(UTC):{_AT}}" for reference, at in sorted(every.items())]
    return signing.signed(keys, "".join(f"{line}\n" for line in lines))


def read(text: str, keys: Keys) -> dict[str, datetime]:
    """When each case of a list was removed, by its reference, if this deployment signed it. Raises BadListError."""
    lines = signing.checked(text, _FIRST, "list of what was removed", signing.own(keys))
    found = [match for line in lines[_HEAD:] if (match := _CASE.fullmatch(line))]
    if len(found) != len(lines) - _HEAD or lines[_HEAD - 1] != f"cases {len(found)}":
        raise BadListError("the list does not hold as many cases as it says")
    return {match[1]: datetime.strptime(match[2], _AT).replace(tzinfo=UTC) for match in found}


def lay(session: Session, keys: Keys, service: str, place: Path, machine_now: datetime) -> None:
    """Brings the list in a file up to date, whole or not at all. What it names already stays, whatever the database says: that may
    have been restored since. Raises OSError, BadListError where what lies there is not ours, LookupError where the keys cannot sign."""
    before = place.read_text(encoding="utf-8") if place.exists() else ""
    earlier = read(before, keys) if before else {}
    text = compose(session, keys, service, earlier, machine_now)
    if before and read(text, keys) == earlier:
        return
    beside = place.with_name(f".{place.name}.{new_id()}.part")  # worker and clock may be at it at one time
    beside.write_text(text, encoding="utf-8")
    beside.replace(place)


def remove_again(session: Session, listed: Mapping[str, datetime], machine_now: datetime) -> list[str]:
    """Removes what a list names and this database still holds; the references, each in a transaction of its own. For the service itself."""
    wanted = sorted(listed)
    back: list[tuple[str, str]] = []
    for start in range(0, len(wanted), _AT_ONCE):
        some = Disagreement.reference.in_(wanted[start : start + _AT_ONCE])
        rows = session.execute(select(Disagreement.id, Disagreement.reference).where(some, Disagreement.removed_at.is_(None)))
        back += [(row.id, row.reference) for row in rows]
    session.rollback()
    return [reference for case_id, reference in back if _again(session, case_id, listed[reference], machine_now)]


def _again(session: Session, case_id: str, at: datetime, machine_now: datetime) -> bool:
    """One case, looked at afresh under its lock: of several processes that start one does it. `at`: when it was removed before."""

    def work() -> bool:
        row = session.scalar(
            select(Disagreement).where(Disagreement.id == case_id).with_for_update().execution_options(populate_existing=True)
        )
        if row is None or row.removed_at is not None:
            return False
        row.status, row.closed_at = "closed", row.closed_at or at  # a copy from when it was open: nobody is asked for anything in it
        session.flush()
        removal.remove(session, case_id, at)
        accounts.note(session, "system", "", "removed again", case_id, row.reference, machine_now)
        return True

    return cases.transact(session, work)
