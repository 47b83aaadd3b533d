"""Testing connections: whether a record system can be reached and lets us in, what would be sent to it, a sample to a marked test child.

Nothing here holds the database while it talks to a peer. What a finding means and whom to ask is said once, in `ADVICE`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from forms import document
from integrations.contract import Adapter, Deferred, Delivered, Document, Finding, Identifier, Outcome, Record, Refused
from integrations.http import GuardedClient
from integrations.registry import Registry, UnknownAdapter
from plugin.models import Agency, Circuit, Connection, begin_writing
from plugin.services.desk import accounts, ways
from plugin.services.keeping.sealing import Keys

log = logging.getLogger("accord.checks")
# What was looked at, in words; and where it is not well, whom to ask what.
ADVICE: Mapping[str, tuple[str, str]] = {
    "settings": ("The settings", "Look at the options again; the line above says which one."),
    "name": (
        "The name of their server",
        "Look for a slip in the address. If it is right, ask their network team whether the name can be seen from outside.",
    ),
    "network": (
        "The way there",
        "Ask their network team, and whoever runs this service, whether a firewall lets this service's machine through.",
    ),
    "certificate": (
        "Their certificate",
        "Ask whoever runs their server to renew it, or for the certificate of the authority that signed it.",
    ),
    "host key": (
        "The key of their server",
        "Ask whoever runs their server for its host key, by telephone, and compare. If it changed, somebody may stand in between.",
    ),
    "credentials": ("Our user name, key or password", "Ask your supplier whether they are still valid, and set the secret again."),
    "permission": (
        "What we are allowed to do there",
        "We are let in, but not to this. Ask your supplier to give our account the right to read and to file.",
    ),
    "space": ("Room for what we send", "Ask whoever runs their server to make room."),
    "answer": (
        "Their answer",
        "We reached something that did not answer as expected. Ask your supplier whether the address is the right one.",
    ),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """The made-up child of a preview or a sample. Identifiers are those of a test child that the agency has marked as one.

    `name` and `born` are what that test child is called in the record system: a system that compares them must find them the same.
    """

    identifiers: tuple[tuple[str, str], ...] = (("nhs-number", "9990000018"), ("upn", "H801200001001"), ("local", "TEST-1"))
    name: str = "Test Record"
    born: date = date(2015, 4, 1)


def run(
    session: Session, keys: Keys, adapters: Registry, http: GuardedClient, connection_id: str, now: datetime, *, by: str
) -> list[Finding]:
    """Tests a connection and keeps what came of it. Commits. Raises LookupError. `now` is machine time."""
    way = session.get(Connection, connection_id)
    if way is None:
        raise LookupError(connection_id)
    adapter_id, options, secrets = way.adapter, dict(way.options), ways.opened(session, keys, connection_id)
    session.rollback()
    found = _check(adapters, adapter_id, options, secrets, http)
    _keep(session, connection_id, found, now, by)
    return found


def _check(adapters: Registry, adapter_id: str, options: dict[str, Any], secrets: Mapping[str, str], http: GuardedClient) -> list[Finding]:
    try:
        adapter, checked = _usable(adapters, adapter_id, options)
        return adapter.check(checked, secrets, http)
    except (ValidationError, UnknownAdapter):
        return [Finding("settings", False, "The options are not complete. Fill them in and save them.")]
    except Exception as error:  # an adapter of somebody else's making may fail in any way; the test says so and goes on
        log.error("a check failed", extra={"reason": type(error).__name__})
        return [Finding("answer", False, "The test itself broke off. Whoever runs this service finds the reason in its log.")]


def _usable(adapters: Registry, adapter_id: str, options: dict[str, Any]) -> tuple[Adapter, Any]:
    adapter = adapters.get(adapter_id)
    return adapter, adapter.options.model_validate(options)


def _keep(session: Session, connection_id: str, found: Iterable[Finding], now: datetime, by: str) -> None:
    findings = list(found)
    begin_writing(session)
    row = session.get(Connection, connection_id)
    if row is None:
        raise LookupError(connection_id)
    well = bool(findings) and all(one.ok for one in findings)
    if row.working is not well:
        row.since = now
    row.working, row.checked_at = well, now
    row.findings = [{"what": one.what, "ok": one.ok, "text": one.text} for one in findings]
    accounts.note(session, by, row.agency_id, "connection tested", connection_id, "well" if well else "not well", now)
    session.commit()


def all_of(session: Session) -> list[tuple[Connection, str, Circuit | None]]:
    """Every connection that the session's principal may see, with its agency's name and its failures, by agency."""
    rows = session.execute(
        select(Connection, Agency.name, Circuit)
        .join(Agency, Agency.id == Connection.agency_id)
        .outerjoin(Circuit, Circuit.connection_id == Connection.id)
        .order_by(Agency.name, Connection.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def run_all(session: Session, keys: Keys, adapters: Registry, http: GuardedClient, now: datetime) -> list[str]:
    """Tests every connection that is on and has a way out. The ids of those that are not well."""
    ids = list(session.scalars(select(Connection.id).where(Connection.enabled, Connection.adapter != "").order_by(Connection.id)))
    bad = []
    for connection_id in ids:
        found = run(session, keys, adapters, http, connection_id, now, by="nightly")
        if not all(one.ok for one in found):
            bad.append(connection_id)
    return bad


def sample_record(sample: Sample, now: datetime, agency: str, key: str = "PD-TEST-2222/v1") -> Record:
    """A whole record about nobody, as a real one looks. It says of itself that it is a test."""
    reference, stem = key.partition("/")[0], key.replace("/", "-")
    outcome = "Settled between the two of you"
    made = document.Document(
        title="TEST: professional disagreement, record of the outcome",
        reference=key,
        subtitle="This is a test of the connection. It is about nobody and may be deleted.",
        sections=[
            document.Section(
                "The disagreement",
                rows=[
                    ("Reference", key),
                    ("Person", sample.name),
                    ("Date of birth", f"{sample.born.day} {sample.born:%B %Y}"),
                    ("Agency", agency),
                    ("Outcome", outcome),
                ],
            )
        ],
        footer=f"{key} · a test",
    )
    fields = {
        "reference": reference,
        "key": key,
        "stem": stem,
        "outcome": outcome,
        "outcome_code": "agreed",
        "stage": "Practitioners",
        "policy": "Test policy, version 1",
        "raised": now.date().isoformat(),
        "settled": now.date().isoformat(),
        "child_born": sample.born.isoformat(),
        "child_name": sample.name,
    }
    return Record(
        key=key,
        reference=reference,
        title=f"TEST: professional disagreement {reference}: {outcome}",
        summary=f"This is a test and about nobody. Outcome: {outcome}. Stage: Practitioners.",
        written_at=now,
        child=tuple(Identifier(system, value) for system, value in sample.identifiers if value),
        documents=(
            Document(f"{stem}.pdf", "application/pdf", document.as_pdf(made)),
            Document(f"{stem}.txt", "text/plain; charset=utf-8", document.as_text(made).encode()),
        ),
        fields=fields,
    )


def preview(adapters: Registry, way: Connection, record: Record) -> str:
    """Exactly what would be sent, secrets masked; or why nothing would."""
    try:
        adapter, options = _usable(adapters, way.adapter, dict(way.options))
        return adapter.preview(record, options)
    except (ValidationError, UnknownAdapter):
        return "The options are not complete. Fill them in and save them, then look here again."


def send_sample(
    session: Session, keys: Keys, adapters: Registry, http: GuardedClient, connection_id: str, record: Record, now: datetime, *, by: str
) -> Outcome:
    """Sends a sample to the agency's test child. Commits a line in the access log before anything leaves. Raises LookupError."""
    begin_writing(session)
    way = session.get(Connection, connection_id)
    if way is None:
        raise LookupError(connection_id)
    adapter_id, options, secrets = way.adapter, dict(way.options), ways.opened(session, keys, connection_id)
    accounts.note(session, by, way.agency_id, "sample sent", f"{connection_id} {record.key}", "", now)
    session.commit()
    try:
        adapter, checked = _usable(adapters, adapter_id, options)
        return adapter.write(record, checked, secrets, http)
    except (ValidationError, UnknownAdapter):
        return Refused("The options are not complete. Fill them in and save them.")
    except Exception as error:  # see `_check`
        log.error("a sample failed", extra={"reason": type(error).__name__})
        return Refused("The adapter broke off. Whoever runs this service finds the reason in its log.")


def outcome_in_words(outcome: Outcome) -> tuple[str, str]:
    """(what came of a sample, what to do)."""
    match outcome:
        case Delivered(remote_id, on_file):
            place = "It lies on the test record" if on_file else "It arrived"
            return f"{place}, as number {remote_id or 'not told'}.", "Open the test record and look at it. Then delete it there."
        case Refused(reason):
            return f"It was not taken: {reason}", "Put right what the reason says, and send again."
        case Deferred(reason, _after):
            return f"Not now: {reason}", "Nothing was written. Try again later."
    told = f"It was sent, and nothing says surely whether it arrived: {outcome.reason}"
    return told, "Look at the test record whether it arrived before you send again."
