"""MESH: the proof, opaque ids, packs, and secrets that are missing."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from integrations.auth.mesh import authorization
from integrations.contract import Delivered, Document, Refused, Unknown
from integrations.http import OutboundRules
from integrations.mesh import MeshAdapter, MeshOptions, local_id
from tests.integrations.clients import guarded
from tests.integrations.faulty import FaultyServer, answer
from tests.integrations.samples import CHILD_NUMBERS, make_record
from tests.integrations.samples.mesh import SAMPLE, Exchange


def make_options(base: str = "https://mesh.example", **changes: Any) -> MeshOptions:
    return MeshOptions.model_validate_json(json.dumps({**SAMPLE.options(base), **changes}))


def write(server: FaultyServer, record: Any = None, secrets: Any = None, **changes: Any) -> Any:
    http = guarded(OutboundRules.parse(private=[f"localhost:{server.port}"]))
    return MeshAdapter().write(
        record or make_record(), make_options(server.base, **changes), SAMPLE.secrets if secrets is None else secrets, http
    )


def test_the_proof() -> None:
    """HMAC-SHA256 of the five parts, here by another library than the adapter's."""
    made = authorization("BOX1", "password", "BackBone", datetime(1991, 12, 8, 11, 0, tzinfo=UTC), "n-1", 0)
    mac = HMAC(b"BackBone", hashes.SHA256())
    mac.update(b"BOX1:n-1:0:password:199112081100")
    assert made == f"NHSMESH BOX1:n-1:0:199112081100:{mac.finalize().hex()}"
    assert authorization("A", "p", "k", datetime(2026, 1, 1, tzinfo=UTC)) != authorization("A", "p", "k", datetime(2026, 1, 1, tzinfo=UTC))


def test_a_message_and_its_headers() -> None:
    exchange = Exchange()
    with FaultyServer([exchange.behave]) as server:
        assert write(server) == Delivered("M1", on_file=False)
    asked = server.asked[-1]
    assert asked.path == "/messageexchange/X26OT001/outbox" and asked.body == make_record().documents[0].content
    assert asked.headers["mex-to"] == "X26OT002" and asked.headers["mex-workflowid"] == "SAFEGUARDING_OUTCOME"
    assert asked.headers["mex-filename"] == "PD-7F3K-92-v1.pdf" and asked.headers["accept"] == "application/vnd.mesh.v2+json"
    told = " ".join(asked.headers.values())
    assert all(hidden not in told for hidden in (*CHILD_NUMBERS, "Ann"))
    assert re.fullmatch(r"[0-9a-f]{40}", asked.headers["mex-localid"])


def test_local_ids_are_one_for_a_record_and_a_recipient() -> None:
    options = make_options()
    assert local_id(make_record(), options) == local_id(make_record(title="other"), options)
    assert local_id(make_record(key="PD-7F3K-92/v2"), options) != local_id(make_record(), options)
    assert local_id(make_record(), make_options(recipient="X26OT003")) != local_id(make_record(), options)


def test_a_pack() -> None:
    exchange = Exchange()
    with FaultyServer([exchange.behave]) as server:
        assert isinstance(write(server, sends="pack"), Delivered)
    asked = server.asked[-1]
    assert asked.headers["content-type"] == "application/zip" and asked.headers["mex-filename"] == "PD-7F3K-92-v1.zip"
    assert "record.json" in zipfile.ZipFile(io.BytesIO(asked.body)).namelist()


def test_a_message_that_is_there_twice_is_there() -> None:
    exchange = Exchange([local_id(make_record(), make_options())] * 2)
    with FaultyServer([exchange.behave]) as server:
        assert isinstance(write(server), Delivered) and exchange.copies(make_record().key) == 2


def test_a_name_in_other_letters_does_not_go_into_a_header() -> None:
    exchange = Exchange()
    with FaultyServer([exchange.behave]) as server:
        assert isinstance(write(server, make_record(documents=(Document("Zoë.pdf", "application/pdf", b"x"),))), Delivered)
    assert server.asked[-1].headers["mex-filename"] == "document.pdf"


@pytest.mark.parametrize("missing", ["mailbox_password", "shared_key"])
def test_a_secret_that_is_missing(missing: str) -> None:
    with FaultyServer([answer(202)]) as server:
        assert isinstance(write(server, secrets={**SAMPLE.secrets, missing: ""}), Refused) and not server.asked


def test_a_recipient_that_mesh_does_not_know() -> None:
    exchange = Exchange()

    def refuse(connection: Any, asked: Any) -> None:
        answer(417)(connection, asked) if asked.method == "POST" else exchange.behave(connection, asked)

    with FaultyServer([refuse]) as server:
        outcome = write(server)
    assert isinstance(outcome, Refused) and "recipient" in outcome.reason


def test_no_document_no_message() -> None:
    with FaultyServer([answer(202)]) as server:
        assert isinstance(write(server, make_record(documents=())), Refused) and not server.asked


def test_tracking_that_is_not_what_it_says() -> None:
    with FaultyServer([answer(200, "<html>")]) as server:
        http = guarded(OutboundRules.parse(private=[f"localhost:{server.port}"]))
        assert isinstance(MeshAdapter().find(make_record(), make_options(server.base), SAMPLE.secrets, http), Unknown)
        assert isinstance(write(server), Refused)


@pytest.mark.parametrize("changes", [{"mailbox": "a/b"}, {"recipient": ""}, {"workflow_id": ""}, {"recipient": "a\r\nb"}])
def test_settings_that_cannot_work(changes: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        make_options(**changes)


@pytest.mark.parametrize("state", ["Undeliverable", "Error"])
def test_a_message_that_could_not_be_delivered_is_told_and_may_be_sent_again(state: str) -> None:
    exchange, http_of = Exchange(), lambda server: guarded(OutboundRules.parse(private=[f"localhost:{server.port}"]))

    def lost(connection: Any, asked: Any) -> None:
        if "/tracking/" in asked.path:
            answer(200, {"messageId": "M1", "status": state, "statusSuccess": "ERROR"})(connection, asked)
        else:
            exchange.behave(connection, asked)

    with FaultyServer([lost]) as server:
        found = MeshAdapter().find(make_record(), make_options(server.base), SAMPLE.secrets, http_of(server))
        assert isinstance(found, Unknown) and "could not deliver" in found.reason
        assert isinstance(write(server), Delivered) and len(exchange.taken) == 1


def test_a_chunk_that_is_refused_leaves_it_unknown() -> None:
    exchange = Exchange()

    def refuse(connection: Any, asked: Any) -> None:
        answer(503)(connection, asked) if asked.path.endswith("/2") else exchange.behave(connection, asked)

    with FaultyServer([refuse]) as server:
        record = make_record(documents=(Document("a.pdf", "application/pdf", b"x" * 2_500),))
        outcome = write(server, record, chunk_bytes=1_000)
    assert isinstance(outcome, Unknown) and "chunk 2 of 3" in outcome.reason
    assert [asked.headers.get("mex-chunk-range") for asked in server.asked if asked.method == "POST"] == ["1:3", "2:3"]
