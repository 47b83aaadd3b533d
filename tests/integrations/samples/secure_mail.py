"""The secure-mail adapter: it speaks SMTP, so its faults are tested beside it."""

from __future__ import annotations

from tests.integrations.samples import SECRET, Sample

SAMPLE = Sample(
    options=lambda _base: {
        "host": "mail.example.org",
        "username": "accord",
        "sender": "accord@example.org",
        "recipient": "records@school.example",
    },
    secrets={"password": SECRET},
)
