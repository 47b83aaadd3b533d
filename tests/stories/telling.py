"""A story's world: a clock that is moved, sweeps at each moment when something is due, and a post that keeps what it carried.

The services are the real ones on a real database; only the mail server is left out (tests of the transport have a real one).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from plugin.extensions import db
from plugin.jobs import posting
from plugin.mail import messages
from plugin.models import Absence, Agency, Mailbox, MailRow, ObligationRow, Partnership, Person, RoleHolder, begin_writing, new_id
from plugin.models.scope import System, bind
from plugin.services.acting.casework import Sent
from plugin.services.acting.rights import Actor
from plugin.services.case.cases import open_case
from plugin.services.notices import waking
from plugin.services.post import mailing, reminders, undelivered
from plugin.services.post.letters import Letter
from policies import Event, State
from tests.world import UK, World, uk

LEASE = timedelta(minutes=2)


@dataclass(frozen=True)
class Carried:
    """A mail that left: when (UK time), to which mailbox, saying what."""

    at: datetime
    to: str
    subject: str
    text: str
    templates: tuple[str, ...]
    letter: Letter

    def __repr__(self) -> str:
        return f"<{self.at:%a %d %b %H:%M} {self.to}: {self.subject}>"


@dataclass
class Story:
    """Begin with `raised`; then let time pass with `until`, and look at `mails`."""

    world: World
    now: datetime = field(default_factory=lambda: uk("2027-03-22 10:00"))
    reference: str = ""
    mails: list[Carried] = field(default_factory=list)
    refuses: Callable[[Letter], str] = lambda _letter: ""
    post_waits: tuple[int, ...] = (60, 300)
    quarter = timedelta(minutes=15)

    def __post_init__(self) -> None:
        self._set(Partnership, "demo", hours={})  # the policy's office hours, not the demo's

    # --- telling -------------------------------------------------------------------------------------------------------------------

    def raised(self, when: str, **more: Any) -> str:
        """The council's social worker raises it with the school's safeguarding lead; what is to be sent at once leaves."""
        self.now = uk(when)
        self.reference = self.world.make_disagreement(self.now, **more)
        self.post()
        return self.reference

    def until(self, when: str) -> None:
        """Time passes; at each moment when something is due the sweep runs and the post leaves."""
        target = uk(when)
        while (moment := self._next()) is not None and moment <= target:
            self.now = max(moment, self.now)
            self.sweep()
        self.now = target
        self.sweep()

    def asleep_until(self, when: str) -> None:
        """Nothing runs until then (an outage); then one sweep."""
        self.now = uk(when)
        self.sweep()

    def sweep(self) -> int:
        """One sweep now, and the post."""
        done = reminders.sweep(self.system(), self.world.keys, self.now, self.now)
        self.post()
        return done

    def post(self) -> None:
        """Everything that is due leaves, or is refused as `refuses` says."""
        while letters := mailing.claim(self.system(), self.world.keys, self.now, self.now, LEASE, 20):
            for letter in letters:
                wrong = self.refuses(letter)
                if wrong:
                    self._refuse(letter, wrong)
                    continue
                self._carry(letter)
                mailing.sent(self.system(), self.world.keys, [letter], self.now, self.now)

    def answers(self, key: str, who: Actor, form: str = "response", **more: Any) -> State:
        """Somebody meets an obligation, now."""
        state = self.world.fulfil(self.reference, key, who, self.now, form, **more)
        self.post()
        return state

    def sent_nothing(self) -> Sent:
        """What somebody sends who only presses a button."""
        return Sent("", 0, {}, once=new_id())

    def comes_back(self, carried: Carried) -> None:
        """A mail that left is returned by the other side's server."""
        undelivered.came_back(self.system(), self.world.keys, carried.letter.id, "5.1.1", self.now, self.now)
        self.post()

    def replies_by_itself(self, carried: Carried) -> None:
        """A mail that left is answered by a machine: nobody is there."""
        undelivered.is_away(self.system(), self.world.keys, carried.letter.id, "automatic reply", self.now, self.now)
        self.post()

    def is_away(self, staff_id: str, begins: str, ends: str) -> None:
        """The directory says that somebody is away."""
        session = self.system()
        begin_writing(session)
        person = self.world.people[staff_id]
        session.add(Absence(person_id=person, begins_at=uk(begins), ends_at=uk(ends), noted_at=self.now))
        waking.look_soon(session, f"person:{person}", max(uk(begins), self.now))
        session.commit()

    def leaves(self, staff_id: str) -> None:
        """Somebody does not work there any more."""
        person = self.world.people[staff_id]
        self._set(Person, person, active=False)
        session = self.system()
        begin_writing(session)
        waking.look_soon(session, f"person:{person}", self.now)
        session.commit()

    def has_no_deputy(self, staff_id: str) -> None:
        """Nobody is named to stand in for this person."""
        session = self.system()
        begin_writing(session)
        for row in session.scalars(select(RoleHolder).where(RoleHolder.person_id == self.world.people[staff_id])):
            row.deputy_id = None
        session.commit()

    def has_no_duty_desk(self, agency: str) -> None:
        """An agency without one."""
        self._set(Agency, agency, duty_desk_email="")

    def has_no_coordinator(self) -> None:
        """A partnership that named nobody."""
        self._set(Partnership, "demo", coordinator_email="")

    def says(self, agency: str, **what: Any) -> None:
        """An agency's own hours or ladder."""
        self._set(Agency, agency, **what)

    def chooses(self, address: str, choice: str) -> None:
        """What somebody chose behind the quiet link."""
        session = self.system()
        begin_writing(session)
        session.add(Mailbox(digest=undelivered.digest_of(address), choice=choice))
        session.commit()

    # --- looking -------------------------------------------------------------------------------------------------------------------

    def to(self, name: str) -> list[Carried]:
        """The mails to mailboxes that begin with `name`, in order."""
        return [one for one in self.mails if one.to.startswith(name)]

    def said(self, name: str) -> list[str]:
        """What somebody got: "Fri 19 Mar 18:10 ask" for each."""
        return [f"{one.at:%a} {one.at.day} {one.at:%b %H:%M} {'+'.join(one.templates)}" for one in self.to(name)]

    def state(self) -> State:
        """The case as it stands."""
        return open_case(self.system(), self.world.keys, reference=self.reference).state(self.now)

    def events(self) -> list[Event]:
        """What is on record."""
        return open_case(self.system(), self.world.keys, reference=self.reference).events

    def rows(self, *wanted: Any) -> list[MailRow]:
        """Rows of the ledger of mail."""
        return list(self.system().scalars(select(MailRow).where(*wanted).order_by(MailRow.created_at)))

    def is_of(self, row: MailRow, agency: str) -> bool:
        """Whether a row is for somebody of this agency."""
        kind, _, rest = row.recipient.partition(":")
        person = self.system().get(Person, rest) if kind == "person" else None
        return rest == agency if kind == "duty" else person is not None and person.agency_id == agency

    # --- how ------------------------------------------------------------------------------------------------------------------------

    def _carry(self, letter: Letter) -> None:
        content = messages.letter([posting.item(part) for part in letter.parts])
        templates = tuple(part.template for part in letter.parts)
        self.mails.append(Carried(self.now.astimezone(UK), letter.to, content.subject, content.text, templates, letter))

    def _refuse(self, letter: Letter, wrong: str) -> None:
        permanent = wrong.startswith("5")
        told: dict[str, Any] = {
            "permanent": permanent,
            "mailbox": permanent,
            "now": self.now,
            "machine_now": self.now,
            "waits": self.post_waits,
        }
        mailing.failed(self.system(), self.world.keys, letter, wrong, **told)

    def _next(self) -> datetime | None:
        session = self.system()
        moments = [
            session.scalar(select(func.min(ObligationRow.next_act_at))),
            session.scalar(select(func.min(MailRow.send_at)).where(MailRow.state == "waiting")),
            session.scalar(select(func.min(MailRow.next_try_at))),
        ]
        return min((one for one in moments if one is not None), default=None)

    def _set(self, table: Any, key: str, **values: Any) -> None:
        session = self.system()
        begin_writing(session)
        row = session.get(table, key)
        assert row is not None
        for name, value in values.items():
            setattr(row, name, value)
        session.commit()

    def system(self) -> Any:
        """The database session, as the service itself."""
        bind(db.session, System("story"))
        return db.session
