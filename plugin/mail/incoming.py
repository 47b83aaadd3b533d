"""What came back to the sender's mailbox, read: a mail that was not delivered (RFC 3464), one that is late, an automatic reply (RFC 3834),
or something a person wrote. Reads bytes; decides nothing (`services.post.incoming` does) and keeps nothing of what was written.
"""

from __future__ import annotations

import email
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage, Message
from email.policy import default
from typing import Literal

Kind = Literal["failed", "delayed", "away", "reply", "other"]
LONGEST = 512 * 1024
_NOT_DELIVERED = re.compile(
    r"undeliver|not delivered|delivery.{0,20}(fail|has failed)|returned mail|mail delivery|failure notice", re.IGNORECASE
)
_NOBODY_THERE = re.compile(r"automatic reply|auto.?reply|out of (the )?office|away from|on (annual )?leave|abwesen", re.IGNORECASE)
_MACHINES = re.compile(r"mailer-daemon|postmaster|no-?reply", re.IGNORECASE)
_STATUS = re.compile(r"\d\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a mail is. `letter`: the id in our Message-ID that it is about ("" where that cannot be told); `reason` a status such as 5.1.1.

    `digest` is the same for the same mail. Nothing of its text and no address is kept.
    """

    kind: Kind
    letter: str
    reason: str
    digest: str


def read(raw: bytes, domain: str) -> Incoming:
    """What `raw` is; `domain` is that of our Message-IDs. Never raises: what cannot be read is "other"."""
    digest = hashlib.sha256(raw).hexdigest()
    raw = raw[:LONGEST]
    try:
        mail = email.message_from_bytes(raw, policy=default)
        letter = _letter(mail, raw, domain)
        kind, reason = _kind(mail)
    except (ValueError, LookupError, TypeError, AttributeError):  # the parser meets mails that no standard knows
        return Incoming("other", "", "", digest)
    return Incoming(kind, letter, reason, digest)


def _kind(mail: Message) -> tuple[Kind, str]:
    report = _report_type(mail)
    if report == "delivery-status":
        return _of_report(mail)
    if report or mail.get_content_type() == "text/calendar":  # a read receipt, an answer to a calendar entry
        return "other", ""
    subject, sender = _header(mail, "Subject"), _header(mail, "From")
    made_by = _header(mail, "Auto-Submitted").lower()
    if _MACHINES.search(sender) and _NOT_DELIVERED.search(subject):
        return "failed", "returned"
    if made_by.startswith("auto-replied") or mail["X-Autoreply"] or mail["X-Autorespond"] or _header(mail, "Precedence") == "auto_reply":
        return "away", "automatic reply"
    if _NOBODY_THERE.search(subject) and (mail["X-Auto-Response-Suppress"] or mail["In-Reply-To"]):
        return "away", "automatic reply"
    if made_by and made_by != "no":
        return "other", ""
    return "reply", ""


def _report_type(mail: Message) -> str:
    """ "delivery-status", "disposition-notification" …; "" for what is no report."""
    if mail.get_content_type() != "multipart/report":
        return ""
    said = str(mail.get_param("report-type", "") or "").lower()
    if said:
        return said
    return next(
        (part.get_content_type().partition("/")[2] for part in mail.walk() if part.get_content_type() == "message/delivery-status"), ""
    )


def _of_report(mail: Message) -> tuple[Kind, str]:
    """By the worst that the report says of a recipient (RFC 3464, 2.3.3)."""
    actions = {_header(block, "Action").lower(): block for block in _recipients(mail)}
    for action, kind in (("failed", "failed"), ("delayed", "delayed")):
        if action in actions:
            found = _STATUS.search(_header(actions[action], "Status"))
            return kind, found[0] if found else ""  # type: ignore[return-value]  # the literals of the line above
    return "other", ""


def _recipients(mail: Message) -> Iterator[Message]:
    for part in mail.walk():
        if part.get_content_type() == "message/delivery-status":
            yield from (one for one in part.get_payload() if isinstance(one, Message))


def _letter(mail: EmailMessage | Message, raw: bytes, domain: str) -> str:
    """The id in the first of our Message-IDs: of what is returned, then of what is answered, then anywhere (servers cut reports short)."""
    ours = re.compile(rf"<([0-9a-f]{{32}})@{re.escape(domain)}>")
    places = [_header(part, "Message-ID") for part in mail.walk() if part is not mail]
    places += [_header(mail, "In-Reply-To"), _header(mail, "References")]
    for part in mail.walk():
        if part.get_content_type() in ("text/rfc822-headers", "message/rfc822-headers"):
            places.append(str(part.get_payload()))
    for text in (*places, raw.decode("ascii", "replace")):
        if (found := ours.search(text)) is not None:
            return found[1]
    return ""


def _header(mail: Message, name: str) -> str:
    return str(mail.get(name, "") or "").strip()
