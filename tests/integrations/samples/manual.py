"""Filing by hand: no network at all."""

from __future__ import annotations

from tests.integrations.samples import Sample

SAMPLE = Sample(options=lambda _base: {"system": "the pupil file", "place": "Safeguarding › Professional disagreements"})
