"""A record system's side of the frame, in a real Chromium: what it believes of the messages it gets, and from whom."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from plugin.demo.hosts import council, keys
from plugin.demo.hosts.__main__ import Quiet
from plugin.demo.hosts.setting import from_places
from plugin.demo.places import Places
from tests.plugin.test_demo_start import free_port

pytestmark = pytest.mark.browser

# Stands where the service stands: a page on its origin that says what the test has it say.
PAGE = "<!doctype html><title>Framed</title><p>framed</p>"


@pytest.fixture
def places(tmp_path: Path) -> Iterator[Places]:
    places = Places(tmp_path, free_port())
    keys.provide(places)
    framed = Flask("framed")
    framed.add_url_rule("/launch/council", view_func=lambda: PAGE, methods=["POST"])
    apps = {places.port: framed, places.host_port("council"): council.create_app(from_places("council", places))}
    servers = [make_server("127.0.0.1", port, app, threaded=True, request_handler=Quiet) for port, app in apps.items()]
    threads = [threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True) for server in servers]
    for thread in threads:
        thread.start()
    yield places
    for server, thread in zip(servers, threads, strict=True):
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def page(places: Places, browser: Browser) -> Iterator[Page]:
    """A social worker's browser, with the frame open."""
    page = browser.new_page()
    page.goto(places.host_url("council"))
    page.get_by_role("button", name="Amara Lindqvist").click()
    page.get_by_role("link", name="Ellis Wrenfield").click()
    page.get_by_role("link", name="Raise professional disagreement").click()
    expect(page.frame_locator("#accord").get_by_text("framed")).to_be_visible()
    yield page
    page.close()


def say(page: Page, message: str, to: str = "*") -> None:
    """Has the framed page say something to its parent."""
    page.frames[1].evaluate(f"parent.postMessage({message}, '{to}')")


def test_the_frame_is_as_high_as_it_says_within_limits(page: Page) -> None:
    frame = page.locator("#accord")
    for said, height in ((1234.2, "1235"), (10**9, "4000"), (-5, "200")):
        say(page, f"{{v: 1, type: 'accord:height', height: {said}}}")
        expect(frame).to_have_attribute("height", height)


@pytest.mark.parametrize(("kind", "words"), [("expired", "Open it again"), ("done", "Back to the record")])
def test_the_two_other_messages_show_the_next_step(page: Page, kind: str, words: str) -> None:
    expect(page.get_by_text(words)).to_be_hidden()
    say(page, f"{{v: 1, type: 'accord:{kind}'}}")
    expect(page.get_by_text(words)).to_be_visible()


def test_strange_messages_and_strangers_change_nothing(page: Page) -> None:
    frame = page.locator("#accord")
    before = frame.get_attribute("height")
    for odd in ("null", "'accord:done'", "{v: 2, type: 'accord:done'}", "{v: 1, type: 'accord:height', height: '9'}", "{v: 1, type: 'x'}"):
        say(page, odd)
    page.evaluate("window.postMessage({v: 1, type: 'accord:done'}, '*')")  # the right words from the wrong window
    say(page, "{v: 1, type: 'accord:height', height: NaN}")
    page.wait_for_timeout(200)
    assert frame.get_attribute("height") == before
    expect(page.locator("#done")).to_be_hidden()
