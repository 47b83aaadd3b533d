"""The table of adapters and faults is whole, and each test that it names is there."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from integrations.registry import ADAPTERS
from tests.integrations.fault_table import FAULTS, NOT_OVER_HTTP, OVER_HTTP
from tests.integrations.samples import sample_of

ROOT = Path(__file__).parents[2]


@cache
def functions_of(name: str) -> frozenset[str]:
    """The test functions of a module."""
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))


def row_of(adapter_id: str) -> dict[str, str]:
    """An adapter's row; those over HTTP share one."""
    return OVER_HTTP if sample_of(adapter_id).peer else NOT_OVER_HTTP[adapter_id]


@pytest.mark.parametrize("adapter_id", [adapter.id for adapter in ADAPTERS])
def test_every_adapter_has_every_fault_or_a_reason(adapter_id: str) -> None:
    row = row_of(adapter_id)
    assert set(row) == set(FAULTS)
    for fault, told in row.items():
        module, _, test = told.partition("::")
        if told.startswith("cannot be: "):
            assert len(told) > 20, fault
        else:
            assert test in functions_of(module), f"{adapter_id}, {fault}: there is no {told}"


def test_no_row_is_left_over() -> None:
    assert set(NOT_OVER_HTTP) == {adapter.id for adapter in ADAPTERS if not sample_of(adapter.id).peer}
