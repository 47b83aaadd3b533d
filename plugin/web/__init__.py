"""Thin blueprints: parse, call one service, render. A module below with a `blueprint` is found and registered by itself."""

from __future__ import annotations

import importlib
import pkgutil

from flask import Blueprint, Flask

from plugin.config import Settings
from plugin.web.door import coming_back, gate, static_files


def register(app: Flask, settings: Settings) -> None:
    """Registers every blueprint of this room; those marked as only for the demo are absent elsewhere."""
    gate.guard(app)
    static_files.install(app)
    coming_back.install(app)
    for found in pkgutil.walk_packages(__path__, f"{__name__}."):
        module = importlib.import_module(found.name)
        blueprint: Blueprint | None = getattr(module, "blueprint", None)
        if blueprint is not None and (settings.demo or not getattr(module, "DEMO_ONLY", False)):
            app.register_blueprint(blueprint)
