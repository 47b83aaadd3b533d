"""Letters put into words and handed to whatever carries mail. Wires `services.post.mailing` to `mail`; nothing is decided here."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parseaddr

from flask import current_app
from flask_mail import Message

from plugin.extensions import db, mail
from plugin.mail import calendar, messages
from plugin.mail.calendar import Entry
from plugin.mail.messages import Item
from plugin.mail.transport import MailError, Sender
from plugin.runtime import runtime
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.post import mailing
from plugin.services.post.letters import Letter, Part

_MOST_FILES = 10
_TOGETHER, _MOMENT = 8, timedelta(milliseconds=200)
log = logging.getLogger("accord.mail")


def post(letters: list[Letter], until: datetime) -> None:
    """Sends them one after another over one connection; what cannot be sent is tried again by its row. What is not begun by `until`
    (machine time) is left to whoever is free: a lease must not end under a slow mail server."""
    left, taken = list(letters), _Taken()
    try:
        with mail.sender() as sender:
            while left:
                if machine_now() < until:
                    _post_one(sender, left[0], taken)
                else:
                    taken.write_down()
                    mailing.release(db.session, left[0], machine_now())
                left.pop(0)
            taken.write_down()
    except MailError as wrong:  # no connection: all that is left waits
        for letter in left:
            _failed(letter, wrong)
    if taken.any:
        mailing.beat(db.session, machine_now())


class _Taken:
    """Letters that the mail server took and that are not written down yet: a few at once, because each commit waits for the disk.

    None waits longer than a moment; a worker killed in it has each of them sent once more, as the same message.
    """

    def __init__(self) -> None:
        self._letters: list[Letter] = []
        self._since = machine_now()
        self.any = False

    def add(self, letter: Letter) -> None:
        """One more; written down with those before it when there are enough, or it is time."""
        self._since = self._since if self._letters else machine_now()
        self._letters.append(letter)
        if len(self._letters) >= _TOGETHER or machine_now() - self._since > _MOMENT:
            self.write_down()

    def write_down(self) -> None:
        """All of them."""
        letters, self._letters = self._letters, []
        if letters:
            self.any = True
            mailing.sent(db.session, runtime(current_app).keys, letters, business_now(db.session), machine_now())


def _post_one(sender: Sender, letter: Letter, taken: _Taken) -> None:
    try:
        made = _composed(letter)
    except Exception as fault:  # a fault of ours in one letter must not keep the others waiting
        log.exception("letter not composed", extra={"kind": letter.id})
        taken.write_down()
        _failed(letter, MailError(f"a fault in the service ({type(fault).__name__})", permanent=False))
        return
    try:
        sender.send(made, again=letter.attempt > 1)
    except MailError as wrong:
        taken.write_down()
        _failed(letter, wrong)
    else:
        taken.add(letter)


def _composed(letter: Letter) -> Message:
    here = runtime(current_app)
    content = messages.letter([item(part) for part in letter.parts], choices=f"{here.settings.public_url}/mail/{letter.choices}")
    attached = list(files(letter))[:_MOST_FILES]
    return messages.message(content, to=letter.to, sender=here.settings.mail_from, message_id=letter.id, files=attached)


def item(part: Part) -> Item:
    """A part as the words are made of it."""
    link = f"{runtime(current_app).settings.public_url}/r/{part.token}" if part.token else ""
    return Item(
        part.template, part.reference, part.stage_title, part.due, link, part.zone, part.decides, part.own, part.late, part.partnership
    )


def files(letter: Letter) -> Iterator[tuple[str, str, bytes]]:
    """The deadlines as calendar files: one each, since a REQUEST is about one entry (RFC 5546)."""
    sender = parseaddr(runtime(current_app).settings.mail_from)[1]
    for part in letter.parts:
        over = part.template in ("no_longer_needed", "raised_by_mistake", "answered")
        for number, (key, due) in enumerate(part.dates, start=1):
            uid = calendar.entry_uid(part.rows[0].case_id, key)
            entry = Entry(uid, part.reference, part.stage_title, due, part.seq, cancelled=over)
            name = f"{part.reference}{'' if len(part.dates) == 1 else f'-{number}'}.ics"
            made = calendar.invitation(entry, stamp=machine_now(), zone=part.zone, organizer=sender, attendee=letter.to)
            yield name, "CANCEL" if over else "REQUEST", made


def _failed(letter: Letter, wrong: MailError) -> None:
    here = runtime(current_app)
    mailing.failed(
        db.session,
        here.keys,
        letter,
        wrong.reason,
        permanent=wrong.permanent,
        mailbox=wrong.mailbox,
        now=business_now(db.session),
        machine_now=machine_now(),
        waits=here.settings.mail_retry_seconds,
    )
