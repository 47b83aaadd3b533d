"""The kinds of field. A new kind is a new module here with a class that has an `id`, and its controls in templates/forms/fields.html."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

from forms.kinds.base import KINDS, Kind, kind_of


def enter(module: ModuleType) -> None:
    """Enters every kind that a module defines. Raises TypeError for one that does not say how it is read, ValueError for a second id."""
    for found in vars(module).values():
        if isinstance(found, type) and issubclass(found, Kind) and found.__module__ == module.__name__ and "id" in vars(found):
            if found.id in KINDS:
                raise ValueError(f"two kinds are called {found.id!r}")
            KINDS[found.id] = found()


for _module in pkgutil.iter_modules(__path__):
    enter(importlib.import_module(f"{__name__}.{_module.name}"))

__all__ = ["KINDS", "Kind", "enter", "kind_of"]
