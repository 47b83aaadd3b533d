"""A bare RQ job that makes the same HTTP call as a delivery to a webhook: signed body, a connection of its own. And its worker.

Nothing is claimed, made from a case, looked up or written down.
"""

from __future__ import annotations

import http.client
import json
import os

import redis
from rq import Queue, SimpleWorker

QUEUE = "bare"


def post(port: int, event_id: str) -> None:
    """The call."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    body = json.dumps({"type": "accord.outcome.recorded", "data": {"reference": event_id}})
    line.request("POST", "/outcomes", body, {"webhook-id": event_id, "Content-Type": "application/json"})
    answered = line.getresponse()
    answered.read()
    line.close()
    if answered.status != 204:
        raise RuntimeError(str(answered.status))


def queue(url: str) -> Queue:
    """Where these jobs wait."""
    return Queue(QUEUE, connection=redis.Redis.from_url(url), serializer="json")


if __name__ == "__main__":
    waiting = queue(os.environ["ACCORD_REDIS_URL"])
    SimpleWorker([waiting], connection=waiting.connection, serializer="json").work(burst=True, logging_level="WARNING")
