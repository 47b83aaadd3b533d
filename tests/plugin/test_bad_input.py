"""Whatever is typed into any form: it comes out as text, wrong input is told beside its field, and what was typed is kept."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from plugin.models import Draft, EventRow
from plugin.runtime import runtime
from tests.pages import Form, Page, Typed, Visitor
from tests.plugin.running import environment, wait_until
from tests.plugin.test_demo_start import free_port
from tests.plugin.visits import Mailbox, as_system, enter, fill_raise, on_sqlite_alone, raise_by_hand, start, to_where
from tests.world import World

pytestmark = pytest.mark.slow  # left out of make test-quick

HOSTILE = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "</textarea><svg onload=alert(1)>",
    "{{7*7}} {% raw %} ${7*7} #{7*7} %(x)s {0.__class__}",
    "&lt;b&gt; &amp;amp; &#x3c;",
    "Robert'); DROP TABLE event;--",
    "=1+1\t@SUM(A1)",
)
LEAD = "m.tull@hilltop.example"


def form_pages(world: World) -> Iterator[tuple[str, Visitor, Page]]:
    """Every form that a worker in a frame and somebody with a link can reach: its name, who is there, its first page."""
    worker = Visitor(world.app, cookies=False)
    page = start(worker, world)
    case = raise_by_hand(worker, world, page)
    asked = worker.press(page, "Raise professional disagreement")
    yield "emergency", worker, asked
    route = worker.press(asked, "Continue", {"immediate_harm": "no"})
    yield "route", worker, route
    where = worker.press(route, "Continue", {"route_0": "no"})
    yield "where", worker, where
    yield "raise", worker, worker.press(where, "Continue", {"agency": "hill-top-school"})
    mailbox = Mailbox(world)
    as_system()
    mailbox.send_due()
    lead = Visitor(world.app)
    for visitor, shown in ((worker, case), (lead, enter(lead, mailbox, LEAD))):
        for form in list(shown.forms()):
            if form.sends.get("do") == "open" and form.sends.get("what"):
                yield form.sends["what"], visitor, visitor.ask("POST", form.action, data=form.sends)


def main_form(page: Page) -> Form:
    """The form that is filled in on a page: the one with something to fill in."""
    return next(form for form in page.forms() if form.controls)


def boxes(page: Page) -> list[str]:
    """The names of the boxes that take any text."""
    assert page.tree is not None
    form = main_form(page)
    kinds = (None, "text", "email", "tel")
    return [
        one.get("name", "")
        for one in page.tree.iter()
        if one.get("name") in form.controls and (one.tag == "textarea" or (one.tag == "input" and one.get("type") in kinds))
    ]


def fill_every_box(visitor: Visitor, page: Page, text: str) -> Page:
    """Types the same into every box of the page's form, and sends it to be checked."""
    typed: Typed = dict.fromkeys(boxes(page), text)
    return visitor.press(page, main_form(page).button, typed)


def _holds_only_our_elements(page: Page) -> None:
    assert page.tree is not None
    for one in page.tree.iter():
        assert not [name for name in one.attrib if name.startswith("on")], one.attrib
        assert one.tag not in ("object", "embed", "iframe", "base"), one.tag
        if one.tag == "img":  # the drawing of the policy, and nobody's else
            assert one.get("src", "").startswith("/policies/"), one.attrib
        if one.tag == "script":
            assert one.get("src", "").startswith("/static/") and not (one.text or "").strip()


@pytest.mark.slow
@on_sqlite_alone
def test_hostile_text_comes_out_as_text_on_every_form(world: World) -> None:
    seen = 0
    for name, visitor, first in form_pages(world):
        page = first
        for text in HOSTILE:
            if not boxes(page):
                break
            page = fill_every_box(visitor, page, text)
            assert page.status in (200, 422), f"{name}: {page.status}"
            _holds_only_our_elements(page)
            kept = [main_form(page).sends.get(box, "") for box in boxes(page)] if page.h1 != "Check your answers" else [page.words]
            assert any(" ".join(text.split()) in " ".join(one.split()) for one in kept), f"{name} lost or changed {text!r}"
            if page.h1 == "Check your answers":
                page = visitor.press(page, "Change something")
            seen += 1
    assert seen >= 5 * len(HOSTILE)


@on_sqlite_alone
def test_hostile_text_that_was_sent_is_text_on_the_cases_page_and_in_the_lists(world: World) -> None:
    visitor = Visitor(world.app)
    page = raise_by_hand(visitor, world, start(visitor, world), unsafe=HOSTILE[0] + HOSTILE[1], change=HOSTILE[3], impact=HOSTILE[2])
    _holds_only_our_elements(page)
    for text in HOSTILE[:4]:
        assert text in page.words
    _holds_only_our_elements(visitor.press(page, "All disagreements"))


@on_sqlite_alone
def test_an_empty_form_is_told_beside_every_field_that_must_be_filled(world: World) -> None:
    told = 0
    for name, visitor, first in form_pages(world):
        form = main_form(first)
        typed: Typed = dict.fromkeys(form.controls)
        page = visitor.press(first, form.button, typed)
        if page.h1 == "Check your answers":
            continue  # nothing in it has to be filled
        errors = page.errors()
        assert errors, f"{name}: nothing is told"
        assert page.text.count("<title>Error: ") == 1, f"{name}: the title does not say so"
        links = page.summary()
        assert len(links) >= 1
        for target, text in links:
            assert target.startswith("#") and page.element(target[1:]) is not None, f"{name}: {target} leads nowhere"
            assert text in errors.values(), f"{name}: {text!r} does not stand beside its field"
        told += len(errors)
    assert told >= 10


@on_sqlite_alone
def test_what_was_typed_is_kept_when_something_else_is_wrong(world: World) -> None:
    for name, visitor, first in form_pages(world):
        names = boxes(first)
        if not names:
            continue
        typed: Typed = {box: f"Typed into {box}" for box in names}
        page = visitor.press(first, main_form(first).button, typed)
        if page.h1 == "Check your answers":
            continue
        sends = main_form(page).sends
        for box, text in typed.items():
            assert sends.get(box) == text, f"{name}: {box} lost what was typed"


@on_sqlite_alone
def test_a_nul_is_nowhere_kept_and_nowhere_a_fault(world: World) -> None:
    for name, visitor, first in form_pages(world):
        if boxes(first):
            page = fill_every_box(visitor, first, "before\0after")
            assert page.status in (200, 422), f"{name}: {page.status}"
            assert "\0" not in page.text
    for row in as_system().scalars(select(EventRow)):
        assert "\0" not in repr(row.facts)


def test_a_nul_in_an_answer_reaches_no_engine(world: World) -> None:
    visitor = Visitor(world.app, cookies=False)
    page = start(visitor, world)
    answer = to_where(visitor, page)
    asked = visitor.press(answer, "Continue", {"agency": "\0"})
    assert asked.errors(), "left out, so that nothing was chosen"
    answer = visitor.press(asked, "Continue", {"agency": "hill-top-school\0"})
    assert not answer.errors() and "Hill Top School" in answer.h1, "what is left is what was chosen"
    for fields in ({"person": "\0"}, {"themes": ["\0"]}, {"unsafe": "\0"}, {"protective_date-day": "\0"}):
        assert visitor.press(answer, "Check your answers", dict(fields)).status in (200, 422)


@on_sqlite_alone
def test_text_that_turns_around_is_shown_with_its_marks(world: World) -> None:
    """Bidirectional controls could make a sentence read as its opposite."""
    visitor = Visitor(world.app)
    page = fill_raise(visitor, world, start(visitor, world), unsafe="She is \u202enot\u202c safe.\u200b")
    assert "\u202e" not in page.words and "not" in page.words
    page = visitor.press(page, "Send and start")
    assert "\u202e" not in page.words


def test_a_body_that_is_too_large_is_told_and_the_draft_is_kept(world: World) -> None:
    visitor = Visitor(world.app, cookies=False)
    page = fill_raise(visitor, world, start(visitor, world))
    page = visitor.press(page, "Change something")
    before = as_system().scalar(select(func.count()).select_from(Draft))
    large = visitor.press(page, "Check your answers", {"unsafe": "x" * 300_000})
    assert (large.status, large.h1) == (413, "That is too much text")
    assert as_system().scalar(select(func.count()).select_from(Draft)) == before
    assert visitor.press(page, "Check your answers").h1 == "Check your answers", "the page still works"


@on_sqlite_alone
def test_too_long_an_answer_is_told_beside_its_field_and_kept(world: World) -> None:
    visitor = Visitor(world.app, cookies=False)
    page = visitor.press(fill_raise(visitor, world, start(visitor, world)), "Change something")
    page = visitor.press(page, "Check your answers", {"unsafe": "y" * 60_000})
    assert page.status in (200, 422) and "unsafe" in page.errors()
    assert main_form(page).sends["unsafe"] == "y" * 60_000


@on_sqlite_alone
def test_ten_thousand_fields_are_no_fault_and_are_not_kept(world: World) -> None:
    visitor = Visitor(world.app, cookies=False)
    page = visitor.press(fill_raise(visitor, world, start(visitor, world)), "Change something")
    form = main_form(page)
    for extra in (
        [(f"x{number}", "y") for number in range(10_000)],
        [("flags", "y")] * 10_000,
        [(f"officer-{n}-name", "y") for n in range(9_000)],
    ):
        fields = MultiDict([*form.sends.items(multi=True), *extra])
        answer = visitor.post(form.action, fields)
        assert answer.status in (200, 413, 422), answer.words
        assert answer.h1 != "Something went wrong with the service"
    assert max(len(row.sealed) for row in as_system().scalars(select(Draft))) < 100_000


@on_sqlite_alone
def test_a_doing_that_is_none_is_told_plainly(world: World) -> None:
    visitor = Visitor(world.app, cookies=False)
    page = raise_by_hand(visitor, world, start(visitor, world))
    form = next(one for one in page.forms() if one.sends.get("what"))
    for what in ("", "fulfil", "fulfil 9/none", "move", "move x", "override x", "settle x", "evil", "\0", "fulfil \0", "x" * 5000):
        for do in ("open", "check", "send", "look", "wrong", "draft", "odd"):
            answer = visitor.post(form.action, {**form.sends.to_dict(), "what": what, "do": do})
            assert answer.status < 500, f"{what!r} {do}: {answer.words}"


@on_sqlite_alone
def test_a_hundred_thousand_parts_are_refused(world: World) -> None:
    """A form in many small parts costs more to take apart than to send."""
    visitor = Visitor(world.app, cookies=False)
    page = visitor.press(fill_raise(visitor, world, start(visitor, world)), "Change something")
    form = main_form(page)
    boundary = "x" * 10
    part = f"--{boundary}\r\nContent-Disposition: form-data; name=y\r\n\r\n\r\n"
    for parts in (3_000, 100_000):
        body = (part * parts + f"--{boundary}--\r\n").encode()
        answer = visitor.post(form.action, body, content_type=f"multipart/form-data; boundary={boundary}")
        assert (answer.status, answer.h1) == (413, "That is too much text")
    assert visitor.press(page, "Check your answers").h1 == "Check your answers", "the page still works"


@on_sqlite_alone
def test_ten_thousand_headers_and_a_body_that_never_ends_hold_up_nobody(world: World) -> None:
    """The server in front of the service, as it is deployed, with one worker and little patience."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-w", "1", "--timeout", "2", "-b", f"127.0.0.1:{port}", "wsgi:app"]
    server = subprocess.Popen(command, env=environment(runtime(world.app).settings), stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: _asked(port, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").startswith(b"HTTP/1.1 200"))
        many = b"".join(b"X-%d: y\r\n" % number for number in range(10_000))
        assert _asked(port, b"GET /health HTTP/1.1\r\nHost: x\r\n" + many + b"\r\n").split(b" ")[1] in (b"400", b"431")
        with socket.create_connection(("127.0.0.1", port)) as slow:
            slow.sendall(b"POST /r/x HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 9000\r\n\r\na")
            wait_until(lambda: _asked(port, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").startswith(b"HTTP/1.1 200"), 20)
    finally:
        server.terminate()
        server.wait(20)


def _asked(port: int, request: bytes) -> bytes:
    """The beginning of an answer; nothing where there is none within a second."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(request)
            return connection.recv(200)
    except OSError:
        return b""
