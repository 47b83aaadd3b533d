"""Where in an answer a value is: `json:data.0.id`, `xml:Body/Result/Id`, `header:Location`, `cookie:csrftoken`, `input:token`.

What lives here: reading such a pointer and following it. What does not: what the value means.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from html.parser import HTMLParser
from http.cookies import CookieError, SimpleCookie
from typing import Any, Literal, get_args

from integrations.http import Response
from integrations.strict_json import BadJson, parse

Kind = Literal["json", "xml", "header", "cookie", "input"]
_MAX_VALUE = 2000


class NotThere(LookupError):
    """The answer holds nothing at this place. The text quotes nothing of the answer."""


class Unreadable(NotThere):
    """The answer is not of the kind promised, so nothing can be told from it."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """A place in an answer. `steps` are names or, for JSON lists, numbers as text."""

    kind: Kind
    steps: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Pointer:
        """Raises ValueError. `json:` alone means the whole value; a JSON name with a dot in it is written with `\\.`."""
        kind, colon, rest = text.partition(":")
        if not colon or kind not in get_args(Kind) or (kind != "json" and not rest):
            raise ValueError(f"not a place in an answer: {text!r}; for example json:data.id, xml:Body/Id or header:Location")
        if kind == "json":
            return cls("json", tuple(step.replace("\\.", ".") for step in re.split(r"(?<!\\)\.", rest)) if rest else ())
        if kind == "xml":
            return cls("xml", tuple(rest.split("/")))
        return cls(kind, (rest,))  # type: ignore[arg-type]  # it is one of Kind: looked up just above

    def value(self, response: Response) -> Any:
        """The value: for JSON of any type, otherwise text. Raises `NotThere`."""
        return _FOLLOW[self.kind](response, self.steps)

    def text(self, response: Response) -> str:
        """The value as text, a number or a truth value written as JSON does. Raises `NotThere` for lists, objects and null."""
        value = self.value(response)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float | str):
            return str(value)[:_MAX_VALUE]
        raise NotThere("the value there is not a text or a number")


def json_of(response: Response) -> Any:
    """The whole body as JSON. Raises `NotThere`."""
    try:
        return parse(response.body)
    except BadJson:
        raise Unreadable("the answer is not JSON") from None


def xml_of(response: Response) -> ET.Element:
    """The whole body as XML, without a document type (no entities, no bombs). Raises `NotThere`."""
    try:
        text = response.body.decode("utf-8")
        if "\0" in text or "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise Unreadable("the answer is not XML that is read here")
        return ET.fromstring(text)  # noqa: S314  no document type can be in it: looked for just above, in text of one encoding
    except (UnicodeDecodeError, ET.ParseError, ValueError):
        raise Unreadable("the answer is not XML") from None


def _in_json(response: Response, steps: tuple[str, ...]) -> Any:
    value = json_of(response)
    for step in steps:
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            raise NotThere("the answer holds nothing at this place")
    return value


def _in_xml(response: Response, steps: tuple[str, ...]) -> str:
    node = xml_of(response)
    for step in steps:
        found = [child for child in node if child.tag.rpartition("}")[2] == step]
        if not found:
            raise NotThere("the answer holds nothing at this place")
        node = found[0]
    return (node.text or "").strip()


def _in_header(response: Response, steps: tuple[str, ...]) -> str:
    """A Location is cut to its last part: that is the id, the rest is an address."""
    value = response.header(steps[0])
    if not value:
        raise NotThere(f"the answer has no header {steps[0]}")
    return value.rstrip("/").rpartition("/")[2] if steps[0].lower() in ("location", "content-location") else value


def _in_cookie(response: Response, steps: tuple[str, ...]) -> str:
    value = cookies_of(response).get(steps[0])
    if value is None:
        raise NotThere("the answer sets no such cookie")
    return value


def cookies_of(response: Response) -> dict[str, str]:
    """The cookies that an answer sets, name to value; attributes are not kept: a session here goes to one origin only."""
    found: dict[str, str] = {}
    for line in response.all("Set-Cookie"):
        try:
            found |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        except CookieError:
            continue
    return found


def _in_input(response: Response, steps: tuple[str, ...]) -> str:
    finder = _InputFinder(steps[0])
    finder.feed(response.body.decode("utf-8", "replace"))
    if finder.found is None:
        raise NotThere("the page has no such field")
    return finder.found


class _InputFinder(HTMLParser):
    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.found: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "input" and said.get("name") == self._name and self.found is None:
            self.found = said.get("value") or ""


_FOLLOW = {"json": _in_json, "xml": _in_xml, "header": _in_header, "cookie": _in_cookie, "input": _in_input}
