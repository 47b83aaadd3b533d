"""Sessions that go on under another token: Start pressed again, and a frame continued in a tab of its own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from plugin.models import WebSession
from tests.pages import Page, Visitor
from tests.plugin.visits import Machine, as_system, fill_raise, on_sqlite_alone, post_launch, raise_by_hand, reference_on, start, token_for
from tests.world import World

pytestmark = pytest.mark.slow  # left out of make test-quick

ENDED, TOO_LATE = "Your session has ended", "This tab could not be opened"
FRAMED = "frame-ancestors https://council.example"


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The machine's clock, to be moved."""
    return Machine(monkeypatch)


def _to_tab(frame: Visitor, page: Page) -> tuple[Page, Page, Visitor]:
    """The frame's page that offers the tab, the tab's first page, and the tab: another browsing context of the same browser."""
    offered = frame.press(page, "Open in a new tab")
    tab = Visitor(frame.client.application)
    form = offered.form("Open the tab")
    return offered, tab.ask("POST", form.action, data=form.sends), tab


@pytest.mark.parametrize("cookies", [True, False])
def test_start_pressed_twice_just_goes_on(world: World, cookies: bool) -> None:
    visitor = Visitor(world.app, cookies=cookies)
    first = post_launch(visitor, token_for(world))
    visitor.press(first, "Start")
    again = visitor.press(first, "Start")
    assert (again.status, again.h1) == (200, "Disagreements about this child")
    assert visitor.press(again, "Raise professional disagreement").status == 200


@on_sqlite_alone
def test_start_pressed_again_much_later_goes_on_only_in_the_browser_that_has_the_session(world: World, machine: Machine) -> None:
    with_cookie, without = Visitor(world.app), Visitor(world.app, cookies=False)
    pages = [post_launch(one, token_for(world)) for one in (with_cookie, without)]
    for visitor, page in zip((with_cookie, without), pages, strict=True):
        visitor.press(page, "Start")
    machine.ahead = timedelta(seconds=61)
    assert with_cookie.press(pages[0], "Start").h1 == "Disagreements about this child"
    assert without.press(pages[1], "Start").h1 == ENDED


def test_a_frame_goes_on_in_a_tab_with_a_lax_cookie_and_ends_itself(world: World) -> None:
    frame = Visitor(world.app)
    page = start(frame, world)
    offered = frame.press(page, "Open in a new tab")
    form = offered.form("Open the tab")
    tab = Visitor(world.app)
    answer = tab.post(form.action, form.sends.to_dict(), follow=False)
    assert answer.status == 303 and answer.headers["Location"] == "/frame/home"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-accord_tab=") and "SameSite=Lax" in cookie and "HttpOnly" in cookie and "Partitioned" not in cookie
    listed = tab.get("/frame/home")
    assert listed.h1 == "Disagreements about this child" and "Ffion" in listed.words
    assert listed.headers["X-Frame-Options"] == "DENY", "a tab is framed by nobody"
    assert "Open in a new tab" not in listed.buttons()
    assert frame.press(page, "Raise professional disagreement").h1 == ENDED
    reference = reference_on(raise_by_hand(tab, world, listed))
    assert tab.get(f"/case/{reference}").status == 200


@on_sqlite_alone
def test_the_code_of_a_tab_works_once_and_for_a_minute(world: World, machine: Machine) -> None:
    frame = Visitor(world.app)
    page = start(frame, world)
    form = frame.press(page, "Open in a new tab").form("Open the tab")
    machine.ahead = timedelta(seconds=60)
    late = Visitor(world.app).post(form.action, form.sends.to_dict())
    assert (late.status, late.h1) == (403, TOO_LATE)
    assert frame.press(page, "Raise professional disagreement").status == 200, "the frame goes on"
    machine.ahead = timedelta(0)
    form = frame.press(page, "Open in a new tab").form("Open the tab")
    assert Visitor(world.app).post(form.action, form.sends.to_dict()).h1 == "Disagreements about this child"
    assert Visitor(world.app).post(form.action, form.sends.to_dict()).h1 == TOO_LATE
    kinds = list(as_system().scalars(select(WebSession.kind)))
    assert kinds == ["tab"]


@on_sqlite_alone
def test_no_other_page_and_no_guess_opens_a_tab(world: World) -> None:
    frame = Visitor(world.app)
    first = post_launch(frame, token_for(world))
    launched = first.form("Start").sends["_fs"]
    page = frame.press(first, "Start")
    form = frame.press(page, "Open in a new tab").form("Open the tab")
    stranger = Visitor(world.app)
    for code in ("", "x" * 43, "\0", launched, page.form("Raise professional").sends["_fs"]):
        assert stranger.post("/continue", {"code": code}).h1 == TOO_LATE
    assert stranger.post("/continue", form.sends.to_dict(), headers={"Sec-Fetch-Site": "cross-site"}).h1 == TOO_LATE


@on_sqlite_alone
def test_the_launch_pages_own_token_opens_no_tab(world: World) -> None:
    """After Start the hand-off is that token: it is good for another press of Start alone."""
    frame = Visitor(world.app, cookies=False)
    first = post_launch(frame, token_for(world))
    frame.press(first, "Start")
    assert Visitor(world.app).post("/continue", {"code": first.form("Start").sends["_fs"]}).h1 == TOO_LATE


@on_sqlite_alone
def test_the_tab_begins_where_the_frame_was_and_nowhere_else(world: World) -> None:
    frame = Visitor(world.app)
    page = raise_by_hand(frame, world, start(frame, world))
    reference = reference_on(page)
    assert reference in _to_tab(frame, page)[1].h1
    for odd in ("https://evil.example/", "//evil.example", "/admin", "/r/x", "\r\nX: y", ""):
        frame = Visitor(world.app)
        form = frame.press(start(frame, world), "Open in a new tab").form("Open the tab")
        answer = Visitor(world.app).post("/continue", {**form.sends.to_dict(), "to": odd}, follow=False)
        assert answer.headers["Location"] == "/frame/home"


@on_sqlite_alone
def test_what_was_typed_in_the_frame_is_there_in_the_tab(world: World) -> None:
    frame = Visitor(world.app)
    page = fill_raise(frame, world, start(frame, world), impact="She hides under the stairs.")
    tab = _to_tab(frame, page)[1]
    assert "She hides under the stairs." in tab.words


@on_sqlite_alone
@pytest.mark.parametrize("cookies", [True, False])
def test_the_end_of_a_session_and_too_large_a_body_are_seen_in_the_frame(world: World, machine: Machine, cookies: bool) -> None:
    """Never an empty frame: the host that showed the page may show what became of it."""
    visitor = Visitor(world.app, cookies=cookies)
    page = visitor.press(fill_raise(visitor, world, start(visitor, world)), "Change something")
    form = page.form("Check your answers")
    large = visitor.ask("POST", form.action, data={**form.sends.to_dict(), "unsafe": "x" * 300_000})
    machine.ahead = timedelta(seconds=1201)
    ended = visitor.ask("POST", form.action, data=form.sends)
    assert (large.status, ended.status) == (413, 403)
    for answer in (large, ended):
        assert answer.headers["Content-Security-Policy"].endswith(FRAMED)
        assert "X-Frame-Options" not in answer.headers
