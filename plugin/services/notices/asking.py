"""Who is to be mailed what, worked out from a case's state: asked, told, reminded; in whose stead; that a date moved; that it is over.

One function, `carry_out`, run in the transaction of every event and by every sweep, any number of times: a row of mail exists once for
each (obligation, rung, recipient). What is no longer owed is cancelled, and whoever was already asked for it is told that it is over.
Whoever cannot be reached (no mailbox, mail came back, away) has somebody asked in their stead: deputy, duty desk, partnership. Nobody at
all is a row too, so that it shows. Nothing is sent here, and no mail exists that an obligation did not ask for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import update
from sqlalchemy.orm import Session

import policies
from plugin.models import MailRow, table_of
from plugin.services.case.cases import Case
from plugin.services.case.directory import Directory, Recipient
from plugin.services.notices.inviting import Invitations
from plugin.services.notices.reaching import UNREACHED
from plugin.services.notices.rows import (
    ANSWERED,
    DONE,
    ENDING,
    MISTAKE,
    MOVED,
    NOBODY,
    NOBODY_REACHED,
    OVER,
    PENDING,
    SAYING,
    Moment,
    Rows,
    Target,
    told_as,
)
from plugin.services.notices.waiting import waiting
from policies import Obligation, Party, Rung, State
from policies.language.agency_ladders import agency_ladder
from policies.parts.schema import Side

# Who stands behind whom, in this order.
_BEHIND: dict[str, tuple[str, ...]] = {
    "owner": ("deputy", "duty desk", "partnership"),
    "recipient": ("deputy", "duty desk", "partnership"),
    "deputy": ("duty desk", "partnership"),
    "duty desk": ("partnership",),
    "partnership": (),
}
# Reached nobody for want of a mailbox: not by an absence, which ends by itself, nor by a server that took nothing for days.
_NO_MAILBOX = ("no address", "bad mailbox", "bounced")
_MAIL = table_of(MailRow)

Plan = tuple[Obligation, Party, tuple[Rung, ...]]


def plans(case: Case, live: Iterable[Obligation], directory: Directory, now: datetime) -> list[Plan]:
    """The ladder of each obligation with whose it is: one for all who owe it, or one an agency where an agency has its own."""
    found: list[Plan] = []
    for one in live:
        seats = [] if one.automatic else [seat for seat in directory.sides(one.owner.side) if one.owner.agency in ("", seat.agency_id)]
        if not any(seat.ladder for seat in seats):
            found.append((one, one.owner, policies.rungs(case.policy, one, now)))
            continue
        for seat in {seat.agency_id: seat for seat in seats}.values():
            own = agency_ladder(seat.ladder)
            found.append((one, replace(one.owner, agency=seat.agency_id), policies.rungs(case.policy, one, now, own)))
    return found


def carry_out(
    session: Session, case: Case, state: State, wanted: Sequence[Plan], directory: Directory, invitations: Invitations, moment: Moment
) -> bool:
    """Writes, cancels and adds to the rows of mail as `state` asks. True where something is to be sent at once."""
    return _Asking(session, case, state, directory, invitations, moment).run(wanted)


class _Asking:
    """One case at one moment."""

    def __init__(self, session: Session, case: Case, state: State, directory: Directory, invitations: Invitations, moment: Moment) -> None:
        self.session, self.case, self.state = session, case, state
        self.directory, self.moment = directory, moment
        self.rows = Rows(session, case, state, directory, invitations, moment)
        self.mailed, self.reach = self.rows.mailed, self.rows.reach

    def run(self, wanted: Sequence[Plan]) -> bool:
        """True where a row was written that is to be sent at once."""
        live = {one.key: one for one, _party, _rungs in wanted}
        self._ask(wanted)
        self._ask_again(live)
        self._ask_found(live)
        self._say_moved(live)
        self._say_done()
        if self.state.unmade:
            self._say_mistaken(live)
        else:
            self._say_over(live)
        self._cancel(live)
        return self.rows.write()

    # --- what the ladder asks for --------------------------------------------------------------------------------------------------

    def _ask(self, wanted: Sequence[Plan]) -> None:
        targets = [one for plan in wanted for one in self._targets(plan)]
        self.reach.load(one.who for one in targets)
        for target in targets:
            if not self.rows.reaches(target, target.who):
                for behind in self._behind(target):
                    self.rows.add(behind)
            self.rows.add(target)

    def _targets(self, plan: Plan) -> Iterator[Target]:
        one, owner, rungs = plan
        for rung in _newest([rung for rung in rungs if rung.at <= self.moment.now]):
            for party in one.to if rung.to == "recipient" else (owner,):
                role = "duty desk" if rung.to in ("duty desk", "partnership") else party.role
                known = not self.directory.unnamed(party)  # who is told in an unnamed officer's place is not the officer
                found = (known and self.directory.recipients(party, rung.to, self.moment.now)) or [NOBODY]
                for who in found:
                    yield Target(one, rung.id, rung.id.replace(" ", "_"), who, party, role, rung.urgent)

    def _behind(self, target: Target) -> list[Target]:
        """Who is asked in somebody's stead: the first behind them who can be reached; `NOBODY` where there is none."""
        party = replace(target.party, agency=target.who.agency_id or target.party.agency)
        if party.side == "both":  # their own side's people, where one agency is on both
            party = replace(party, side=cast("Side", self.directory.side_of(target.who, party)))
        level = next((rung for rung in ("duty desk", "partnership") if target.rung == rung), "owner")
        level = "deputy" if target.rung == "next person" else level
        for to in _BEHIND[level]:
            found = [who for who in self.directory.recipients(party, to, self.moment.now) if who.key != target.who.key]
            self.reach.load(found)
            if good := [who for who in found if self.rows.reaches(target, who)]:
                return [self._in_stead(target, who, party) for who in good]
        return [replace(target, who=NOBODY, template="nobody_reached", role="duty desk")]

    def _in_stead(self, target: Target, who: Recipient, party: Party) -> Target:
        if who.key == "coordinator":  # once for an obligation, not at every rung; and once more each time that its agency leaves
            left = target.who.left
            rung = f"{NOBODY_REACHED} since {left.isoformat()}" if left else NOBODY_REACHED
            return replace(target, who=who, party=party, role="duty desk", rung=rung, template="nobody_reached", urgent=True)
        role = "duty desk" if who.key.startswith("duty:") else party.role
        return replace(target, who=who, party=party, role=role, template="tell" if target.rung == "tell" else "stand_in")

    # --- what has changed since somebody was asked ---------------------------------------------------------------------------------

    def _ask_again(self, live: Mapping[str, Obligation]) -> None:
        """Something is owed again after somebody was told that it was over (an entry was a mistake, say)."""
        last = {(row.obligation, row.recipient): row for row in self.mailed if row.state not in ("cancelled", "on screen")}
        asked = {(row.obligation, row.recipient) for row in self.mailed if row.rung not in SAYING}
        for place, row in last.items():
            if place[0] in live and place in asked and row.rung in (*ENDING, ANSWERED) and row.state not in PENDING:
                self._add_like(row, live[place[0]], f"again {self.case.seq}", "ask")

    def _ask_found(self, live: Mapping[str, Obligation]) -> None:
        """Who had no mailbox that took mail when they were asked is asked once it is put right."""
        fresh = {(row["obligation"], row["recipient"]) for row in self.rows.new if row["state"] not in UNREACHED}
        last = {(row.obligation, row.recipient): row for row in self.mailed if row.state not in ("cancelled", "on screen")}
        for place, row in last.items():
            lost = row.state in _NO_MAILBOX and row.rung not in SAYING and row.recipient != NOBODY.key
            if lost and place[0] in live and place not in fresh:
                role = "duty desk" if row.recipient.startswith("duty:") else live[place[0]].owner.role
                self._add_like(row, live[place[0]], f"again {self.case.seq}", "ask", role)

    def _say_moved(self, live: Mapping[str, Obligation]) -> None:
        """Whoever was told another date than the one that binds now is told the new one, and their calendar entry moves."""
        fresh = {(row["obligation"], row["recipient"]) for row in self.rows.new}
        last = {(row.obligation, row.recipient): row for row in self.mailed if row.rung != "tell" and row.state != "cancelled"}
        for place, row in last.items():
            one = live.get(place[0])
            if one is None or one.due is None or place in fresh or row.state not in ("sent", "on screen") or row.rung in SAYING:
                continue
            if row.told_due and row.told_due != told_as(one.due):
                self._add_like(row, one, f"{MOVED} {self.case.seq}", MOVED)

    def _say_done(self) -> None:
        """Whoever waits for something on the other side hears that it was done; not who gets a mail now anyway, for what comes next."""
        mailed = {row["recipient"] for row in self.rows.new}
        for one, party, who in waiting(self.case, self.state, self.directory, self.moment.fresh, self.moment.now):
            target = Target(one, ANSWERED, ANSWERED, who, party, party.role, False)
            if who.key not in mailed and not self._did_it(one, who.key) and self.rows.reaches(target, who):
                self.rows.add(target)

    def _say_over(self, live: Mapping[str, Obligation]) -> None:
        """Whoever was asked for what nobody has to do any more is told so; not whoever just did it."""
        known = {one.key: one for one in self.state.obligations}
        for row in self.mailed:
            one = known.get(row.obligation)
            if one is None or row.obligation in live or row.obligation not in self.moment.ended:
                continue
            knows = self._did_it(one, row.recipient) or (row.obligation, ANSWERED, row.recipient) in self.rows.there
            if row.state == "sent" and row.rung not in SAYING and not knows:
                self._add_like(row, one, OVER, "no_longer_needed")

    def _say_mistaken(self, live: Mapping[str, Obligation]) -> None:
        """It was raised by mistake: whoever was asked or told anything hears it once, about the last thing that they were sent."""
        known = {one.key: one for one in self.state.obligations if one.key not in live}
        last = {row.recipient: row for row in self.mailed if row.state == "sent" and row.obligation in known}
        who = next(event.actor for event in reversed(self.case.events) if event.kind == "resolved")
        for recipient, row in last.items():
            if row.rung != MISTAKE and recipient.removeprefix("person:") != who:
                self._add_like(row, known[row.obligation], MISTAKE, "raised_by_mistake")

    def _did_it(self, one: Obligation, recipient: str) -> bool:
        doers = {self.moment.actor}
        if one.done_seq is not None:
            doers.add(self.case.events[one.done_seq - 1].actor)
        return recipient.removeprefix("person:") in doers

    def _add_like(self, row: Any, one: Obligation, rung: str, template: str, role: str = "") -> None:
        """Another mail to whoever got `row`, about the same; nothing where they cannot be reached."""
        if (row.obligation, rung, row.recipient) in self.rows.there:
            return
        try:
            who = self.directory.named(row.recipient)
        except LookupError:
            return
        if not self.reach.of(who).problem:
            self.rows.add(Target(one, rung, template, who, one.owner, role, False), row.invitation_id)

    def _cancel(self, live: Mapping[str, Obligation]) -> None:
        """What waits to be sent and is no longer owed, or is overtaken by a newer mail to the same person about the same."""
        newer = {(row["obligation"], row["recipient"]) for row in self.rows.new if row["rung"] != "tell"}
        told = set() if self.state.unmade else {one.key for one in self.state.obligations if one.status in DONE}
        over, overtaken = [], []
        for row in self.mailed:
            if row.state not in PENDING:
                continue
            still = live.keys() | told if row.rung == "tell" else live.keys()  # a notice is given when the last of its mails is sent
            still = told if row.rung == ANSWERED else still
            if (row.obligation in still) == (row.rung in ENDING):
                over.append(row.id)
            elif (row.obligation, row.recipient) in newer and row.rung != "tell":
                overtaken.append(row.id)
        for ids, reason in ((over, "no longer owed"), (overtaken, "a newer mail took its place")):
            if ids:
                gone = update(_MAIL).where(_MAIL.c.id.in_(ids), _MAIL.c.state.in_(PENDING))
                self.session.execute(gone.values(state="cancelled", next_try_at=None, send_at=None, reason=reason))


def _newest(due: list[Rung]) -> list[Rung]:
    """Of the rungs already reached only the latest to each kind of recipient: after an outage nobody gets the whole ladder at once."""
    latest = {rung.to: rung for rung in sorted(due, key=lambda rung: rung.at)}
    return list(latest.values())
