"""The folder adapter: no network of its own; its faults are tested beside it."""

from __future__ import annotations

from tests.integrations.samples import Sample

SAMPLE = Sample(options=lambda _base: {"folder": "/srv/drop"})
