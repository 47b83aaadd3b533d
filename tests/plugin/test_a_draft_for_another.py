"""A disagreement begun with one organisation and then raised with another: the page says whose words it begins with, and can be emptied."""

from __future__ import annotations

import pytest

from tests.pages import Visitor
from tests.plugin.visits import on_sqlite_alone, start, to_the_question, to_where
from tests.world import World

pytestmark = [pytest.mark.slow, on_sqlite_alone]
FOR_ANOTHER = "This begins with what you wrote for another organisation"


@pytest.mark.parametrize("cookies", [True, False])
def test_what_was_written_for_another_organisation_is_said_to_be_so_and_can_be_emptied(world: World, cookies: bool) -> None:
    visitor = Visitor(world.app, cookies=cookies)
    home = start(visitor, world)
    page = to_the_question(visitor, home)
    assert FOR_ANOTHER not in page.words
    page = visitor.press(page, "Check your answers", {"unsafe": "The school sent her home alone."})
    again = visitor.press(to_where(visitor, home), "Continue", {"agency": "hill-top-school"})
    assert FOR_ANOTHER not in again.words, "with the same organisation it is simply gone on with"
    page = visitor.press(to_where(visitor, home), "Continue", {"agency": "vale-hospital"})
    assert FOR_ANOTHER in page.words
    assert page.form("Check your answers").sends["unsafe"] == "The school sent her home alone."
    page = visitor.press(page, "Yes, empty it")
    assert "vale" in page.h1.casefold() and FOR_ANOTHER not in page.words
    assert page.form("Check your answers").sends["unsafe"] == ""
