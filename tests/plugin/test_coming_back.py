"""Back and reload where a frame keeps no cookie: every page says which post asks for it anew, and that post brings the same page."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from tests.pages import Page, Visitor
from tests.plugin.visits import ANSWERS, raise_by_hand, reference_on, start, to_the_question, to_where
from tests.world import World

pytestmark = pytest.mark.slow  # left out of make test-quick


def _asks(page: Page) -> tuple[str, dict[str, str]]:
    script = next(one for one in page.tree.iter("script") if one.get("data-asks"))
    assert script.get("data-at") == "/again/council"
    said = json.loads(script.get("data-asks") or "")
    return said["url"], said["fields"]


def _come_back(visitor: Visitor, page: Page) -> Page:
    url, fields = _asks(page)
    return visitor.post(url, fields)


def test_each_page_of_raising_is_there_again_with_what_was_typed(world: World) -> None:
    visitor = Visitor(world.app, cookies=False)
    pages = [start(visitor, world)]
    pages.append(to_where(visitor, pages[0]))
    pages.append(to_the_question(visitor, pages[0]))
    person = world.people["htull"]
    pages.append(visitor.press(pages[-1], "Check your answers", {**ANSWERS, "person": person, "unsafe": ""}))
    assert pages[-1].errors()
    assert _come_back(visitor, pages[-1]).errors() == pages[-1].errors()
    pages.append(visitor.press(pages[-1], "Check your answers", {"unsafe": "She goes home alone."}))
    assert pages[-1].h1 == "Check your answers"
    for page in reversed(pages):
        again = _come_back(visitor, page)
        assert again.h1 == page.h1
        assert again.status == 200 or again.errors()
    assert "She goes home alone." in _come_back(visitor, pages[-1]).words


def test_a_question_left_unanswered_is_told_so_again(world: World) -> None:
    visitor = Visitor(world.app, cookies=False)
    page = visitor.press(start(visitor, world), "Raise professional disagreement")
    wrong = visitor.press(page, "Continue")
    assert wrong.errors()
    assert _come_back(visitor, wrong).errors() == wrong.errors()


def test_the_case_and_its_forms_are_there_again(world: World) -> None:
    visitor = Visitor(world.app, cookies=False)
    case = raise_by_hand(visitor, world, start(visitor, world))
    assert reference_on(_come_back(visitor, case)) == reference_on(case)
    form = visitor.press(case, "Add information")
    assert _come_back(visitor, form).h1 == form.h1
    sent_empty = visitor.press(form, "Check your answers")
    assert _come_back(visitor, sent_empty).errors() == sent_empty.errors() != {}


def test_nothing_typed_and_nobody_is_left_in_the_history(world: World) -> None:
    visitor = Visitor(world.app, cookies=False)
    page = to_the_question(visitor, start(visitor, world))
    page = visitor.press(page, "Check your answers", {**ANSWERS, "person": world.people["htull"]})
    url, fields = _asks(page)
    assert set(fields) <= {"what", "do", "_fs"}
    assert not any(answer in url + urlencode(fields) for answer in ("alone", "Achebe", world.people["htull"]))


@pytest.mark.parametrize("cookies", [True])
def test_where_a_cookie_does_it_no_page_says_so(world: World, cookies: bool) -> None:
    visitor = Visitor(world.app, cookies=cookies)
    page = visitor.press(start(visitor, world), "Raise professional disagreement")
    assert [one for one in page.tree.iter("script") if one.get("data-asks")] == []


def test_the_page_in_between_says_nothing_and_is_framed_by_the_host_alone(world: World) -> None:
    page = Visitor(world.app, cookies=False).get("/again/council")
    assert page.status == 200
    assert "frame-ancestors https://council.example" in page.headers["Content-Security-Policy"]
    unknown = Visitor(world.app, cookies=False).get("/again/nobody")
    assert "frame-ancestors 'none'" in unknown.headers["Content-Security-Policy"]
    assert unknown.main == page.main
