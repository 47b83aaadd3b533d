"""A step's request made of its templates and values: method, path, headers, body; and the same as text for a preview.

What does not live here: sending it (`run`).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from integrations.auth.options import PeerOptions
from integrations.contract import Document
from integrations.steps.ask import Ask
from integrations.steps.options import Step
from integrations.template.bodies import fill_body, fill_header, fill_url
from integrations.template.language import Template, Value
from integrations.template.values import all_document_values

_NAMESPACE = uuid.UUID("6c1b1f6a-6a0e-5d0e-9d43-0d3a7a6c6f51")


@dataclass(frozen=True, slots=True)
class Request:
    """What goes out, without proof of who we are. Nothing but the method is shown in a repr.

    `path` begins behind the base address; `address`, where it is set, stands in its place.
    """

    method: str
    path: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    address: str = field(default="", repr=False)


def request_of(ask: Ask, values: Mapping[str, Value], documents: Sequence[Document]) -> Request:
    """The request with `values`; `documents` are for bodies that name each of them.

    Raises `TemplateFault` where a value is not there or does not fit its place.
    """
    body, media_type = fill_body(ask.body_format, ask.body, values, all_document_values(documents))
    headers = {name: fill_header(Template.parse(text), values) for name, text in ask.headers.items()}
    said = {name.lower() for name in headers}
    headers |= {name: value for name, value in (("Accept", "*/*"), ("Content-Type", media_type)) if value and name.lower() not in said}
    if isinstance(ask, Step) and ask.writes:
        headers[ask.key_header] = write_key(ask, values)
    address = Template.parse(ask.address).fill(values, str)
    return Request(ask.method, fill_url(Template.parse(ask.path), values), headers, body, address)


def write_key(step: Step, values: Mapping[str, Value]) -> str:
    """The idempotency key of one write: the same for every attempt, another for each step and document."""
    number = values.get("document.number", "") if step.each_document else ""
    return str(uuid.uuid5(_NAMESPACE, f"{values['key']!r}|{step.id}|{number!r}"))


def shown(ask: Ask, values: Mapping[str, Value], documents: Sequence[Document], options: PeerOptions) -> str:
    """The request as an administrator reads it, without proof. A file that is no text is named with its size. Raises `TemplateFault`."""
    request = request_of(ask, values, documents)
    lines = [f"{request.method} {request.address or options.base_url + request.path}"]
    lines += [f"{name}: {value}" for name, value in {**options.headers, **request.headers}.items()]
    if not request.body:
        return "\n".join(lines)
    try:
        body = request.body.decode("utf-8")
    except UnicodeDecodeError:
        content = values.get("document.content", b"")
        name = f"[{values.get('document.name')!r}, {len(content):,} bytes]".encode()
        body = request.body.replace(content, name).decode("utf-8", "replace") if isinstance(content, bytes) and content else ""
    return "\n".join([*lines, "", body])
