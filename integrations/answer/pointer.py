"""Where in an answer a value is: `json:data.0.id`, `xml:Body/Result/@Id`, `header:Location`, `cookie:csrftoken`, `text:` and others.

What lives here: reading such a pointer and following it. What does not: taking an answer apart (`reading`), what the value means.

    json:people.0.id          json:ids.[type=UPN].value       json:            (the whole)
    xml:Body/Person/Id        xml:Body/Person/@Id             text:            (the whole body as text)
    xml:/people/person        (from the root, which must be called people; without the first / a place begins below the root)
    header:Location           address:Location                cookie:session   input:token   meta:csrf-token
    xml:Body/Result>json:id   (JSON inside the text of an element)             header:OData-EntityId|inside
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Any, Literal, get_args

from integrations.answer.reading import NotThere, Unreadable, cookies_of, field_of_page, json_of, xml_of
from integrations.http import Response
from integrations.template.language import FILTERS, Filters, TemplateFault, filters_of

__all__ = ["NotThere", "Pointer", "Unreadable", "cookies_of", "json_of", "xml_of"]

Kind = Literal["json", "xml", "header", "address", "cookie", "input", "meta", "text"]
_MAX_VALUE = 2000
_SELECTOR = re.compile(r"\[([A-Za-z0-9_.@-]+)=(.*)\]")


@dataclass(frozen=True, slots=True)
class Pointer:
    """A place in an answer. `steps` are names or, for JSON lists, numbers as text or `[name=value]`.

    `inner` is followed in the text that stands at this place; `filters` are those of templates, for the text that is found.
    """

    kind: Kind
    steps: tuple[str, ...]
    inner: Pointer | None = None
    filters: Filters = ()

    @classmethod
    def parse(cls, text: str) -> Pointer:
        """Raises ValueError. `json:` alone means the whole; in a JSON name, a dot, bar or `>` is written with a backslash before it."""
        before, _, after = _cut(text, ">")
        if after:
            outer = cls.parse(before)
            return cls(outer.kind, outer.steps, cls.parse(after), outer.filters)
        place, _, filters = _cut(text, "|")
        kind, colon, rest = place.strip().partition(":")
        if not colon or kind not in get_args(Kind) or (not rest and kind not in ("json", "text")):
            raise ValueError(f"not a place in an answer: {text!r}; for example json:data.id, xml:Body/Id or header:Location")
        try:
            return cls(kind, _steps(kind, rest), None, filters_of(filters))  # type: ignore[arg-type]  # one of Kind: looked up just above
        except TemplateFault as fault:
            raise ValueError(f"{text!r}: {fault}") from None

    def value(self, response: Response) -> Any:
        """The value: for JSON of any type, otherwise text. Raises `NotThere`."""
        if self.inner:
            return self.inner.value(self._within(response))
        found = _FOLLOW[self.kind](response, self.steps)
        if not self.filters:
            return found
        text = _plain(found)
        for name, argument in self.filters:
            try:
                text = str(FILTERS[name](text, argument))
            except TemplateFault as fault:
                raise NotThere(str(fault)) from None
        return text

    def text(self, response: Response) -> str:
        """The value as text, a number or a truth value written as JSON does. Raises `NotThere` for lists, objects and null."""
        return _plain(self.value(response))[:_MAX_VALUE]

    def all(self, response: Response) -> list[Response]:
        """Each entry of the list that stands there, as an answer of its own. Raises `NotThere` where there is no list.

        In XML, the entries are all elements of the last name; none is an empty list.
        """
        if self.inner:
            return self.inner.all(self._within(response))
        if self.kind == "xml":
            parent = _element(response, self.steps[:-1])
            found = [child for child in parent if _local(child) == self.steps[-1]]
            return [Response(response.status, response.headers, _wrapped(child)) for child in found]
        entries = self.value(response)
        if not isinstance(entries, list):
            raise NotThere("there is no list at this place")
        return [Response(response.status, response.headers, json.dumps(entry).encode()) for entry in entries]

    def _within(self, response: Response) -> Response:
        outer = Pointer(self.kind, self.steps, None, self.filters)
        return Response(response.status, response.headers, _plain(outer.value(response)).encode())


def _cut(text: str, mark: str) -> tuple[str, str, str]:
    """The text before and behind the first `mark` that has no backslash before it."""
    found = re.search(rf"(?<!\\){re.escape(mark)}", text)
    return (text[: found.start()], mark, text[found.end() :]) if found else (text, "", "")


def _steps(kind: str, rest: str) -> tuple[str, ...]:
    if kind == "json":
        # A selector may hold dots of its own, so it is taken whole.
        parts = re.findall(r"\[[^\]]*\]|(?:\\.|[^.\\\[])(?:\\.|[^.\\])*", rest)
        return tuple(re.sub(r"\\(.)", r"\1", part) for part in parts)
    return tuple(rest.split("/")) if kind == "xml" else (rest,)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | str):
        return str(value)
    raise NotThere("the value there is not a text or a number")


def _in_json(response: Response, steps: tuple[str, ...]) -> Any:
    value = json_of(response)
    for step in steps:
        selector = _SELECTOR.fullmatch(step)
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, list) and selector:
            value = _selected(value, *selector.groups())
        else:
            raise NotThere("the answer holds nothing at this place")
    return value


def _selected(entries: list[Any], name: str, wanted: str) -> Any:
    """The one entry whose field says so; of two, none is picked."""
    found = [entry for entry in entries if isinstance(entry, dict) and str(entry.get(name)) == wanted]
    if len(found) != 1:
        raise NotThere("the answer holds nothing at this place, or more than one")
    return found[0]


def _in_xml(response: Response, steps: tuple[str, ...]) -> str:
    attribute = steps[-1].removeprefix("@") if steps[-1].startswith("@") else ""
    node = _element(response, steps[:-1] if attribute else steps)
    if not attribute:
        return "".join(node.itertext()).strip()
    for name, value in node.attrib.items():
        if name.rpartition("}")[2] == attribute:
            return value
    raise NotThere("the answer holds nothing at this place")


def _element(response: Response, steps: tuple[str, ...]) -> ET.Element:
    node = xml_of(response)
    if steps[:1] == ("",):  # from the root itself, which must be called so
        if _local(node) != "".join(steps[1:2]):
            raise NotThere("the answer is not what this place begins with")
        steps = steps[2:]
    for step in steps:
        found = [child for child in node if _local(child) == step]
        if not found:
            raise NotThere("the answer holds nothing at this place")
        node = found[0]
    return node


def _local(node: ET.Element) -> str:
    return node.tag.rpartition("}")[2]


def _wrapped(child: ET.Element) -> bytes:
    """An entry of a list as a document whose root is the entry, so that places within it begin below it."""
    return bytes(ET.tostring(child, encoding="utf-8"))


def _header(response: Response, steps: tuple[str, ...]) -> str:
    value = response.header(steps[0])
    if not value:
        raise NotThere(f"the answer has no header {steps[0]}")
    return value


def _in_header(response: Response, steps: tuple[str, ...]) -> str:
    """A Location is cut to its last part: that is the id, the rest is an address (`address:` gives it whole)."""
    value = _header(response, steps)
    return value.rstrip("/").rpartition("/")[2] if steps[0].lower() in ("location", "content-location") else value


def _in_cookie(response: Response, steps: tuple[str, ...]) -> str:
    value = cookies_of(response).get(steps[0])
    if value is None:
        raise NotThere("the answer sets no such cookie")
    return value


def _in_input(response: Response, steps: tuple[str, ...]) -> str:
    return field_of_page(response, "input", "name", steps[0], "value")


def _in_meta(response: Response, steps: tuple[str, ...]) -> str:
    return field_of_page(response, "meta", "name", steps[0], "content")


def _in_text(response: Response, _steps: tuple[str, ...]) -> str:
    return response.body.decode("utf-8", "replace").strip()


_FOLLOW = {
    "json": _in_json,
    "xml": _in_xml,
    "header": _in_header,
    "address": _header,
    "cookie": _in_cookie,
    "input": _in_input,
    "meta": _in_meta,
    "text": _in_text,
}
