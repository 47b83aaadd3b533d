"""Options as one text (YAML), for who would rather paste than fill in: every fault with the line it is in.

A text is read as a value alone: no aliases, no tags, no name twice, no deep nests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from plugin.web.sheet import faults
from plugin.web.sheet.schema import fields_of

_DEEPEST, _LONGEST = 12, 200_000


@dataclass
class Read:
    """What a text says. `lines` are those at which each place begins, by its path."""

    adapter: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def line_of(self, path: str) -> int:
        """The line of a place, or of the nearest one around it."""
        while path and path not in self.lines:
            path = path.rpartition(".")[0]
        return self.lines.get(path, 1)


class _BadText(ValueError):
    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


def as_text(adapter: str, options: Mapping[str, Any]) -> str:
    """The text of a connection's way out."""
    return yaml.dump({"adapter": adapter, "options": dict(options)}, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=120)


def read_text(text: str, models: Mapping[str, type[BaseModel]]) -> Read:
    """Reads {adapter, options}; `models` are the options' models by adapter. Whatever is wrong is in `faults`, by line."""
    read = Read()
    try:
        value = _value(_composed(text), "", read.lines, 0)
        read.adapter, read.options = _parts(value, models, read)
        models[read.adapter].model_validate(read.options, strict=True)
    except _BadText as wrong:
        read.faults[wrong.line] = str(wrong)
    except ValidationError as wrong:
        told = faults.told_exactly(wrong, fields_of(models[read.adapter].model_json_schema()))
        for path, said in told.items():
            read.faults.setdefault(read.line_of(f"options.{path}" if path else "options"), said)
    read.lines = {path.removeprefix("options."): line for path, line in read.lines.items()}
    return read


def _composed(text: str) -> yaml.Node:
    if len(text) > _LONGEST:
        raise _BadText(1, "The text is too long.")
    try:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if isinstance(token, yaml.AliasToken | yaml.AnchorToken | yaml.TagToken):
                raise _BadText(token.start_mark.line + 1, "&, * and ! have a meaning of their own here. Put the value in quotes.")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", "") or "it cannot be read"
        raise _BadText(mark.line + 1 if mark else 1, f"This line cannot be read as YAML: {problem}.") from None
    except RecursionError:
        raise _BadText(1, "The text is nested too deep.") from None
    if not isinstance(node, yaml.MappingNode):
        raise _BadText(1, "Begin with two lines: “adapter: rest” and “options:”, and put the options below, two spaces in.")
    return node


def _parts(value: Any, models: Mapping[str, Any], read: Read) -> tuple[str, dict[str, Any]]:
    for name in value.keys() - {"adapter", "options", "id", "agency", "title", "launch"}:
        raise _BadText(read.line_of(name), f"“{name}” is not expected here. There are “adapter” and “options”.")
    adapter = value.get("adapter")
    if adapter not in models:
        raise _BadText(read.line_of("adapter"), f"“adapter” must be one of: {', '.join(sorted(models))}.")
    options = value.get("options") or {}
    if not isinstance(options, dict):
        raise _BadText(read.line_of("options"), "“options” holds names and values, each on a line, two spaces in.")
    return str(adapter), options


def _value(node: yaml.Node, path: str, lines: dict[str, int], depth: int) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(path, line)
    if depth > _DEEPEST:
        raise _BadText(line, "This is nested too deep.")
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines, depth)
    if isinstance(node, yaml.SequenceNode):
        return [_value(one, f"{path}.{number}" if path else str(number), lines, depth + 1) for number, one in enumerate(node.value)]
    return _scalar(node, line)


def _mapping(node: yaml.MappingNode, path: str, lines: dict[str, int], depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or key.value in found:
            raise _BadText(line, f"“{getattr(key, 'value', '')}” stands here twice.")
        inner = f"{path}.{key.value}" if path else str(key.value)
        lines[inner] = line
        found[str(key.value)] = _value(value, inner, lines, depth + 1)
    return found


def _scalar(node: yaml.Node, line: int) -> Any:
    kind = node.tag.rpartition(":")[2]
    if kind == "int" and str(node.value).lstrip("-").isdecimal():
        return int(node.value)
    if kind == "bool" and str(node.value).lower() in ("true", "false"):
        return str(node.value).lower() == "true"
    if kind == "null":
        return None
    if kind in ("str", "int", "bool", "float", "timestamp"):
        return str(node.value)
    raise _BadText(line, "This cannot stand here. Put the value in quotes.")


class _Plain(yaml.SafeDumper):
    """Long texts as blocks, so that they can be read."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Plain.add_representer(str, _block)
