"""Pages about mail: the quiet link, the private calendar feed, who was written to and what became of it, and the page of alarms."""

from __future__ import annotations

import re
from datetime import timedelta

import icalendar
import pytest
from sqlalchemy import select, update

from plugin.models import Disagreement, MailRow, MailToken, Partnership, Person, begin_writing
from plugin.models import Mailbox as MailboxRow
from plugin.services.keeping.clock import machine_now
from plugin.services.notices import alarms
from plugin.services.post import feeds, undelivered
from tests.pages import Page, Visitor
from tests.plugin.desks import sign_in
from tests.plugin.visits import Mailbox, as_system, dump, enter, on_sqlite_alone, text_of
from tests.world import World

pytestmark = [pytest.mark.slow, on_sqlite_alone]
LEAD = "m.tull@hilltop.example"


@pytest.fixture
def mailbox(world: World) -> Mailbox:
    """With one disagreement raised and its mail sent."""
    world.make_disagreement(machine_now())
    made = Mailbox(world)
    made.send_due()
    return made


def quiet_link(mailbox: Mailbox) -> str:
    """The path at the foot of the newest mail."""
    found = [one.group() for mail in mailbox.to(LEAD) if (one := re.search(r"/mail/\S+", text_of(mail)))]
    return found[-1]


def test_the_quiet_link_shows_what_is_chosen_and_keeps_what_is_wanted(world: World, mailbox: Mailbox) -> None:
    visitor = Visitor(world.app)
    page = visitor.get(quiet_link(mailbox))
    assert page.h1 == "How many mails you get" and "tull" not in page.text and "PD-" not in page.text
    kept = visitor.press(page, "Keep this", {"choice": "daily"})
    assert "It holds from the next mail on" in kept.words
    assert as_system().scalar(select(MailboxRow.choice)) == "daily"
    assert "Choose how you want your mails" in visitor.post(quiet_link(mailbox), {"choice": "never"}).words


def test_looking_at_it_changes_nothing_and_a_wrong_or_old_one_says_so(world: World, mailbox: Mailbox) -> None:
    visitor, link = Visitor(world.app), quiet_link(mailbox)
    before = dump()
    visitor.get(link)
    visitor.ask("HEAD", link)
    assert dump() == before
    assert visitor.get("/mail/" + "x" * 43).status == 404
    session = as_system()
    begin_writing(session)
    session.execute(
        update(MailToken).values(expires_at=machine_now() - timedelta(days=1)), execution_options={"synchronize_session": False}
    )
    session.commit()
    assert visitor.get(link).h1 == "This link is too old"
    assert visitor.post(link, {"choice": "single"}).status == 404


def make_feed(world: World, mailbox: Mailbox) -> tuple[Visitor, str]:
    """Somebody opens their link and makes a feed; its path."""
    visitor = Visitor(world.app)
    page = enter(visitor, mailbox, LEAD)
    made = visitor.press(visitor.press(page, "All my dates, in my calendar"), "Make my private address")
    assert made.h1 == "Your private address"
    found = re.search(r"/calendar/[\w-]+\.ics", made.text)
    assert found
    return visitor, found.group()


def uids(page: Page) -> set[str]:
    return {str(one["UID"]) for one in icalendar.Calendar.from_ical(page.response.data).walk("VEVENT")}


def test_a_feed_shows_what_its_owner_still_owes_and_says_nothing_of_a_child(world: World, mailbox: Mailbox) -> None:
    _visitor, path = make_feed(world, mailbox)
    calendar = Visitor(world.app).get(path)
    assert calendar.headers["Content-Type"].startswith("text/calendar")
    first = uids(calendar)
    assert len(first) == 1, "two things of one case by one date are one entry"
    for word in (b"Ffion", b"Achebe", b"Northleigh", b"Hill Top"):
        assert word not in calendar.response.data
    world.make_disagreement(machine_now())
    mailbox.send_due()
    assert len(uids(Visitor(world.app).get(path))) == 2


def test_reading_a_feed_changes_nothing(world: World, mailbox: Mailbox) -> None:
    _visitor, path = make_feed(world, mailbox)
    before = dump()
    Visitor(world.app).get(path)
    assert dump() == before


def test_a_feed_ends_with_a_new_one_and_when_its_owner_leaves(world: World, mailbox: Mailbox) -> None:
    visitor, old = make_feed(world, mailbox)
    case = visitor.get(mailbox.link_to(LEAD))
    made = visitor.press(visitor.press(case, "All my dates, in my calendar"), "Make my private address")
    new = re.search(r"/calendar/[\w-]+\.ics", made.text)
    assert new and new.group() != old
    anybody = Visitor(world.app)
    assert anybody.get(old).status == 404 and anybody.get(new.group()).status == 200
    session = as_system()
    begin_writing(session)
    session.execute(update(Person).where(Person.staff_id == "htull").values(active=False), execution_options={"synchronize_session": False})
    session.commit()
    assert anybody.get(new.group()).status == 404
    assert anybody.get("/calendar/" + "x" * 43 + ".ics").status == 404


def _asked_of_coordinators(world: World) -> list[str]:
    """Two cases of two partnerships, in both of which the coordinator was asked for something; their ids."""
    references = [world.make_disagreement(machine_now()) for _ in range(2)]
    session = as_system()
    begin_writing(session)
    session.add(Partnership(id="another", title="Another", coordinator_email="coordinator@another.example"))
    session.flush()
    cases = [session.scalars(select(Disagreement).where(Disagreement.reference == one)).one() for one in references]
    cases[1].partnership_id = "another"
    for one in cases:
        asked = session.scalars(select(MailRow).where(MailRow.disagreement_id == one.id, MailRow.rung == "ask")).first()
        assert asked is not None
        asked.recipient = "coordinator"
    session.commit()
    return [one.id for one in cases]


def test_a_coordinators_feed_is_of_their_own_partnership_and_ends_nobody_elses(world: World) -> None:
    cases = _asked_of_coordinators(world)
    tokens = [feeds.make(as_system(), world.keys, "coordinator", case, machine_now()) for case in cases]
    found = [feeds.entries(as_system(), world.keys, token, machine_now(), machine_now()) for token in tokens]
    of_case = [{entry.reference for entry in one or ()} for one in found]
    assert [len(one) for one in of_case] == [1, 1] and not of_case[0] & of_case[1]


def test_whoever_held_an_office_before_reads_no_more_of_it(world: World) -> None:
    case, _other = _asked_of_coordinators(world)
    token = feeds.make(as_system(), world.keys, "coordinator", case, machine_now())
    session = as_system()
    begin_writing(session)
    session.get_one(Partnership, "demo").coordinator_email = "successor@northleigh.example"
    session.commit()
    assert feeds.entries(as_system(), world.keys, token, machine_now(), machine_now()) == []


def test_only_hashes_of_these_addresses_are_kept(world: World, mailbox: Mailbox) -> None:
    _visitor, path = make_feed(world, mailbox)
    tokens = [path.removeprefix("/calendar/").removesuffix(".ics"), quiet_link(mailbox).removeprefix("/mail/")]
    everything = repr(dump())
    assert not [one for one in tokens if one in everything]


def came_back(world: World) -> None:
    """The mail to the lead is returned."""
    session = as_system()
    letter = session.scalar(select(MailRow.letter).where(MailRow.state == "sent"))
    assert letter
    now = machine_now()
    undelivered.came_back(session, world.keys, letter, "5.1.1", now, now)


def test_whoever_stands_in_sees_on_the_page_that_it_came_back(world: World, mailbox: Mailbox) -> None:
    came_back(world)
    mailbox.send_due()
    page = enter(Visitor(world.app), mailbox, "i.osayed@hilltop.example")
    assert "Came back Marguerite Tull was asked." in page.words
    assert "Idris O'Sayed was asked in somebody’s place." in page.words
    assert "Somebody else is asked in their place" in page.words


def test_the_coordinator_sees_who_nobody_reached_and_no_administrator_of_another_agency_does(world: World, mailbox: Mailbox) -> None:
    coordinator = sign_in(world, "coordinator")
    assert "Everything that is asked for has been put to somebody" in _without_the_clock(coordinator.visitor.get("/admin/alarms"))
    came_back(world)
    mailbox.send_due()
    for _ in range(3):
        _everything_comes_back(world)
        mailbox.send_due()
    assert "alarm is open" in coordinator.visitor.get("/admin/").main or "alarms are open" in coordinator.visitor.get("/admin/").main
    page = coordinator.visitor.get("/admin/alarms")
    assert "Nobody has been reached" in page.words and re.search(r"PD-\w{4}-\w{4}", page.words)
    assert "Ffion" not in page.text
    assert alarms.unreached(as_system()) == 1
    other = sign_in(world, "administrator", "vale-hospital")
    assert "PD-" not in other.visitor.get("/admin/alarms").words


def _without_the_clock(page: Page) -> str:
    """No clock process runs in a test: that alarm stands there rightly."""
    assert "Reminders stand still" in page.words
    return "Everything that is asked for has been put to somebody" if "Nobody has been reached" not in page.words else page.words


def _everything_comes_back(world: World) -> None:
    session = as_system()
    for letter in set(session.scalars(select(MailRow.letter).where(MailRow.state == "sent", MailRow.letter != ""))):
        undelivered.came_back(session, world.keys, letter, "5.1.1", machine_now(), machine_now())
