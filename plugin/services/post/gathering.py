"""Rows of mail that are due, made into letters: what is due to one mailbox leaves as one, unless its owner chose otherwise.

What lives here: who goes where with what, as composing needs it; rows are taken by a conditional update. What a claim needs is read, and
what comes of it is written, for all of its rows together. What does not: which rows are due, and what became of a letter (`mailing`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from plugin.models import MailRow, MailTemplate, table_of
from plugin.models.scope import fixed
from plugin.services.acting.consequences import OWED
from plugin.services.case import cases, register
from plugin.services.case.cases import Case
from plugin.services.case.directory import Directory, Recipient
from plugin.services.keeping import sealing
from plugin.services.notices import invitations, mail_choices
from plugin.services.notices.reaching import LEFT, NO_ADDRESS, Reach, digest_of
from plugin.services.notices.rows import ANSWERED, DONE, ENDING, MISTAKE, SAYING, told_as
from plugin.services.post.letters import Letter, Part, Row
from policies import Deadline, Obligation, State

_MAIL = table_of(MailRow)
# Still due, or another worker was quicker.
_STILL_DUE = _MAIL.c.id.in_(bindparam("due", expanding=True)), _MAIL.c.next_try_at <= bindparam("now")
_TAKE = (
    update(_MAIL)
    .where(*_STILL_DUE)
    .values(state="claimed", attempt=_MAIL.c.attempt + 1, next_try_at=bindparam("until"))
    .returning(_MAIL.c.id, _MAIL.c.attempt)
)
_NAME = update(_MAIL).where(_MAIL.c.id == bindparam("of")).values(letter=bindparam("in_letter"), template=bindparam("said"))
_WORDINGS = fixed(select(MailTemplate.name, MailTemplate.text).where(MailTemplate.partnership_id == bindparam("partnership")))
_ASKED = fixed(
    select(MailRow.obligation).where(
        MailRow.disagreement_id == bindparam("case"),
        MailRow.recipient == bindparam("who"),
        MailRow.state == "sent",
        MailRow.rung.not_in(SAYING),
    )
)
# The mails a calendar entry comes with: asked, in somebody's stead, moved, over, done by somebody else.
_WITH_DATES = ("ask", "stand_in", "moved", "no_longer_needed", "raised_by_mistake", ANSWERED)


@dataclass(slots=True)
class _Case:
    """A case as composing needs it, read once a claim."""

    case: Case
    state: State
    directory: Directory
    known: dict[str, Obligation] = field(default_factory=dict)


class Gathering:
    """Rows that are due, made into letters. Used for one claim."""

    def __init__(self, session: Session, keys: sealing.Keys, now: datetime, machine_now: datetime) -> None:
        self._session, self._keys, self._now, self._machine_now = session, keys, now, machine_now
        self._cases: dict[str, _Case] = {}
        self._wordings: dict[str, dict[str, str]] = {}
        self._reach = Reach(session, now)
        self._choice: dict[str, str] = {}
        self._attempts: dict[str, int] = {}
        self._named: list[dict[str, str]] = []
        self._links: list[dict[str, Any]] = []
        self._choosing: list[dict[str, Any]] = []

    def letters(self, rows: Iterable[Any], until: datetime) -> list[Letter]:
        """Takes the rows until `until` (machine time) and gathers them. Within a transaction."""
        addressed = self._addressed(list(rows))
        if not addressed:
            return []
        due = {"due": [row.id for row, _address in addressed], "now": self._machine_now, "until": until}
        self._attempts = {row.id: row.attempt for row in self._session.execute(_TAKE, due)}
        groups: dict[tuple[str, str], list[Any]] = {}
        for row, address in addressed:
            if row.id in self._attempts:
                groups.setdefault((address, self._belongs(row, address)), []).append(row)
        made = [self._letter(address, group) for (address, _place), group in groups.items()]
        self._write()
        return made

    def _addressed(self, rows: list[Any]) -> list[tuple[Any, str]]:
        """The rows that go somewhere, with where; cases and people are read for all of them at once."""
        people = register.look_up(self._session, [row.recipient.partition(":")[2] for row in rows if row.recipient.startswith("person:")])
        for case in cases.open_several(self._session, self._keys, {row.disagreement_id for row in rows}, whole=False).values():
            state, directory = case.state(self._now), Directory(self._session, case, people)
            self._cases[case.id] = _Case(case, state, directory, {one.key: one for one in state.obligations})
        whose = [(row, self._recipient(row)) for row in rows]
        self._reach.load(who for _row, who in whose if who is not None)
        return [(row, address) for row, who in whose if (address := self._address(row, who))]

    def _recipient(self, row: Any) -> Recipient | None:
        """Who a row goes to; None for who is gone since it was decided: one such row must not hold up everybody else's mail."""
        try:
            return self._cases[row.disagreement_id].directory.named(row.recipient)
        except LookupError:
            return None

    def _address(self, row: Any, who: Recipient | None) -> str:
        """Where the row goes; "" where it goes nowhere, which is written down."""
        if not _still_wanted(self._cases[row.disagreement_id], row):
            self._not_sent(row, "cancelled", "no longer owed")
            return ""
        known = self._reach.of(who) if who is not None and who.email else NO_ADDRESS
        if who is None or known in (NO_ADDRESS, LEFT):
            self._not_sent(row, known.problem, known.reason)
            return ""
        self._choice.setdefault(who.email, known.choice)
        return who.email

    def _belongs(self, row: Any, address: str) -> str:
        """Which letter to this mailbox the row goes out in: the one it was in before, one of its own, or that of all that is new."""
        if row.letter:
            return str(row.letter)
        return str(row.id) if self._choice[address] == "single" else ""

    def _letter(self, address: str, group: list[Any]) -> Letter:
        name = group[0].letter or group[0].id
        parts: dict[tuple[str, str, str], list[Any]] = {}
        for row in group:
            said = self._said(row)
            self._named.append({"of": row.id, "in_letter": name, "said": said})
            parts.setdefault((row.disagreement_id, row.invitation_id, said), []).append(row)
        token, kept = mail_choices.fresh(digest_of(address), self._machine_now)
        self._choosing.append(kept)
        return Letter(name, address, tuple(self._part(said, one) for (_case, _link, said), one in parts.items()), token)

    def _link(self, invitation_id: str) -> str:
        """A fresh link's token."""
        token, kept = invitations.fresh(invitation_id, self._machine_now)
        self._links.append(kept)
        return token

    def _write(self) -> None:
        """Which letter each row leaves in, and what is kept of the links."""
        for statement, made in ((_NAME, self._named), (invitations.KEEP, self._links), (mail_choices.KEEP, self._choosing)):
            if made:
                self._session.execute(statement, made)

    def _said(self, row: Any) -> str:
        """The mail's name by what is true now: a reminder that waited (an office that was shut, a mail server) may leave when its day is
        here, or past."""
        held = self._cases[row.disagreement_id]
        due = held.known[row.obligation].due
        if row.template not in ("before", "on_the_day") or due is None:
            return str(row.template)
        if due.at < self._now:
            return "overdue"
        today = self._now.astimezone(held.case.policy.zone).date()
        return "on_the_day" if due.local_date == today and not due.precise else str(row.template)

    def _part(self, template: str, rows: list[Any]) -> Part:
        held = self._cases[rows[0].disagreement_id]
        known = [held.known[row.obligation] for row in rows]
        dated = [(one.key, one.due) for one in known if one.due is not None]
        entries = dated if template not in (ANSWERED, "raised_by_mistake") or dated == [] else self._entered(rows, dated)
        due = min((due for _key, due in dated), key=lambda due: due.at, default=None)
        linked = template not in [rung.replace(" ", "_") for rung in ENDING]
        return Part(
            template=template,
            reference=held.case.reference,
            token=self._link(rows[0].invitation_id) if linked else "",
            due=due,
            late=due is not None and due.at < self._now,
            stage_title=_where(held.state),
            decides=all(one.kind == "decision" for one in known),
            rows=tuple(self._row(row, one) for row, one in zip(rows, known, strict=True)),
            zone=held.case.policy.zone,
            own=self._wording(held.case.partnership_id, template),
            seq=held.case.seq,
            dates=tuple(entries) if template in _WITH_DATES else (),
            partnership=held.case.policy.partnership,
        )

    def _entered(self, rows: list[Any], dated: list[tuple[str, Deadline]]) -> list[tuple[str, Deadline]]:
        """Of these dates those that the same person was sent before, as somebody who was asked: nobody else has an entry to take away."""
        sent = {"case": rows[0].disagreement_id, "who": rows[0].recipient}
        asked = set(self._session.execute(_ASKED, sent).scalars())
        return [(key, due) for key, due in dated if key in asked]

    def _wording(self, partnership_id: str, name: str) -> str:
        if partnership_id not in self._wordings:
            found = self._session.execute(_WORDINGS, {"partnership": partnership_id})
            self._wordings[partnership_id] = {row.name: row.text for row in found}
        return self._wordings[partnership_id].get(name, "")

    def _row(self, row: Any, one: Obligation) -> Row:
        return Row(row.id, self._attempts[row.id], row.disagreement_id, row.obligation, row.rung, told_as(one.due))

    def _not_sent(self, row: Any, state: str, reason: str) -> None:
        self._session.execute(update(_MAIL).where(_MAIL.c.id == row.id).values(state=state, next_try_at=None, reason=reason))


def _where(state: State) -> str:
    """Where it stands, for a mail: that the other side recorded an end must not read as a step that goes on."""
    return {"settled": f"{state.stage_title}, where an end has been recorded", "closed": "closed"}.get(state.status, state.stage_title)


def _still_wanted(held: _Case, row: Any) -> bool:
    """Whether a row is still to be sent as the case stands: asked for what is owed, told what is not set aside, over what is over."""
    one = held.known.get(row.obligation)
    if one is None:
        return False
    owed = held.state.is_asked(one) or (one.status in OWED and (one.automatic or one.kind == "record"))
    if row.rung in ENDING:
        return not owed and (row.rung != MISTAKE or held.state.unmade)
    if held.state.unmade:
        return owed
    if row.rung == ANSWERED:
        return one.status in DONE
    return owed or (row.rung == "tell" and one.status in DONE)
