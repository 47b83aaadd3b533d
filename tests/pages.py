"""A visitor to the service for tests: asks for pages as a browser does, and holds every page it gets to what a page must be.

Each HTML answer, error pages included, is parsed strictly and must have a title, one h1, unique ids and labelled controls. Forms are
read from the page and pressed by the words on their buttons, so that a test says what a person would do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

ORIGIN = "https://accord.example"
OWN_PAGE = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe", "Origin": ORIGIN}
Typed = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it stands on a page: where it goes and what it would send. `controls` are its boxes and choices by name."""

    action: str
    method: str
    sends: MultiDict[str, str]
    controls: Counter[str]
    button: str


@dataclass(slots=True)
class Page:
    """An answer to a visitor: status, headers and, where it is HTML, what stands on it."""

    response: TestResponse
    text: str = ""
    tree: Element | None = field(default=None, repr=False)

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status_code

    @property
    def headers(self) -> Any:
        """The HTTP headers."""
        return self.response.headers

    @property
    def words(self) -> str:
        """All that a person reads in the body, with single spaces."""
        return "" if self.tree is None else _words(_body(self.tree))

    @property
    def h1(self) -> str:
        """The page's one heading of the first rank."""
        return "" if self.tree is None else _words(next(self.tree.iter("h1")))

    @property
    def main(self) -> str:
        """What stands in the main part alone, without the banner."""
        return "" if self.tree is None else _words(next(self.tree.iter("main")))

    def forms(self) -> Iterator[Form]:
        """Every form of the page."""
        assert self.tree is not None, f"not a page: {self.status} {self.text[:200]}"
        for element in self.tree.iter("form"):
            yield _form(element)

    def form(self, button: str) -> Form:
        """The form whose button begins with these words."""
        found = [one for one in self.forms() if one.button.startswith(button)]
        assert found, f"no button {button!r} on {self.h1!r}; there are {[one.button for one in self.forms()]}"
        return found[0]

    def buttons(self) -> list[str]:
        """The words on every button."""
        return [one.button for one in self.forms()]

    def errors(self) -> dict[str, str]:
        """The messages that stand beside fields, by the id of what they belong to (GOV.UK's `ID-error`)."""
        assert self.tree is not None
        marked = [one for one in self.tree.iter() if "govuk-error-message" in one.get("class", "").split()]
        return {one.get("id", "").removesuffix("-error"): _words(one).removeprefix("Error: ") for one in marked}

    def summary(self) -> list[tuple[str, str]]:
        """The lines of the error summary at the top: (where it leads, text)."""
        assert self.tree is not None
        boxes = [one for one in self.tree.iter() if "govuk-error-summary" in one.get("class", "").split()]
        return [(link.get("href", ""), _words(link)) for box in boxes for link in box.iter("a")]

    def listed(self, kind: str) -> list[str]:
        """The words of each line of the lists of this class."""
        assert self.tree is not None
        lists = [one for one in self.tree.iter() if kind in one.get("class", "").split()]
        return [_words(line) for one in lists for line in one.iter("li")]

    def element(self, wanted: str) -> Element | None:
        """The element with this id."""
        assert self.tree is not None
        return next((one for one in self.tree.iter() if one.get("id") == wanted), None)


class Visitor:
    """A browser without a window. With `cookies=False` it keeps none, as a frame where third-party cookies are blocked entirely.

    `seen` are the addresses it asked for, `pages` what it got: for tests that look for leaks.
    """

    def __init__(self, app: Flask, *, cookies: bool = True, headers: dict[str, str] | None = None) -> None:
        self.client = app.test_client(use_cookies=cookies)
        self.sent_headers = {**OWN_PAGE, **(headers or {})}
        self.seen: list[str] = []
        self.pages: list[Page] = []

    def get(self, path: str, **more: Any) -> Page:
        """Fetches a page."""
        return self.ask("GET", path, **more)

    def post(self, path: str, data: Any = None, **more: Any) -> Page:
        """Posts fields and follows where it is sent to."""
        return self.ask("POST", path, data=data or {}, **more)

    def ask(self, method: str, path: str, *, headers: dict[str, str] | None = None, follow: bool = True, **more: Any) -> Page:
        """One request; header values of None are not sent."""
        sent = {name: value for name, value in {**self.sent_headers, **(headers or {})}.items() if value is not None}
        self.seen.append(path)
        # In a context of its own: a request must not share the session and `g` of the test that makes it.
        response = Context().run(self.client.open, path, method=method, base_url=ORIGIN, headers=sent, **more)
        if follow and response.status_code == 303:
            target = urlsplit(response.headers["Location"])
            return self.get(target.path + (f"?{target.query}" if target.query else ""))
        page = read(response)
        self.pages.append(page)
        return page

    def press(self, page: Page, button: str, typed: Typed | None = None, **more: Any) -> Page:
        """Presses a button of a page after typing into its form. A list chooses several; None clears what stood there."""
        form = page.form(button)
        sends = MultiDict(form.sends)
        for name, value in (typed or {}).items():
            assert name in form.controls, f"the form has no {name!r}; it has {sorted(form.controls)}"
            sends.poplist(name)
            if value is not None:
                sends.setlist(name, value if isinstance(value, list) else [value])
        return self.ask(form.method, form.action, data=sends, **more)


def read(response: TestResponse) -> Page:
    """An answer as a page; HTML is held to what every page must be (AssertionError saying what is wrong)."""
    if not response.headers.get("Content-Type", "").startswith("text/html") or not response.data:
        return Page(response, response.get_data(as_text=True) if response.mimetype.startswith("text/") else "")
    text = response.get_data(as_text=True)
    return Page(response, text, check_html(text))


def check_html(text: str) -> Element:
    """The parsed page. It is well formed, titled, headed once, its ids are unique, its controls labelled, its references lead somewhere."""
    tree: Element = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    title = tree.find("head/title")
    assert title is not None and (title.text or "").strip(" -"), "a page without a title"
    headings = [_words(one) for one in tree.iter("h1")]
    assert len(headings) == 1 and headings[0], f"a page has one h1, this one {headings}"
    assert tree.get("lang"), "a page says its language"
    ids = Counter(one.get("id") for one in tree.iter() if one.get("id") is not None)
    assert not [one for one, times in ids.items() if times > 1 or not one], f"ids that are not unique: {ids}"
    for control in tree.iter():
        if _is_control(control):
            assert _labelled(control, tree), f"a control without a label: {control.attrib}"
        for name in ("for", "aria-describedby", "aria-labelledby"):
            for wanted in control.get(name, "").split():
                assert wanted in ids, f"{name}={wanted!r} leads nowhere"
    return tree


def _is_control(one: Element) -> bool:
    return one.tag in ("select", "textarea") or (one.tag == "input" and one.get("type") not in ("hidden", "submit"))


def _labelled(control: Element, tree: Element) -> bool:
    if control.get("aria-label", "").strip() or control.get("aria-labelledby"):
        return True
    labels = [one for one in tree.iter("label") if one.get("for") == control.get("id") or control in list(one.iter())]
    return any(_words(one) for one in labels)


def _form(element: Element) -> Form:
    sends: MultiDict[str, str] = MultiDict()
    controls: Counter[str] = Counter()
    for one in element.iter():
        name, kind = one.get("name"), one.get("type")
        if not name or one.tag not in ("input", "select", "textarea"):
            continue
        if kind != "hidden":
            controls[name] += 1
        if one.tag == "textarea":
            sends.add(name, "".join(one.itertext()))
        elif one.tag == "select":
            sends.add(name, next((option.get("value", "") for option in one.iter("option") if option.get("selected") is not None), ""))
        elif kind not in ("radio", "checkbox") or one.get("checked") is not None:
            sends.add(name, one.get("value", ""))
    button = next((_words(one) for one in element.iter("button") if one.get("aria-hidden") != "true" and not one.get("name")), "")
    return Form(element.get("action", ""), element.get("method", "get").upper(), sends, controls, button)


def _body(tree: Element) -> Element:
    return next(tree.iter("body"))


def _words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())
