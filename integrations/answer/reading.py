"""An answer taken apart: its body as JSON, as XML, as a page; the cookies that it sets. Strictly, and without a bomb.

What does not live here: where in it a value is (`pointer`).
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from http.cookies import CookieError, SimpleCookie
from typing import Any

from integrations.http import Response
from integrations.strict_json import BadJson, parse


class NotThere(LookupError):
    """The answer holds nothing at this place. The text quotes nothing of the answer."""


class Unreadable(NotThere):
    """The answer is not of the kind promised, so nothing can be told from it."""


def json_of(response: Response) -> Any:
    """The whole body as JSON. Raises `NotThere`."""
    try:
        # Old servers begin with a mark that RFC 8259 lets a reader ignore.
        return parse(response.body.removeprefix(b"\xef\xbb\xbf"))
    except BadJson:
        raise Unreadable("the answer is not JSON") from None


def xml_of(response: Response) -> ET.Element:
    """The whole body as XML, without a document type (no entities, no bombs). Raises `NotThere`."""
    try:
        text = response.body.decode("utf-8-sig")
        if "\0" in text or "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise Unreadable("the answer is not XML that is read here")
        return ET.fromstring(text)  # noqa: S314  no document type can be in it: looked for just above, in text of one encoding
    except (UnicodeDecodeError, ET.ParseError, ValueError):
        raise Unreadable("the answer is not XML") from None


def cookies_of(response: Response) -> dict[str, str]:
    """The cookies that an answer sets, name to value; attributes are not kept: a session here goes to one origin only."""
    found: dict[str, str] = {}
    for line in response.all("Set-Cookie"):
        try:
            found |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        except CookieError:
            continue
    return found


def field_of_page(response: Response, tag: str, by: str, named: str, wanted: str) -> str:
    """An attribute of the first `tag` of a page whose attribute `by` is `named`. Raises `NotThere`."""
    finder = _Finder(tag, by, named, wanted)
    finder.feed(response.body.decode("utf-8", "replace"))
    if finder.found is None:
        raise NotThere("the page has no such field")
    return finder.found


class _Finder(HTMLParser):
    def __init__(self, tag: str, by: str, named: str, wanted: str) -> None:
        super().__init__()
        self._tag, self._by, self._named, self._wanted = tag, by, named, wanted
        self.found: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == self._tag and said.get(self._by) == self._named and self.found is None:
            self.found = said.get(self._wanted) or ""
