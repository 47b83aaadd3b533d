"""A made-up record, for showing somebody what a connection would send before there is anything real to send.

The child is invented, and its numbers are of the ranges that belong to nobody.
"""

from __future__ import annotations

from datetime import UTC, datetime

from integrations.contract import Document, Identifier, Record

SAMPLE_RECORD = Record(
    key="PD-2345-67/v1",
    reference="PD-2345-67",
    title="Professional disagreement: outcome",
    summary="Resolved at stage 2: the referral is opened again & a visit is made by Friday.",
    written_at=datetime(2026, 11, 20, 14, 3, tzinfo=UTC),
    child=(Identifier("nhs-number", "9990000557"), Identifier("local", "1234567"), Identifier("upn", "A123456789012")),
    documents=(
        Document("PD-2345-67-v1.pdf", "application/pdf", b"%PDF-1.7 (a sample)"),
        Document("PD-2345-67-v1.txt", "text/plain; charset=utf-8", b"Professional disagreement: outcome (a sample)"),
    ),
    fields={
        "reference": "PD-2345-67",
        "key": "PD-2345-67/v1",
        "stem": "PD-2345-67-v1",
        "outcome": "Referral opened again",
        "outcome_code": "agreed",
        "stage": "Heads of service",
        "policy": "Escalation policy, version 3",
        "raised": "2026-11-12",
        "settled": "2026-11-20",
        "child_born": "2015-02-03",
        "child_name": "Sam Sample",
    },
)
