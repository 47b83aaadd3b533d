"""What a form knows of its case: a date is held against when it was raised, and adding nothing is refused."""

from __future__ import annotations

import pytest
from flask import Flask

from plugin.services.keeping.clock import machine_now
from tests.pages import Visitor
from tests.plugin.visits import fill_raise, on_sqlite_alone, start
from tests.world import World


@on_sqlite_alone
@pytest.mark.slow
def test_a_settlement_before_the_raise_and_information_that_is_none_are_refused_beside_the_question(app: Flask, world: World) -> None:
    visitor = Visitor(app)
    page = visitor.press(fill_raise(visitor, world, start(visitor, world)), "Send and start the policy’s clock")
    early = {"settled_at-day": "1", "settled_at-month": "1", "settled_at-year": "2020", "settled_at-time": "9am"}
    settled = visitor.press(visitor.press(page, "Settle the disagreement"), "Check your answers", early)
    assert settled.errors()["settled_at"].startswith("Enter a date and time not before it was raised (")
    added = visitor.press(visitor.press(page, "Add information"), "Check your answers")
    assert added.errors() == {"more": "Add something. Nothing on this page is new"}


@on_sqlite_alone
def test_every_form_says_which_disagreement_it_is_and_what_the_other_side_said_last(world: World) -> None:
    now = machine_now()
    reference = world.make_disagreement(now)
    answer = {"position": "disagree", "reasons": "Two pupils were hurt.", "safe_meanwhile": "A mentor walks with her."}
    world.fulfil(reference, "1/answer", world.actor("htull", "responding", "practitioner"), now, "response", answers=answer)
    visitor = Visitor(world.app)
    page = visitor.press(visitor.press(start(visitor, world), reference), "Talk to each other")
    assert f"{reference}: Ffion Achebe-Lloyd" in page.words
    assert "What Hill Top School said last" in page.words and "Two pupils were hurt." in page.words


@on_sqlite_alone
def test_whoever_withdraws_what_was_raised_wrongly_reads_that_it_still_goes_on_the_file(world: World) -> None:
    reference = world.make_disagreement(machine_now())
    visitor = Visitor(world.app)
    page = visitor.press(visitor.press(start(visitor, world), reference), "Withdraw it")
    assert "still goes on the child’s file" in page.words and "go back and say that it was raised by mistake" in page.words
    left = {"why": "It was about another child.", "safe_now": "Nothing was wrong."}
    assert "still goes on the child’s file" in visitor.press(page, "Check your answers", left).words


@on_sqlite_alone
def test_the_services_own_address_says_what_it_is_to_somebody_who_had_a_mail(world: World) -> None:
    page = Visitor(world.app).get("/")
    assert page.status == 200 and "it never asks for a password" in page.words and "who leads on safeguarding where you work" in page.words
