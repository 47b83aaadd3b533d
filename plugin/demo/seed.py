"""Puts the demo's data into the service's database: a partnership with its policy, agencies, people, and the ways to the pretend hosts.

What is said is in `partnership.yaml` and `connections.yaml`; keys, addresses and passwords come from the hosts (`hosts.json`). People
and agencies are put in once; the policy follows its pack (one that somebody put in force stays), and connections are written anew at
every start, since the hosts' addresses follow the port.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from flask import Flask
from sqlalchemy.orm import Session

import forms
import policies
from plugin.demo import own_sign_in
from plugin.demo.places import data_folder
from plugin.demo.ways import way_to
from plugin.extensions import db
from plugin.models import Account, Agency, Binding, Partnership, Person, RoleHolder, begin_writing
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.case.policies import activate, current_policy
from plugin.services.desk import accounts, connections, signing_in
from plugin.services.keeping.clock import machine_now
from plugin.services.keeping.sealing import Keys
from plugin.web.demo.accounts import DEMO_PASSWORD

PARTNERSHIP = Path(__file__).parent / "partnership.yaml"
ACCOUNTS = Path(__file__).parent / "accounts.yaml"
Given = dict[str, Any]


def seed(app: Flask, hosts_file: Path | None = None) -> None:
    """Fills the database of `app`, whose tables must be there. `hosts_file`: hosts.json, the data folder's own by default.

    May run at every start. Raises policies.PackError for a pack that is wrong, FileNotFoundError where the hosts have no keys yet.
    """
    told = json.loads((hosts_file or data_folder(os.environ) / "hosts.json").read_text())
    with app.app_context():
        session: Session = db.session()
        bind(session, System("seed"))
        tested = own_sign_in.as_tested(session)
        fill(session, runtime(app).keys, told, machine_now(), os.environ.get("ACCORD_DEMO_POLICY", ""))
        own_sign_in.set_up(session, runtime(app).keys, told[own_sign_in.HOST], machine_now(), tested)
        open_accounts(session, runtime(app).keys, machine_now())


def open_accounts(session: Session, keys: Keys, now: datetime) -> None:
    """The demo's accounts at the desk, each with the demo's password and an app already set up. Those that are there stay. Commits."""
    for given in yaml.safe_load(ACCOUNTS.read_text(encoding="utf-8")):
        if accounts.by_email(session, given["email"]) is not None:
            continue
        account_id, token = accounts.create(session, accounts.Wanted(**given), now, by="demo")
        accounts.choose_password(session, token, DEMO_PASSWORD, now)
        signing_in.provisional(session, keys, account_id)
        begin_writing(session)
        session.get_one(Account, account_id).enrolled = True
        session.commit()


def fill(session: Session, keys: Keys, told: dict[str, Given], now: datetime, policy: str = "") -> None:
    """The same on a session that a system principal is bound to. `told` is what hosts.json holds. Commits.

    `policy` is the pack that new disagreements follow: an id, or the path of a file. Where it is empty it is the file's own, unless
    somebody put a policy of theirs in force since. Raises ValueError for an unknown one.
    """
    given = _partnership_file()
    text = _pack_text(policy or given["policy"])
    partnership_id = given["partnership"]["id"]
    begin_writing(session)
    if session.get(Partnership, partnership_id) is None:
        _partnership(session, given, now)
    session.commit()
    if policy or not _has_its_own(session, partnership_id):
        begin_writing(session)
        session.get_one(Partnership, partnership_id).title = policies.load(text).partnership
        activate(session, partnership_id, text, now, forms.known())
    for agency in given["agencies"]:
        if host := agency.get("connection"):
            _connect(session, keys, agency["id"], host, told[host], now)


def _pack_text(policy: str) -> str:
    if policy in policies.pack_ids():
        return policies.pack_text(policy)
    if Path(policy).is_file():
        return Path(policy).read_text(encoding="utf-8")
    raise ValueError(f"there is no policy {policy}; there are {', '.join(policies.pack_ids())}, and any file of yours by its path")


def _has_its_own(session: Session, partnership_id: str) -> bool:
    """Whether a policy is in force there that is none of the bundled ones."""
    try:
        return current_policy(session, partnership_id).id not in policies.pack_ids()
    except LookupError:
        return False


def _partnership_file() -> Given:
    found: Given = yaml.safe_load(PARTNERSHIP.read_text(encoding="utf-8"))
    return found


def _partnership(session: Session, given: Given, now: datetime) -> None:
    """The partnership, its dated contacts, and every agency with its people."""
    body = given["partnership"]
    session.add(
        Partnership(
            id=body["id"],
            title="",
            coordinator_email=body["coordinator_email"],
            duty_desk_email=body["duty_desk_email"],
            hours=body["hours"],
        )
    )
    session.flush()
    for contact in body["contacts"]:
        session.add(Binding(partnership_id=body["id"], valid_from=now, **contact))
    for agency in given["agencies"]:
        _agency(session, body["id"], agency, body["risk"])


def _agency(session: Session, partnership_id: str, given: Given, risk: Given) -> None:
    session.add(
        Agency(
            id=given["id"],
            partnership_id=partnership_id,
            name=given["name"],
            type=given["type"],
            traits=given.get("traits", []),
            duty_desk_email=given["duty_desk_email"],
            risk=risk,
        )
    )
    session.flush()
    people = {
        one["id"]: Person(
            agency_id=given["id"],
            staff_id=one["id"],
            name=one["name"],
            job_title=one["title"],
            email=one["email"],
            team=one.get("team", ""),
        )
        for one in given["people"]
    }
    session.add_all(people.values())
    session.flush()
    for role, holders in given["roles"].items():
        for place, holder in enumerate(holders):
            deputy = people[holder["deputy"]].id if "deputy" in holder else None
            session.add(RoleHolder(agency_id=given["id"], role=role, person_id=people[holder["is"]].id, deputy_id=deputy, listed=place))


def _connect(session: Session, keys: Keys, agency_id: str, host: str, told: Given, now: datetime) -> None:
    """The connection of an agency to its pretend host, as it must be at the hosts' present addresses."""
    way = way_to(host, told)
    signing = {"issuer": told["issuer"], "algorithm": told["algorithm"], "keys": told["keys"]}
    launch = {**signing, "origins": [told["origin"]], "acting_roles": way.acting_roles}
    given = {"id": host, "agency": agency_id, "title": way.title, "launch": launch, "adapter": way.adapter, "options": way.options}
    connections.load(session, keys, given, way.secrets, now)
