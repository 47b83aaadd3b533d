"""Deliveries at the desk: each role sees its own, what can be done is done, and no page says who a child is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from plugin.jobs import work
from plugin.models import Circuit, Connection, Delivery, DeliveryAct, EventRow, begin_writing
from plugin.services.keeping.clock import machine_now
from tests.pages import Page
from tests.plugin.desks import Desk, sign_in
from tests.plugin.running import settle
from tests.plugin.visits import as_system, on_sqlite_alone
from tests.world import COUNCIL, SCHOOL, World, uk, use_trial_adapter

pytestmark = [pytest.mark.slow, on_sqlite_alone]

AT = uk("2026-11-16 10:00")


def refused(world: World) -> str:
    """A settled case that both record systems refuse."""
    use_trial_adapter(behaviour="refuse")
    reference = settle(world, AT)
    work.deliver()
    return reference


def delivery_of(agency: str) -> Delivery:
    return as_system().scalars(select(Delivery).where(Delivery.agency_id == agency)).one()


def open_one(desk: Desk, agency: str) -> Page:
    return desk.visitor.get(f"/admin/deliveries/{delivery_of(agency).id}")


def test_each_role_sees_its_own(world: World) -> None:
    reference = refused(world)
    for role, agency, sees in (
        ("administrator", COUNCIL, [COUNCIL]),
        ("administrator", SCHOOL, [SCHOOL]),
        ("coordinator", "", [COUNCIL, SCHOOL]),
    ):
        desk = sign_in(world, role, agency)
        page = desk.visitor.get("/admin/deliveries")
        assert len([one for one in page.listed("accord-list") if reference in one]) == len(sees)
        assert [one for one in (COUNCIL, SCHOOL) if open_one(desk, one).status == 200] == sees
        assert "Ffion" not in page.text and "9990000018" not in page.text
    owner = sign_in(world, "owner")
    assert owner.visitor.get("/admin/deliveries").status in (403, 404)


def test_an_administrator_sends_again_and_reads_the_log_of_tries(world: World) -> None:
    refused(world)
    desk = sign_in(world)
    page = open_one(desk, COUNCIL)
    assert "The trial system refuses this record." in page.main
    page = desk.visitor.press(page, "Send it again")
    assert "Sent again: Ingrid Vasquez-Bell" in page.main
    use_trial_adapter()
    work.deliver()
    page = open_one(desk, COUNCIL)
    assert "On file" in page.main and "delivered" in page.main and "refused" in page.main
    assert not [one for one in page.buttons() if one.startswith(("Send", "It "))]
    assert delivery_of(SCHOOL).state == "needs a person"


def test_nobody_acts_on_another_agencys(world: World) -> None:
    refused(world)
    desk = sign_in(world)
    fs = open_one(desk, COUNCIL).form("Send it again").sends["_fs"]
    for what in ("again", "filed", "not-filed"):
        assert desk.visitor.post(f"/admin/deliveries/{delivery_of(SCHOOL).id}", {"_fs": fs, "what": what, "do": "send"}).status == 404
    assert desk.visitor.post("/admin/deliveries/try/school", {"_fs": fs}).status == 404
    assert delivery_of(SCHOOL).state == "needs a person"


def test_it_is_given_up_with_a_reason_and_a_missing_one_is_told(world: World) -> None:
    refused(world)
    desk = sign_in(world)
    page = desk.visitor.press(open_one(desk, COUNCIL), "It will not be filed")
    page = desk.visitor.press(page, "Save")
    assert page.status == 422 and "why" in page.errors()
    desk.visitor.press(page, "Save", {"why": "The file was moved to another council."})
    assert delivery_of(COUNCIL).state == "given up"
    (waived,) = as_system().scalars(select(EventRow).where(EventRow.kind == "waived"))
    assert waived.actor == desk.account_id and waived.sealed and "moved" not in str(waived.facts)


@pytest.mark.parametrize(("there", "state"), [("yes", "on file"), ("no", "due")])
def test_what_may_have_arrived_is_looked_for_before_it_is_sent_again(world: World, there: str, state: str) -> None:
    use_trial_adapter(behaviour="silent after writing", can_be_searched=False)
    settle(world, AT)
    session = as_system()
    begin_writing(session)
    session.execute(
        update(Delivery).values(state="needs a person", must_look=True, asked_at=AT, next_try_at=None, reason="Sent, no answer.")
    )
    session.commit()
    desk = sign_in(world)
    page = open_one(desk, COUNCIL)
    assert not [one for one in page.buttons() if one.startswith("Send it")]
    page = desk.visitor.press(page, "Say whether it arrived")
    day = {"day-day": "16", "day-month": "11", "day-year": "2026", "where": "Documents"} if there == "yes" else {}
    desk.visitor.press(page, "Save", {"there": there, "looked": "yes", **day})
    assert (delivery_of(COUNCIL).state, delivery_of(COUNCIL).may_be_twice) == (state, there == "no")


def test_a_pause_is_shown_and_ended(world: World) -> None:
    use_trial_adapter(behaviour="defer")
    for _ in range(6):
        settle(world, AT)
    work.deliver()
    desk = sign_in(world)
    page = desk.visitor.get("/admin/deliveries", query_string={"show": "waiting"})
    assert "after 5 failures in a row" in page.main and "nothing is lost" in page.main
    use_trial_adapter()
    desk.visitor.press(page, "Try now")
    as_system()
    work.deliver()
    assert {row.state for row in as_system().scalars(select(Delivery).where(Delivery.agency_id == COUNCIL))} == {"on file"}
    assert [one.connection_id for one in as_system().scalars(select(Circuit))] == ["school"]


def test_what_is_held_says_so(world: World) -> None:
    use_trial_adapter()
    settle(world, AT)
    session = as_system()
    begin_writing(session)
    session.execute(update(Connection).values(enabled=False))
    session.commit()
    work.deliver()
    desk = sign_in(world)
    assert "Its connection is switched off." in desk.visitor.get("/admin/deliveries", query_string={"show": "waiting"}).main
    assert "It is sent when the connection is on again." in open_one(desk, COUNCIL).main
    assert delivery_of(COUNCIL).created_at > machine_now() - timedelta(minutes=5)
    assert not list(as_system().scalars(select(DeliveryAct)))
