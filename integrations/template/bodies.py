"""Templates made into what is sent: URLs, headers, and bodies as JSON, form, multipart, XML or a bare file.

Each kind escapes by what it is: JSON and forms are built from parts and written by their own writers, URLs are percent-encoded,
XML is escaped, headers refuse control characters. A template holds no escaping of its own.
"""

from __future__ import annotations

import json
import re
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape as xml_escape

from integrations.strict_json import BadJson, parse
from integrations.template.language import Template, TemplateFault, Value, text_of, value_of

Format = Literal["none", "json", "form", "multipart", "xml", "text", "file"]
_EACH = "$each_document"  # {"$each_document": …} in a JSON template: a list, the value once for each document
_URL = "/?&=%:@!$'()*+,;~"  # what a template's own text may hold as it is; a # would end the address and is encoded
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INNER = "$text"  # {"$text": …} in a template: the inner value as a JSON text inside a string
_PART = "$json"  # {"$json": …} in multipart: a part of its own media type, application/json


def fill_url(template: Template, values: Mapping[str, Value]) -> str:
    """A path and query, every value percent-encoded (a slash too), so no value can add a segment or a parameter.

    Raises `TemplateFault` for a value that would climb: a segment of one or two dots means another place to many servers.
    """
    pieces = (quote(piece, safe=_URL) if isinstance(piece, str) else quote(text_of(piece, values), safe="") for piece in template.pieces)
    filled = "".join(pieces)
    if any(segment in (".", "..") for segment in filled.partition("?")[0].split("/")):
        raise TemplateFault("a part of the address would be . or ..")
    return filled


def fill_header(template: Template, values: Mapping[str, Value]) -> str:
    """A header's value. Raises `TemplateFault` for control characters and for letters that headers cannot carry."""
    filled = template.fill(values, str)
    if not filled.isascii() or any(ord(letter) < 32 or ord(letter) == 127 for letter in filled):
        raise TemplateFault("a header would hold a character that headers cannot carry")
    return filled


def fill_body(shape: Format, text: str, values: Mapping[str, Value], documents: Sequence[Mapping[str, Value]] = ()) -> tuple[bytes, str]:
    """The body and its media type ("" for none) of a template's text. Raises `TemplateFault`.

    json: any JSON; places stand inside strings; a string that is one place with `|number` becomes a number; `{"$text": …}` becomes
    that value as JSON inside a string, `{"$each_document": …}` a list with that value for each of `documents`. form and multipart: an
    object of name to text (or `{"$text": …}`); in multipart a value that is exactly `{{document.content}}` is the file, and `{"$json": …}`
    a part that is JSON. A member that is one place with `|omit` is left out where there is no value. xml: a whole XML document. text: as it
    stands, each value on one line. file: the document's bytes, no text.
    """
    if shape == "none":
        return b"", ""
    if shape == "file":
        return _content(values), _media_type(values)
    if shape == "xml":
        return _fill_xml(text, values).encode(), "application/xml; charset=utf-8"
    if shape == "text":
        return Template.parse(text).fill(values, _one_line).encode(), "text/plain; charset=utf-8"
    if shape == "json":
        return json.dumps(_fill_json(_read(text), values, documents)).encode("ascii"), "application/json"
    return _fill_parts(shape, _read(text), values)


def _fill_parts(shape: Format, parts: Any, values: Mapping[str, Value]) -> tuple[bytes, str]:
    if not isinstance(parts, dict):
        raise TemplateFault("a form is an object of names and texts")
    parts = {name: value for name, value in parts.items() if not _is_left_out(value, values)}
    if shape == "form":
        filled = {name: _part(value, values) for name, value in parts.items()}
        return urlencode(filled).encode("ascii"), "application/x-www-form-urlencoded"
    return _fill_multipart(parts, values, uuid.uuid4().hex)


def templates_in(shape: Format, text: str) -> list[Template]:
    """Every template in a body's text, for checking it when it is saved. Raises `TemplateFault` for a text of the wrong shape."""
    if shape in ("none", "file"):
        return []
    if shape == "text":
        return [Template.parse(text)]
    if shape == "xml":
        template = Template.parse(text)
        _check_xml(text, template)
        return [template]
    found: list[Template] = []
    _walk(_read(text), found.append)
    return found


def _read(text: str) -> Any:
    try:
        return parse(text)
    except BadJson as error:
        raise TemplateFault(f"the body is not JSON: {error}") from None


def _walk(node: Any, see: Callable[[Template], None]) -> None:
    if isinstance(node, str):
        see(Template.parse(node))
    elif isinstance(node, list):
        for inner in node:
            _walk(inner, see)
    elif isinstance(node, dict):
        for name, inner in node.items():
            if "{{" in name:
                raise TemplateFault("a placeholder cannot be a name")
            _walk(inner, see)


def _fill_json(node: Any, values: Mapping[str, Value], documents: Sequence[Mapping[str, Value]] = ()) -> Any:
    if isinstance(node, str):
        template = Template.parse(node)
        alone = template.alone
        if alone is not None and alone.filters and alone.filters[-1][0] == "number":
            return int(text_of(alone, values))
        return template.fill(values, str)
    if isinstance(node, list):
        return [_fill_json(inner, values, documents) for inner in node]
    if isinstance(node, dict):
        if node.keys() == {_INNER}:
            return json.dumps(_fill_json(node[_INNER], values, documents))
        if node.keys() == {_EACH}:
            return [_fill_json(node[_EACH], {**values, **document}) for document in documents]
        return {name: _fill_json(inner, values, documents) for name, inner in node.items() if not _is_left_out(inner, values)}
    return node


def _is_left_out(node: Any, values: Mapping[str, Value]) -> bool:
    alone = Template.parse(node).alone if isinstance(node, str) else None
    return alone is not None and alone.may_be_left_out and value_of(alone, values) == ""


def _one_line(value: str) -> str:
    """No value can begin a line, a field or a segment of its own."""
    return re.sub(r"[\x00-\x1f\x7f\u2028\u2029]+", " ", value)


def _check_xml(text: str, template: Template) -> None:
    """Places only where escaping is enough: CDATA, comments, processing instructions and document types are refused."""
    body = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    if "<!" in body or "<?" in body:
        raise TemplateFault("XML without comments, CDATA, document types and processing instructions, please")
    # Fit for text and for a quoted attribute, unfit for a name: a place in the name of an element or attribute does not parse.
    sample = "".join(piece if isinstance(piece, str) else "0 y=z" for piece in template.pieces)
    try:
        ET.fromstring(sample)  # noqa: S314  an administrator's own template, without a document type (checked above)
    except ET.ParseError as error:
        raise TemplateFault(f"the body is not XML: {error}") from None


def _fill_xml(text: str, values: Mapping[str, Value]) -> str:
    return Template.parse(text).fill(values, lambda value: xml_escape(_NOT_XML.sub("\ufffd", value), {'"': "&quot;", "'": "&apos;"}))


def _part(node: Any, values: Mapping[str, Value]) -> str:
    if not isinstance(node, str) and not (isinstance(node, dict) and node.keys() == {_INNER}):
        raise TemplateFault("a form is an object of names and texts")
    return str(_fill_json(node, values))


def _fill_multipart(parts: Mapping[str, Any], values: Mapping[str, Value], boundary: str) -> tuple[bytes, str]:
    pieces = []
    for name, node in parts.items():
        alone = Template.parse(node).alone if isinstance(node, str) else None
        disposition = f'Content-Disposition: form-data; name="{_quoted(name)}"'
        if isinstance(node, dict) and node.keys() == {_PART}:
            disposition += "\r\nContent-Type: application/json"
            node = {_INNER: node[_PART]}
        filled: Value = value_of(alone, values) if alone is not None else _part(node, values)
        if isinstance(filled, bytes):
            file_name = _quoted(str(values.get("document.name", "file")))
            disposition += f'; filename="{file_name}"\r\nContent-Type: {_media_type(values)}'
        raw = filled if isinstance(filled, bytes) else filled.encode()
        pieces.append(f"--{boundary}\r\n{disposition}\r\n\r\n".encode() + raw + b"\r\n")
    return b"".join(pieces) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def _quoted(text: str) -> str:
    """RFC 7578 with the WHATWG's escapes: no name can end its quotes or its line."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _content(values: Mapping[str, Value]) -> bytes:
    content = values.get("document.content")
    if not isinstance(content, bytes):
        raise TemplateFault("there is no document to send")
    return content


def _media_type(values: Mapping[str, Value]) -> str:
    kind = values.get("document.media_type")
    return kind if isinstance(kind, str) and re.fullmatch(r"[\w.+-]+/[\w.+-]+(; ?[\w=-]+)?", kind) else "application/octet-stream"
