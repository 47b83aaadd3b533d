"""Under a policy for adults nobody reads of a child: pages, forms and the document say the policy's own word."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from integrations.launch.context import ChildDetails
from plugin.runtime import runtime
from plugin.services.case import casefile, cases
from plugin.services.keeping.clock import business_now
from plugin.services.write_back import records
from policies import load, pack
from tests.pages import Page, Visitor
from tests.plugin.test_choices_when_raising import make_world_under, stranger
from tests.plugin.visits import ANSWERS, as_system, on_sqlite_alone, post_launch, reference_on, token_for
from tests.policies.rows import ROWS

_CHILD = re.compile(r"\bchild(ren)?\b", re.IGNORECASE)
DELYTH = ChildDetails("Delyth Okonjo-Price", "1941-02-11", (("nhs-number", "9990000018"),))


def _of_an_adult(page: Page) -> Page:
    assert not _CHILD.search(page.words), page.words
    return page


def test_the_word_is_the_policys_own() -> None:
    assert casefile.whom(stranger("fenbridge"))["a_child"] == "an adult"
    assert casefile.whom(stranger("canolbarth"))["children"] == "people"
    assert casefile.whom(load(ROWS["a theme"]))["child"] == "person"
    assert casefile.whom(pack("havering")) == {"child": "child", "children": "children", "a_child": "a child"}
    assert casefile.whom()["a_child"] == "a person", "where no policy says it"


@pytest.mark.slow
@on_sqlite_alone
@pytest.mark.parametrize("cookies", [True, False])
def test_from_the_first_page_to_the_document_it_is_about_an_adult(app: Flask, cookies: bool) -> None:
    world = make_world_under(app, "fenbridge")
    visitor = Visitor(app, cookies=cookies)
    first = _of_an_adult(post_launch(visitor, token_for(world, child=DELYTH)))
    assert "Adult: Delyth Okonjo-Price" in first.words
    page = _of_an_adult(visitor.press(first, "Start"))
    assert page.h1 == "Disagreements about this adult"
    page = _of_an_adult(visitor.press(page, "Raise professional disagreement"))
    page = _of_an_adult(visitor.press(page, "Continue", {"immediate_harm": "yes"}))
    page = _of_an_adult(visitor.press(page, "I have read this. Continue"))
    page = _of_an_adult(visitor.press(page, "Continue", {"agency": "hill-top-school"}))
    page = _of_an_adult(visitor.press(page, "Continue", {"choice_0": "challenge"}))
    assert "Why is the adult not safe?" in page.words and "Other adults it is about" in page.words
    wrong = _of_an_adult(visitor.press(page, "Check your answers"))
    assert "Say why you think the adult is not safe" in wrong.words
    page = visitor.press(wrong, "Check your answers", {**ANSWERS, "themes": ["enquiry"], "person": world.people["htull"]})
    page = _of_an_adult(visitor.press(_of_an_adult(page), "Send and start"))
    assert "Why is the adult not safe?" in page.words
    session = as_system()
    case = cases.open_case(session, runtime(app).keys, reference=reference_on(page))
    made = records.compose(casefile.read(session, case, case.state(business_now(session))), case.reference)
    said = " ".join(f"{one.paragraphs} {one.rows}" for one in made.sections)
    assert "keep this adult safe" in said and not _CHILD.search(said), said
