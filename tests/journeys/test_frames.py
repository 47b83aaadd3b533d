"""Who may show the service in a frame: the listed host's page; one of any other origin sees nothing (case 11 of the threat model)."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from tests.journeys.people import Demo, Worker

CHILD = "Ellis Wrenfield"
PAGE = """<!DOCTYPE html><html lang="en"><title>Another site</title><h1>Another site</h1>
<iframe name="stolen" title="stolen" width="600" height="400"></iframe>
<form method="post" target="stolen"><input name="launch_token" value="a.b.c"></form></html>"""


class _Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(PAGE.encode())

    def log_message(self, *_given: object) -> None:
        """Says nothing."""


@pytest.fixture
def another_site() -> Iterator[str]:
    """A page on a site that no connection lists."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://another.localhost:{server.server_port}/"
    server.shutdown()
    server.server_close()


def _post_into_the_frame(page: Page, address: str) -> Response:
    with page.expect_response(lambda answer: answer.url == address) as waited:
        page.evaluate("address => { const form = document.forms[0]; form.action = address; form.submit(); }", address)
    return waited.value


def _fetch_into_the_frame(page: Page, address: str) -> Response:
    with page.expect_response(lambda answer: answer.url == address) as waited:
        page.evaluate("address => { document.querySelector('iframe').src = address; }", address)
    return waited.value


def _shows_nothing(page: Page) -> None:
    frame = next(one for one in page.frames if one.name == "stolen")
    for _ in range(50):
        if frame.url.startswith("chrome-error:"):
            break
        page.wait_for_timeout(100)
    assert frame.url.startswith("chrome-error:"), f"the frame shows {frame.url}"
    assert frame.locator("h1", has_text="Disagreement").count() == 0
    assert "Accord" not in frame.content()


def test_a_page_of_another_origin_frames_neither_a_launch_nor_a_case(browser: Browser, demo: Demo, another_site: str) -> None:
    page = browser.new_context().new_page()
    page.goto(another_site)
    answer = _post_into_the_frame(page, f"{demo.service}/launch/council")
    assert answer.status == 403
    assert answer.headers["content-security-policy"].endswith(f"frame-ancestors {demo.council}")
    _shows_nothing(page)
    for path in ("/case/PD-3333-3333", "/frame/home", "/r/" + "x" * 43, "/health", "/dev/"):
        page.goto(another_site)
        answer = _fetch_into_the_frame(page, f"{demo.service}{path}")
        assert answer.headers["content-security-policy"].endswith("frame-ancestors 'none'")
        _shows_nothing(page)


def test_the_page_of_a_signed_in_worker_cannot_be_framed_by_another_origin_either(browser: Browser, demo: Demo, another_site: str) -> None:
    worker = Worker(browser, demo, "Amara Lindqvist", CHILD)
    worker.launch()
    page = worker.context.new_page()
    page.goto(another_site)
    _fetch_into_the_frame(page, f"{demo.service}/frame/home")
    _shows_nothing(page)


def test_the_listed_host_shows_it(browser: Browser, demo: Demo) -> None:
    worker = Worker(browser, demo, "Amara Lindqvist", CHILD)
    frame = worker.launch()
    assert frame.url.startswith(demo.service)
    expect(frame.get_by_role("button", name="Raise professional disagreement")).to_be_visible()
