"""What becomes of a link: a newer code, an old link, a request that was closed, moved on, handed over or answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from plugin.mail import wording
from plugin.models import Absence, Code, InvitationToken, WebSession, begin_writing
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.notices import invitations
from tests.pages import Page, Visitor
from tests.plugin.visits import Machine, Mailbox, as_system, enter, on_sqlite_alone, raise_by_hand, reference_on, start, text_of
from tests.world import SCHOOL, World, uk

pytestmark = pytest.mark.slow  # left out of make test-quick

LEAD, DEPUTY = "m.tull@hilltop.example", "i.osayed@hilltop.example"
GONE = "This link does not work any more"
HAND_ON = "Somebody else should answer this"
ANSWER = {"position": "disagree", "reasons": "A teacher walks with her.", "safe_meanwhile": "She is met at the gate."}


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The machine's clock, to be moved."""
    return Machine(monkeypatch)


@pytest.fixture
def raised(world: World) -> tuple[Visitor, Page, str, Mailbox]:
    """The council's worker on the page of what they raised, its reference, and the mailbox with what was sent."""
    worker = Visitor(world.app)
    page = raise_by_hand(worker, world, start(worker, world))
    mailbox = Mailbox(world)
    mailbox.send_due()
    return worker, page, reference_on(page), mailbox


Raised = tuple[Visitor, Page, str, Mailbox]


def _answer(lead: Visitor, page: Page) -> Page:
    page = lead.press(page, "Answer the concern")
    return lead.press(lead.press(page, "Check your answers", ANSWER), "Send")


@on_sqlite_alone
def test_a_code_asked_for_again_leaves_the_first_one_good(world: World, raised: Raised) -> None:
    """A mail that was slow must not be void when it comes."""
    mailbox, lead = raised[3], Visitor(world.app)
    page = lead.press(lead.get(mailbox.link_to(LEAD)), "Send me a code")
    first = mailbox.code_to(LEAD)
    page = lead.press(page, "Send a new code")
    assert lead.press(page, "Continue", {"code": first}).h1.startswith("Disagreement")
    assert all(code.used_at for code in as_system().scalars(select(Code))), "the other one is spent with it"


@on_sqlite_alone
def test_a_code_that_a_scanner_asked_for_voids_nobodys(world: World, raised: Raised) -> None:
    mailbox, lead, scanner = raised[3], Visitor(world.app), Visitor(world.app)
    link = mailbox.link_to(LEAD)
    page = lead.press(lead.get(link), "Send me a code")
    code = mailbox.code_to(LEAD)
    scanner.post(link, {"do": "send"})
    assert lead.press(page, "Continue", {"code": code}).h1.startswith("Disagreement")


@on_sqlite_alone
def test_two_codes_give_no_more_than_five_tries_each(world: World, raised: Raised) -> None:
    mailbox, lead = raised[3], Visitor(world.app)
    page = lead.press(lead.get(mailbox.link_to(LEAD)), "Send me a code")
    for _ in range(3):
        lead.press(page, "Continue", {"code": "000000"})
    page = lead.press(page, "Send a new code")
    sent = mailbox.code_to(LEAD)
    wrong = f"{(int(sent) + 1) % 10**6:06d}"
    told = [lead.press(page, "Continue", {"code": wrong}).errors()["code"] for _ in range(5)]
    assert "last try" in told[-1]
    assert lead.press(page, "Continue", {"code": sent}).status == 422
    assert sorted(code.tries for code in as_system().scalars(select(Code))) == [5, 5]


@on_sqlite_alone
def test_an_old_link_gets_a_new_one_sent_to_the_same_mailbox(world: World, raised: Raised, machine: Machine) -> None:
    mailbox, lead = raised[3], Visitor(world.app)
    link = mailbox.link_to(LEAD)
    machine.ahead = timedelta(days=22)
    old = lead.get(link)
    assert (old.status, old.h1) == (404, GONE)
    before = len(mailbox.to(LEAD))
    told = lead.press(old, "Send me a new link")
    unknown = Visitor(world.app).post(f"/r/{'A' * 43}/new")
    assert (told.status, told.main) == (unknown.status, unknown.main)
    assert len(mailbox.to(LEAD)) == before + 1
    assert mailbox.link_to(LEAD) != link
    assert enter(Visitor(world.app), mailbox, LEAD).h1.startswith("Disagreement")
    for _ in range(5):
        lead.press(old, "Send me a new link")
    assert len(mailbox.to(LEAD, "Action needed")) == before + invitations.SENDS, "no more than three in a quarter of an hour"


@on_sqlite_alone
@pytest.mark.parametrize(
    ("because", "heading"), [("closed", "This request is closed"), ("stage moved", "This step is over"), ("handed over", GONE)]
)
def test_a_link_to_what_has_ended_says_so_to_its_owner_alone(world: World, raised: Raised, because: str, heading: str) -> None:
    """Cases 17 and 18: whoever proves the mailbox learns that it is closed or has moved on, and nothing else; a replaced one nothing."""
    reference, mailbox = raised[2], raised[3]
    link, lead = mailbox.link_to(LEAD), Visitor(world.app)
    session = as_system()
    begin_writing(session)
    invited = session.scalar(select(invitations.Invitation).where(invitations.Invitation.person_id == f"person:{world.people['htull']}"))
    assert invited is not None
    invited.ended_at, invited.ended_because = invited.created_at, because
    session.commit()
    page = lead.get(link)
    if heading != GONE:
        assert page.h1 == "You have been asked to respond to a request", "before the code it looks as it always did"
        page = enter(lead, mailbox, LEAD, link)
    assert page.h1 == heading
    for word in (reference, "Ffion", "She goes home alone."):
        assert word not in page.text
    assert "link" not in list(as_system().scalars(select(WebSession.kind))), "no session comes of it"


@on_sqlite_alone
def test_an_open_page_of_somebody_who_was_replaced_dies_and_saves_nothing(world: World, raised: Raised) -> None:
    _worker, _page, _reference, mailbox = raised
    lead = Visitor(world.app)
    page = enter(lead, mailbox, LEAD)
    answering = lead.press(page, "Answer the concern")
    form = lead.press(page, "Somebody else should answer this")
    form = lead.press(form, "Check your answers", {"why": "colleague", "person": world.people["osayed"]})
    assert "Idris O'Sayed has been asked instead of you" in lead.press(form, "Send").h1
    late = lead.press(answering, "Check your answers", ANSWER)
    assert (late.status, late.h1) == (403, "Somebody else answers this now")
    mailbox.send_due()
    assert enter(Visitor(world.app), mailbox, DEPUTY).h1.startswith("Disagreement")


@on_sqlite_alone
def test_somebody_who_is_away_names_their_deputy_and_is_absent_until_they_are_back(world: World, raised: Raised) -> None:
    mailbox, lead = raised[3], Visitor(world.app)
    page = lead.press(enter(lead, mailbox, LEAD), "Somebody else should answer this")
    assert page.form("Check your answers").sends["person"] == world.people["osayed"], "the deputy is proposed"
    back = datetime.now(UTC).astimezone().date() + timedelta(days=10)
    day = {"until-day": str(back.day), "until-month": str(back.month), "until-year": str(back.year)}
    page = lead.press(lead.press(page, "Check your answers", {"why": "away", **day}), "Send")
    assert "Idris O'Sayed" in page.h1
    away = as_system().scalars(select(Absence)).one()
    assert away.person_id == world.people["htull"]
    assert away.ends_at == uk(f"{back.isoformat()} 00:00")


@on_sqlite_alone
def test_the_raiser_sees_sent_opened_and_answered(world: World, raised: Raised) -> None:
    worker, _page, reference, mailbox = raised
    lead = Visitor(world.app)
    page = enter(lead, mailbox, LEAD)
    assert "Opened" in worker.get(f"/case/{reference}").words
    page = _answer(lead, page)
    assert "Done. It is recorded." in page.words
    assert "Answered" in worker.get(f"/case/{reference}").words


@on_sqlite_alone
def test_whoever_has_answered_is_told_so_when_they_come_back(world: World, raised: Raised) -> None:
    mailbox, lead = raised[3], Visitor(world.app)
    page = _answer(lead, enter(lead, mailbox, LEAD))
    assert "Answer the concern" not in page.buttons()
    again = Visitor(world.app)
    shown = enter(again, mailbox, LEAD)
    assert "You have answered" in shown.words
    assert "Answer the concern" not in shown.buttons()


@on_sqlite_alone
def test_who_is_only_told_reads_what_it_is_about_and_not_what_was_written(world: World, raised: Raised) -> None:
    """A notice needs no more than which child, what about, and where it stands; the coordinator not even the child."""
    _worker, _page, reference, mailbox = raised
    lead = Visitor(world.app)
    _answer(lead, enter(lead, mailbox, LEAD))
    for key, role, child in (("binding:business manager mailbox", "business manager", True), ("coordinator", "duty desk", False)):
        page = enter(Visitor(world.app), mailbox, _address(key), _link_for(world, reference, key, role))
        assert reference in page.h1
        assert "A teacher walks with her." not in page.text
        assert ("She goes home alone." in page.text) == child
        assert ("Ffion" in page.text) == child


def _address(key: str) -> str:
    return "coordinator@partnership.example" if key == "coordinator" else "business@partnership.example"


def _link_for(world: World, reference: str, key: str, role: str) -> str:
    """A link as a mail to somebody who is only told would carry it."""
    session = as_system()
    case_id = session.scalar(select(invitations.Invitation.disagreement_id)) or ""
    begin_writing(session)
    made = invitations.Invitation(
        disagreement_id=case_id, stage="1", side="partnership", role=role, agency_id="", person_id=key, created_at=machine_now()
    )
    session.add(made)
    session.flush()
    token, kept = invitations.fresh(made.id, machine_now())
    session.execute(invitations.KEEP, kept)
    session.commit()
    return f"/r/{token}"


@on_sqlite_alone
def test_every_token_is_kept_as_its_hash(world: World, raised: Raised, machine: Machine) -> None:
    mailbox = raised[3]
    lead = Visitor(world.app)
    machine.ahead = timedelta(days=22)
    lead.press(lead.get(mailbox.link_to(LEAD)), "Send me a new link")
    token = mailbox.link_to(LEAD).rpartition("/")[2]
    hashes = set(as_system().scalars(select(InvitationToken.hash)))
    assert token not in hashes and invitations.token_hash(token) in hashes
    assert "Ffion" not in text_of(mailbox.to(LEAD)[-1])


@on_sqlite_alone
def test_the_steps_date_is_a_calendar_entry_that_says_nothing_of_the_child(world: World, raised: Raised) -> None:
    worker, page, reference, mailbox = raised
    lead = Visitor(world.app)
    for visitor, shown in ((worker, page), (lead, enter(lead, mailbox, LEAD))):
        form = shown.form("Put this date in my calendar")
        answer = visitor.ask("POST", form.action, data=form.sends)
        assert answer.headers["Content-Type"].startswith("text/calendar")
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{reference}.ics"'
        assert "BEGIN:VEVENT" in answer.text and reference in answer.text
        for word in ("Ffion", "Achebe", "Hill Top", "Northleigh", SCHOOL, "alone"):
            assert word not in answer.text


def test_a_mails_wording_is_filled_by_plain_replacement_and_can_name_nobody() -> None:
    """What a partnership words anew is no template: nothing in it runs, and no placeholder brings in a child."""
    good = wording.text_of("ask")
    assert wording.check("ask", good) == []
    for text in ("{child}", "{name}", "{{7*7}}", "{0.__class__}", "{reference.__class__}"):
        assert wording.check("ask", f"{good}\n\n{text}"), f"{text} is taken"
    assert wording.check("ask", good.replace("{link}", "")), "a mail without its link is taken"
    made = wording.read("Subject {reference}\n\n{% for x in y %} ${7*7} {reference}").filled({"reference": "{link}", "link": "x"})
    assert made[2] == ("{% for x in y %} ${7*7} {link}",), "done once, and nothing of it runs"


@on_sqlite_alone
def test_whoever_hears_that_something_was_done_is_offered_to_hand_on_only_what_is_asked_of_them(world: World, raised: Raised) -> None:
    reference, mailbox, lead = raised[2], raised[3], Visitor(world.app)
    page = enter(lead, mailbox, LEAD)
    assert HAND_ON in page.buttons()
    page = _answer(lead, page)
    mailbox.send_due()
    raiser = "amara.lindqvist@northleigh.example"
    assert HAND_ON in enter(Visitor(world.app), mailbox, raiser).buttons(), "to talk is for both"
    world.escalate(reference, "2", world.actor("htull", "responding"), business_now(as_system()))
    mailbox.send_due()
    page = enter(Visitor(world.app), mailbox, raiser)
    assert page.h1 == f"Disagreement {reference}" and HAND_ON not in page.buttons()
    assert "There is nothing for you to do just now." in page.words


def test_somebody_of_no_agency_is_not_told_that_a_duty_desk_they_have_not_was_asked(world: World, raised: Raised) -> None:
    _worker, _page, reference, _mailbox = raised
    link = _link_for(world, reference, "coordinator", "duty desk")
    visitor = Visitor(world.app)
    page = enter(visitor, Mailbox(world), _address("coordinator"), link)
    assert page.status == 200 and "Somebody else should answer this" not in page.buttons()
    field = next(page.forms()).sends["_fs"]
    for do in ("open", "check", "send"):
        sent = {"_fs": field, "what": "handover", "do": do, "why": "not me", "person": "duty desk"}
        assert visitor.post(f"/case/{reference}/do", sent).status == 404
