"""A policy that is for children and adults: the service knows which somebody is, by their birthday or by asking."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

import forms
from integrations.launch.context import ChildDetails
from plugin.extensions import db
from plugin.models.scope import System, bind
from plugin.services.case import cases
from plugin.services.case.children import kind_of
from plugin.services.case.policies import activate
from plugin.services.keeping.clock import machine_now
from policies import load
from tests.pages import Page, Visitor
from tests.plugin.test_choices_when_raising import STRANGERS
from tests.plugin.visits import ANSWERS, as_system, on_sqlite_alone, post_launch, reference_on, token_for
from tests.policies.small import small
from tests.world import World, make_world

OLD = ChildDetails("Delyth Okonjo-Price", "1941-02-11")
YOUNG = ChildDetails("Rhodri Achterberg", "2012-05-30")
UNKNOWN = ChildDetails("Sunniva Marchetti", "")


def joint_text() -> str:
    text = (STRANGERS / "fenbridge.yaml").read_text(encoding="utf-8")
    return text.replace("subject: adult or theme\n", "subject: child or adult\n")


@pytest.mark.parametrize(
    ("born", "said", "kind"),
    [
        ("2008-11-22", "", "adult"),  # eighteen today
        ("2008-11-23", "", "child"),  # tomorrow
        ("2008-02-29", "", "child"),
        ("1941-02-11", "", "adult"),
        ("2020-01-01", "adult", "adult"),  # whoever raises it knows better
        ("", "child", "child"),
        ("", "", ""),
        ("unknown", "", ""),
    ],
)
def test_whoever_is_eighteen_is_an_adult_unless_it_was_said_otherwise(born: str, said: str, kind: str) -> None:
    today = date(2026, 11, 22) if born != "2008-02-29" else date(2026, 2, 28)
    assert kind_of(load(joint_text()), born, said, today) == kind


def test_where_a_policy_is_for_one_of_the_two_nothing_is_asked_or_said() -> None:
    assert kind_of(small(), "1941-02-11", "adult", date(2026, 11, 22)) == ""


def raising(app: Flask, who: ChildDetails) -> tuple[World, Visitor, Page]:
    """Up to the questions about the disagreement."""
    world = make_world(app)
    bind(db.session, System("test"))
    activate(db.session, "demo", joint_text(), machine_now(), forms.ids())
    visitor = Visitor(app)
    page = visitor.press(post_launch(visitor, token_for(world, child=who)), "Start")
    page = visitor.press(page, "Raise professional disagreement")
    page = visitor.press(page, "Continue", {"immediate_harm": "no"})
    if page.h1 == "Is this the right way?":
        page = visitor.press(page, "Continue", dict.fromkeys(page.form("Continue").controls, "no"))
    page = visitor.press(page, "Continue", {"agency": "hill-top-school"})
    page = visitor.press(page, "Continue", {"choice_0": "challenge"})
    return world, visitor, page


def sent(world: World, visitor: Visitor, page: Page, **more: str) -> str:
    """Which of the two the case says it is about."""
    asked = page.form("Check your answers").controls
    answers = {**ANSWERS, "themes": ["enquiry"], "person": world.people["htull"], **more}
    page = visitor.press(page, "Check your answers", {name: said for name, said in answers.items() if name in asked})
    page = visitor.press(page, "Send and start")
    case = cases.open_case(as_system(), world.keys, reference=reference_on(page))
    (person,) = case.events[0].facts["children"]
    return str(person.get("is", ""))


@pytest.mark.slow
@on_sqlite_alone
@pytest.mark.parametrize(("who", "kind"), [(OLD, "adult"), (YOUNG, "child")])
def test_somebody_whose_birthday_the_record_system_says_is_taken_for_what_they_are(app: Flask, who: ChildDetails, kind: str) -> None:
    world, visitor, page = raising(app, who)
    assert "child_or_adult" not in page.form("Check your answers").controls
    assert sent(world, visitor, page) == kind


@pytest.mark.slow
@on_sqlite_alone
def test_where_no_birthday_is_known_it_is_asked(app: Flask) -> None:
    world, visitor, page = raising(app, UNKNOWN)
    assert "Is the person a child or an adult?" in page.words
    assert "Lacks capacity to decide about this (adults only)" in page.words
    assert sent(world, visitor, page, child_or_adult="adult") == "adult"


@on_sqlite_alone
def test_the_first_question_is_the_policy_s_own(app: Flask) -> None:
    world = make_world(app)
    bind(db.session, System("test"))
    activate(db.session, "demo", joint_text(), machine_now(), forms.ids())
    visitor = Visitor(app)
    page = visitor.press(post_launch(visitor, token_for(world, child=OLD)), "Start")
    page = visitor.press(page, "Raise professional disagreement")
    gate = load(joint_text()).emergency
    assert gate is not None and gate.question in page.words
