"""The desk's pages about policies: one in force can be read, and a new text tried beside it, with every mistake or every difference."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from plugin.models import Access
from plugin.services.case import casefile, cases
from plugin.services.case.policies import current_policy
from plugin.services.keeping import clock
from plugin.services.keeping.clock import machine_now
from policies import pack, pack_text
from tests.pages import Page
from tests.plugin.desks import Desk, sign_in
from tests.plugin.visits import as_system, on_sqlite_alone
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


# --- what it would mean for the open cases -----------------------------------------------------------------------------------------------


def compared(desk: Desk, text: str) -> Page:
    path = opened(desk).response.request.path
    return desk.visitor.press(desk.visitor.get(f"{path}/compare"), "Compare", {"text": text})


SHORTER = pack_text("gloucestershire").replace("    limit: 5 working days\n", "    limit: 4 working days\n", 1)


def test_each_open_case_is_told_what_would_be_other_for_it(world: World) -> None:
    first, second = (world.make_disagreement(uk(day), child_key=day) for day in ("2027-03-19 10:00", "2027-03-22 10:00"))
    words = compared(sign_in(world, "coordinator"), SHORTER).words
    assert "2 of the 2 that were looked at would stand otherwise" in words
    assert "Stage 1 (Worker to worker): other date, in 2" in words
    for reference, dates in (
        (first, "by the end of Thursday 25 March 2027 instead of by the end of Tuesday 30 March 2027"),
        (second, "by the end of Tuesday 30 March 2027 instead of by the end of Wednesday 31 March 2027"),
    ):
        told = words.split(f"{reference}, at Worker to worker")[1]
        assert dates in told.split(", at Worker to worker")[0]


def test_a_change_that_touches_no_open_case_is_said_to_be_none(world: World) -> None:
    world.make_disagreement(uk("2027-03-19 10:00"))
    text = pack_text("gloucestershire").replace("title: Resolved", "title: Agreed")
    words = compared(sign_in(world, "coordinator"), text).words
    assert "would stand otherwise" in words or "Nothing would be other for any of the 1 that were looked at" in words


def test_the_owner_is_told_of_no_case_and_an_agency_of_its_own_alone(world: World) -> None:
    reference = world.make_disagreement(uk("2027-03-19 10:00"))
    assert reference not in compared(sign_in(world, "owner"), SHORTER).words
    assert reference in compared(sign_in(world, "administrator"), SHORTER).words


# --- put in force -------------------------------------------------------------------------------------------------------------------------

NEWER = SHORTER.replace("version: 2018-07", "version: 2027-01").replace("from: 2018-07-01", "from: 2026-03-01")
OPEN = """unresolved:
  - {id: overleaf, text: The people named overleaf are not in the text., rule: GSCB-6}
  - {id: mailbox, text: The mailbox of the panel is not given., rule: GSCB-6}
"""


def in_force() -> str:
    return current_policy(as_system(), "demo").version


def test_a_new_text_is_put_in_force_and_open_cases_keep_theirs(world: World) -> None:
    world.make_disagreement(uk("2027-03-19 10:00"))
    desk = sign_in(world, "coordinator")
    page = desk.visitor.press(compared(desk, NEWER), "Put this text in force")
    assert "Put version 2027-01 in force?" in page.h1
    assert in_force() == "2018-07"
    page = desk.visitor.press(page, "Put it in force")
    assert "It is in force." in page.words
    assert in_force() == "2027-01"
    row = as_system().scalars(select(Access).where(Access.action == "policy in force")).one()
    assert (row.actor, row.subject, row.result) == (desk.account_id, "demo", "2027-01")


def test_what_the_text_does_not_give_is_filled_in_or_known_to_be_missing_one_by_one(world: World) -> None:
    assert "\nunresolved:\n" not in NEWER
    desk = sign_in(world, "owner")
    page = desk.visitor.press(compared(desk, NEWER + OPEN), "Put this text in force")
    assert "Whoever follows the policy will look for these 2 things." in page.words
    assert "The people named overleaf are not in the text." in page.words
    refused = desk.visitor.press(page, "Put it in force", {"missing": ["mailbox"]})
    assert (refused.status, in_force()) == (422, "2018-07")
    assert refused.errors() == {"given.overleaf": "Say what each one is, or tick that you know that it is missing."}
    page = desk.visitor.press(
        refused, "Put it in force", {"given.overleaf": "The list of 3 May in the board's folder", "missing": ["mailbox"]}
    )
    assert in_force() == "2027-01"
    assert "What its text names and does not give (2)" in page.words and "The list of 3 May in the board's folder" in page.words
    result = as_system().scalars(select(Access.result).where(Access.action == "policy in force")).one()
    assert result == "2027-01; open references accepted: 1"
    told = casefile_warnings(world, world.make_disagreement(uk("2027-03-19 10:00")))
    assert told[0] == "The people named overleaf are not in the text. The partnership says: The list of 3 May in the board's folder"
    assert told[1] == "The policy names something that it does not give: The mailbox of the panel is not given."


def casefile_warnings(world: World, reference: str) -> list[str]:
    session = as_system()
    case = cases.open_case(session, world.keys, reference=reference)
    return [one.text for one in casefile.read(session, case, case.state(uk("2027-03-19 11:00"))).state.warnings]


def test_a_text_whose_first_day_is_to_come_holds_from_then_and_can_be_taken_back(world: World) -> None:
    clock.move(as_system(), max(0, round((uk("2027-02-01 09:00") - machine_now()).total_seconds())))
    later = NEWER.replace("from: 2026-03-01", "from: 2027-03-01")
    desk = sign_in(world, "coordinator")
    page = desk.visitor.press(compared(desk, later), "Put this text in force")
    assert "on Monday 1 March 2027, the first day that its text names" in page.words, page.words
    page = desk.visitor.press(page, "Put it in force")
    assert "It comes into force on Monday 1 March 2027. Until then nothing changes." in page.words and in_force() == "2018-07"
    assert "From Monday 1 March 2027" in desk.visitor.get("/admin/policies").words
    back = desk.visitor.press(desk.visitor.press(page, "Take it back"), "Take it back")
    assert "version 2027-01" not in back.words and "In force" in back.words
    desk.visitor.press(desk.visitor.press(compared(desk, later), "Put this text in force"), "Put it in force")
    clock.move(as_system(), round((uk("2027-03-01 00:01") - machine_now()).total_seconds()))
    assert in_force() == "2027-01", "on its first day, with nobody doing anything"


def test_one_that_was_taken_back_before_its_first_day_ends_no_other_on_that_day(world: World) -> None:
    clock.move(as_system(), max(0, round((uk("2027-02-01 09:00") - machine_now()).total_seconds())))
    desk = sign_in(world, "coordinator")
    later = NEWER.replace("from: 2026-03-01", "from: 2027-03-01")
    page = desk.visitor.press(desk.visitor.press(compared(desk, later), "Put this text in force"), "Put it in force")
    desk.visitor.press(desk.visitor.press(page, "Take it back"), "Take it back")
    desk.visitor.press(desk.visitor.press(compared(desk, NEWER.replace("2027-01", "2027-02")), "Put this text in force"), "Put it in force")
    assert in_force() == "2027-02"
    clock.move(as_system(), round((uk("2027-03-01 00:01") - machine_now()).total_seconds()))
    assert in_force() == "2027-02", "or nobody could raise anything from that day on"


def test_a_version_or_date_that_was_forgotten_is_shown_before(world: World) -> None:
    desk = sign_in(world, "coordinator")
    told = compared(desk, SHORTER)
    assert "Both are called version 2018-07" in told.words
    page = desk.visitor.press(told, "Put this text in force")
    assert "Both say that they are in force from Sunday 1 July 2018" in page.words


def test_an_agency_s_administrator_cannot_put_a_policy_in_force(world: World) -> None:
    desk = sign_in(world, "administrator")
    page = compared(desk, NEWER)
    assert "Put this text in force" not in [one.button for one in page.forms()]
    path = opened(desk).response.request.path
    sent = page.form("Compare").sends.to_dict()
    assert desk.visitor.post(f"{path}/replace", {**sent, "text": NEWER, "sure": "yes"}).status in (403, 404)
    assert in_force() == "2018-07"


def test_one_that_was_replaced_meanwhile_cannot_be_replaced_again(world: World) -> None:
    desk = sign_in(world, "coordinator")
    page = desk.visitor.press(compared(desk, NEWER), "Put this text in force")
    desk.visitor.press(page, "Put it in force")
    assert desk.visitor.press(page, "Put it in force").status == 404
    assert in_force() == "2027-01"
    assert pack("gloucestershire").version == "2018-07"
