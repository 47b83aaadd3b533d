"""The packs that come with the engine: one YAML file a partnership. Adding a file here adds a policy; nothing else is edited.

What lives here: finding and caching them. What does not: reading them (`policies.language.loader`).
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from policies.language.loader import load
from policies.parts.model import Policy

_FOLDER = Path(__file__).parent


def pack_ids() -> tuple[str, ...]:
    """The ids of the bundled packs, in alphabetical order."""
    return tuple(sorted(one.stem for one in _FOLDER.glob("*.yaml")))


def pack_text(pack_id: str) -> str:
    """The text of a bundled pack. Raises KeyError for an id that is not bundled."""
    if pack_id not in pack_ids():
        raise KeyError(pack_id)
    return (_FOLDER / f"{pack_id}.yaml").read_text(encoding="utf-8")


@lru_cache(maxsize=64)
def pack(pack_id: str) -> Policy:
    """The policy of a bundled pack, compiled once. Raises KeyError for an id that is not bundled."""
    return load(pack_text(pack_id), source=f"{pack_id}.yaml")
