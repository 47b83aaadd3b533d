"""Every page of the service in every state it has: axe finds nothing, nothing is wider than the screen. One partnership after another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from plugin.extensions import db
from plugin.models import Invitation, begin_writing
from plugin.services.acting import casework
from plugin.services.acting.casework import Sent
from plugin.services.keeping.clock import machine_now
from plugin.services.notices import invitations
from tests.journeys.site import Site, press, serving, unfold, well
from tests.pages import Visitor
from tests.plugin.visits import Mailbox, as_system, enter, on_sqlite_alone, raise_by_hand, reference_on, start
from tests.world import World, make_world

pytestmark = on_sqlite_alone

LEAD = "m.tull@hilltop.example"
# Between them these have every page there is before one is raised.
DIFFERENT = ["birmingham", "havering", "south-gloucestershire"]


@pytest.fixture
def site(app: Flask, browser: Browser) -> Iterator[Site]:
    """The service, running."""
    with serving(app, browser) as running:
        yield running


def _worker(site: Site, world: World) -> Page:
    visitor = Visitor(world.app)
    start(visitor, world)
    return site.goto(site.page(visitor), "/frame/home")


@pytest.mark.parametrize("policy", DIFFERENT)
def test_the_way_to_raising_one_under_each_policy(site: Site, app: Flask, policy: str) -> None:
    page = _worker(site, make_world(app, policy))
    well(page, "the list")
    if page.get_by_role("button", name="Record advice").count():
        press(page, "Record advice")
        well(page, "advice")
        press(page, "Check your answers")
        well(page, "advice, not answered")
        press(page, "Back")
    press(page, "Raise professional disagreement")
    well(page, "danger")
    page.get_by_label("Yes", exact=True).check()
    press(page, "Continue")
    well(page, "whom to tell")
    press(page, "I have read this")
    if page.get_by_role("heading", level=1).inner_text() == "Is this the right way?":
        well(page, "another route")
        for box in page.get_by_label("Yes", exact=True).all():
            box.check()
        press(page, "Continue")
        well(page, "which other route")
        press(page, "It is also about another agency")
    well(page, "which organisation")
    page.get_by_label("Hill Top School").check()
    press(page, "Continue")
    if page.get_by_role("heading", level=1).inner_text() in ("When did it happen?", "A few facts"):
        well(page, "since when")
        press(page, "Continue")
        well(page, "since when, not answered")
        if page.get_by_role("heading", level=1).inner_text() not in ("When did it happen?", "A few facts"):
            press(page, "Back")  # this policy needs none of them
        at = datetime.now(UTC).astimezone(ZoneInfo("Europe/London")) - timedelta(days=1)
        for name in {one.get_attribute("name") or "" for one in page.locator("form input[name^=date_]").all()}:
            part = name.rsplit("-", 1)[1]
            page.locator(f"[name='{name}']").fill("9:00" if part == "time" else str(getattr(at, part)))
        press(page, "Continue")
    well(page, "what it is about")


def _said(form: str, **answers: str) -> Sent:
    return Sent(form, 1, answers, {}, f"once-{form}-{sorted(answers)}")


def test_a_case_in_each_of_its_states(site: Site, world: World) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=30)
    reference = world.make_disagreement(long_ago)
    visitor = Visitor(world.app)
    start(visitor, world)
    page = site.page(visitor)
    council, school = world.actor("nc-1042", "raising"), world.actor("htull", "responding", "practitioner")

    def look(what: str, words: str) -> None:
        site.goto(page, f"/case/{reference}")
        expect(page.get_by_text(words).first).to_be_attached()
        well(page, what)

    look("overdue", "Overdue")
    at = long_ago + timedelta(days=1)
    answer = {"position": "disagree", "reasons": "A teacher walks with her."}
    state = world.fulfil(reference, "1/answer", school, at, "response", answers=answer)
    look("answered", "A teacher walks with her.")
    mistake = str(state.obligation("1/answer").done_seq)
    world.act_as("htull")
    for_agency = world.actor("htull", "responding")
    casework.correct(db.session, world.keys, reference, mistake, for_agency, _said("correction", why="No."), at, machine_now())
    look("a mistake", "A mistake")
    world.escalate(reference, "2", council, at + timedelta(days=1), flags=["looked after"])
    look("at the second step", "Line managers")
    outcome = next(move.to for move in state.moves if move.kind == "resolve" and move.open)
    world.resolve(reference, outcome, council, at + timedelta(days=2))
    look("settled", "Settled, not closed")


def test_every_form_of_a_case_empty_and_sent_empty(site: Site, world: World) -> None:
    visitor = Visitor(world.app)
    reference = reference_on(raise_by_hand(visitor, world, start(visitor, world)))
    page = site.goto(site.page(visitor), f"/case/{reference}")
    well(page, "the disagreement")
    names = [form.button for form in visitor.get(f"/case/{reference}").forms() if form.sends.get("what")]
    assert len(names) >= 5
    for name in names:
        unfold(page)
        press(page, name)
        well(page, f"{name}, empty")
        press(page, "Check your answers")
        well(page, f"{name}, sent empty")
        site.goto(page, f"/case/{reference}")


def test_what_is_behind_a_link_in_each_of_its_states(site: Site, world: World) -> None:
    worker, lead, mailbox = Visitor(world.app), Visitor(world.app), Mailbox(world)
    reference = reference_on(raise_by_hand(worker, world, start(worker, world)))
    mailbox.send_due()
    link = mailbox.link_to(LEAD)
    page = site.goto(site.page(), link)
    well(page, "the first page")
    press(page, "Send me a code")
    well(page, "the code")
    for typed in ("12", "000000"):
        page.get_by_label("Code").fill(typed)
        press(page, "Continue")
        well(page, f"a code that is none: {typed}")
    page.get_by_label("Code").fill(mailbox.code_to(LEAD))
    press(page, "Continue")
    well(page, "the disagreement")
    press(page, "Somebody else should answer this")
    well(page, "handing over")
    press(page, "Check your answers")
    well(page, "handing over, not answered")
    enter(lead, mailbox, LEAD, link)
    open_page = site.goto(site.page(lead), f"/case/{reference}")
    for because in ("handed over", "stage moved", "closed", ""):
        _end(because)
        with open_page.expect_navigation():
            open_page.reload()
        well(open_page, f"an open page that has ended: {because}")
    _end("closed")
    page = site.goto(site.page(), link)
    press(page, "Send me a code")
    page.get_by_label("Code").fill(mailbox.code_to(LEAD))
    press(page, "Continue")
    expect(page.get_by_role("heading", level=1)).to_have_text("This request is closed")
    well(page, "closed")


def _end(because: str) -> None:
    session = as_system()
    begin_writing(session)
    for invited in session.query(Invitation):
        invited.ended_at, invited.ended_because = invited.created_at, because
    session.commit()


def test_the_pages_of_what_went_wrong(site: Site, world: World) -> None:
    visitor = Visitor(world.app)
    start(visitor, world)
    page = site.goto(site.page(visitor), "/nothing")
    well(page, "there is nothing")
    for path, what in (("/session/tab", "not to be fetched"), (f"/r/{'A' * 43}", "an old link"), ("/case/PD-3333-3333", "no such case")):
        well(site.goto(page, path), what)
    site.goto(page, f"/r/{'A' * 43}")
    press(page, "Send me a new link")
    well(page, "a new link is on its way")
    for path, fields, what in (
        ("/launch/council", {"launch_token": "a.b.c"}, "a launch that is refused"),
        ("/continue", {"code": "x"}, "a tab that is too late"),
        ("/frame/home", {"_fs": "x"}, "a session that has ended"),
        ("/frame/raise/what", {"unsafe": "x" * 300_000}, "too large"),
    ):
        _post(page, path, fields)
        well(page, what)
    assert invitations.SENDS == 3


def _post(page: Page, path: str, fields: dict[str, str]) -> None:
    with page.expect_navigation():
        page.evaluate(
            """([path, fields]) => {
                const form = document.createElement('form');
                form.method = 'post'; form.action = path;
                for (const [name, value] of Object.entries(fields)) {
                    const box = document.createElement('textarea'); box.name = name; box.value = value; form.append(box);
                }
                document.body.append(form); form.submit();
            }""",
            [path, fields],
        )
