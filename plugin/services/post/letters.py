"""Rows of mail that are due, made into letters: what is due to one mailbox leaves as one, unless its owner chose otherwise.

What lives here: who goes where with what, as composing needs it; rows are taken by a conditional update. What does not: which rows are
due, and what became of a letter (`mailing`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from plugin.models import MailRow, MailTemplate, table_of
from plugin.models.scope import fixed
from plugin.services.acting.consequences import OWED
from plugin.services.case import cases
from plugin.services.case.cases import Case
from plugin.services.case.directory import Directory
from plugin.services.keeping import sealing
from plugin.services.notices import invitations, mail_choices
from plugin.services.notices.reaching import LEFT, NO_ADDRESS, Reach, digest_of
from plugin.services.notices.rows import ANSWERED, DONE, OVER, SAYING, told_as
from policies import Deadline, Obligation, State

_MAIL = table_of(MailRow)
_TAKE = (
    update(_MAIL)
    .where(_MAIL.c.id == bindparam("of"), _MAIL.c.attempt == bindparam("at"), _MAIL.c.next_try_at <= bindparam("now"))
    .values(
        state="claimed",
        attempt=_MAIL.c.attempt + 1,
        next_try_at=bindparam("until"),
        letter=bindparam("in_letter"),
        template=bindparam("said"),
    )
)
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
_WITH_DATES = ("ask", "stand_in", "moved", "no_longer_needed", ANSWERED)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a letter: what it is about, and what date it tells."""

    id: str
    attempt: int
    case_id: str
    obligation: str
    rung: str
    told: str


@dataclass(frozen=True, slots=True)
class Part:
    """One thing a letter says: one or several rows of one case with one link. `dates`: deadlines for a calendar, by obligation."""

    template: str
    reference: str
    token: str
    due: Deadline | None
    stage_title: str
    decides: bool
    rows: tuple[Row, ...]
    zone: ZoneInfo
    own: str = ""
    seq: int = 0
    dates: tuple[tuple[str, Deadline], ...] = ()
    late: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """A claimed mail, ready to be composed: nothing here says who the child is. `to` is one mailbox, `choices` its quiet link's token."""

    id: str
    to: str
    parts: tuple[Part, ...]
    choices: str = ""

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every row that goes out in it."""
        return tuple(row for part in self.parts for row in part.rows)

    @property
    def attempt(self) -> int:
        """How often its oldest row was tried."""
        return max(row.attempt for row in self.rows)

    def __repr__(self) -> str:
        return f"Letter({self.id}, {len(self.rows)} rows, attempt {self.attempt})"


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

    def letters(self, rows: Iterable[Any], until: datetime) -> list[Letter]:
        """Takes the rows until `until` (machine time) and gathers them. Within a transaction."""
        groups: dict[tuple[str, str], list[Any]] = {}
        for row in rows:
            address = self._address(row)
            if address:
                groups.setdefault((address, self._belongs(row, address)), []).append(row)
        made = [self._letter(address, group, until) for (address, _place), group in groups.items()]
        return [one for one in made if one is not None]

    def _belongs(self, row: Any, address: str) -> str:
        """Which letter to this mailbox the row goes out in: the one it was in before, one of its own, or that of all that is new."""
        if row.letter:
            return str(row.letter)
        return str(row.id) if self._choice[address] == "single" else ""

    def _address(self, row: Any) -> str:
        """Where the row goes; "" where it goes nowhere, which is written down."""
        held = self._case(row.disagreement_id)
        if not _still_wanted(held, row):
            self._not_sent(row, "cancelled", "no longer owed")
            return ""
        try:
            who = held.directory.named(row.recipient)
        except LookupError:  # gone since it was decided: one such row must not hold up everybody else's mail
            who = None
        known = self._reach.of(who) if who is not None and who.email else NO_ADDRESS
        if who is None or known in (NO_ADDRESS, LEFT):
            self._not_sent(row, known.problem, known.reason)
            return ""
        self._choice.setdefault(who.email, self._reach.of(who).choice)
        return who.email

    def _letter(self, address: str, group: list[Any], until: datetime) -> Letter | None:
        name = group[0].letter or group[0].id
        taken = []
        for row in group:
            said = self._said(row)
            values = {"of": row.id, "at": row.attempt, "now": self._machine_now, "until": until, "in_letter": name, "said": said}
            done: Any = self._session.execute(_TAKE, values)
            if done.rowcount:
                taken.append((row, said))
        if not taken:
            return None
        parts: dict[tuple[str, str, str], list[Any]] = {}
        for row, said in taken:
            parts.setdefault((row.disagreement_id, row.invitation_id, said), []).append(row)
        choices = mail_choices.mint(self._session, digest_of(address), self._machine_now)
        return Letter(name, address, tuple(self._part(said, one) for (_case, _link, said), one in parts.items()), choices)

    def _said(self, row: Any) -> str:
        """The mail's name by what is true now: a reminder that waited (an office that was shut, a mail server) may leave when its day is
        here, or past."""
        held = self._case(row.disagreement_id)
        due = held.known[row.obligation].due
        if row.template not in ("before", "on_the_day") or due is None:
            return str(row.template)
        if due.at < self._now:
            return "overdue"
        today = self._now.astimezone(held.case.policy.zone).date()
        return "on_the_day" if due.local_date == today and not due.precise else str(row.template)

    def _part(self, template: str, rows: list[Any]) -> Part:
        held = self._case(rows[0].disagreement_id)
        known = [held.known[row.obligation] for row in rows]
        dated = [(one.key, one.due) for one in known if one.due is not None]
        entries = dated if template != ANSWERED or dated == [] else self._entered(rows, dated)
        due = min((due for _key, due in dated), key=lambda due: due.at, default=None)
        linked = template != OVER.replace(" ", "_")
        return Part(
            template=template,
            reference=held.case.reference,
            token=invitations.mint(self._session, rows[0].invitation_id, self._machine_now) if linked else "",
            due=due,
            late=due is not None and due.at < self._now,
            stage_title=held.state.stage_title,
            decides=all(one.kind == "decision" for one in known),
            rows=tuple(_row(row, one) for row, one in zip(rows, known, strict=True)),
            zone=held.case.policy.zone,
            own=self._wording(held.case.partnership_id, template),
            seq=held.case.seq,
            dates=tuple(entries) if template in _WITH_DATES else (),
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

    def _case(self, case_id: str) -> _Case:
        held = self._cases.get(case_id)
        if held is None:
            case = cases.open_case(self._session, self._keys, case_id=case_id)
            state = case.state(self._now)
            held = self._cases[case_id] = _Case(case, state, Directory(self._session, case), {one.key: one for one in state.obligations})
        return held

    def _not_sent(self, row: Any, state: str, reason: str) -> None:
        self._session.execute(update(_MAIL).where(_MAIL.c.id == row.id).values(state=state, next_try_at=None, reason=reason))


def _still_wanted(held: _Case, row: Any) -> bool:
    """Whether a row is still to be sent as the case stands: asked for what is owed, told what is not set aside, over what is over."""
    one = held.known.get(row.obligation)
    if one is None:
        return False
    owed = held.state.is_asked(one) or (one.status in OWED and (one.automatic or one.kind == "record"))
    if row.rung == OVER:
        return not owed
    if row.rung == ANSWERED:
        return one.status in DONE
    return owed or (row.rung == "tell" and one.status in DONE)


def _row(row: Any, one: Obligation) -> Row:
    return Row(row.id, row.attempt + 1, row.disagreement_id, row.obligation, row.rung, told_as(one.due))
