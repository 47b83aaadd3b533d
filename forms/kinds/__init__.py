"""The kinds of field. A new kind is a new module here with a class that has an `id`, and its controls in templates/forms/fields.html."""

from __future__ import annotations

import importlib
import pkgutil

from forms.kinds.base import KINDS, Kind, kind_of

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

__all__ = ["KINDS", "Kind", "kind_of"]
