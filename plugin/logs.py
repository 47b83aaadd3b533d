"""One JSON line a log entry: a fixed list of fields, never a body, never a value from an exception.

A traceback is kept as places (file, line, function) and the exception's type; its message may hold what somebody typed.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

FIELDS = ("kind", "error", "delivery", "mail", "connection", "reason", "status", "ms", "correlation", "route", "method", "attempt")


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON; line breaks inside are escaped by JSON itself."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.msg if isinstance(record.msg, str) else type(record.msg).__name__,
        }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__
            line["at_lines"] = [
                f"{one.filename.rsplit('/', 2)[-1]}:{one.lineno} {one.name}" for one in traceback.extract_tb(record.exc_info[2])
            ][-8:]
        return json.dumps(line, default=str)


def configure() -> None:
    """Sends the service's own log to standard error. Access logs of servers are off: they would hold link tokens."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger("accord")
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    root.propagate = False
