"""A request as the service reads it: NUL characters are dropped from fields and addresses, since nobody types one, no answer needs one, and
PostgreSQL takes none, so that a stranger's would be a fault of ours on every page that looks something up by what was sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict


class Fields(ImmutableMultiDict[str, Any]):
    """What was sent, as pairs of names and texts (or files), without NUL."""

    def __init__(self, pairs: Iterable[tuple[str, Any]] = ()) -> None:
        super().__init__([(name.replace("\0", ""), text.replace("\0", "") if isinstance(text, str) else text) for name, text in pairs])


class Asked(Request):
    """Flask's request with such fields."""

    parameter_storage_class = Fields
