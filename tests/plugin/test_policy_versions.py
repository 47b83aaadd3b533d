"""A running case keeps the policy it was raised under; a worker across a border gets the policy of the child's area."""

from __future__ import annotations

from sqlalchemy import select

import forms
import policies
from integrations.launch.host import make_launch
from plugin.extensions import db
from plugin.models import Agency, Partnership, Person, PolicyVersion, begin_writing
from plugin.models.scope import System, bind
from plugin.services.case import cases
from plugin.services.case.policies import activate, current_policy
from plugin.services.keeping.clock import machine_now
from tests.pages import ORIGIN, Page, Visitor
from tests.plugin.visits import to_where
from tests.world import CHILD, World, uk

RAISED = uk("2027-03-19 18:10")


def test_a_new_version_leaves_running_cases_alone(world: World) -> None:
    reference = world.make_disagreement(RAISED)
    bind(db.session, System("test"))
    partnership = db.session.scalars(select(Partnership)).one().id
    before = current_policy(db.session, partnership)
    first = 'limit: {} working days\n    rule: "GSCB-6'
    shorter = policies.pack_text(before.id).replace(first.format(5), first.format(3))
    assert shorter != policies.pack_text(before.id)
    begin_writing(db.session)
    after = activate(db.session, partnership, shorter, machine_now(), forms.ids())
    assert after.hash != before.hash
    old = cases.open_case(db.session, world.keys, reference=reference)
    assert old.policy.hash == before.hash
    due = old.state(RAISED).due
    assert due is not None
    assert due.at == uk("2027-03-30 23:59:59")
    new = world.make_disagreement(RAISED, policy_hash=after.hash)
    bind(db.session, System("test"))
    due = cases.open_case(db.session, world.keys, reference=new).state(RAISED).due
    assert due is not None
    assert due.at < uk("2027-03-30 00:00")
    texts = {row.hash: row.text for row in db.session.execute(select(PolicyVersion.hash, PolicyVersion.text))}
    assert texts[before.hash] == policies.pack_text(before.id), "what was published never changes"


def test_a_worker_across_a_border_gets_the_policy_of_the_childs_area(world: World) -> None:
    bind(db.session, System("test"))
    begin_writing(db.session)
    db.session.add(Partnership(id="neighbours", title="The neighbours", areas=["E06000025"]))
    db.session.flush()
    db.session.add(Agency(id="far-school", partnership_id="neighbours", name="Far Side School", type="school"))
    db.session.flush()
    db.session.add(Person(agency_id="far-school", name="Oluwaseun Pryce", email="o.pryce@farside.example"))
    db.session.commit()
    begin_writing(db.session)
    activate(db.session, "neighbours", policies.pack_text("south-gloucestershire"), machine_now(), forms.ids())
    visitor = Visitor(world.app, cookies=False)
    page = _start(visitor, world, "E06000025")
    assert "South Gloucestershire" in page.words
    where = to_where(visitor, page)
    assert "Far Side School" in where.words
    assert "Hill Top School" not in where.words
    own = _start(Visitor(world.app, cookies=False), world, "")
    assert "Gloucestershire Safeguarding Children Board" in own.words, "without an area: the agency's own"


def _start(visitor: Visitor, world: World, area: str) -> Page:
    key = world.keys_of["council"]
    sealed_to = {name: value for name, value in world.keys.launch.items() if name != "d"}
    who = ("nc-1042", "Amara Lindqvist", ["social-worker"], "4471", "host-session")
    token = make_launch(key, key["kid"], "https://council.example", ORIGIN, *who, CHILD, sealed_to, machine_now(), area)
    origin = {"Origin": "https://council.example", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "iframe"}
    return visitor.press(visitor.post("/launch/council", {"launch_token": token}, headers=origin), "Start")
