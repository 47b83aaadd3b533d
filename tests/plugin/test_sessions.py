"""Sessions of frames and links: with no cookie at all, against forged requests, over time, and what their cookies may do."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from plugin.models import Disagreement, Draft, EventRow, Invitation, WebSession, begin_writing
from tests.pages import Page, Visitor
from tests.plugin.visits import (
    ANSWERS,
    Machine,
    Mailbox,
    as_system,
    enter,
    fill_raise,
    on_sqlite_alone,
    post_launch,
    raise_by_hand,
    reference_on,
    start,
    to_the_question,
    token_for,
)
from tests.world import World

pytestmark = pytest.mark.slow  # left out of make test-quick

ENDED = "Your session has ended"
LEAD = "m.tull@hilltop.example"


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The machine's clock, to be moved."""
    return Machine(monkeypatch)


def _written() -> tuple[Any, ...]:
    session = as_system()
    tables = Disagreement, EventRow, Draft, Invitation
    return tuple(session.scalar(select(func.count()).select_from(one)) for one in tables)


def _raised(world: World) -> tuple[Visitor, Page, str]:
    visitor = Visitor(world.app)
    page = raise_by_hand(visitor, world, start(visitor, world))
    return visitor, page, reference_on(page)


def _by_link(world: World) -> tuple[Visitor, Page, str]:
    _worker, _page, reference = _raised(world)
    mailbox = Mailbox(world)
    mailbox.send_due()
    visitor = Visitor(world.app)
    return visitor, enter(visitor, mailbox, LEAD), reference


def test_with_no_cookie_at_all_the_whole_raise_is_posts(world: World) -> None:
    visitor = Visitor(world.app, cookies=False)
    page = raise_by_hand(visitor, world, start(visitor, world))
    reference = reference_on(page)
    assert "Marguerite Tull" in page.words
    page = visitor.press(page, "All disagreements")
    page = visitor.press(page, reference)
    assert reference in page.h1
    assert {one.response.request.method for one in visitor.pages} == {"POST"}
    assert not any("?" in path for path in visitor.seen), "nothing travels in an address"


def test_a_page_left_behind_still_works_by_its_hidden_field(world: World) -> None:
    """The back button and a second tab: the field is fixed for the session."""
    visitor = Visitor(world.app, cookies=False)
    listed = start(visitor, world)
    asked = visitor.press(listed, "Raise professional disagreement")
    visitor.press(asked, "Continue", {"immediate_harm": "no"})
    assert visitor.press(asked, "Continue", {"immediate_harm": "no"}).status == 200
    assert visitor.press(listed, "Raise professional disagreement").status == 200


@pytest.mark.parametrize("cookies", [True, False])
def test_a_forged_post_is_refused_and_changes_nothing(world: World, cookies: bool) -> None:
    victim = Visitor(world.app, cookies=cookies)
    page = fill_raise(victim, world, start(victim, world))
    form = page.form("Send and start")
    stranger = Visitor(world.app, cookies=False)
    other = start(stranger, world, "nc-1077").form("Raise professional disagreement").sends["_fs"]
    before = _written()
    fields = form.sends.to_dict()
    for forged, headers in (
        ({**fields, "_fs": ""}, {}),
        ({**fields, "_fs": "x" * 43}, {}),
        ({**fields, "_fs": "\0é" * 20}, {}),
        (fields, {"Sec-Fetch-Site": "cross-site"}),
        (fields, {"Sec-Fetch-Site": "same-site"}),
        (fields, {"Sec-Fetch-Site": "none"}),
    ):
        answer = victim.post(form.action, forged, headers=headers)
        assert (answer.status, answer.h1) == (403, ENDED)
        assert "Achebe" not in answer.text
    assert victim.post(form.action, {**fields, "_fs": other}).main.count("Check your answers") == 0
    assert _written() == before
    assert victim.press(page, "Send and start").status == 200, "the page itself still works"


def test_somebody_elses_hidden_field_is_somebody_elses_session(world: World) -> None:
    """A field of another's page with one's own cookie acts as that other or not at all; never as a mixture."""
    visitor, other = Visitor(world.app), Visitor(world.app, cookies=False)
    start(visitor, world)
    field = start(other, world, "nc-1077").form("Raise professional disagreement").sends["_fs"]
    page = visitor.post("/frame/home", {"_fs": field})
    assert "You are Gethin Abara" in page.words and "Amara" not in page.words


def test_start_makes_the_token_anew_and_the_old_one_is_dead(world: World) -> None:
    visitor = Visitor(world.app, cookies=False)
    first = post_launch(visitor, token_for(world))
    old = first.form("Start").sends["_fs"]
    page = visitor.press(first, "Start")
    new = page.form("Raise professional disagreement").sends["_fs"]
    assert new != old
    assert visitor.post("/frame/home", {"_fs": old}).h1 == ENDED
    assert visitor.post("/frame/raise", {"_fs": old}).h1 == ENDED
    assert visitor.post("/frame/home", {"_fs": new}).status == 200


@on_sqlite_alone
def test_a_frame_left_alone_ends_and_its_draft_is_there_after_the_next_launch(world: World, machine: Machine) -> None:
    visitor = Visitor(world.app, cookies=False)
    page = fill_raise(visitor, world, start(visitor, world), impact="She hides under the stairs.")
    page = visitor.press(page, "Change something")
    machine.ahead = timedelta(seconds=1201)
    assert visitor.press(page, "Check your answers").h1 == ENDED
    again = Visitor(world.app, cookies=False)
    machine.ahead = timedelta(0)
    page = start(again, world)
    page = to_the_question(again, page)
    assert "She hides under the stairs." in page.words


@on_sqlite_alone
def test_a_frame_in_use_lives_on_until_the_longest_a_session_lasts(world: World, machine: Machine) -> None:
    visitor = Visitor(world.app, cookies=False)
    page = start(visitor, world)
    for minutes in range(19, 4 * 60, 19):
        machine.ahead = timedelta(minutes=minutes)
        page = visitor.press(page, "Raise professional disagreement")
        page = visitor.press(page, "Back")
        assert page.status == 200, f"ended after {minutes} minutes although it was in use"
    machine.ahead = timedelta(hours=4, seconds=1)
    assert visitor.press(page, "Raise professional disagreement").h1 == ENDED


@on_sqlite_alone
def test_a_link_left_alone_ends(world: World, machine: Machine) -> None:
    visitor, page, reference = _by_link(world)
    machine.ahead = timedelta(seconds=1799)
    assert visitor.get(f"/case/{reference}").status == 200
    machine.ahead = timedelta(seconds=1799 + 1801)
    assert visitor.get(f"/case/{reference}").h1 == ENDED
    assert visitor.press(page, "Answer the concern").h1 == ENDED


def test_a_link_opens_one_case_and_no_frame(world: World) -> None:
    visitor, page, reference = _by_link(world)
    assert reference in page.h1
    other = Visitor(world.app)
    theirs = reference_on(raise_by_hand(other, world, start(other, world, "nc-1077", "9001")))
    assert visitor.get(f"/case/{theirs}").status == 404
    fields = {**page.form("Answer the concern").sends.to_dict()}
    assert visitor.post(f"/case/{theirs}/do", fields).status == 404
    for path in ("/frame/home", "/frame/raise", "/frame/raise/where", "/frame/raise/what"):
        assert visitor.get(path).status == 404
        assert visitor.post(path, {"_fs": fields["_fs"]}).status == 404


def test_a_links_page_cannot_be_posted_from_elsewhere(world: World) -> None:
    visitor, page, _reference = _by_link(world)
    form = page.form("Answer the concern")
    before = _written()
    for fields, headers in (
        ({**form.sends.to_dict(), "_fs": ""}, {}),
        ({**form.sends.to_dict(), "_fs": "0" * 64}, {}),
        (form.sends.to_dict(), {"Sec-Fetch-Site": "cross-site"}),
    ):
        assert visitor.post(form.action, fields, headers=headers).h1 == ENDED
    assert _written() == before


def test_an_invitation_that_has_ended_opens_nothing(world: World) -> None:
    """The open session dies at its next request; the link leads to the page of every old link."""
    visitor, page, reference = _by_link(world)
    mailbox = Mailbox(world)
    session = as_system()
    begin_writing(session)
    invited = session.scalar(select(Invitation).where(Invitation.person_id == f"person:{world.people['htull']}"))
    assert invited is not None
    invited.ended_at, invited.ended_because = invited.created_at, "handed over"
    session.commit()
    before = _written()
    answers = [visitor.get(f"/case/{reference}"), visitor.press(page, "Answer the concern"), visitor.get(mailbox.link_to(LEAD))]
    assert [one.status for one in answers] == [403, 403, 404]
    for one in answers:
        assert reference not in one.text and "Ffion" not in one.text and ANSWERS["unsafe"] not in one.text
    assert _written() == before


def test_cookies_carry_the_right_attributes(world: World) -> None:
    frame = Visitor(world.app)
    page = post_launch(frame, token_for(world))
    cookies = [page.headers["Set-Cookie"], frame.press(page, "Start").headers["Set-Cookie"]]
    raise_by_hand(frame, world, frame.get("/frame/home"))
    mailbox = Mailbox(world)
    mailbox.send_due()
    link = Visitor(world.app)
    page = link.press(link.get(mailbox.link_to(LEAD)), "Send me a code")
    cookies.append(page.headers["Set-Cookie"])
    page = link.press(page, "Continue", {"code": mailbox.code_to(LEAD)}, follow=False)
    cookies += page.headers.getlist("Set-Cookie")
    assert len(cookies) == 5
    for cookie in cookies:
        name, value = re.match(r"(__Host-\w+)=([^;]*)", cookie).groups()  # type: ignore[union-attr]
        parts = {part.strip().casefold() for part in cookie.split(";")[1:]}
        assert "secure" in parts and "path=/" in parts and not any(part.startswith("domain") for part in parts)
        if not value:
            continue  # one that is taken away
        assert "httponly" in parts
        framed = name == "__Host-accord_frame"
        assert ("samesite=none" in parts) == framed and ("partitioned" in parts) == framed
        assert ("samesite=lax" in parts) != framed
        assert len(value) >= 32


def test_the_database_keeps_no_sessions_token(world: World) -> None:
    visitor = Visitor(world.app)
    page = start(visitor, world)
    token = page.form("Raise professional disagreement").sends["_fs"]
    rows = as_system().scalars(select(WebSession)).all()
    assert len(rows) == 1 and rows[0].started
    for row in rows:
        assert token not in repr({name: getattr(row, name) for name in WebSession.__table__.columns.keys()})  # noqa: SIM118  # a collection, no dict
        assert b"Ffion" not in (row.sealed or b"")
