"""What the names in a template stand for: the record, the child's identifiers, the document, what earlier steps brought, secrets.

What does not live here: how a template is read and filled (`language`).
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from integrations.contract import Document, Record
from integrations.template.language import Template, TemplateFault, Value

RECORD_NAMES = ("key", "reference", "title", "summary", "written_at", "file_stem")
DOCUMENT_NAMES = ("document.name", "document.media_type", "document.content", "document.size", "document.sha256", "document.number")
REQUEST_NAMES = ("now", "request_id")  # new with every request
_OPEN = ("child", "field")  # the names behind these are known only with the record
MASK = "***"  # in letters that a header can carry


def record_values(record: Record) -> dict[str, Value]:
    """The values of a record without its documents: `key`, `reference`, …, `child.<system>`, `field.<name>`.

    `file_stem` is the key as a file name ("PD-7F3K-92-v1"). Where a child has two identifiers of one system, that name is left out:
    it cannot be told which is right, so a template that needs it is refused.
    """
    values: dict[str, Value] = {
        "key": record.key,
        "reference": record.reference,
        "title": record.title,
        "summary": record.summary,
        "written_at": record.written_at.isoformat(),
        "file_stem": re.sub(r"[^A-Za-z0-9._-]+", "-", record.key),
    }
    systems = [one.system for one in record.child]
    values |= {f"child.{one.system}": one.value for one in record.child if systems.count(one.system) == 1}
    return values | {f"field.{name}": value for name, value in record.fields.items()}


def document_values(document: Document, number: int) -> dict[str, Value]:
    """The values of one document; `number` counts from 1. `document.content` is bytes."""
    return {
        "document.name": document.name,
        "document.media_type": document.media_type,
        "document.content": document.content,
        "document.size": str(len(document.content)),
        "document.sha256": hashlib.sha256(document.content).hexdigest(),
        "document.number": str(number),
    }


def all_document_values(documents: Sequence[Document]) -> list[dict[str, Value]]:
    """The values of each document, in order."""
    return [document_values(document, number) for number, document in enumerate(documents, start=1)]


def secret_values(secrets: Mapping[str, str]) -> dict[str, Value]:
    """`secret.<name>` for each secret of the connection."""
    return {f"secret.{name}": value for name, value in secrets.items()}


def request_values(now: datetime) -> dict[str, Value]:
    """`now` (aware UTC, as 2026-11-20T14:03:00Z) and `request_id` (a fresh UUID), for headers that many interfaces ask for."""
    return {"now": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "request_id": str(uuid.uuid4())}


def masked_secrets(names: Iterable[str]) -> dict[str, Value]:
    """The same names for a preview, with a mask for every value."""
    return {f"secret.{name}": MASK for name in names}


def check_names(template: Template, known: Iterable[str]) -> None:
    """Raises `TemplateFault` for a name that can never stand for anything; `known` is what there is beside `child.*` and `field.*`."""
    listed = set(known)
    for place in template.places:
        first, dot, _rest = place.name.partition(".")
        if place.name not in listed and not (dot and first in _OPEN):
            raise TemplateFault(f"{place.name} is not known; there are {', '.join(sorted(listed))}, child.<system> and field.<name>")
