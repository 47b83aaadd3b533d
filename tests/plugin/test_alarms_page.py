"""The page of alarms: each leads to where it can be mended, in the policy's own words, and of one agency where one is chosen."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from plugin.models import Agency, Partnership, Person, begin_writing
from plugin.services.keeping.clock import machine_now
from tests.plugin.desks import sign_in
from tests.plugin.visits import as_system, on_sqlite_alone
from tests.world import COUNCIL, SCHOOL, World


@pytest.fixture
def ringing(world: World) -> World:
    """Nobody anywhere has a mailbox: what is asked reaches nobody, nor does what is asked in their stead."""
    session = as_system()
    begin_writing(session)
    session.execute(update(Person).values(email=""))
    session.execute(update(Agency).values(duty_desk_email=""))
    session.execute(update(Partnership).values(coordinator_email=""))
    session.commit()
    reference = world.make_disagreement(machine_now())
    world.escalate(reference, "2", world.actor("nc-1042", "raising"), machine_now())
    return world


@on_sqlite_alone
def test_an_alarm_leads_to_the_people_of_each_agency_that_should_act(ringing: World) -> None:
    page = sign_in(ringing, "coordinator").visitor.get("/admin/alarms")
    assert "Nobody has been reached" in page.words
    assert "Line manager, supervisor or named professional" in page.words, "the role by its name, not by its id"
    for agency in (COUNCIL, SCHOOL):
        assert f"/admin/agencies/{agency}/people" in page.text and f'href="/admin/agencies/{agency}"' in page.text


@on_sqlite_alone
def test_the_alarms_of_one_agency_can_be_shown_alone(ringing: World) -> None:
    visitor = sign_in(ringing, "coordinator").visitor
    page = visitor.get("/admin/alarms")
    assert "Hill Top School (" in page.words and "Northleigh Council (" in page.words
    alone = visitor.get(f"/admin/alarms?agency={SCHOOL}")
    assert f'value="{SCHOOL}" selected' in alone.text
    assert len(alone.listed("accord-list")) < len(page.listed("accord-list"))
    assert visitor.get("/admin/alarms?agency=elsewhere").status == 404


@on_sqlite_alone
def test_an_administrator_is_led_to_their_own_agency_alone(ringing: World) -> None:
    page = sign_in(ringing, "administrator").visitor.get("/admin/alarms")
    assert f"/admin/agencies/{COUNCIL}/people" in page.text and f"/admin/agencies/{SCHOOL}/people" not in page.text
