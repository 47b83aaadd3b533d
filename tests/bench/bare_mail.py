"""A bare RQ job that sends a mail of the same size over SMTP, with STARTTLS and a connection of its own. And its worker.

Nothing is claimed, made from a case, looked up or written down.
"""

from __future__ import annotations

import os
import smtplib
import ssl

from rq import SimpleWorker

from tests.bench.bare_job import queue


def post(port: int, content: str, number: int) -> None:
    """The mail."""
    with smtplib.SMTP("localhost", port, timeout=20) as host:
        host.starttls(context=ssl.create_default_context(cafile=os.environ["ACCORD_MAIL_CA_FILE"]))
        host.login("accord", "sesame")
        host.sendmail("no-reply@accord.example", [f"bare{number}@hilltop.example"], content.encode())


if __name__ == "__main__":
    waiting = queue(os.environ["ACCORD_REDIS_URL"])
    SimpleWorker([waiting], connection=waiting.connection, serializer="json").work(burst=True, logging_level="WARNING")
