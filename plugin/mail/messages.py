"""What mails say: subject, text and HTML saying the same, made of wordings (`wording`). None has anything to do with who the child is.

One thing for somebody is a mail in that thing's own words; several are one mail with a list. The HTML is made from the same paragraphs
as the text, so the two cannot differ. What may stand in a mail is what is passed here: no child, no agency, no answer.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.charset import QP, Charset
from email.header import Header
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import formatdate, parseaddr
from zoneinfo import ZoneInfo

from flask_mail import Attachment, Message, sanitize_address
from markupsafe import Markup

from plugin.mail import wording
from policies import Deadline

_DO = "do something about a professional disagreement"
_DECIDE = "say how a professional disagreement ends at this stage: settled, or taken to the next stage"
# Mails by how much they ask: the most pressing first in a list.
_ORDER = (
    "nobody_reached", "overdue", "next_person", "duty_desk", "partnership", "on_the_day", "stand_in", "ask", "moved", "before", "answered",
    "tell", "no_longer_needed", "raised_by_mistake",
)  # fmt: skip
# Mails that speak of a date to come ("It is due …"); the others say "It was due …" themselves.
_WITHOUT_WAS = ("ask", "stand_in", "moved", "nobody_reached")
_ASKING = ("ask", "stand_in")
_ASKING_NOTHING = ("answered", "tell", "no_longer_needed", "raised_by_mistake")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing a mail says: which (a template's name), of what, by when, with what link ("": none). `own`: the partnership's wording.

    `decides`: what is due is to say how a step ended, not an answer. `late`: its date has passed as the mail leaves. `partnership`: for
    whom it is sent ("": not said).
    """

    template: str
    reference: str
    stage: str
    due: Deadline | None
    link: str
    zone: ZoneInfo
    decides: bool = False
    own: str = ""
    late: bool = False
    partnership: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What a mail says: links stand on lines of their own in the text and are the buttons of the HTML."""

    subject: str
    text: str
    html: str


def letter(items: Sequence[Item], *, choices: str = "") -> Content:
    """The mail that says these things to one person. `choices`: a link to say how many mails are wanted ("": none)."""
    ordered = sorted(items, key=_pressing)
    if len(ordered) == 1:
        subject, _line, body = _wording(ordered[0]).filled(_values(ordered[0]))
    else:
        subject, body = _several(ordered)
    links = {one.link for one in ordered if one.link}
    body = (*body, *_sent_for(ordered))
    footer = ["How many of these mails you get is for you to choose:", choices] if choices else []
    return _content(subject, [*body, *footer], links | {choices} - {""})


def _sent_for(items: Sequence[Item]) -> list[str]:
    """For whom the mail is sent, and what to do in doubt: whoever gets the first of these has never heard of Accord."""
    named = " and ".join(dict.fromkeys(one.partnership for one in items if one.partnership))
    doubt = "If you are not sure that it is real, do not open a link: ask who leads on safeguarding where you work."
    return [f"Accord sends this mail for {named}. {doubt}"] if named else []


def code(*, code: str, minutes: int) -> Content:
    """The six-digit code that proves the mailbox."""
    subject, _line, body = wording.bundled("code").filled({"code": code, "minutes": str(minutes)})
    return _content(subject, body, ())


def tries_spent() -> Content:
    """To the mailbox of record: wrong codes were typed for a request to it, and the code is void."""
    subject, _line, body = wording.bundled("tries_spent").filled({})
    return _content(subject, body, ())


def due_in_words(due: Deadline | None, zone: ZoneInfo, *, short: bool = False) -> str:
    """ "by the end of Wednesday 25 November" for days, with the minute for hours; "" where no date is set."""
    if due is None:
        return ""
    local = due.local_date
    day = f"{local:%a} {local.day} {local:%b}" if short else f"{local:%A} {local.day} {local:%B}"
    return f"by {due.at.astimezone(zone):%H:%M} on {day}" if due.precise else f"by the end of {day}"


def message(content: Content, *, to: str, sender: str, message_id: str, files: Iterable[tuple[str, str, bytes]] = ()) -> Message:
    """The MIME message: one recipient, marked as made by a machine, with a Message-ID that is the same at every try.

    `files` are (name, iTIP method, calendar). Out-of-office replies are not suppressed: that somebody is away must come back to us.
    """
    made = _Letter(
        subject=content.subject,
        recipients=[to],
        body=content.text,
        html=content.html,
        sender=sender,
        attachments=[Attachment(name, f"text/calendar; charset=utf-8; method={method}", data) for name, method, data in files],
        extra_headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "DR, RN, NRN, AutoReply"},
    )
    made.msgId = f"<{message_id}@{domain_of(sender)}>"
    return made


class _Letter(Message):
    """Flask-Mail's message, put together in a quarter of its time: headers once, no local time zone looked up.

    Bodies are quoted-printable: a line may be no longer than 998 octets (RFC 5321, 4.5.3.1.6), and a paragraph is one line.
    """

    def _message(self) -> MIMEBase:
        words = MIMEMultipart("alternative")
        words.attach(MIMEText(self.body or "", "plain", _charset=_QUOTED))  # type: ignore[arg-type]  # takes a Charset, as its source says
        words.attach(MIMEText(self.html or "", "html", _charset=_QUOTED))  # type: ignore[arg-type]  # as above
        made: MIMEBase = words
        if self.attachments:
            made = MIMEMultipart()
            made.attach(words)
            for one in self.attachments:
                made.attach(_calendar_part(one))
        made.policy = _LINES
        made["Subject"] = self.subject if self.subject.isascii() else Header(self.subject, "utf-8").encode()
        made["From"] = sanitize_address(self.sender or "", "utf-8")
        made["To"] = sanitize_address(self.recipients[0], "utf-8")
        made["Date"] = formatdate(self.date)  # of this moment, where no server was told yet: a folder
        made["Message-ID"] = self.msgId
        for name, value in (self.extra_headers or {}).items():
            made[name] = value
        return made


def _calendar_part(one: Attachment) -> MIMEBase:
    """A calendar to be saved or opened; not shown in the place of the words."""
    kind, _, parameters = (one.content_type or "").partition(";")
    made = MIMENonMultipart(*kind.split("/", 1))
    made.replace_header("Content-Type", f"{kind};{parameters}")
    made.set_payload(base64.encodebytes(one.data if isinstance(one.data, bytes) else (one.data or "").encode()).decode("ascii"))
    made["Content-Transfer-Encoding"] = "base64"
    made.add_header("Content-Disposition", "attachment", filename=one.filename or "")
    return made


_QUOTED = Charset("utf-8")
_QUOTED.body_encoding = QP
_LINES = compat32.clone(linesep="\r\n")


def domain_of(sender: str) -> str:
    """The domain of a sender ("Accord <no-reply@accord.example>"), for Message-IDs."""
    return parseaddr(sender)[1].partition("@")[2] or "accord.invalid"


def _pressing(item: Item) -> tuple[int, float]:
    place = _ORDER.index(item.template) if item.template in _ORDER else len(_ORDER)
    return place, item.due.at.timestamp() if item.due else float("inf")


def _wording(item: Item) -> wording.Wording:
    return wording.read(item.own) if item.own else wording.bundled(item.template)


def _values(item: Item) -> Mapping[str, str]:
    passed = item.late and item.template in _WITHOUT_WAS
    return {
        "reference": item.reference,
        "stage": item.stage,
        "due": due_in_words(item.due, item.zone) + (", and that time has passed" if passed else ""),
        "short": "now" if passed and item.template in _ASKING else due_in_words(item.due, item.zone, short=True),
        "do": _DECIDE if item.decides else _DO,
        "link": item.link,
    }


def _several(items: Sequence[Item]) -> tuple[str, tuple[str, ...]]:
    body = []
    for item in items:
        _subject, line, _body = _wording(item).filled(_values(item))
        body += [f"Reference {item.reference}, {item.stage}. {line}", *([item.link] if item.link else [])]
    dated = [one for one in items if one.due is not None and one.template not in _ASKING_NOTHING]
    soonest = min(dated, key=lambda one: one.due.at.timestamp() if one.due else 0.0, default=None)
    when = "overdue" if soonest and soonest.late else due_in_words(soonest.due, soonest.zone, short=True) if soonest else ""
    first = f", the first {when}" if when else ""
    subject, _line, frame = wording.bundled("digest").filled({"count": str(len(items)), "first": first, "items": "{items}"})
    return subject, tuple(part for one in frame for part in (body if one == "{items}" else [one]))


# Mail programs know no style sheet: what little there is stands on the element.
_BUTTON = Markup(
    '<p><a href="{0}" style="display:inline-block;padding:10px 16px;background:#00703c;color:#ffffff">Open the request</a></p><p>{0}</p>'
)
_LINK = Markup('<p><a href="{0}">{0}</a></p>')
_FRAME = Markup(
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{}</title></head><body>'
    '<div style="font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.5;color:#0b0c0c;max-width:600px">{}</div>'
    "</body></html>"
)


def broken(lines: Sequence[str], *, link: str) -> Content:
    """The nightly mail to who looks after connections: what does not work, a line each. It is about no case."""
    body = ["Last night we tested every connection that you look after. This does not work:", *lines]
    body += ["What failed, and whom to ask, stands here:", link]
    return _content("Accord: a connection does not work", body, {link})


def _content(subject: str, body: Sequence[str], links: Iterable[str]) -> Content:
    text = "\n\n".join(body) + "\n"
    known = set(links)
    rows = [_paragraph(part, known) for part in body]
    return Content(subject, text, str(_FRAME.format(subject, Markup("").join(rows))))


def _paragraph(part: str, links: set[str]) -> Markup:
    if part not in links:
        return Markup("<p>{}</p>").format(part)
    return (_BUTTON if "/r/" in part else _LINK).format(part)
