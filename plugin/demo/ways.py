"""The ways to the pretend hosts: `connections.yaml`, filled with what the hosts told. No database here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CONNECTIONS = Path(__file__).parent / "connections.yaml"


@dataclass(frozen=True, slots=True)
class Way:
    """What an administrator says of a host: the adapter, its options, its secrets by name, and which of the host's roles may act."""

    title: str
    adapter: str
    options: dict[str, Any]
    secrets: dict[str, str]
    acting_roles: list[str]


def way_to(host: str, told: dict[str, Any]) -> Way:
    """The way to a host; `told` is that host's part of hosts.json. KeyError for what the host did not tell."""
    given = yaml.safe_load(CONNECTIONS.read_text(encoding="utf-8"))[host]
    return Way(**_filled(given, told))


def _filled(given: Any, told: dict[str, Any]) -> Any:
    """`given` with each text that is exactly "<name>" replaced by what the host told under that name, at any depth."""
    if isinstance(given, dict):
        return {name: _filled(value, told) for name, value in given.items()}
    if isinstance(given, list):
        return [_filled(value, told) for value in given]
    if isinstance(given, str) and given.startswith("<") and given.endswith(">"):
        return told[given[1:-1]]
    return given
