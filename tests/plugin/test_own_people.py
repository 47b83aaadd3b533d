"""Those whom a child or an adult has for themselves: each is asked for by name, told once, and sees what is theirs to see."""

from __future__ import annotations

import pytest
from flask import Flask

import forms
from integrations.launch.context import ChildDetails
from plugin.extensions import db
from plugin.models import Contact
from plugin.models.scope import System, bind
from plugin.services.acting.raising import Sibling
from plugin.services.case import casefile, cases, own_people
from plugin.services.case.policies import activate
from plugin.services.keeping import sealing
from plugin.services.keeping.clock import machine_now
from plugin.services.write_back import records
from tests.pages import Page, Visitor
from tests.plugin.test_choices_when_raising import make_world_under
from tests.plugin.visits import ANSWERS, as_system, on_sqlite_alone, post_launch, reference_on, start, token_for
from tests.policies.rows import STRANGERS
from tests.policies.small import small
from tests.world import COUNCIL, World, make_world

GRETA = ChildDetails("Greta Halvorsen-Quill", "1938-06-14")
EMRYS = ChildDetails("Emrys Castellanos", "2013-01-09")
ROLES = """  - {id: officer, title: Reviewing officer, of: child}
  - {id: advocate, title: Independent advocate, of: adult}
"""
NOTICES = """subject: child or adult
flags: [{id: plan, title: On a plan, of: child}, {id: unable, title: Lacks capacity, of: adult}, {id: danger, title: In danger, of: case}]
owes:
  - {id: one, kind: notice, title: Tell one, by: raising worker, to: officer, for each: officer, when: flag plan, strength: may, rule: R}
  - {id: two, kind: notice, title: Tell another, by: raising worker, to: advocate, for each: advocate, when: WHEN, strength: may, rule: R}
"""


def asked(when: str) -> dict[str, list[str]]:
    """Of a small joint policy, whom it has told and the flags that go before, by how the second notice is written."""
    roles = ("  - {id: boss, title: Boss}\n", f"  - {{id: boss, title: Boss}}\n{ROLES}")
    policy = small(roles, more=NOTICES.replace("WHEN", when))
    return {one.id: sorted(one.flags) for one in own_people.own_roles(policy)}


@pytest.mark.parametrize(
    ("when", "flags"),
    [
        ("flag unable", ["unable"]),
        ("flag unable and reached stage 2", ["unable"]),
        ("reached stage 2", []),
        ("not flag unable", []),
        ("flag unable or reached stage 2", []),
        ("flag danger", []),  # one of the case: it is not among those that are asked of a person
    ],
)
def test_who_must_be_told_is_asked_for_with_the_flag_that_has_them_told_or_always(when: str, flags: list[str]) -> None:
    assert asked(when) == {"officer": ["plan"], "advocate": flags}


def joint_text() -> str:
    """A policy for children and adults: a reviewing officer of a child, an advocate of every adult."""
    text = (STRANGERS / "fenbridge.yaml").read_text(encoding="utf-8").replace("subject: adult or theme\n", "subject: child or adult\n")
    role, flag = "  - {id: advocate, title: Independent advocate, of: adult}\n", "  - {id: lacks capacity,"
    start = text.index("  - {id: tell advocate,")
    notice = text[start : text.index("\n", start) + 1]
    told = notice.replace("advocate", "officer").replace("lacks capacity", "on a plan")
    assert role in text and flag in text and ", when: flag lacks capacity" in notice
    text = text.replace(role, f"  - {{id: officer, title: Independent Reviewing Officer, of: child}}\n{role}")
    text = text.replace(flag, f"  - {{id: on a plan, title: On a protection plan, of: child, rule: FB-3}}\n{flag}")
    return text.replace(notice, told + notice.replace(", when: flag lacks capacity", ""))


def to_the_form(app: Flask, who: ChildDetails) -> tuple[World, Visitor, Page]:
    world = make_world(app)
    bind(db.session, System("test"))
    activate(db.session, "demo", joint_text(), machine_now(), forms.ids())
    visitor = Visitor(app)
    page = visitor.press(post_launch(visitor, token_for(world, child=who)), "Start")
    page = visitor.press(page, "Raise professional disagreement")
    page = visitor.press(page, "Continue", {"immediate_harm": "no"})
    page = visitor.press(page, "Continue", {"agency": "hill-top-school"})
    return world, visitor, visitor.press(page, "Continue", {"choice_0": "challenge"})


@pytest.mark.slow
@on_sqlite_alone
@pytest.mark.parametrize(("who", "field", "role"), [(GRETA, "officer_advocate", "advocate"), (EMRYS, "officer", "officer")])
def test_in_a_joint_policy_each_kind_of_person_is_asked_for_their_own(app: Flask, who: ChildDetails, field: str, role: str) -> None:
    world, visitor, page = to_the_form(app, who)
    controls = page.form("Check your answers").controls
    assert [name for name in ("officer-name", "officer_advocate-name") if name in controls] == [f"{field}-name"]
    flags = {"flags": ["on a plan"]} if role == "officer" else {}
    answers = {**ANSWERS, "themes": ["enquiry"], "person": world.people["htull"], **flags}
    answers |= {f"{field}-name": "Tamsin Oyelaran", f"{field}-email": "t.oyelaran@voices.example"}
    page = visitor.press(page, "Check your answers", {name: said for name, said in answers.items() if name in controls})
    title = "Who is the person’s independent advocate?" if role == "advocate" else "Who is the person’s Independent Reviewing Officer?"
    assert title in page.words and "Tamsin Oyelaran" in page.words
    reference = reference_on(visitor.press(page, "Send and start"))
    session = as_system()
    case = cases.open_case(session, world.keys, reference=reference)
    contact = session.query(Contact).one()
    assert case.key is not None and contact.role == role
    assert sealing.unseal(case.key, f"contact|{contact.id}", contact.sealed)["name"] == "Tamsin Oyelaran"
    state = case.state(case.events[0].at)
    told = [(one.id, one.key.split("/")[-1]) for one in state.obligations if one.id in ("tell officer", "tell advocate")]
    assert told == [(f"tell {role}", contact.id)], "nobody is told whom this person cannot have"


@pytest.mark.slow
@on_sqlite_alone
def test_whoever_can_say_it_is_asked_who_an_officer_is_until_somebody_has(world: World) -> None:
    now = machine_now()
    reference = world.make_disagreement(now)
    world.escalate(reference, "2", world.actor("nc-1042", "raising"), now, flags=["looked after"])
    visitor = Visitor(world.app)
    start(visitor, world)
    page = visitor.get(f"/case/{reference}")
    assert "Tell the child's Independent Reviewing Officer. At once" in page.words
    page = visitor.press(page, "Say who is to be told")
    assert page.h1 == "Add information" and "Who is the child’s Independent Reviewing Officer? (optional)" in page.words
    said = {"officer-name": "Dorothea Kaminski", "officer-email": "d.kaminski@northleigh.example", "flags": "looked after"}
    page = visitor.press(visitor.press(page, "Check your answers", said), "Send")
    assert "Noted: who the Independent Reviewing Officer is" in page.words
    assert not [one for one in page.buttons() if one.startswith("Say who is")]
    assert "Who is the child’s" not in visitor.press(page, "Add information").words, "it is not asked again"


@pytest.mark.slow
@on_sqlite_alone
def test_what_is_to_be_done_for_each_person_says_for_whom(app: Flask) -> None:
    world, now = make_world_under(app, "fenbridge"), machine_now()
    other = Sibling("Anselm Quill", "1936-02-01")
    reference = world.make_disagreement(
        now, child=GRETA, child_key=world.keys.child_key(COUNCIL, "4471"), siblings=(other,), themes=["enquiry"]
    )
    visitor = Visitor(app)
    start(visitor, world, child=GRETA)
    page = visitor.get(f"/case/{reference}")
    asked = [f"Ask what the adult wants ({name})" for name in ("Greta Halvorsen-Quill", "Anselm Quill")]
    assert [one for one in page.buttons() if one.startswith("Ask what the adult wants")] == asked
    page = visitor.press(page, asked[1])
    assert page.h1 == asked[1]
    page = visitor.press(visitor.press(page, "Check your answers", {"done": "yes"}), "Send")
    assert f"Done: {asked[1]}" in page.words
    session = as_system()
    case = cases.open_case(session, world.keys, reference=reference)
    for child, own, others in (("c1", "Greta", "Anselm"), ("c2", "Anselm", "Greta")):
        file = casefile.read(session, case, case.state(now), child=child)
        made = str(records.compose(file, f"{reference}/v1", next(one for one in file.children if one.id == child)))
        assert own in made and others not in made, "each one's file is silent about the other"
