"""A case in a test: events added one after the other, in local time, and the state they make."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from policies import Event, Obligation, Policy, State, evaluate, load, pack, pack_text

LONDON = ZoneInfo("Europe/London")

COUNCIL = {"agency": "council", "type": "local authority", "side": "responding", "traits": ["board member"]}
SCHOOL = {"agency": "school", "type": "school", "side": "raising", "traits": ["board member"]}
POLICE = {"agency": "police", "type": "police", "side": "responding", "traits": ["board member"]}
HOSPITAL = {"agency": "hospital", "type": "secondary health", "side": "responding", "traits": ["board member"]}
CHARITY = {"agency": "charity", "type": "voluntary", "side": "raising", "traits": []}


def at(text: str) -> datetime:
    """A local time ("2027-03-19 18:10") as aware UTC; with no time of day, noon."""
    return datetime.fromisoformat(text if " " in text else f"{text} 12:00").replace(tzinfo=LONDON).astimezone(UTC)


@dataclass
class Case:
    """Events under one policy. Every `when` is local."""

    policy: Policy
    events: list[Event] = field(default_factory=list)

    def add(self, kind: Any, about: str, when: str, side: Any = "none", **facts: Any) -> Case:
        self.events.append(Event(len(self.events) + 1, kind, at(when), at(when), about=about, side=side, facts=facts))
        return self

    def fact(self, about: str, when: str, **facts: Any) -> Case:
        self.events.append(Event(len(self.events) + 1, "fact", at(when), at(when), about=about, facts=facts))
        return self

    def does(self, key: str, when: str, **facts: Any) -> Case:
        return self.add("fulfilled", key, when, **facts)

    def unresolved(self, stage: str, when: str) -> Case:
        return self.add("unresolved", stage, when, side="raising")

    def resolved(self, when: str, outcome: str = "resolved") -> Case:
        return self.add("resolved", outcome, when)

    def state(self, now: str = "") -> State:
        return evaluate(self.policy, self.events, at(now) if now else self.events[-1].at)

    def owes(self, key: str, now: str = "") -> Obligation:
        return self.state(now).obligation(key)

    def having(self, status: str = "owed", now: str = "") -> set[str]:
        return {one.key for one in self.state(now).obligations if one.status == status}

    def due(self, key: str = "", now: str = "") -> str:
        """The binding deadline as local text: a date, or a date and a time where the minute counts; "" for none."""
        found = self.owes(key, now).due if key else self.state(now).due
        if found is None:
            return ""
        local = found.at.astimezone(LONDON)
        if not found.precise:
            assert f"{local:%H:%M:%S}" == "23:59:59"
            assert local.date() == found.local_date
            return f"{local:%Y-%m-%d}"
        return f"{local:%Y-%m-%d %H:%M}"

    def ends(self, reason: str, key: str = "", now: str = "") -> str:
        """The local date one kind of clock ends on."""
        clocks = self.owes(key, now).clocks if key else self.state(now).clocks
        return str(next(one.local_date for one in clocks if one.reason == reason))

    def warned(self, code: str, now: str = "") -> list[str]:
        return [one.text for one in self.state(now).warnings if one.code == code]


def make_case(policy: Policy | str, when: str, parties: Any = (SCHOOL, COUNCIL), **facts: Any) -> Case:
    """A case raised at `when`, by the school against the council unless said otherwise."""
    found = pack(policy) if isinstance(policy, str) else policy
    case = Case(found)
    return case.add("raised", "", when, side="raising", themes=[found.themes[0].id], parties=list(parties), **facts)


def child(name: str, *flags: str, officer: str = "") -> dict[str, Any]:
    return {"child": name, "flags": list(flags), **({"officer": officer} if officer else {})}


def changed(pack_id: str, *pairs: tuple[str, str]) -> Policy:
    """A bundled pack with pieces of its text replaced; each piece must be there."""
    text = pack_text(pack_id)
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return load(text)


def out_of_hours_next_day(pack_id: str) -> Policy:
    """The pack under setting C3b."""
    text = pack_text(pack_id)
    if "\nsettings:\n" in text:
        return load(text.replace("\nsettings:\n", "\nsettings:\n  out of hours: next working day\n"))
    return load(text + "\nsettings:\n  out of hours: next working day\n")


def day(text: str) -> date:
    return date.fromisoformat(text)
