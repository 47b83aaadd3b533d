"""One module for each adapter, called by the adapter's id: options that work, a peer that behaves, and where the write is.

The contract suite asks for a sample of every adapter that the registry finds; an adapter without one fails it.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, Protocol

from integrations.contract import Document, Identifier, Record
from tests.integrations.faulty import Asked

SECRET = "sesame-7c1d"
CHILD_NUMBERS = ("9990000557", "44710099")


class PeerDouble(Protocol):
    """A peer that behaves: it answers, and can say how many copies of a key it holds."""

    def behave(self, connection: socket.socket, asked: Asked) -> None: ...

    def copies(self, key: str) -> int: ...


@dataclass(frozen=True)
class Sample:
    """What the contract suite needs to know of an adapter.

    `peer` is None for an adapter that speaks no HTTP. `is_write` tells the write among the requests. `renews`: proof is
    a token that can be got afresh.
    """

    options: Callable[[str], dict[str, Any]]
    secrets: Mapping[str, str] = field(default_factory=dict)
    peer: Callable[[], PeerDouble] | None = None
    is_write: Callable[[Asked], bool] = lambda asked: asked.method in ("POST", "PUT")
    renews: bool = False


def sample_of(adapter_id: str) -> Sample:
    """Raises ImportError where an adapter has none."""
    found: Sample = import_module(f"tests.integrations.samples.{re.sub('[^a-z0-9]', '_', adapter_id)}").SAMPLE
    return found


def make_record(**changes: Any) -> Record:
    """A record with a document and two identifiers of an invented child."""
    known: dict[str, Any] = {
        "key": "PD-7F3K-92/v1",
        "reference": "PD-7F3K-92",
        "title": "Professional disagreement: outcome",
        "summary": "Resolved at stage 2 & recorded; see <document>.",
        "written_at": datetime(2026, 11, 20, 14, 3, tzinfo=UTC),
        "child": (Identifier("nhs-number", CHILD_NUMBERS[0]), Identifier("local", CHILD_NUMBERS[1])),
        "documents": (Document("PD-7F3K-92-v1.pdf", "application/pdf", b"%PDF-1.7 the whole story \xff"),),
        "fields": {"outcome": "resolved", "stage": "2", "child_name": "Ann Example", "child_born": "2015-02-03"},
    }
    return Record(**{**known, **changes})
