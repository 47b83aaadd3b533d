"""Finds the adapters of this room by itself: every module beside this one may hold a class that satisfies `contract.Adapter`.

A registry is an object, so that a test can make one of its own with throw-away adapters in it.
"""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import cast

import integrations
from integrations.contract import Adapter, Options

_NEEDED = ("check", "preview", "write", "find")


class UnknownAdapter(LookupError):
    """No adapter has this id: a connection names one that is not installed."""


class Registry:
    """Adapters by id. One instance of each, made without arguments, shared by all connections and threads."""

    def __init__(self) -> None:
        self._adapters: dict[str, Adapter] = {}

    def add(self, adapter: Adapter) -> None:
        """Raises ValueError when the id is taken."""
        if adapter.id in self._adapters:
            raise ValueError(f"two adapters have the id {adapter.id!r}")
        self._adapters[adapter.id] = adapter

    def get(self, adapter_id: str) -> Adapter:
        """Raises `UnknownAdapter`."""
        try:
            return self._adapters[adapter_id]
        except KeyError:
            raise UnknownAdapter(adapter_id) from None

    def __iter__(self) -> Iterator[Adapter]:
        """In the order of their ids."""
        return iter(self._adapters[adapter_id] for adapter_id in sorted(self._adapters))

    def add_all_in(self, module: ModuleType) -> None:
        """Adds each adapter class that is defined in `module` itself."""
        for _name, found in inspect.getmembers(module, inspect.isclass):
            if found.__module__ == module.__name__ and looks_like_adapter(found):
                self.add(cast("Callable[[], Adapter]", found)())


def looks_like_adapter(found: type) -> bool:
    """Whether a class has all that the contract asks for."""
    options = getattr(found, "options", None)
    return (
        isinstance(getattr(found, "id", None), str)
        and isinstance(options, type)
        and issubclass(options, Options)
        and all(hasattr(found, name) for name in ("title", "secret_names", "searchable", "needs_documents"))
        and all(callable(getattr(found, name, None)) for name in _NEEDED)
    )


@cache
def installed() -> Registry:
    """The adapters in this room."""
    registry = Registry()
    for found in pkgutil.iter_modules(integrations.__path__, "integrations."):
        if not found.ispkg:
            registry.add_all_in(import_module(found.name))
    return registry


ADAPTERS = installed()
