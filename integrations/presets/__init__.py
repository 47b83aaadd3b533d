"""Presets: options filled in beforehand for systems whose interface is public, one YAML file each. Adding one is adding a file.

A preset has a `title`, an `about` (what it is for and how far it has been tried), the `adapter`, the `secrets` it needs, `asks` (what
only the agency knows, name to question) and `options`, in which `<name>` stands for the answer to a question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Preset:
    """One preset; see the module."""

    id: str
    title: str
    about: str
    adapter: str
    secrets: tuple[str, ...]
    asks: Mapping[str, str]
    options: Mapping[str, Any]

    def filled(self, answers: Mapping[str, str]) -> dict[str, Any]:
        """The options with every `<name>` replaced. Raises KeyError naming the first question that has no answer."""
        for name in self.asks:
            if name not in answers:
                raise KeyError(name)
        filled: dict[str, Any] = _filled(self.options, answers)
        return filled


def presets() -> list[Preset]:
    """Every preset, by id (the file's name). Raises ValueError naming a file that is not one."""
    return [_read(path) for path in sorted(_FOLDER.glob("*.yaml"))]


def _read(path: Path) -> Preset:
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        return Preset(
            id=path.stem,
            title=told["title"],
            about=told["about"],
            adapter=told["adapter"],
            secrets=tuple(told.get("secrets", ())),
            asks=told.get("asks", {}),
            options=told["options"],
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path.name} is not a preset: {error}") from None


def _filled(node: Any, answers: Mapping[str, str]) -> Any:
    if isinstance(node, Mapping):
        return {_filled(name, answers): _filled(value, answers) for name, value in node.items()}
    if isinstance(node, list):
        return [_filled(value, answers) for value in node]
    if isinstance(node, str):
        for name, answer in answers.items():
            node = node.replace(f"<{name}>", answer)
    return node
