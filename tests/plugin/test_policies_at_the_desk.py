"""The desk's pages about policies: one in force can be read, and a new text tried beside it, with every mistake or every difference."""

from __future__ import annotations

import pytest

from policies import pack_text
from tests.pages import Page
from tests.plugin.desks import Desk, sign_in
from tests.plugin.visits import on_sqlite_alone
from tests.world import World, uk

pytestmark = [on_sqlite_alone, pytest.mark.slow]


def opened(desk: Desk) -> Page:
    listed = desk.visitor.get("/admin/policies")
    assert "Gloucestershire Safeguarding Children Board: Resolution of professional disagreements" in listed.text
    address = next(part.split('"')[0] for part in listed.text.split('href="') if part.startswith("/admin/policies/"))
    return desk.visitor.get(address)


@pytest.mark.parametrize("role", ["owner", "administrator", "coordinator"])
def test_each_role_reads_the_policy_drawn_and_in_plain_english(world: World, role: str) -> None:
    page = opened(sign_in(world, role))
    assert "How time is counted" in page.text
    assert "/-/narrow.svg" in page.text


def test_a_new_text_is_compared_and_the_open_cases_counted(world: World) -> None:
    world.make_disagreement(uk("2027-03-19 18:10"))
    desk = sign_in(world, "coordinator")
    path = opened(desk).response.request.path
    text = pack_text("gloucestershire")
    page = desk.visitor.get(f"{path}/compare")
    told = desk.visitor.press(page, "Compare", {"text": text})
    assert "Nothing changes" in told.text
    told = desk.visitor.press(told, "Compare", {"text": text.replace("    limit: 5 working days\n", "    limit: 4 working days\n", 1)})
    assert "One difference" in told.text
    assert "Now: The time for this stage is 4 working days from when the stage was entered." in told.words
    assert "Stage 1 (Worker to worker): 1" in told.words
    assert "On entering Stage 1: Worker to worker" in told.words
    several = text.replace("version: 2018-07", "version: 2027-01").replace("    limit: 5 working days\n", "    limit: 4 working days\n", 1)
    words = desk.visitor.press(
        told, "Compare", {"text": several.replace("  - {id: resolved, title: Resolved", "  - {id: resolved, title: Agreed")}
    ).words
    assert words.index("Version 2027-01") < words.index("is 4 working days") < words.index("“Agreed”"), "in the order of reading"


def test_a_text_with_mistakes_is_kept_and_each_mistake_told_with_its_line(world: World) -> None:
    desk = sign_in(world, "administrator")
    path = opened(desk).response.request.path
    page = desk.visitor.press(
        desk.visitor.get(f"{path}/compare"), "Compare", {"text": pack_text("gloucestershire").replace("version: 2018-07\n", "")}
    )
    assert page.status == 422
    assert "version: This key is missing." in page.words
    assert "id: gloucestershire" in page.text, "what was typed is kept"
    empty = desk.visitor.press(page, "Compare", {"text": " "})
    assert empty.status == 422
    assert "Paste the new text of the policy." in empty.words


def test_a_policy_there_is_not_is_a_404(world: World) -> None:
    desk = sign_in(world, "owner")
    assert desk.visitor.get("/admin/policies/abc").status == 404
    assert desk.visitor.get("/admin/policies/abc/compare").status == 404
