"""The service in the test's own process, in a real browser: for pages and states that need no record system around them.

Whoever is there came in over HTTP as in every other test; the browser is given their session's cookie.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.pages import Visitor

AXE = Axe()
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
NARROW: ViewportSize = {"width": 320, "height": 640}
# 400 % of a window of 1280 by 1024.
ZOOMED: ViewportSize = {"width": 320, "height": 256}


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Says nothing."""


@dataclass
class Site:
    """A running service and a browser to look at it with."""

    origin: str
    browser: Browser
    contexts: list[BrowserContext]

    def page(self, visitor: Visitor | None = None, *, viewport: ViewportSize = NARROW, script: bool = True) -> Page:
        """A page of a browser of its own, in which `visitor` is signed in."""
        context = self.browser.new_context(viewport=viewport, java_script_enabled=script)
        self.contexts.append(context)
        for cookie in visitor.client._cookies.values() if visitor else ():
            context.add_cookies(
                [{"name": cookie.key, "value": cookie.value, "url": self.origin.replace("http:", "https:"), "secure": True}]
            )
        page = context.new_page()
        page.set_default_timeout(10_000)
        return page

    def goto(self, page: Page, path: str) -> Page:
        """Opens an address of the service."""
        page.goto(self.origin + path)
        return page


@contextmanager
def serving(app: Flask, browser: Browser) -> Iterator[Site]:
    """The app on a port of its own while the block lasts."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    site = Site(f"http://accord.localhost:{server.server_port}", browser, [])
    try:
        yield site
    finally:
        for context in site.contexts:
            context.close()
        server.shutdown()
        thread.join()
        server.server_close()


def press(page: Page, name: str, at: int = 0) -> None:
    """Presses a button that leads to another page."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).nth(at).click()


def unfold(page: Page) -> None:
    """Opens whatever is folded away."""
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")


def well(page: Page, what: str) -> None:
    """No finding of axe, and nothing wider than the screen."""
    found = AXE.run(page, options=RULES).response["violations"]
    assert not found, what + ": " + "; ".join(f"{one['id']} at {one['nodes'][0]['target']}" for one in found)
    fits(page, what)


def fits(page: Page, what: str) -> None:
    """Nothing is wider than the screen, in the page and in its frames."""
    for frame in page.frames:
        wide = frame.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{what}: {wide} px too wide"
