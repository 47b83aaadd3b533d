"""What a form knows of its case: a date is held against when it was raised, and adding nothing is refused."""

from __future__ import annotations

import pytest
from flask import Flask

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
