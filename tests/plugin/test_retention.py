"""Closed cases go after the partnership's time, never before they stood on the list, never while something waits; the chain still holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from plugin.extensions import db
from plugin.jobs import work
from plugin.models import (
    Access,
    Advice,
    Attempt,
    ChildKey,
    Code,
    Contact,
    Delivery,
    Disagreement,
    EventRow,
    Hold,
    Incoming,
    Invitation,
    InvitationToken,
    MailRow,
    ObligationRow,
    Participant,
    begin_writing,
)
from plugin.services.acting import moving
from plugin.services.acting.casework import Sent
from plugin.services.acting.raising import Sibling
from plugin.services.case import casefile, cases
from plugin.services.case.cases import NoLongerOpenError
from plugin.services.desk import holds, removing, retention
from plugin.services.desk.holds import RetentionError
from plugin.services.keeping import clock
from plugin.services.keeping.clock import machine_now
from tests.plugin.desks import Desk, sign_in
from tests.plugin.ledger import change
from tests.plugin.visits import as_system, dump, on_sqlite_alone
from tests.world import CHILD, World, uk, use_trial_adapter

pytestmark = pytest.mark.slow  # a case is taken to its end for each
RAISED = uk("2027-03-19 10:00")
CLOSED = RAISED + timedelta(days=1)
FOR_YEARS = 6
GONE = CLOSED.replace(year=2033)
NOAH = Sibling("Noah Achebe-Lloyd", "2019-02-11", (("nhs-number", "9990000026"),))


def make_closed(world: World) -> str:
    """A case that was settled, confirmed, filed on both files and closed. Returns its reference."""
    use_trial_adapter()
    clock.move(as_system(), max(0, round((RAISED - machine_now()).total_seconds())))
    reference = world.make_disagreement(RAISED, siblings=(NOAH,))
    mailed()
    raiser = world.actor("nc-1042", "raising")
    state = world.resolve(reference, "reasons understood", raiser, CLOSED)
    for one in state.obligations:
        if one.kind == "confirmation" and one.status == "owed":
            world.fulfil(reference, one.key, world.actor("nc-1042", "raising", one.owner.role), CLOSED, "confirmation", answers={})
    sent = Sent("close", 1, {"done": True}, {}, "once-close")
    world.act_as("nc-1042")
    close = next(one.key for one in world_state(world, reference).moves if one.kind == "close" and one.open)
    moving.make_move(db.session, world.keys, reference, close, raiser, sent, CLOSED, machine_now())
    work.deliver()
    return reference


def mailed() -> None:
    work.send_mail()


def world_state(world: World, reference: str) -> Any:
    return cases.open_case(as_system(), world.keys, reference=reference).state(CLOSED)


def keep(years: str = str(FOR_YEARS)) -> None:
    retention.set_rule(as_system(), "demo", years, RAISED, machine_now(), by="test")


def go(now: Any) -> int:
    return removing.remove_due(as_system(), now, machine_now())


def still_owed() -> None:
    """What must still be done in it, so that it may not go."""
    change(ObligationRow, status="done")


def count(model: Any, *wanted: Any) -> int:
    return as_system().scalar(select(func.count()).select_from(model).where(*wanted)) or 0


def listed(world: World, now: Any) -> list[tuple[str, str]]:
    return [(one.state, one.why) for one in retention.listed(as_system(), world.keys, "demo", now)]


@pytest.fixture
def closed(world: World) -> str:
    """A closed case in which nothing is owed any more, under a rule of six years."""
    reference = make_closed(world)
    still_owed()
    keep()
    return reference


def test_it_goes_when_its_time_is_over_and_not_before(world: World, closed: str) -> None:
    assert go(GONE - timedelta(minutes=1)) == 0
    assert go(GONE + timedelta(minutes=1)) == 1
    assert go(GONE + timedelta(days=1)) == 0, "once"


def test_nothing_that_leads_to_a_child_or_was_said_is_left_and_the_chain_holds(world: World, closed: str) -> None:
    before = count(EventRow)
    assert go(GONE + timedelta(days=1)) == 1
    row = as_system().scalar(select(Disagreement))
    assert row is not None and row.key is None and row.removed_at == GONE + timedelta(days=1)
    assert count(EventRow) == before and not count(EventRow, EventRow.sealed.is_not(None))
    for table in (Contact, ChildKey, Invitation, InvitationToken, Code, MailRow):
        assert count(table) == 0, table
    assert not count(Participant, (Participant.child_key != "") | (Participant.person_id != ""))
    assert not count(Delivery, Delivery.sealed.is_not(None) | (Delivery.reason != "")) and not count(Attempt, Attempt.reason != "")
    said = str(dump())
    for word in (CHILD.name, "Noah", "9990000018", "9990000026"):
        assert word not in said
    assert "every chain holds" in world.app.test_cli_runner().invoke(args=["audit", "verify"]).output
    gone = as_system().scalars(select(Access).where(Access.action == "removed")).one()
    assert (gone.actor, gone.result) == ("system", closed)


@on_sqlite_alone
def test_what_is_left_can_be_read_and_nothing_can_be_added(world: World, closed: str) -> None:
    go(GONE + timedelta(days=1))
    case = cases.open_case(as_system(), world.keys, reference=closed)
    file = casefile.read(db.session, case, case.state(GONE), None)
    assert file.entries[0].title == "Disagreement raised"
    assert not file.child and not any(one.rows for one in file.entries[1:])
    raiser = world.actor("nc-1042", "raising")
    reopen = next(one.key for one in case.state(GONE).moves if one.kind == "reopen")
    sent = Sent("end", 1, {"reason": "New facts."}, {}, "once-again")
    with pytest.raises(NoLongerOpenError):
        moving.make_move(db.session, world.keys, closed, reopen, raiser, sent, GONE, machine_now())


@on_sqlite_alone
def test_without_a_rule_everything_stays(world: World, closed: str) -> None:
    keep("")
    assert go(GONE + timedelta(days=36500)) == 0
    assert listed(world, GONE) == []


@on_sqlite_alone
def test_nothing_goes_in_the_first_days_of_a_rule_however_old_it_is(world: World, closed: str) -> None:
    late = GONE + timedelta(days=1000)
    retention.set_rule(as_system(), "demo", "1", late, machine_now(), by="test")
    assert go(late + timedelta(days=29)) == 0
    assert listed(world, late) == [("goes", "")], "it stands on the list meanwhile"
    assert go(late + timedelta(days=31)) == 1


def test_never_while_a_record_is_not_on_file_nor_while_something_is_owed(world: World, closed: str) -> None:
    change(Delivery, state="needs a person")
    assert go(GONE + timedelta(days=1)) == 0
    assert listed(world, GONE + timedelta(days=1)) == [("waits", "8 records are not on file yet.")]
    change(Delivery, state="on file")
    change(ObligationRow, status="overdue", strength="must")
    assert go(GONE + timedelta(days=1)) == 0
    state, why = listed(world, GONE + timedelta(days=1))[0]
    assert state == "waits" and why.endswith("still owed in it.")


def test_what_is_owed_for_ever_can_be_let_go_with_a_reason(world: World, closed: str) -> None:
    change(ObligationRow, status="overdue", strength="must")
    holds.release(as_system(), world.keys, closed, "The agency does not exist any more.", GONE, machine_now(), by="test")
    assert listed(world, GONE) == [("goes", "")]
    change(Delivery, state="due")
    assert go(GONE + timedelta(days=1)) == 0, "a record that waits still keeps it"
    change(Delivery, state="given up")
    assert go(GONE + timedelta(days=1)) == 1


def test_a_hold_keeps_it_until_it_is_lifted_and_its_reason_is_sealed(world: World, closed: str) -> None:
    holds.hold(as_system(), world.keys, f" {closed.lower()} ", "A coroner has asked for it.", CLOSED, machine_now(), by="test")
    assert go(GONE + timedelta(days=1)) == 0
    assert listed(world, CLOSED) == [("held", "A coroner has asked for it.")], "it is shown long before its time"
    assert "coroner" not in str(dump())
    with pytest.raises(RetentionError, match="already"):
        holds.hold(as_system(), world.keys, closed, "Again.", CLOSED, machine_now(), by="test")
    held = as_system().scalars(select(Hold)).one().id
    holds.lift(as_system(), held, GONE, machine_now(), by="test")
    assert go(GONE + timedelta(days=1)) == 1
    assert not count(Hold, Hold.sealed.is_not(None))
    noted = as_system().scalars(select(Access.action).where(Access.action.in_(("hold", "hold lifted", "removed", "retention set")))).all()
    assert sorted(noted) == ["hold", "hold lifted", "removed", "retention set"]


@on_sqlite_alone
def test_an_open_case_and_one_that_was_opened_again_stay(world: World, closed: str) -> None:
    open_one = world.make_disagreement(RAISED)
    change_of = update(Disagreement).where(Disagreement.reference == closed).values(status="open")
    session = as_system()
    begin_writing(session)
    session.execute(change_of, execution_options={"synchronize_session": False})
    session.commit()
    assert go(GONE + timedelta(days=400)) == 0
    assert cases.open_case(as_system(), world.keys, reference=open_one).key is not None


def test_when_it_was_closed_is_found_where_nobody_had_noted_it(world: World, closed: str) -> None:
    change(Disagreement, closed_at=None)
    assert go(GONE + timedelta(days=1)) == 1


@on_sqlite_alone
def test_advice_that_led_to_nothing_goes_as_well(world: World) -> None:
    keep()
    given: dict[str, Any] = {"agency_id": "northleigh-council", "partnership_id": "demo", "policy_hash": "", "person_id": "p"}
    session = as_system()
    begin_writing(session)
    session.add(Advice(child_key="k", at=RAISED, form_version=1, facts={}, sealed=b"", **given))
    session.commit()
    go(GONE - timedelta(days=30))
    assert count(Advice) == 1
    go(GONE)
    assert count(Advice) == 0


@on_sqlite_alone
def test_mail_that_came_back_about_it_goes_too(world: World, closed: str) -> None:
    session = as_system()
    letter = session.scalar(select(MailRow.letter).where(MailRow.letter != ""))
    begin_writing(session)
    session.add(Incoming(digest="d", kind="failed", mail=letter, reason="550 no such user m.tull@hilltop.example", at=CLOSED))
    session.commit()
    go(GONE + timedelta(days=1))
    assert count(Incoming) == 0


@pytest.mark.parametrize(("typed", "years"), [("", 0), ("0", 0), (" 7 ", 7), ("100", 100)])
def test_years_are_a_number_or_nothing(typed: str, years: int) -> None:
    assert retention.checked(typed) == years


@pytest.mark.parametrize("typed", ["six", "-1", "1.5", "101", "٣", "1" * 400])
def test_anything_else_is_said_to_be_wrong(typed: str) -> None:
    with pytest.raises(RetentionError, match="number of years"):
        retention.checked(typed)


def test_a_leap_day_has_a_year_in_which_it_is_not() -> None:
    assert retention.goes_at(uk("2028-02-29 12:00"), 1, None) == uk("2029-03-01 12:00")


@on_sqlite_alone
def test_an_open_case_can_be_held_before_it_is_ever_closed_and_is_listed(world: World) -> None:
    reference = world.make_disagreement(RAISED)
    holds.hold(as_system(), world.keys, reference, "An inquiry.", RAISED, machine_now(), by="test")
    (one,) = retention.listed(as_system(), world.keys, "demo", RAISED)
    assert (one.state, one.why, one.closed_at, one.goes_at) == ("held", "An inquiry.", None, None)
    assert f"{reference}  -  held  An inquiry." in world.app.test_cli_runner().invoke(args=["retention", "list", "demo"]).output
    page = sign_in(world, "coordinator").visitor.get("/admin/keeping")
    assert "It is not closed. It is kept until this is lifted: An inquiry." in page.words


# --- at the desk -------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(world: World, closed: str) -> Desk:
    """The coordinator, at the desk, with a closed case."""
    return sign_in(world, "coordinator")


@on_sqlite_alone
def test_the_coordinator_sets_the_time_after_being_asked_and_holds_a_case(world: World, closed: str, desk: Desk) -> None:
    page = desk.visitor.press(desk.visitor.get("/admin/keeping"), "Continue", {"years": "seven"})
    assert page.status == 422 and "Enter a number of years from 1 to 100" in page.words and 'value="seven"' in page.text
    page = desk.visitor.press(desk.visitor.get("/admin/keeping"), "Continue", {"years": "7"})
    assert "Remove disagreements 7 years after they were closed?" in page.words
    page = desk.visitor.press(page, "Keep them for 7 years")
    assert "removed 7 years after they were closed" in page.words
    page = desk.visitor.press(page, "Save", {"reference": "PD-0000-0000", "reason": "A court."})
    assert page.status == 422 and "There is no disagreement with this reference here." in page.words and "A court." in page.text
    page = desk.visitor.press(page, "Save", {"reference": closed, "reason": "A court has asked for it."})
    assert "It is kept until this is lifted: A court has asked for it." in page.words
    page = desk.visitor.press(page, f"Lift the hold: {closed}")
    assert "That is lifted." in page.words and "A court has asked" not in page.words


@on_sqlite_alone
def test_nobody_else_has_that_page(world: World, closed: str) -> None:
    for role in ("administrator", "owner"):
        assert sign_in(world, role).visitor.get("/admin/keeping").status == 403


@on_sqlite_alone
def test_the_commands_say_the_same(world: World, closed: str) -> None:
    run = world.app.test_cli_runner()
    assert "removed 1 years after closing" in run.invoke(args=["retention", "set", "demo", "1"]).output
    assert "number of years" in run.invoke(args=["retention", "set", "demo", "x"]).output
    assert run.invoke(args=["retention", "set", "elsewhere", "1"]).exit_code == 1
    assert f"{closed} is held" in run.invoke(args=["retention", "hold", closed, "--reason", "A court."]).output
    assert "held  A court." in run.invoke(args=["retention", "list", "demo"]).output
