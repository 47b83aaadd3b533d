"""An agency whose own sign-in does not work: said on its page and on the first one, before anybody is locked out."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.models import Agency, Connection, begin_writing
from tests.plugin.desks import sign_in
from tests.plugin.visits import as_system, on_sqlite_alone
from tests.world import COUNCIL, World

pytestmark = [pytest.mark.slow, on_sqlite_alone]
PAGE = f"/admin/agencies/{COUNCIL}"
WELL, NOT_WELL = (
    {"at": "2027-01-18T09:00:00+00:00", "since": "2027-01-18T09:00:00+00:00", "well": well, "findings": []} for well in (True, False)
)


def say(assurance: str = "sso", enabled: bool = True, **launch: Any) -> None:
    session = as_system()
    begin_writing(session)
    session.get_one(Agency, COUNCIL).assurance = assurance
    row = session.get_one(Connection, "council")
    row.enabled, row.launch = enabled, {**{name: value for name, value in row.launch.items() if not name.startswith("sso")}, **launch}
    session.commit()


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({}, "its own sign-in is not set up"),
        ({"sso": {"issuer": "https://x"}}, "was never tested as it is now"),
        ({"sso": {"issuer": "https://x"}, "sso_test": NOT_WELL}, "did not work when it was last tested"),
        ({"sso": {"issuer": "https://x"}, "sso_test": WELL, "enabled": False}, "belongs to is paused"),
    ],
)
def test_a_sign_in_that_is_not_to_be_relied_on_is_flagged_on_both_pages(world: World, told: dict[str, Any], words: str) -> None:
    say(**told)
    desk = sign_in(world)
    assert words in desk.visitor.get(PAGE).words.partition("Set up and test its own sign-in")[0]
    assert words[1:] in desk.visitor.get("/admin/").words


def test_one_that_works_or_is_not_used_is_not_flagged(world: World) -> None:
    say(sso={"issuer": "https://x"}, sso_test=WELL)
    desk = sign_in(world)
    assert "own sign-in" not in desk.visitor.get("/admin/").words.partition("Pages")[0]
    assert "Set up and test its own sign-in" not in desk.visitor.get(PAGE).words
    say("mailbox_code")
    assert "Set up and test its own sign-in" not in desk.visitor.get(PAGE).words


def test_it_is_chosen_once_it_works_and_not_before(world: World) -> None:
    desk = sign_in(world)
    page = desk.visitor.get(PAGE)
    early = desk.visitor.press(page, "Save", {"s.assurance": "sso"})
    assert early.status == 422 and "could not open their links: its own sign-in is not set up" in early.errors()["s-assurance"]
    assert as_system().get_one(Agency, COUNCIL).assurance == "mailbox_code"
    say("mailbox_code", sso={"issuer": "https://x"}, sso_test=WELL)
    assert desk.visitor.press(page, "Save", {"s.assurance": "sso"}).status == 200
    assert as_system().get_one(Agency, COUNCIL).assurance == "sso"
    say("sso", sso={"issuer": "https://x"}, sso_test=NOT_WELL)
    assert desk.visitor.press(desk.visitor.get(PAGE), "Save", {"s.name": "Northleigh City"}).status == 200, "the rest can still be changed"
