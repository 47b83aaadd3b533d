"""A disagreement about several children: each has flags, an officer and a record of their own, and is found from their own file."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from integrations.launch.context import ChildDetails
from plugin.extensions import db
from plugin.jobs import work
from plugin.models import Contact, Delivery, MailRow
from plugin.models.scope import System, bind
from plugin.services.acting import casework
from plugin.services.acting.casework import Sent
from plugin.services.acting.raising import Named, Sibling
from plugin.services.case import casefile, cases, children, own_people
from plugin.services.keeping.clock import machine_now
from plugin.services.write_back import records
from tests.pages import Visitor
from tests.plugin.visits import ANSWERS, Mailbox, as_system, enter, on_sqlite_alone, start, to_where
from tests.world import COUNCIL, SCHOOL, World, uk, use_trial_adapter

RAISED = uk("2027-03-19 18:10")
DOROTHEA = Named("reviewing officer", "Dorothea Kaminski", "d.kaminski@northleigh.example")
BAKARY = Named("reviewing officer", "Bakary Nkemelu", "b.nkemelu@northleigh.example")
NOAH = Sibling("Noah Achebe-Lloyd", "2019-02-11", (("nhs-number", "9990000026"),), "4472", ["looked after"], [BAKARY])
EFA = Sibling("Efa Achebe-Lloyd", "", (("upn", "H801200001001"),), "", [])


def raised(world: World, *siblings: Sibling, **more: Any) -> str:
    """About Ffion, who is looked after, and these others."""
    return world.make_disagreement(RAISED, flags=["looked after"], own_people=[DOROTHEA], siblings=siblings, **more)


def test_each_officer_is_told_once_however_many_of_the_children_are_theirs(world: World) -> None:
    same = Named("reviewing officer", "Dorothea Kaminski", "D.Kaminski@northleigh.example")
    for others, notices in (((NOAH,), 2), ((Sibling("Noah", flags=["looked after"], own_people=[same]),), 1), ((EFA,), 1)):
        reference = raised(world, *others)
        world.escalate(reference, "2", world.actor("nc-1042", "raising"), RAISED + timedelta(days=3))
        bind(db.session, System("test"))
        case = cases.open_case(db.session, world.keys, reference=reference)
        told = db.session.execute(
            select(MailRow.recipient).where(MailRow.disagreement_id == case.id, MailRow.obligation.contains("reviewing officer"))
        )
        officers = db.session.scalars(select(Contact.id).where(Contact.disagreement_id == case.id)).all()
        assert len(set(told.scalars())) == notices == len(officers)


def test_an_officer_nobody_knew_at_first_is_told_once_named_at_the_next_step(world: World) -> None:
    reference = world.make_disagreement(RAISED, flags=["looked after"])
    named = {"name": "Dorothea Kaminski", "email": "d.kaminski@northleigh.example"}
    world.escalate(reference, "2", world.actor("nc-1042", "raising"), RAISED + timedelta(days=3), flags=["looked after"], officer=named)
    bind(db.session, System("test"))
    case = cases.open_case(db.session, world.keys, reference=reference)
    contact = db.session.scalars(select(Contact.id).where(Contact.disagreement_id == case.id)).one()
    told = select(MailRow.recipient).where(MailRow.disagreement_id == case.id, MailRow.obligation.contains("reviewing officer"))
    assert set(db.session.scalars(told)) == {f"contact:{contact}"}


def test_what_is_said_of_a_child_is_sealed_and_read_again(world: World) -> None:
    reference = raised(world, NOAH, EFA)
    bind(db.session, System("test"))
    case = cases.open_case(db.session, world.keys, reference=reference)
    family = children.of_case(cases.texts(db.session, case)[1])
    assert [one.id for one in family] == ["c1", "c2", "c3"]
    assert family[1].known_to(COUNCIL) == (("local", "4472"), ("nhs-number", "9990000026"))
    assert family[1].known_to(SCHOOL) == (("nhs-number", "9990000026"),)
    assert "Noah" not in repr(family)
    assert "Achebe" not in str(case.events)


def test_a_flag_is_set_and_taken_back_for_the_one_child_it_is_about(world: World) -> None:
    reference = raised(world, NOAH, EFA)
    worker = world.actor("nc-1042", "raising")

    def say(once: str, *flags: str) -> dict[str, tuple[str, ...]]:
        sent = Sent("changes", 1, {"flags": list(flags), "more": "x"}, {"flags": list(flags)}, once)
        state = casework.add_information(db.session, world.keys, reference, worker, sent, RAISED + timedelta(hours=1), machine_now()).state
        return dict(state.child_flags)

    assert say("a", "looked after@c1", "looked after@c2", "looked after@c3") == dict.fromkeys(("c1", "c2", "c3"), ("looked after",))
    assert say("b", "looked after@c2") == {"c1": (), "c2": ("looked after",), "c3": ()}


def asked_for(world: World, reference: str) -> dict[str, Any]:
    """Whose officer is asked for, with the flags that open the question."""
    bind(db.session, System("test"))
    case = cases.open_case(db.session, world.keys, reference=reference)
    family = children.of_case(cases.texts(db.session, case)[1])
    choices, lists = own_people.lacking(case.policy, family, case.events, "child")
    return {words: lists[f"officer flags {code}".strip()] for code, words in choices}


def test_an_officer_is_asked_for_only_where_none_is_known(world: World) -> None:
    reference = raised(world, Sibling("Noah", flags=["looked after"]), NOAH)
    flags = ["looked after@c2", "on protection plan@c2"]
    assert asked_for(world, reference) == {"Noah’s Independent Reviewing Officer": flags}, "hers and the other’s are known"


def test_each_child_gets_a_record_of_their_own_that_names_none_of_the_others(world: World) -> None:
    use_trial_adapter()
    answers = {"unsafe": "He goes home alone.", "flags": ["looked after"], "siblings": [_typed(NOAH), _typed(EFA)]}
    reference = raised(world, NOAH, EFA, answers=answers)
    world.resolve(reference, "reasons understood", world.actor("nc-1042", "raising"), RAISED + timedelta(hours=3))
    work.deliver()
    bind(db.session, System("test"))
    rows = db.session.execute(select(Delivery.agency_id, Delivery.child, Delivery.record)).all()
    assert len({row.record for row in rows}) == 3
    assert len(rows) == 6
    case = cases.open_case(db.session, world.keys, reference=reference)
    for child, name in (("c1", "Ffion Achebe-Lloyd"), ("c2", "Noah Achebe-Lloyd"), ("c3", "Efa Achebe-Lloyd")):
        file = casefile.read(db.session, case, case.state(case.events[-1].at), child=child)
        of = next(one for one in file.children if one.id == child)
        said = str(records.compose(file, f"{reference}/v1", of))
        assert name in said
        assert not [other for other in ("Ffion", "Noah", "Efa") if other in said and other not in name]
        assert ("Bakary" in said) == (child == "c2")


def _typed(one: Sibling) -> dict[str, Any]:
    officer = {"name": one.own_people[0].name, "email": one.own_people[0].email} if one.own_people else None
    return {"name": one.name, "born": one.born or None, "flags": list(one.flags), "officer": officer}


@on_sqlite_alone
@pytest.mark.slow
def test_a_worker_adds_a_child_on_the_page_and_both_agencies_find_it_from_that_childs_file(app: Flask, world: World) -> None:
    visitor = Visitor(app)
    page = visitor.press(to_where(visitor, start(visitor, world)), "Continue", {"agency": SCHOOL})
    form = page.form("Check your answers")
    typed = {**form.sends.to_dict(flat=False), **ANSWERS, "person": world.people["htull"]}
    page = visitor.ask(form.method, form.action, data={**typed, "siblings-add": "yes"})  # the button "Add another child"
    assert page.summary() == []
    named = {"siblings-0-name": "Noah Achebe-Lloyd", "siblings-0-nhs_number": "999 000 0026", "siblings-0-ref": "4472"}
    page = visitor.press(page, "Check your answers", named)
    assert "Noah Achebe-Lloyd" in page.words
    visitor.press(page, "Send and start the policy’s clock")
    noah = ChildDetails("Noah Achebe-Lloyd", "2019-02-11", (("nhs-number", "9990000026"),))
    for staff, ref, host, child in (
        ("nc-1042", "4472", "council", ChildDetails("Noah")),
        ("htull", "P-77", "school", noah),
        ("bvance", "P-78", "school", ChildDetails("Somebody else")),
    ):
        listed = start(Visitor(app), world, staff, ref, host, child).words
        assert ("PD-" in listed) == (ref != "P-78"), (staff, listed)


@pytest.mark.slow
@on_sqlite_alone
def test_a_brothers_officer_may_be_left_out_and_is_asked_for_again_before_they_must_be_told(world: World) -> None:
    nobody = Sibling("Noah Achebe-Lloyd", "2019-02-11", NOAH.identifiers, "4472", ["looked after"])
    reference = raised(world, nobody)
    assert list(asked_for(world, reference)) == ["Noah Achebe-Lloyd’s Independent Reviewing Officer"], "hers is known"
    named = {"name": "Bakary Nkemelu", "email": "b.nkemelu@northleigh.example"}
    flags = ["looked after@c1", "looked after@c2"]
    world.escalate(reference, "2", world.actor("nc-1042", "raising"), RAISED + timedelta(days=3), flags=flags, officer_of_c2=named)
    bind(db.session, System("test"))
    told = select(MailRow.recipient).where(MailRow.obligation.contains("reviewing officer"))
    assert len(set(db.session.scalars(told))) == 2, "each child's own"
    assert asked_for(world, reference) == {}


def test_each_childs_officer_is_named_by_themselves_and_one_of_two_children_is_told_once(world: World) -> None:
    one, two = Sibling("Noah", flags=["looked after"]), Sibling("Efa", flags=["looked after"])
    reference = raised(world, one, two)
    hers = {"name": "Dorothea Kaminski", "email": "D.Kaminski@Northleigh.example"}
    his = {"name": "Bakary Nkemelu", "email": "b.nkemelu@northleigh.example"}
    flags = [f"looked after@c{number}" for number in (1, 2, 3)]
    raiser = world.actor("nc-1042", "raising")
    state = world.escalate(reference, "2", raiser, RAISED + timedelta(days=3), flags=flags, officer_of_c2=hers, officer_of_c3=his)
    bind(db.session, System("test"))
    contacts = db.session.scalars(select(Contact.id)).all()
    notices = [one.key for one in state.obligations if one.id == "tell reviewing officer"]
    assert len(contacts) == len(notices) == 2 and {key.split("/")[-1] for key in notices} == set(contacts)


@on_sqlite_alone
def test_the_form_takes_a_brother_whose_officer_nobody_knows(world: World) -> None:
    visitor = Visitor(world.app)
    page = visitor.press(to_where(visitor, start(visitor, world)), "Continue", {"agency": "hill-top-school"})
    form = page.form("Check your answers")
    typed = {**form.sends.to_dict(), **ANSWERS, "person": world.people["htull"], "flags": ["none"]}
    page = visitor.ask(form.method, form.action, data={**typed, "siblings-add": "yes"})
    filled = {**typed, "siblings-0-name": "Noah Achebe-Lloyd", "siblings-0-ref": "4472", "siblings-0-flags": ["looked after"]}
    page = visitor.press(
        page, "Check your answers", {name: said for name, said in filled.items() if name in page.form("Check your answers").controls}
    )
    assert page.h1 == "Check your answers", page.errors()


@pytest.mark.slow
@on_sqlite_alone
def test_an_officer_reads_of_the_children_who_are_theirs_alone(world: World) -> None:
    """A notice says which child, what it is about and where it stands; another officer's child is not named in it."""
    use_trial_adapter()
    now, raiser = machine_now(), world.actor("nc-1042", "raising")
    reference = world.make_disagreement(now, flags=["looked after"], own_people=[DOROTHEA], siblings=(NOAH, EFA))
    world.escalate(reference, "2", raiser, now, flags=["looked after@c1", "looked after@c2", "on protection plan@c1"])
    world.resolve(reference, "reasons understood", raiser, now)
    work.deliver()
    mailbox = Mailbox(world)
    mailbox.send_due()
    page = enter(Visitor(world.app), mailbox, BAKARY.email)
    assert page.h1 == f"Disagreement {reference}" and "About Noah Achebe-Lloyd" in page.words
    assert "She goes home alone." in page.words, "what it is about"
    assert not [name for name in ("Ffion", "Efa", "On a child protection plan") if name in page.text]
    assert page.words.count("On file") == 2, "his record at each agency"
    hers = enter(Visitor(world.app), mailbox, DOROTHEA.email)
    assert "About Ffion Achebe-Lloyd" in hers.words and "Noah" not in hers.text
    assert not [name for name in hers.buttons() if name.startswith("Add information")], "who is on no side states nothing"


@pytest.mark.slow
@on_sqlite_alone
def test_whoever_was_named_by_mistake_reads_no_name_any_more(world: World) -> None:
    reference, raiser = world.make_disagreement(RAISED, flags=["looked after"]), world.actor("nc-1042", "raising")
    named = {"name": BAKARY.name, "email": BAKARY.email}
    now = RAISED + timedelta(days=3)
    world.escalate(reference, "2", raiser, now, flags=["looked after"], officer=named)
    mailbox, officer = Mailbox(world), Visitor(world.app)
    mailbox.send_due()
    assert "About Ffion Achebe-Lloyd" in enter(officer, mailbox, BAKARY.email).words
    case = cases.open_case(as_system(), world.keys, reference=reference)
    wrong = next(one for one in case.events if (one.kind, one.about) == ("fact", "officer"))
    casework.correct(as_system(), world.keys, reference, str(wrong.seq), raiser, Sent("", 0, {}), now, machine_now())
    page = officer.get(f"/case/{reference}")
    assert page.h1 == f"Disagreement {reference}" and "Ffion" not in page.text and "goes home alone" not in page.text


def test_whoever_may_not_know_whom_it_is_about_reads_no_name_in_what_was_done(world: World) -> None:
    reference, raiser = world.make_disagreement(RAISED, flags=["looked after"], siblings=(NOAH,)), world.actor("nc-1042", "raising")
    flags = ["looked after@c1", "looked after@c2", "on protection plan@c1"]
    world.escalate(reference, "2", raiser, RAISED + timedelta(days=3), flags=flags)
    bind(db.session, System("test"))
    case = cases.open_case(db.session, world.keys, reference=reference)
    file = casefile.read(db.session, case, case.state(RAISED + timedelta(days=3)))
    assert any("Noted of Ffion" in one.title for one in file.entries)
    told = " ".join(one.title for one in casefile.steps_alone(file, child=False).entries)
    assert "Noted of a child:" in told and not [name for name in ("Ffion", "Noah", "Achebe") if name in told]
