"""What the room's page says is so: every adapter and filter is named, and its example is options that work."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import yaml

import integrations
from integrations.answer.pointer import Kind
from integrations.auth.options import AuthLayer
from integrations.contract import Where
from integrations.registry import ADAPTERS
from integrations.rest import RestOptions
from integrations.sample import SAMPLE_RECORD
from integrations.steps.options import Step
from integrations.template.language import FILTERS
from integrations.template.values import DOCUMENT_NAMES, RECORD_NAMES, REQUEST_NAMES
from plugin.commands.connection import read_connection

TOLD = set(SAMPLE_RECORD.fields) - {"key", "reference", "stem"}  # these have names of their own
PAGE = (Path(integrations.__file__).parent / "README.md").read_text(encoding="utf-8")


def test_every_adapter_is_named() -> None:
    table = PAGE[PAGE.index("## The adapters") : PAGE.index("## The contract")]
    rows = "".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    assert sorted(re.findall(r"`([a-z0-9-]+)`", rows)) == [adapter.id for adapter in ADAPTERS]


def test_every_filter_is_named() -> None:
    rows = PAGE[PAGE.index("| filter | does |") : PAGE.index("Escaping follows")].splitlines()[2:]
    told = "".join(row.split("|")[1] for row in rows if row.startswith("|"))
    assert {name.partition(":")[0] for name in re.findall(r"`([a-z0-9:]+)`", told)} == set(FILTERS)


def test_every_placeholder_is_named() -> None:
    told = PAGE[PAGE.index("| name | is |") : PAGE.index("| filter | does |")]
    for name in (*RECORD_NAMES, *DOCUMENT_NAMES, *REQUEST_NAMES, *(f"field.{name}" for name in TOLD)):
        assert f"`{name}`" in told, name


def test_every_kind_of_place_is_named() -> None:
    told = PAGE[PAGE.index("| place | is |") : PAGE.index("Filters may follow")]
    assert all(f"`{kind}:" in told for kind in get_args(Kind))


def test_everything_that_a_step_can_say_is_named() -> None:
    plain = {"id", "does", "path", "method", "body", "save", "success_statuses", "absent_contains"}
    plain |= {"kind", "secret", "username", "header", "parameter", "token_url", "client_id"}
    for name in {*Step.model_fields, *AuthLayer.model_fields} - plain:
        assert name in PAGE, name


def test_the_examples_are_options_that_work() -> None:
    whole, example = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
    assert read_connection(yaml.safe_load(whole))[0].id == "rest"
    assert [step.id for step in RestOptions.model_validate(yaml.safe_load(example)).steps] == ["child", "note"]


def test_what_can_go_wrong_is_named() -> None:
    assert all(where in PAGE for where in get_args(Where))


def test_every_file_it_names_is_there() -> None:
    room = Path(integrations.__file__).parent
    for name in re.findall(r"`((?:[a-z_0-9]+/)*[a-z_0-9]+\.py)`", PAGE):
        assert (room / name).exists() or (room.parent / name).exists(), name
