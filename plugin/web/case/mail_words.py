"""What became of a mail, as people read it: for the case's page and the page of alarms."""

from __future__ import annotations

from collections.abc import Iterable

from plugin.services.notices.asked import Asked
from plugin.web import words

WHAT = {
    "ask": "was asked",
    "stand_in": "was asked in somebody’s place",
    "tell": "was told",
    "before": "was reminded",
    "on_the_day": "was reminded on the day",
    "overdue": "was told that it is overdue",
    "next_person": "was told as deputy",
    "duty_desk": "was told as duty desk",
    "partnership": "was told for the partnership",
    "nobody_reached": "was told that nobody could be reached",
    "moved": "was told of a new date",
    "answered": "was told of something new to read",
    "no_longer_needed": "was told that something is no longer needed",
    "raised_by_mistake": "was told that it was raised by mistake",
}
# What is not yet, or not at all, said: "is to be asked".
_NOT_SAID = {
    "waiting", "queued", "claimed", "deferred", "away", "no address", "bad mailbox", "failed",
}  # fmt: skip
TAGS = {
    "waiting": ("Waiting", "yellow"),
    "queued": ("Waiting", "yellow"),
    "claimed": ("Being sent", "yellow"),
    "deferred": ("Trying again", "yellow"),
    "sent": ("Sent", "blue"),
    "opened": ("Opened", "blue"),
    "seen": ("Seen", "green"),
    "answered": ("Answered", "green"),
    "bounced": ("Came back", "red"),
    "failed": ("Not sent", "red"),
    "away": ("Away", "red"),
    "bad mailbox": ("Not sent", "red"),
    "no address": ("No mailbox", "red"),
}


def lines(asked: Iterable[Asked]) -> list[dict[str, str]]:
    """Each as who, what, tag with its colour, and a sentence."""
    return [
        {
            "who": one.who,
            "what": WHAT[one.what].replace("was ", "is to be ", 1) if one.state in _NOT_SAID else WHAT[one.what],
            "tag": TAGS[one.state][0],
            "colour": TAGS[one.state][1],
            "detail": detail(one),
        }
        for one in asked
    ]


def detail(one: Asked) -> str:
    """What became of it, in a sentence or two."""
    when = f" {words.at(one.at)}" if one.at else ""
    match one.state:
        case "waiting":
            return f"It goes out when their office is open:{when}." if when else "It goes out when their office is open."
        case "queued" | "claimed":
            return "It goes out now."
        case "deferred":
            return f"Their mail server has not taken it yet. We try again by ourselves:{when}."
        case "bounced":
            return "It came back: this mailbox takes no mail. Somebody else is asked in their place."
        case "failed":
            return "Their mail server refused it. Somebody else is asked in their place."
        case "bad mailbox":
            return "Mail to this mailbox came back before. Somebody else is asked in their place."
        case "away":
            return "They are away. Somebody else is asked in their place."
        case "no address":
            return "No mailbox is on record, or their organisation does not take part now. Somebody else is asked in their place."
    opened = f" Opened {words.at(one.opened_at)}." if one.opened_at else ""
    return f"Sent{when}.{opened}"
