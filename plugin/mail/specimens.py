"""A specimen of every mail, with invented references: for the gallery, for previews, and for the tests of what mails say."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from plugin.mail import messages, wording
from plugin.mail.messages import Content, Item
from policies import Deadline

ZONE = ZoneInfo("Europe/London")
LINK = "https://accord.example/r/Zm9yIHlvdXIgZXllcyBvbmx5"
CHOICES = "https://accord.example/mail/Y2hvb3NlIGhvdyBtYW55"
BY_DAY = Deadline(datetime(2026, 11, 25, 23, 59, 59, tzinfo=UTC), date(2026, 11, 25), False, "own limit", "5 working days")
BY_MINUTE = Deadline(datetime(2026, 11, 26, 14, 10, tzinfo=UTC), date(2026, 11, 26), True, "own limit", "24 hours")


def item(name: str, due: Deadline | None = BY_DAY, own: str = "", reference: str = "PD-7F3K-92HV") -> Item:
    """The specimen of one thing a mail says. `own`: in a partnership's own words."""
    link = "" if name in wording.NO_LINK else LINK
    return Item(name, reference, "Line managers", due, link, ZONE, own=own, partnership="Anytown Safeguarding Partnership")


def mails() -> dict[str, Content]:
    """Every mail by name: in its own words, a list of several, and the code."""
    made = {name: messages.letter([item(name)], choices=CHOICES) for name in wording.editable()}
    several = [item("ask"), item("overdue", reference="PD-XC4W-38MT"), item("before", BY_MINUTE, reference="PD-VK6P-9RQ4")]
    made["digest"] = messages.letter(several, choices=CHOICES)
    made["tries_spent"] = messages.tries_spent()
    made["code"] = messages.code(code="314159", minutes=10)
    return made
