"""Dates, statuses and names as people read them, as Jinja filters and functions. No sentence of a policy is made here."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from policies import Deadline

ZONE = ZoneInfo("Europe/London")
DELIVERY = {
    "due": ("Waiting", "yellow"),
    "claimed": ("Waiting", "yellow"),
    "arrived": ("Arrived", "blue"),
    "on file": ("On file", "green"),
    "needs a person": ("Needs a person", "red"),
    "given up": ("Given up", "red"),
}


def at(value: datetime) -> str:
    """Wednesday 25 November 2026 at 14:03, in UK time."""
    local = value.astimezone(ZONE)
    return f"{local:%A} {local.day} {local:%B %Y} at {local:%H:%M}"


def day(text: str) -> str:
    """2013-04-17 as 17 April 2013; anything else as it is (a record system may write dates in its own way)."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{found.day} {found:%B %Y}"


def short_day(value: datetime) -> str:
    """Wednesday 25 November 2026, in UK time."""
    local = value.astimezone(ZONE)
    return f"{local:%A} {local.day} {local:%B %Y}"


def by_when(due: Deadline | None) -> str:
    """By the end of Wednesday 25 November 2026; with its minute where the limit is in hours; "" where no date is set."""
    if due is None:
        return ""
    day = f"{due.local_date:%A} {due.local_date.day} {due.local_date:%B %Y}"
    return f"by {due.at.astimezone(ZONE):%H:%M} on {day}" if due.precise else f"by the end of {day}"
