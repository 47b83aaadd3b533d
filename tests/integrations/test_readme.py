"""What the room's page says is so: every adapter and filter is named, and its example is options that work."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

import integrations
from integrations.registry import ADAPTERS
from integrations.rest import RestOptions
from integrations.template.language import FILTERS

PAGE = (Path(integrations.__file__).parent / "README.md").read_text(encoding="utf-8")


def test_every_adapter_is_named() -> None:
    table = PAGE[PAGE.index("## The adapters") : PAGE.index("## The contract")]
    rows = "".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    assert sorted(re.findall(r"`([a-z0-9-]+)`", rows)) == [adapter.id for adapter in ADAPTERS]


def test_every_filter_is_named() -> None:
    told = PAGE[PAGE.index("Filters:") : PAGE.index("A name that can never")]
    assert {name.partition(":")[0] for name in re.findall(r"`([a-z0-9:]+)`", told)} == set(FILTERS)


def test_the_example_is_options_that_work() -> None:
    example = re.search(r"```yaml\n(.*?)```", PAGE, re.S)
    assert example is not None
    assert [step.id for step in RestOptions.model_validate(yaml.safe_load(example.group(1))).steps] == ["child", "note"]


def test_every_file_it_names_is_there() -> None:
    room = Path(integrations.__file__).parent
    for name in re.findall(r"`((?:[a-z_0-9]+/)*[a-z_0-9]+\.py)`", PAGE):
        assert (room / name).exists() or (room.parent / name).exists(), name
