"""What people said of a delivery, sealed with the case's key: a number of the child put right, where it was filed, why it was given up.

correct   {"local": …, "nhs-number": …, "upn": …, "born": …}   what the record system knows the child by, where ours was wrong
filed     {"where": …, "number": …, "day": …}                  where a person put it
given up  why nobody will file it
"""

from __future__ import annotations

from typing import Any

from plugin.services.case.cases import Case
from plugin.services.keeping import sealing


def read(case: Case, delivery_id: str, sealed: bytes | None) -> dict[str, Any]:
    """What was said; empty where nothing was, or the case's key is destroyed."""
    if sealed is None or case.key is None:
        return {}
    found: dict[str, Any] = sealing.unseal(case.key, _place(delivery_id), sealed)
    return found


def added(case: Case, delivery_id: str, sealed: bytes | None, **more: Any) -> bytes | None:
    """The same with more said, to be stored; None where the case's key is destroyed."""
    if case.key is None:
        return None
    return sealing.seal(case.key, _place(delivery_id), {**read(case, delivery_id, sealed), **more})


def _place(delivery_id: str) -> str:
    return f"delivery|{delivery_id}"
