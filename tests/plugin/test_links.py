"""Emailed links: opening one changes nothing, scanners get at most a code mail, codes are worth little, old links look alike."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from plugin.models import Code, Invitation, InvitationToken, WebSession, begin_writing
from plugin.models import Mailbox as KnownMailbox
from plugin.services.keeping.clock import machine_now
from plugin.services.notices import invitations
from plugin.services.notices.reaching import digest_of
from tests.pages import Page, Visitor
from tests.plugin.visits import Machine, Mailbox, as_system, dump, enter, on_sqlite_alone, text_of
from tests.world import World, uk

pytestmark = pytest.mark.slow  # left out of make test-quick

RAISED = uk("2027-03-19 18:10")
LEAD = "m.tull@hilltop.example"
GONE = "This link does not work any more"


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The machine's clock, to be moved."""
    return Machine(monkeypatch)


@pytest.fixture
def mailbox(world: World) -> Mailbox:
    """A disagreement was raised and its mails sent."""
    world.make_disagreement(RAISED)
    box = Mailbox(world)
    as_system()
    box.send_due()
    return box


def _ask_for_code(world: World, link: str) -> tuple[Visitor, Page]:
    visitor = Visitor(world.app)
    return visitor, visitor.press(visitor.get(link), "Send me a code")


def _try(visitor: Visitor, link: str, code: str) -> Page:
    return visitor.post(link, {"do": "check", "code": code})


def _other(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_opening_a_link_says_nothing_and_changes_nothing(world: World, mailbox: Mailbox) -> None:
    link, before = mailbox.link_to(LEAD), dump()
    visitor = Visitor(world.app)
    for method in ("GET", "HEAD", "GET", "OPTIONS"):
        page = visitor.ask(method, link)
        assert page.status == 200 and "Set-Cookie" not in page.headers
    page = visitor.get(link)
    for word in ("PD-", "Ffion", "Achebe", "School", "Council", "Marguerite", LEAD, "child’s"):
        assert word not in page.main, f"the first page says {word!r}"
    assert "m…@hilltop.example" in page.main
    assert visitor.get(f"{link}?do=check&code=000000").status == 200
    assert dump() == before


def test_a_scanner_gets_at_most_a_few_code_mails(world: World, mailbox: Mailbox) -> None:
    link, before = mailbox.link_to(LEAD), dump()
    scanner = Visitor(world.app, headers={"Sec-Fetch-Site": "none"})
    person_like = Visitor(world.app)
    for visitor in (scanner, person_like) * 6:
        page = visitor.get(link)
        visitor.ask("HEAD", link)
        for form in page.forms():
            visitor.post(form.action, form.sends.to_dict())
        visitor.post(link, {"do": "check", "code": "123456"})
        visitor.post(link, {})
    after = dump()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"code"}
    assert len(mailbox.to(LEAD, "Your code")) == len(after["code"]) == invitations.SENDS
    assert enter_later(world, mailbox).startswith("Disagreement PD-"), "the link still works for its owner"


def enter_later(world: World, mailbox: Mailbox) -> str:
    """What its owner sees with the link and a code, once codes are sent again."""
    session = as_system()
    begin_writing(session)
    for code in session.scalars(select(Code)):
        code.created_at -= invitations.SENDS_WITHIN
    session.commit()
    return enter(Visitor(world.app), mailbox, LEAD).h1


def test_too_many_codes_are_told_plainly(world: World, mailbox: Mailbox) -> None:
    visitor, page = _ask_for_code(world, mailbox.link_to(LEAD))
    for _ in range(2):
        page = visitor.press(page, "Send a new code")
        assert page.status == 200
    page = visitor.press(page, "Send a new code")
    assert page.status == 429 and "try again in 15 minutes" in page.errors()["code"]


@on_sqlite_alone
def test_no_more_than_ten_codes_go_to_one_link_in_a_day(world: World, mailbox: Mailbox, machine: Machine) -> None:
    link, got = mailbox.link_to(LEAD), []
    for turn in range(14):
        machine.ahead = timedelta(minutes=16 * turn)
        got.append(_ask_for_code(world, link)[1].status)
    assert got == [200] * invitations.PER_DAY + [429] * 4
    machine.ahead = timedelta(hours=25)
    assert _ask_for_code(world, link)[1].status == 200


def test_a_code_works_once(world: World, mailbox: Mailbox) -> None:
    link = mailbox.link_to(LEAD)
    visitor, _page = _ask_for_code(world, link)
    browser = visitor.client.get_cookie("__Host-accord_browser", domain="accord.example")
    code = mailbox.code_to(LEAD)
    assert _try(visitor, link, code).h1.startswith("Disagreement")
    again = Visitor(world.app)
    assert browser is not None
    again.client.set_cookie("__Host-accord_browser", browser.value, domain="accord.example", secure=True)
    page = _try(again, link, code)
    assert page.status == 422 and "does not work any more" in page.errors()["code"]


@on_sqlite_alone
@pytest.mark.parametrize(("seconds", "good"), [(599, True), (600, False), (601, False)])
def test_a_code_works_for_ten_minutes_and_not_a_second_longer(
    world: World, mailbox: Mailbox, machine: Machine, seconds: int, good: bool
) -> None:
    link = mailbox.link_to(LEAD)
    visitor, _page = _ask_for_code(world, link)
    sent_at = as_system().scalar(select(Code.created_at))
    machine.ahead = sent_at + timedelta(seconds=seconds) - machine_now() if good else timedelta(seconds=seconds)
    page = _try(visitor, link, mailbox.code_to(LEAD))
    assert page.h1.startswith("Disagreement") == good
    if not good:
        assert page.status == 422 and "too old" in page.errors()["code"]


def test_a_code_of_another_link_or_for_another_browser_is_no_good(world: World, mailbox: Mailbox) -> None:
    first = mailbox.link_to(LEAD)
    world.make_disagreement(RAISED)
    as_system()
    mailbox.send_due()
    second = next(link for link in _links(mailbox) if link != first)
    visitor, _page = _ask_for_code(world, first)
    code = mailbox.code_to(LEAD)
    assert _try(visitor, second, code).status == 422
    assert _try(Visitor(world.app), first, code).status == 422
    stranger, _page = _ask_for_code(world, second)
    assert _try(stranger, first, code).status == 422
    assert not as_system().scalars(select(WebSession)).all()
    assert _try(visitor, first, code).h1.startswith("Disagreement"), "the right browser still gets in"


def _links(mailbox: Mailbox) -> list[str]:
    return [found.group() for mail in mailbox.to(LEAD) if (found := re.search(r"/r/\S+", text_of(mail)))]


def test_the_sixth_try_is_void_even_with_the_right_code(world: World, mailbox: Mailbox) -> None:
    link = mailbox.link_to(LEAD)
    visitor, _page = _ask_for_code(world, link)
    code = mailbox.code_to(LEAD)
    told = [_try(visitor, link, _other(code)).errors()["code"] for _ in range(invitations.TRIES)]
    assert "4 more tries" in told[0] and "last try" in told[-1]
    page = _try(visitor, link, code)
    assert page.status == 422 and "last try" in page.errors()["code"]
    assert len(mailbox.to(LEAD, "Wrong codes were typed")) == 1, "the mailbox's owner is told, once"
    assert not as_system().scalars(select(WebSession)).all()


@on_sqlite_alone
def test_what_is_no_code_is_told_beside_the_field(world: World, mailbox: Mailbox) -> None:
    link = mailbox.link_to(LEAD)
    for batch in (("", " ", "12345", "1234567"), ("\0", "１２３４５６", "9" * 5000, "<b>1</b>")):
        visitor, _page = _ask_for_code(world, link)
        for typed in batch:
            page = _try(visitor, link, typed)
            assert page.status == 422 and page.errors()["code"]
            assert page.summary() == [("#code", page.errors()["code"])]
    assert not as_system().scalars(select(WebSession)).all()


@on_sqlite_alone
def test_whoever_types_a_code_reads_the_mailbox_it_went_to_and_is_written_to_again(world: World, mailbox: Mailbox) -> None:
    session = as_system()
    boxes = {
        address: KnownMailbox(digest=digest_of(address), state="bad", reason="550", choice="daily") for address in (LEAD, "o@x.example")
    }
    begin_writing(session)
    session.add_all(boxes.values())
    session.commit()
    enter(Visitor(world.app), mailbox, LEAD)
    known = {one.digest: (one.state, one.reason, one.choice) for one in as_system().query(KnownMailbox)}
    assert known[digest_of(LEAD)] == ("", "", "daily"), "what they chose stays"
    assert known[digest_of("o@x.example")][0] == "bad"


@on_sqlite_alone
def test_a_code_may_be_pasted_with_spaces(world: World, mailbox: Mailbox) -> None:
    link = mailbox.link_to(LEAD)
    visitor, _page = _ask_for_code(world, link)
    code = mailbox.code_to(LEAD)
    assert _try(visitor, link, f" {code[:3]} {code[3:]} ").h1.startswith("Disagreement")


def test_guesses_made_at_once_share_the_five_tries(world: World, mailbox: Mailbox) -> None:
    link = mailbox.link_to(LEAD)
    visitor, _page = _ask_for_code(world, link)
    cookie = visitor.client.get_cookie("__Host-accord_browser", domain="accord.example")
    assert cookie is not None
    code = mailbox.code_to(LEAD)
    told: list[str] = []

    def guess(number: int) -> None:
        one = Visitor(world.app)
        one.client.set_cookie("__Host-accord_browser", cookie.value, domain="accord.example", secure=True)
        told.append(_try(one, link, f"{(int(code) + 1 + number) % 10**6:06d}").errors()["code"])

    _at_once(guess, 10)
    assert len(told) == 10
    assert sum("more tries" in one for one in told) == invitations.TRIES - 1
    assert as_system().scalar(select(Code.tries)) == invitations.TRIES
    assert _try(visitor, link, code).status == 422


def test_one_code_typed_twice_at_once_makes_one_session(world: World, mailbox: Mailbox) -> None:
    link = mailbox.link_to(LEAD)
    visitor, _page = _ask_for_code(world, link)
    cookie = visitor.client.get_cookie("__Host-accord_browser", domain="accord.example")
    assert cookie is not None
    code = mailbox.code_to(LEAD)

    def go(_number: int) -> None:
        one = Visitor(world.app)
        one.client.set_cookie("__Host-accord_browser", cookie.value, domain="accord.example", secure=True)
        _try(one, link, code)

    _at_once(go, 6)
    assert len(as_system().scalars(select(WebSession)).all()) == 1


def _at_once(do: Callable[[int], None], times: int) -> None:
    as_system()
    threads = [threading.Thread(target=do, args=(number,)) for number in range(times)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


def test_neither_token_nor_code_stands_in_the_database(world: World, mailbox: Mailbox) -> None:
    link = mailbox.link_to(LEAD)
    _ask_for_code(world, link)
    token, code = link.rpartition("/")[2], mailbox.code_to(LEAD)
    everything = dump()
    kept = repr(everything)
    assert token not in kept and f"'{code}'" not in kept
    assert hashlib.sha256(token.encode()).hexdigest() in kept
    for row in as_system().scalars(select(Code)):
        assert len(row.digest) == 64 and len(row.salt) == 16
        assert row.digest == hashlib.scrypt(code.encode(), salt=row.salt, n=2**14, r=8, p=1)
        assert code.encode() not in row.digest + row.salt


def test_old_ended_and_unknown_links_look_alike(world: World, mailbox: Mailbox, machine: Machine) -> None:
    link, visitor = mailbox.link_to(LEAD), Visitor(world.app)
    unknown = visitor.get("/r/" + "A" * 43)
    machine.ahead = timedelta(days=21, seconds=1)
    old = visitor.get(link)
    machine.ahead = timedelta(0)
    session = as_system()
    begin_writing(session)
    for invited in session.scalars(select(Invitation)):
        invited.ended_at = invited.created_at
    session.commit()
    ended = visitor.get(link)
    posted = visitor.post(link, {"do": "send"})
    checked = visitor.post(link, {"do": "check", "code": "123456"})
    odd = [visitor.get(f"/r/{odd}") for odd in ("x", "%F0%9F%98%80", "x" * 2000, "%27%20or%201=1")]
    answers = [unknown, old, ended, posted, checked, *odd]
    assert {one.status for one in answers} == {404}
    assert {one.h1 for one in answers} == {GONE}
    assert len({re.sub(r"\?v=\w+|/r/[^\"]+/new", "", one.text) for one in answers}) == 1
    assert not mailbox.to(LEAD, "Your code")


def test_every_mail_of_an_invitation_has_a_link_of_its_own_and_all_of_them_work(world: World, mailbox: Mailbox) -> None:
    session = as_system()
    invited = session.scalar(select(InvitationToken.invitation_id).order_by(InvitationToken.hash)) or ""
    begin_writing(session)
    fresh, kept = invitations.fresh(invited, machine_now())
    session.execute(invitations.KEEP, kept)
    session.commit()
    for link in (mailbox.link_to(LEAD), f"/r/{fresh}"):
        assert Visitor(world.app).get(link).status == 200


def test_a_mail_server_that_is_away_is_told_and_the_code_can_be_asked_for_again(
    world: World, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = mailbox.link_to(LEAD)
    carrier = world.app.config["MAIL_CARRIER"]
    monkeypatch.setitem(world.app.config, "MAIL_CARRIER", None)
    monkeypatch.setattr(world.app.extensions["mail"], "server", "127.0.0.1")
    monkeypatch.setattr(world.app.extensions["mail"], "port", 1)
    visitor, page = _ask_for_code(world, link)
    assert page.status == 503 and "could not send a code" in page.errors()["code"]
    monkeypatch.setitem(world.app.config, "MAIL_CARRIER", carrier)
    assert visitor.press(page, "Send a new code").status == 200
