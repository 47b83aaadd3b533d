"""The outcome's document as it is laid on a file: from a case's rows to PDF and text, in this process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from flask import Flask

from forms import document
from plugin.extensions import db
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.case import casefile, cases
from plugin.services.keeping.clock import business_now
from plugin.services.write_back import records
from tests.bench.figures import Figure, middle
from tests.bench.stage import Stage
from tests.world import make_world

TITLE = "Documents"
TIMES = 20


def measure(stage: Stage) -> Iterator[Figure]:
    """One settled case, made into its documents again and again."""
    app = stage.app(stage.database("sqlite", "documents"))
    with app.app_context():
        made = _document(app)
        db.session.remove()
        db.engine.dispose()
    pdf = document.as_pdf(made)
    # Each time another reference: the compiler remembers what it has set, and a worker seldom sets the same twice.
    others = [replace(made, reference=f"PD-{number}", footer=f"PD-{number}") for number in range(TIMES)]
    spent: dict[str, list[float]] = {"PDF": [], "text": []}
    for other in others:
        for name, make in (("PDF", document.as_pdf), ("text", document.as_text)):
            began = time.perf_counter()
            make(other)
            spent[name].append(1e3 * (time.perf_counter() - began))
    yield Figure("document as PDF", middle(spent["PDF"]), "ms", f"{len(pdf)} bytes, {len(made.sections)} sections")
    yield Figure("document as text", middle(spent["text"]), "ms")


def _document(app: Flask) -> document.Document:
    world = make_world(app)
    now = business_now(db.session)
    reference = world.make_disagreement(now - timedelta(days=1))
    bind(db.session, System("bench"))
    case = cases.open_case(db.session, runtime(app).keys, reference=reference)
    return records.compose(casefile.read(db.session, case, case.state(now)), f"{reference}/v1")
