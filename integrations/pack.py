"""A record as one file to hand over: its documents, what it is about as JSON and CSV, and checksums. For filing by hand and for MESH.

The same record makes the same bytes at every attempt.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Sequence

from integrations.contract import Document, Record

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")


def pack(record: Record, how: str = "") -> Document:
    """A zip of the record. `how` is the agency's own word on how to file it, laid in as READ ME FIRST."""
    parts = {document.name: document.content for document in record.documents}
    parts["record.json"] = json.dumps(_facts(record), indent=2, ensure_ascii=False).encode()
    parts["record.csv"] = csv_of([("name", "value"), *((name, str(value)) for name, value in _rows(record))]).encode("utf-8-sig")
    if how:
        parts["READ ME FIRST.txt"] = how.encode()
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(parts.items()))
    parts["SHA256SUMS.txt"] = sums.encode()
    return Document(f"{record.key.replace('/', '-')}.zip", "application/zip", _zipped(parts, record))


def csv_of(rows: Sequence[Sequence[str]]) -> str:
    """Rows as CSV (RFC 4180). A cell that a spreadsheet would run as a formula gets an apostrophe before it."""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([[f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row] for row in rows])
    return out.getvalue()


def _facts(record: Record) -> dict[str, object]:
    return {
        "key": record.key,
        "reference": record.reference,
        "title": record.title,
        "summary": record.summary,
        "written_at": record.written_at.isoformat(),
        "child": [{"system": one.system, "value": one.value} for one in record.child],
        "documents": [{"name": one.name, "sha256": hashlib.sha256(one.content).hexdigest()} for one in record.documents],
        "fields": dict(record.fields),
    }


def _rows(record: Record) -> list[tuple[str, object]]:
    facts = _facts(record)
    plain: list[tuple[str, object]] = [(name, facts[name]) for name in ("key", "reference", "title", "summary", "written_at")]
    plain += [(f"child {one.system}", one.value) for one in record.child]
    return plain + [(f"document {number}", one.name) for number, one in enumerate(record.documents, 1)] + sorted(record.fields.items())


def _zipped(parts: dict[str, bytes], record: Record) -> bytes:
    out = io.BytesIO()
    moment = record.written_at.timetuple()[:6]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(parts.items()):
            entry = zipfile.ZipInfo(name, moment)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return out.getvalue()
