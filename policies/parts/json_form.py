"""The JSON of events and of the state, read and written.

What lives here: the adapters, and the JSON Schema made of them. What does not: the shapes (`schema`).
"""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from policies.parts.schema import Event, State

EVENTS = TypeAdapter(list[Event])
STATE = TypeAdapter(State)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of events and of the state, as `flask policy timeline --json` and the evidence bundle write them."""
    return {"events": EVENTS.json_schema(mode="serialization"), "state": STATE.json_schema(mode="serialization")}
