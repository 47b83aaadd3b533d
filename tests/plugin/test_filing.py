"""What the service cannot file by itself is a person's: they are asked by mail, get the documents, say where they lie; nothing is lost."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from plugin.jobs import work
from plugin.models import Connection, Delivery, DeliveryAct, EventRow, Person, RoleHolder, begin_writing
from plugin.services.keeping.clock import business_now, machine_now, move
from plugin.services.post.reminders import sweep
from plugin.services.write_back import deliveries, records
from tests.pages import Page, Visitor
from tests.plugin.running import settle
from tests.plugin.visits import Mailbox, as_system, enter, on_sqlite_alone, start, text_of
from tests.world import COUNCIL, SCHOOL, World, uk, use_trial_adapter

AT = uk("2026-11-16 10:00")
DAY = {"day-day": "16", "day-month": "11", "day-year": "2026"}


def file_by_hand_at(agency: str, **options: Any) -> None:
    """This agency files by hand, the other by the trial adapter."""
    use_trial_adapter()
    session = as_system()
    begin_writing(session)
    row = session.scalars(select(Connection).where(Connection.agency_id == agency)).one()
    row.adapter, row.options = "manual", options
    session.commit()


def delivery_of(agency: str) -> Delivery:
    return as_system().scalars(select(Delivery).where(Delivery.agency_id == agency)).one()


def address_of(world: World, staff: str) -> str:
    return as_system().get_one(Person, world.people[staff]).email


def to_delivery(visitor: Visitor, reference: str, agency: str, page: Page) -> Page:
    """From any page of a session to the delivery's own."""
    fs = next(form.sends["_fs"] for form in page.forms() if "_fs" in form.sends)
    what = f"see {delivery_of(agency).id}"
    return visitor.post(f"/case/{reference}/filing", {"_fs": fs, "what": what, "do": "open"})


def events_of(kind: str) -> list[EventRow]:
    return list(as_system().scalars(select(EventRow).where(EventRow.kind == kind).order_by(EventRow.seq)))


def say_where(visitor: Visitor, page: Page, **more: Any) -> Page:
    page = visitor.press(page, "Say where you put it")
    typed = {"where": "Documents, Child protection", "number": "88213", **DAY, "checked": "yes", **more}
    return visitor.press(visitor.press(page, "Check your answers", typed), "Send")


@pytest.fixture
def mailbox(world: World) -> Mailbox:
    """The folder the mail goes into."""
    return Mailbox(world)


@pytest.mark.slow
class TestFiledByHand:
    """The school has no way in: its safeguarding lead files, from the mail to the last page."""

    def test_who_was_named_is_asked_by_mail_files_it_and_says_where(self, world: World, mailbox: Mailbox) -> None:
        file_by_hand_at(SCHOOL, system="SafeNotes", place="Documents, Child protection")
        reference = settle(world, AT)
        work.deliver()
        row = delivery_of(SCHOOL)
        assert (row.state, row.asked_at is not None) == ("arrived", True)
        mailbox.send_due()
        address = address_of(world, "htull")
        asked = [one for one in mailbox.to(address) if "Action needed" in str(one["Subject"])]
        assert asked, [str(one["Subject"]) for one in mailbox.all()]
        assert "Ffion" not in text_of(asked[-1])
        visitor = Visitor(world.app)
        page = to_delivery(visitor, reference, SCHOOL, enter(visitor, mailbox, address))
        assert "In SafeNotes. Where: Documents, Child protection." in page.main
        form = page.form("Download")
        pack = visitor.post(form.action, form.sends).response
        assert pack.headers["Content-Disposition"] == f"attachment; filename={reference}-v1.zip"
        with zipfile.ZipFile(io.BytesIO(pack.data)) as found:
            assert {f"{reference}-v1.pdf", f"{reference}-v1.txt", "READ ME FIRST.txt"} <= set(found.namelist())
            assert b"Ffion Achebe-Lloyd" in found.read(f"{reference}-v1.txt")
        say_where(visitor, page)
        row = delivery_of(SCHOOL)
        assert (row.state, row.asked_at, row.next_try_at) == ("on file", None, None)
        (said,) = [one for one in events_of("fulfilled") if one.about.endswith(SCHOOL) and "/record/" in one.about]
        assert said.actor == world.people["htull"] and "88213" not in str(said.facts) and said.sealed
        assert {one.what for one in as_system().scalars(select(DeliveryAct))} == {"fetched", "filed"}

    @on_sqlite_alone
    def test_an_address_gives_no_document(self, world: World, mailbox: Mailbox) -> None:
        """Neither by GET, nor without the page's own field, nor to the other agency."""
        file_by_hand_at(SCHOOL)
        reference = settle(world, AT)
        work.deliver()
        path, fields = f"/case/{reference}/filing/documents", {"delivery": delivery_of(SCHOOL).id}
        assert Visitor(world.app).post(path, fields).status == 403
        other = Visitor(world.app)
        page = start(other, world)
        assert other.get(path).status == 405
        assert other.post(path, fields).status == 403
        assert other.post(path, {**fields, "_fs": page.form("Raise").sends["_fs"]}).status == 404

    @on_sqlite_alone
    def test_silence_is_chased_as_anything_owed(self, world: World, mailbox: Mailbox) -> None:
        file_by_hand_at(SCHOOL)
        settle(world, AT)
        work.deliver()
        mailbox.send_due()
        before = len(mailbox.to(address_of(world, "htull")))
        session = as_system()
        move(session, round((AT + timedelta(days=12) - machine_now()).total_seconds()) + 3600)
        session = as_system()
        sweep(session, world.keys, business_now(session), machine_now())
        mailbox.send_due()
        assert len(mailbox.to(address_of(world, "htull"))) > before

    @on_sqlite_alone
    def test_the_directory_may_name_somebody_who_files_for_all(self, world: World, mailbox: Mailbox) -> None:
        file_by_hand_at(SCHOOL)
        session = as_system()
        begin_writing(session)
        session.add(RoleHolder(agency_id=SCHOOL, role="filing", person_id=world.people["osayed"]))
        session.commit()
        settle(world, AT)
        work.deliver()
        mailbox.send_due()
        clerk = address_of(world, "osayed")
        assert mailbox.to(clerk)
        visitor = Visitor(world.app)
        enter(visitor, mailbox, clerk)
        page = visitor.get("/filing")
        assert len(page.listed("accord-list")) == 1, page.words
        assert "Ffion" not in page.words

    @on_sqlite_alone
    def test_a_slip_is_told_beside_its_field_and_nothing_is_lost(self, world: World, mailbox: Mailbox) -> None:
        file_by_hand_at(SCHOOL)
        reference = settle(world, AT)
        work.deliver()
        mailbox.send_due()
        visitor = Visitor(world.app)
        page = to_delivery(visitor, reference, SCHOOL, enter(visitor, mailbox, address_of(world, "htull")))
        page = visitor.press(visitor.press(page, "Say where you put it"), "Check your answers", {"where": "Tab 3", "day-day": "31"})
        assert {"day", "checked"} <= set(page.errors()), page.errors()
        assert "Tab 3" in page.text
        assert delivery_of(SCHOOL).state == "arrived"


@pytest.mark.slow
class TestWhenItFails:
    """A record system that refuses, that never answers, or that nobody connected."""

    def asked(self, world: World, mailbox: Mailbox, **options: Any) -> tuple[Visitor, str, Page]:
        """Both systems behave so; the council's social worker looks at the case."""
        use_trial_adapter(**options)
        reference = settle(world, AT)
        for _ in range(8):
            work.deliver()
            session = as_system()
            begin_writing(session)
            session.execute(update(Delivery).where(Delivery.state == "due").values(next_try_at=machine_now()))
            session.commit()
        visitor = Visitor(world.app)
        return visitor, reference, to_delivery(visitor, reference, COUNCIL, start(visitor, world))

    @on_sqlite_alone
    def test_a_number_put_right_is_sent_again(self, world: World, mailbox: Mailbox) -> None:
        visitor, _reference, page = self.asked(world, mailbox, behaviour="refuse", times=1)
        assert "The trial system refuses this record." in page.main
        page = visitor.press(page, "Put a number")
        page = visitor.press(page, "Check your answers", {"wrong": ["local"], "local": "P-4471-B"})
        visitor.press(page, "Send")
        row = delivery_of(COUNCIL)
        assert (row.state, row.before, row.may_be_twice) == ("due", 1, False)
        assert row.sealed and b"4471-B" not in row.sealed
        session = as_system()
        record = records.record_for(session, world.keys, deliveries.as_read(session, row.id, machine_now()), False)
        assert [one.value for one in record.child if one.system == "local"] == ["P-4471-B"]
        work.deliver()
        assert delivery_of(COUNCIL).state == "on file"

    @on_sqlite_alone
    def test_what_fails_again_is_asked_for_again(self, world: World, mailbox: Mailbox) -> None:
        visitor, _reference, page = self.asked(world, mailbox, behaviour="refuse")
        mailbox.send_due()
        address = address_of(world, "nc-1042")
        before = len(mailbox.to(address))
        visitor.press(page, "Send it again")
        as_system()
        work.deliver()
        assert (delivery_of(COUNCIL).state, delivery_of(COUNCIL).attempt) == ("needs a person", 2)
        mailbox.send_due()
        assert len(mailbox.to(address)) == before + 1

    @on_sqlite_alone
    def test_it_is_given_up_with_a_reason_that_stays(self, world: World, mailbox: Mailbox) -> None:
        visitor, reference, page = self.asked(world, mailbox, behaviour="refuse")
        page = visitor.press(page, "It will not be filed")
        page = visitor.press(page, "Check your answers", {"why": "The child has moved away."})
        visitor.press(page, "Send")
        assert delivery_of(COUNCIL).state == "given up"
        (waived,) = events_of("waived")
        assert waived.about.endswith(COUNCIL) and "moved" not in str(waived.facts)
        assert "The child has moved away." in visitor.get(f"/case/{reference}/filing").main

    @on_sqlite_alone
    @pytest.mark.parametrize(("there", "state", "twice"), [("yes", "on file", False), ("no", "due", True)])
    def test_where_nobody_knows_whether_it_arrived_somebody_looks_and_says(
        self, world: World, mailbox: Mailbox, there: str, state: str, twice: bool
    ) -> None:
        visitor, reference, page = self.asked(world, mailbox, behaviour="silent after writing", can_be_searched=False)
        assert "We do not know whether this arrived." in page.main
        assert not any(one.startswith("Send it again") for one in page.buttons())
        page = visitor.press(page, "Say whether it arrived")
        typed = {"there": there, "looked": "yes"} | ({"where": "Documents", **DAY} if there == "yes" else {})
        visitor.press(visitor.press(page, "Check your answers", typed), "Send")
        row = delivery_of(COUNCIL)
        assert (row.state, row.may_be_twice) == (state, twice)
        if there == "no":
            session = as_system()
            begin_writing(session)
            session.execute(update(Connection).values(options={}))
            session.commit()
            work.deliver()
            assert "It may be there twice" in visitor.get(f"/case/{reference}/filing").main

    @on_sqlite_alone
    def test_without_a_record_system_it_is_filed_by_hand_or_sent_once_there_is_one(self, world: World, mailbox: Mailbox) -> None:
        session = as_system()
        begin_writing(session)
        session.execute(update(Connection).values(adapter="", options={}))
        session.commit()
        reference = settle(world, AT)
        mailbox.send_due()
        visitor = Visitor(world.app)
        page = to_delivery(visitor, reference, SCHOOL, enter(visitor, mailbox, address_of(world, "htull")))
        assert not [one for one in page.buttons() if one.startswith("Send it")]
        what = {"_fs": page.form("Say where").sends["_fs"], "what": f"again {delivery_of(SCHOOL).id}", "do": "send"}
        told = visitor.post(f"/case/{reference}/filing", what)
        assert told.status == 422 and "no record system is connected" in told.main
        use_trial_adapter()
        visitor.press(to_delivery(visitor, reference, SCHOOL, page), "Send it there")
        as_system()  # what was read before is let go
        work.deliver()
        assert delivery_of(SCHOOL).state == "on file"


@on_sqlite_alone
def test_the_frames_first_page_leads_to_the_tray(world: World) -> None:
    file_by_hand_at(COUNCIL)
    settle(world, AT)
    work.deliver()
    visitor = Visitor(world.app)
    page = visitor.press(start(visitor, world), "Filing tray: 1 record waits")
    assert page.h1 == "Filing tray" and len(page.listed("accord-list")) == 1
    page = visitor.press(page, delivery_of(COUNCIL).record)
    assert page.h1 == "Put it on the child’s file" and "Ffion Achebe-Lloyd" in page.main
    colleague = Visitor(world.app)
    assert not [one for one in start(colleague, world, "nc-1077").buttons() if one.startswith("Filing tray")]


@pytest.mark.slow
@on_sqlite_alone
def test_without_any_cookie_it_is_filed_all_the_same(world: World) -> None:
    file_by_hand_at(COUNCIL)
    reference = settle(world, AT)
    work.deliver()
    visitor = Visitor(world.app, cookies=False)
    page = visitor.press(start(visitor, world), reference)
    page = visitor.press(page, "Put it on the child’s file")
    form = page.form("Download")
    assert visitor.post(form.action, form.sends).response.mimetype == "application/zip"
    assert "On file" in say_where(visitor, page).main
