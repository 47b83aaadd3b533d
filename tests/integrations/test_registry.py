"""The registry finds the adapters of the room, and a test can make one of its own."""

from __future__ import annotations

from types import ModuleType

import pytest

from integrations.registry import ADAPTERS, Registry, UnknownAdapter, looks_like_adapter
from integrations.trial import TrialAdapter, TrialOptions


class Throwaway(TrialAdapter):
    """An adapter that lives in this test."""

    id = "throwaway"


class Half:
    """Has an id and options, and cannot write."""

    id = "half"
    options = TrialOptions


def test_the_adapters_of_the_room_are_found() -> None:
    found = [adapter.id for adapter in ADAPTERS]
    assert {"rest", "trial", "webhook"} <= set(found) and found == sorted(found)
    assert ADAPTERS.get("trial").title


def test_a_registry_of_ones_own() -> None:
    registry = Registry()
    registry.add(Throwaway())
    assert [adapter.id for adapter in registry] == ["throwaway"]
    with pytest.raises(ValueError, match="throwaway"):
        registry.add(Throwaway())
    with pytest.raises(UnknownAdapter):
        registry.get("trial")


def test_only_what_is_defined_in_a_module_and_whole_is_added() -> None:
    module = ModuleType(__name__)
    module.Throwaway, module.Half, module.TrialAdapter, module.number = Throwaway, Half, TrialAdapter, 1  # type: ignore[attr-defined]  # made here
    registry = Registry()
    registry.add_all_in(module)
    assert [adapter.id for adapter in registry] == ["throwaway"]
    assert not looks_like_adapter(Half) and looks_like_adapter(TrialAdapter)
