"""What the floor is given, taken from one real journey: its three pages, and the rows that it added, table by table."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import insert, select

from plugin.extensions import db
from plugin.models import Access, Base, Disagreement, OfCase, new_id, new_reference
from plugin.models.scope import System, bind
from tests.bench.stage import Stage, run_clients

Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Sample:
    """`pages` in the order of the journey; `rows` that it wrote, by table, as they were written."""

    pages: list[str]
    rows: Rows

    def keep(self, folder: Path) -> str:
        """Writes it for the floor's processes; gives the path."""
        path = folder / "sample.pickle"
        path.write_bytes(pickle.dumps((self.pages, self.rows)))
        return str(path)


def sample(app: Flask, stage: Stage, port: int, reference: str, fs: str, answers: dict[str, str]) -> Sample:
    """Makes one journey on the service and looks at what it left."""
    with app.app_context():
        before = _rows(reference)
        stage.forget()
        run = run_clients(port, [{"fs": fs, "cases": [reference]}], answers, keep_pages=True)
        stage.wait_for(1, 30)
        after = _rows(reference)
        db.session.remove()
        db.engine.dispose()
    fresh = {
        name: [row for row in rows if _key(name, row) not in {_key(name, one) for one in before[name]}] for name, rows in after.items()
    }
    return Sample(run["pages"], {name: rows for name, rows in fresh.items() if rows})


def _key(table: str, row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in Base.metadata.tables[table].primary_key)


def _rows(reference: str) -> Rows:
    """Every row of a case, by table, and the access log's lines about it."""
    bind(db.session, System("bench"))
    case_id = db.session.scalar(select(Disagreement.id).where(Disagreement.reference == reference))
    classes = [mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, OfCase)]
    found = {}
    for table, mine in [
        *((one.__table__, one.__table__.c.disagreement_id) for one in classes),
        (Access.__table__, Access.__table__.c.subject),
    ]:
        found[table.name] = [dict(row._mapping) for row in db.session.execute(select(table).where(mine == case_id))]
    db.session.rollback()
    return found


def copies(app: Flask, reference: str, wanted: int) -> list[str]:
    """The case's own row copied for the floor, with nothing that belongs to it; the new references."""
    with app.app_context():
        bind(db.session, System("bench"))
        table = Disagreement.__table__
        row = dict(db.session.execute(select(table).where(table.c.reference == reference)).one()._mapping)
        made = [{**row, "id": new_id(), "reference": new_reference()} for _ in range(wanted)]
        db.session.execute(insert(Disagreement), made)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return [one["reference"] for one in made]
