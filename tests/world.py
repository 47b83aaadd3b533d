"""A small world for tests: the demo's partnership, agencies and people on a test's own database, and short ways to do things in it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import select

from integrations.launch.context import ChildDetails
from integrations.launch.host import new_keypair
from plugin.demo.seed import fill
from plugin.extensions import db
from plugin.models import Agency, Connection, Partnership, Person, begin_writing
from plugin.models.scope import Staff, System, bind
from plugin.runtime import runtime
from plugin.services.acting import casework, moving, raising
from plugin.services.acting.casework import Sent
from plugin.services.acting.rights import Actor
from plugin.services.case.policies import current_policy
from plugin.services.keeping.clock import machine_now
from policies import State

UK = ZoneInfo("Europe/London")
COUNCIL, SCHOOL = "northleigh-council", "hill-top-school"
CHILD = ChildDetails("Ffion Achebe-Lloyd", "2016-05-04", (("nhs-number", "9990000018"), ("upn", "H801200001001")))


def uk(text: str) -> datetime:
    """An instant from UK local time: uk("2027-03-19 18:10")."""
    return datetime.fromisoformat(text).replace(tzinfo=UK).astimezone(UTC)


@dataclass
class World:
    """The seeded service. `keys_of` are the hosts' private keys, for signing launches."""

    app: Flask
    keys_of: dict[str, dict[str, Any]]
    people: dict[str, str]
    _count: itertools.count[int]

    @property
    def keys(self) -> Any:
        """The deployment's keys."""
        return runtime(self.app).keys

    def act_as(self, staff_id: str) -> Staff:
        """Binds the session to a member of staff and returns who that is."""
        bind(db.session, System("test"))
        person = db.session.get(Person, self.people[staff_id])
        assert person is not None
        db.session.rollback()
        who = Staff(person.agency_id, person.id)
        bind(db.session, who)
        return who

    def actor(self, staff_id: str, side: str, *roles: str) -> Actor:
        """Somebody who acts with these roles; without any, staff in their own record system."""
        who = self.act_as(staff_id)
        return Actor(who.person_id, who.agency_id, side, frozenset(roles or ("practitioner",)), for_agency=not roles)

    def make_disagreement(self, now: datetime, **more: Any) -> str:
        """Raises one: the council's social worker with the school's safeguarding lead. Returns the reference."""
        who = self.act_as("nc-1042")
        partnership = db.session.scalar(select(Partnership.id)) or ""
        policy = current_policy(db.session, partnership)
        given: dict[str, Any] = {
            "partnership_id": partnership,
            "policy_hash": policy.hash,
            "agency_id": COUNCIL,
            "person_id": who.person_id,
            "child_key": self.keys.child_key(COUNCIL, "4471"),
            "child": CHILD,
            "child_ref": "4471",
            "other_agency": SCHOOL,
            "other_person": self.people["htull"],
            "themes": ["need for action"],
            "answers": {"unsafe": "She goes home alone.", "change": "Somebody collects her.", "impact": "She is frightened."},
            "form": "raise",
            "form_version": 1,
            "once": f"{next(self._count):032x}",
        }
        return raising.raise_disagreement(db.session, self.keys, raising.Raise(**{**given, **more}), now, machine_now())

    def fulfil(self, reference: str, key: str, actor: Actor, now: datetime, form: str = "done", **more: Any) -> State:
        """Meets an obligation."""
        sent = Sent(form, 1, more.pop("answers", {"done": True}), more.pop("facts", {}), f"once-{next(self._count)}", **more)
        return casework.fulfil(db.session, self.keys, reference, key, actor, sent, now, machine_now()).state

    def escalate(self, reference: str, to: str, actor: Actor, now: datetime, **answers: Any) -> State:
        """Takes it to the next step."""
        sent = Sent("escalate", 1, {"why": "We do not agree.", **answers}, {"flags": answers.get("flags", [])}, f"once-{next(self._count)}")
        return moving.make_move(db.session, self.keys, reference, f"escalate/{to}", actor, sent, now, machine_now()).state

    def resolve(self, reference: str, outcome: str, actor: Actor, now: datetime) -> State:
        """Settles it."""
        answers = {"outcome": outcome, "agreed": "She is collected.", "reasons": "It is dark."}
        sent = Sent("resolve", 1, answers, {"outcome": outcome}, f"once-{next(self._count)}")
        return moving.make_move(db.session, self.keys, reference, f"resolve/{outcome}", actor, sent, now, machine_now()).state


def make_world(app: Flask, policy: str = "") -> World:
    """Fills the app's database with the demo's partnership and keys of its own for both hosts. `policy`: another bundled pack's id."""
    private: dict[str, dict[str, Any]] = {}
    told: dict[str, dict[str, Any]] = {}
    for host in ("council", "school"):
        private[host], public = new_keypair("Ed25519")
        told[host] = {
            "issuer": f"https://{host}.example",
            "origin": f"https://{host}.example",
            "algorithm": "Ed25519",
            "keys": [public],
            "api": "http://127.0.0.1:1",
            "api_user": "accord",
            "api_secret": f"{host}-secret-8813",
        }
    bind(db.session, System("seed"))
    begin_writing(db.session)
    fill(db.session, runtime(app).keys, told, datetime.now(UTC), policy)
    people = {row.staff_id: row.id for row in db.session.execute(select(Person.staff_id, Person.id))}
    db.session.rollback()
    return World(app, private, people, itertools.count(1))


def use_trial_adapter(**options: Any) -> None:
    """Lets both agencies write to the trial adapter instead of over HTTP."""
    bind(db.session, System("test"))
    begin_writing(db.session)
    for row in db.session.scalars(select(Connection)):
        row.adapter, row.options = "trial", dict(options)
    db.session.commit()


def agencies() -> dict[str, str]:
    """Names by id."""
    bind(db.session, System("test"))
    return {row.id: row.name for row in db.session.execute(select(Agency.id, Agency.name))}
