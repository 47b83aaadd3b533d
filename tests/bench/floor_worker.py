"""The floor's worker: a loop that takes a delivery from a list, posts it to the sink and writes down that it arrived."""

from __future__ import annotations

import http.client
import json
import os
from datetime import UTC, datetime

from sqlalchemy import insert, update

from tests.bench.floor import TABLES, engine, queue


def main() -> None:
    """Until it is ended."""
    while True:
        _, taken = queue.brpop("floor")
        delivery_id, reference = taken.decode().split()
        line = http.client.HTTPConnection("127.0.0.1", int(os.environ["FLOOR_SINK"]), timeout=10)
        body = json.dumps({"type": "accord.outcome.recorded", "data": {"reference": reference}})
        line.request("POST", "/outcomes", body, {"webhook-id": f"{reference}-v1", "Content-Type": "application/json"})
        answered = line.getresponse().status
        line.close()
        _conclude(delivery_id, answered)


def _conclude(delivery_id: str, answered: int) -> None:
    now, delivery, attempt = datetime.now(UTC), TABLES["delivery"], TABLES["attempt"]
    row = {"delivery_id": delivery_id, "number": 1, "started_at": now, "ended_at": now, "outcome": str(answered), "reason": ""}
    with engine.connect().execution_options(writing=True) as connection:
        connection.execute(insert(attempt), [row])
        connection.execute(update(delivery).where(delivery.c.id == delivery_id).values(state="arrived", done_at=now))
        connection.commit()


if __name__ == "__main__":
    main()
