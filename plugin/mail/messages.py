"""One function a mail. Each gives subject, text and HTML saying the same; none has anything to do with who the child is.

A template (templates/mail/NAME.txt) has its subject on the first line, then a blank line, then paragraphs. The HTML is made from the
same paragraphs, so the two cannot differ. What may stand in a template is what is passed here: no child, no agency, no answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from flask_mail import Message
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from policies import Deadline

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "mail"
NAMES = ("ask", "tell", "before", "on_the_day", "overdue", "next_person", "duty_desk", "partnership")


@dataclass(frozen=True, slots=True)
class Content:
    """What a mail says: `link` stands on a line of its own in the text and is the button of the HTML."""

    subject: str
    text: str
    html: str


@lru_cache(maxsize=1)
def _environment() -> Environment:
    # Plain text, so nothing is escaped here (S701 asks for it); the HTML is made by `_html`, which escapes every paragraph.
    options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=False, **options)  # noqa: S701  # plain text


def reminder(name: str, *, reference: str, stage: str, due: Deadline | None, link: str, zone: ZoneInfo, decides: bool = False) -> Content:
    """A mail of the ladder (`name` is one of NAMES): asked, told, reminded, overdue, or the next person in line."""
    when, short = due_in_words(due, zone), due_in_words(due, zone, short=True)
    return _render(name, reference=reference, stage=stage, decides=decides, due=when, short=short, link=link)


def code(*, code: str, minutes: int) -> Content:
    """The six-digit code that proves the mailbox."""
    return _render("code", code=code, minutes=minutes, link="")


def due_in_words(due: Deadline | None, zone: ZoneInfo, *, short: bool = False) -> str:
    """ "by the end of Wednesday 25 November" for days, with the minute for hours; "" where no date is set."""
    if due is None:
        return ""
    day = (
        f"{due.local_date:%a} {due.local_date.day} {due.local_date:%b}"
        if short
        else f"{due.local_date:%A} {due.local_date.day} {due.local_date:%B}"
    )
    return f"by {due.at.astimezone(zone):%H:%M} on {day}" if due.precise else f"by the end of {day}"


def message(content: Content, *, to: str, sender: str, message_id: str) -> Message:
    """The MIME message: one recipient, marked as made by a machine, with a Message-ID that is the same at every try."""
    made = Message(
        subject=content.subject,
        recipients=[to],
        body=content.text,
        html=content.html,
        sender=sender,
        extra_headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
    )
    made.msgId = f"<{message_id}@accord.invalid>"
    return made


# Mail programs know no style sheet: what little there is stands on the element.
_BUTTON = Markup(
    '<p><a href="{0}" style="display:inline-block;padding:10px 16px;background:#00703c;color:#ffffff">Open the request</a></p><p>{0}</p>'
)


def _render(template: str, *, link: str, **values: object) -> Content:
    text = _environment().get_template(f"{template}.txt").render(link=link, **values)
    subject, _, body = text.partition("\n\n")
    body = body.strip() + "\n"
    return Content(" ".join(subject.split()), body, _html(body, link))


def _html(body: str, link: str) -> str:
    parts = [" ".join(part.split()) for part in body.split("\n\n")]
    rows = [_BUTTON.format(link) if link and part == link else Markup("<p>{}</p>").format(part) for part in parts if part]
    style = Markup('<div style="font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.5;color:#0b0c0c;max-width:600px">')
    return str(Markup('<!DOCTYPE html><html lang="en"><body>') + style + Markup("").join(rows) + Markup("</div></body></html>"))
