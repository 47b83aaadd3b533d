"""A disagreement inside one organisation, on the pages: with whom, what each side sees, who must say for which they speak."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.pages import Page, Visitor
from tests.plugin.test_inside_one_agency import COLLEAGUE, ELSEWHERE, OFFICER, POLICY, WORKER, under
from tests.plugin.visits import ANSWERS, Mailbox, enter, on_sqlite_alone, reference_on, start, to_the_question, to_where
from tests.world import COUNCIL, World, make_world

pytestmark = [pytest.mark.slow, on_sqlite_alone]  # left out of make test-quick
ASKED = "Say for which side you speak"


@pytest.fixture
def world(app: Flask) -> World:
    """The demo's people under a policy that is for disagreements within agencies too."""
    return under(make_world(app), POLICY)


def raise_inside(world: World, visitor: Visitor, **more: Any) -> Page:
    """The reviewing officer raises it with the social worker, from the child's record."""
    page = to_the_question(visitor, start(visitor, world, OFFICER), COUNCIL)
    answers = {name: said for name, said in ANSWERS.items() if name != "flags"}
    page = visitor.press(page, "Check your answers", {**answers, "themes": ["plan"], "person": world.people[WORKER], **more})
    return visitor.press(page, "Send and start") if page.h1 == "Check your answers" else page


def open_on(world: World, staff: str, reference: str, visitor: Visitor) -> Page:
    """The case, opened by somebody of the council from the child's record."""
    return visitor.press(start(visitor, world, staff), reference)


@pytest.mark.parametrize("cookies", [True, False])
def test_one_s_own_organisation_is_offered_and_oneself_is_not(world: World, cookies: bool) -> None:
    visitor = Visitor(world.app, cookies=cookies)
    page = to_where(visitor, start(visitor, world, OFFICER))
    assert "Somebody in your own organisation, Northleigh Council" in page.words
    assert "is not listed" not in page.words
    page = visitor.press(page, "Continue", {"agency": COUNCIL})
    assert page.h1 == "Raise a disagreement inside Northleigh Council"
    assert world.people[WORKER] in page.text
    assert world.people[OFFICER] not in page.text


def test_a_policy_for_other_organisations_says_where_to_go_instead(app: Flask) -> None:
    world = make_world(app)
    page = _where(world)
    assert "Somebody in your own organisation" not in page.words
    assert "Your own organisation, Northleigh Council, is not listed." in page.words
    assert "For a disagreement inside it, use its own procedure." in page.words
    says = POLICY.replace("allowed: yes", "allowed: no, text: Ask the head of service of both teams.")
    assert "Ask the head of service of both teams." in _where(under(world, says)).words


def _where(world: World) -> Page:
    visitor = Visitor(world.app)
    return to_where(visitor, start(visitor, world, OFFICER))


def test_a_policy_for_one_organisation_alone_offers_no_other(world: World) -> None:
    page = _where(under(world, POLICY.replace("allowed: yes", "allowed: only, text: Use the partnership's policy.")))
    assert "This policy is for disagreements inside one organisation. Use the partnership's policy." in page.words
    assert "Hill Top School" not in page.words
    assert page.form("Continue").sends["agency"] == COUNCIL, "there is one answer: it is chosen"


def test_nobody_names_themselves_by_their_own_address(world: World) -> None:
    visitor = Visitor(world.app)
    own = {"person": "someone else", "other_person-name": "D Kaminski", "other_person-email": "Dorothea.Kaminski@northleigh.example"}
    page = raise_inside(world, visitor, **own)
    assert page.errors()["other_person-email"] == "This is your own address. Name the person you disagree with"
    assert page.form("Check your answers").sends["unsafe"] == ANSWERS["unsafe"], "what was typed is kept"


def test_each_side_reads_who_is_who_and_has_its_own_to_do(world: World) -> None:
    officer, worker = Visitor(world.app), Visitor(world.app)
    page = raise_inside(world, officer)
    reference = reference_on(page)
    assert "Raised by Dorothea Kaminski, Northleigh Council, with Amara Lindqvist, Northleigh Council" in page.words
    assert "Answer" not in page.buttons()
    page = open_on(world, WORKER, reference, worker)
    assert {"Answer", "Ask your own supervisor"} <= set(page.buttons())
    listed = start(Visitor(world.app), world, WORKER)
    assert "With somebody in your own organisation." in listed.words


def test_by_an_emailed_link_the_other_side_answers_and_the_raiser_sees_it(world: World) -> None:
    officer, mailbox = Visitor(world.app), Mailbox(world)
    reference = reference_on(raise_inside(world, officer))
    mailbox.send_due()
    assert not mailbox.to("dorothea.kaminski@northleigh.example", "Please")
    linked = Visitor(world.app)
    page = enter(linked, mailbox, "amara.lindqvist@northleigh.example")
    assert page.h1 == f"Disagreement {reference}"
    page = linked.press(page, "Answer")
    page = linked.press(page, "Check your answers", {"done": "yes"})
    page = linked.press(page, "Send")
    assert "Done. It is recorded." in page.words
    page = open_on(world, OFFICER, reference, Visitor(world.app))
    assert "Done: Answer" in page.words and "Amara Lindqvist" in page.words


def test_a_link_that_is_handed_on_goes_to_nobody_of_the_other_side(world: World) -> None:
    mailbox, linked = Mailbox(world), Visitor(world.app)
    raise_inside(world, Visitor(world.app))
    mailbox.send_due()
    page = linked.press(enter(linked, mailbox, "amara.lindqvist@northleigh.example"), "Somebody else should answer")
    assert "Gethin Abara" in page.words and "Ruairi Deng" in page.words
    assert "Dorothea Kaminski" not in page.words and "Ikenna Vasquez" not in page.words


@pytest.mark.parametrize("cookies", [True, False])
def test_whoever_is_on_neither_side_reads_and_says_first_for_which_they_speak(world: World, cookies: bool) -> None:
    reference = reference_on(raise_inside(world, Visitor(world.app)))
    visitor = Visitor(world.app, cookies=cookies)
    page = open_on(world, ELSEWHERE, reference, visitor)
    assert "She goes home alone." in page.words
    assert "The side that raised it: Dorothea Kaminski, Northleigh Council" in page.words
    assert "Answer" not in page.buttons() and "Ask your own supervisor" not in page.words
    assert not [one for one in page.buttons() if one.startswith(("Add information", "Go on", "Settle", "Withdraw"))]
    page = visitor.press(visitor.press(page, ASKED), "Check your answers")
    assert page.errors()["side"] == "Choose the side you speak for"
    page = visitor.press(visitor.press(page, "Check your answers", {"side": "responding"}), "Send")
    assert "Answer" in page.buttons() and ASKED not in page.buttons()
    assert "Said which side they speak for" in page.words


def test_a_colleague_of_one_side_s_team_need_not_say_it(world: World) -> None:
    reference = reference_on(raise_inside(world, Visitor(world.app)))
    page = open_on(world, COLLEAGUE, reference, Visitor(world.app))
    assert "Answer" in page.buttons() and ASKED not in page.buttons()


def test_a_move_names_nobody_of_the_other_side_to_take_it_on(world: World) -> None:
    officer = Visitor(world.app)
    page = raise_inside(world, officer)
    page = officer.press(page, "Go on to Managers")
    assert "Ikenna Vasquez" in page.words and "Philippa Okonjo-Reyes" not in page.words
