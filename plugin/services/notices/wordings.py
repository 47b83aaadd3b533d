"""A partnership's own wording of its mails: checked, kept, shown as it would read, and taken back. Commits.

The screens of the desk and the command line both stand on this; what may be written is in `mail.wording`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from plugin.mail import messages, specimens, wording
from plugin.mail.messages import Content
from plugin.mail.wording import Fault
from plugin.models import Agency, MailTemplate, Partnership, Person, begin_writing


class WordingRefusedError(ValueError):
    """A wording cannot be used; `faults` say why, by line."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"line {fault.line}: {fault.text}" if fault.line else fault.text for fault in faults))
        self.faults = faults


def listed(session: Session, partnership_id: str) -> Mapping[str, str]:
    """Every mail that can be worded, with the text in use: the partnership's own or the one that comes with the service."""
    own = _own(session, partnership_id)
    return {name: own.get(name) or wording.text_of(name) for name in wording.editable()}


def is_own(session: Session, partnership_id: str, name: str) -> bool:
    """Whether the partnership has a wording of its own for this mail."""
    return name in _own(session, partnership_id)


def faults(session: Session, partnership_id: str, name: str, text: str) -> list[Fault]:
    """What keeps `text` from being used; empty where it is good. Names of the partnership's agencies and people are refused."""
    agencies = list(session.scalars(select(Agency.name).where(Agency.partnership_id == partnership_id)))
    mine = select(Agency.id).where(Agency.partnership_id == partnership_id)
    people = list(session.scalars(select(Person.name).where(Person.agency_id.in_(mine))))
    return wording.check(name, text, [*agencies, *people])


def keep(session: Session, partnership_id: str, name: str, text: str, by: str, machine_now: datetime) -> None:
    """Uses `text` from the next mail on. Raises LookupError for an unknown partnership, WordingRefusedError where it is not good."""
    if session.get(Partnership, partnership_id) is None:
        raise LookupError(partnership_id)
    if wrong := faults(session, partnership_id, name, text):
        raise WordingRefusedError(wrong)
    begin_writing(session)
    row = session.get(MailTemplate, (partnership_id, name)) or MailTemplate(partnership_id=partnership_id, name=name)
    row.text, row.changed_at, row.changed_by = text.replace("\r\n", "\n").strip() + "\n", machine_now, by
    session.add(row)
    session.commit()


def forget(session: Session, partnership_id: str, name: str) -> None:
    """Goes back to the wording that comes with the service."""
    begin_writing(session)
    session.execute(delete(MailTemplate).where(MailTemplate.partnership_id == partnership_id, MailTemplate.name == name))
    session.commit()


def preview(name: str, text: str) -> list[Content]:
    """How a mail would read with an invented reference: with a day, with a minute, and with no date. KeyError for a mail there is not."""
    if name not in wording.editable():
        raise KeyError(name)
    dates = (specimens.BY_DAY, specimens.BY_MINUTE, None)
    return [messages.letter([specimens.item(name, due, text)], choices=specimens.CHOICES) for due in dates]


def _own(session: Session, partnership_id: str) -> Mapping[str, str]:
    rows = session.execute(select(MailTemplate.name, MailTemplate.text).where(MailTemplate.partnership_id == partnership_id))
    return {row.name: row.text for row in rows}
