"""The floor of a journey: a bare Flask view that answers with the same pages, writes the same rows and commits as often. Not secure.

Nothing is evaluated, checked, sealed, chained or rendered; the queue is a Redis list that a loop (`floor_worker`) reads.
"""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import redis
from flask import Flask, request
from sqlalchemy import Connection, create_engine, delete, insert, select, update

from plugin.models import Base, new_id
from plugin.models.base import _set_up_sqlite  # noqa: F401  # the same pragmas, and one write lock at once, hang on its module

PAGES, ROWS = pickle.loads(Path(os.environ["FLOOR_SAMPLE"]).read_bytes())
TABLES = Base.metadata.tables
CASE, DRAFT = TABLES["disagreement"], TABLES["draft"]
engine = create_engine(os.environ["ACCORD_DATABASE_URL"])
queue = redis.Redis.from_url(os.environ["ACCORD_REDIS_URL"], socket_timeout=None)
app = Flask("floor")


@app.post("/case/<reference>/do")
def do(reference: str) -> str:
    """One of the three requests of a journey."""
    step = request.form["do"]
    if step == "open":
        return PAGES[0]
    with engine.connect().execution_options(writing=True) as connection:
        case_id = connection.execute(select(CASE.c.id).where(CASE.c.reference == reference)).scalar_one()
        if step == "check":
            _draft(connection, case_id)
        delivery = _send(connection, case_id, reference) if step == "send" else ""
        connection.commit()
    if delivery:
        queue.lpush("floor", f"{delivery} {reference}")
    return PAGES[1 if step == "check" else 2]


def _draft(connection: Connection, case_id: str) -> None:
    row = {"owner": case_id, "sealed": "\n".join(request.form.values()).encode(), "saved_at": ROWS["event"][0]["at"]}
    connection.execute(insert(DRAFT), [row])


def _send(connection: Connection, case_id: str, reference: str) -> str:
    """The rows of the sample under new ids; of no interest to the service's own worker. Gives the delivery's id."""
    connection.execute(delete(DRAFT).where(DRAFT.c.owner == case_id))
    connection.execute(update(CASE).where(CASE.c.id == case_id).values(status="settled"))
    last = ""
    for name, rows in ROWS.items():
        made = [_mine(name, row, case_id, reference) for row in rows]
        connection.execute(insert(TABLES[name]), made)
        last = made[0]["id"] if name == "delivery" else last
    return last


def _mine(table: str, row: dict[str, Any], case_id: str, reference: str) -> dict[str, Any]:
    fresh = {**row}
    if "id" in fresh:
        fresh["id"] = new_id()
    if "disagreement_id" in fresh:
        fresh["disagreement_id"] = case_id
    if "next_try_at" in fresh:
        fresh |= {"next_try_at": None, "state": "floor"}
    if table == "obligation":
        fresh["next_act_at"] = None
    if table == "delivery":
        fresh["record"] = f"{reference}/v1"
    return fresh
