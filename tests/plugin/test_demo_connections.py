"""The demo's connections against its pretend hosts, over HTTP on loopback, through the real adapter and the guarded client."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from integrations.contract import Delivered, Document, Identifier, Outcome, Record, Refused, Unknown
from integrations.http import GuardedClient, OutboundRules
from integrations.rest import RestAdapter
from plugin.demo.hosts import council, keys, school
from plugin.demo.hosts.__main__ import Quiet
from plugin.demo.hosts.faults import Fault, Faults
from plugin.demo.hosts.setting import from_places
from plugin.demo.hosts.store import Filed, Store
from plugin.demo.places import HOSTS, Places
from plugin.demo.ways import way_to
from plugin.services.keeping.clock import machine_now
from tests.plugin.test_demo_start import free_port

pytestmark = pytest.mark.slow  # left out of make test-quick

ELLIS = {"council": "88213", "school": "417"}
RECORD = Record(
    key="PD-7F3K-92HV/v1",
    reference="PD-7F3K-92HV",
    title='Professional disagreement PD-7F3K-92HV: "Reasons understood"',
    summary="Outcome: resolved.",
    written_at=datetime(2026, 12, 1, 9, 30, tzinfo=UTC),
    child=(Identifier("nhs-number", "9999458076"), Identifier("upn", "K999412018664")),
    documents=(Document("PD-7F3K-92HV-v1.pdf", "application/pdf", b"%PDF-1.7"), Document("PD-7F3K-92HV-v1.txt", "text/plain", b"text")),
)


class Running:
    """The two hosts, served, and the adapter that writes to them."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.told: dict[str, Any] = json.loads(places.hosts_file.read_text())
        local = [f"127.0.0.1:{places.host_port(host)}" for host in HOSTS]
        self.http = GuardedClient(OutboundRules.parse((), local), clock=machine_now)
        self.adapter = RestAdapter()

    def write(self, host: str, record: Record = RECORD) -> Outcome:
        way = way_to(host, self.told[host])
        return self.adapter.write(record, self.adapter.options.model_validate(way.options), way.secrets, self.http)

    def find(self, host: str) -> Delivered | Unknown | None:
        way = way_to(host, self.told[host])
        return self.adapter.find(RECORD, self.adapter.options.model_validate(way.options), way.secrets, self.http)

    def store(self, host: str) -> Store:
        return Store(from_places(host, self.places).database)

    def filed(self, host: str) -> list[Filed]:
        return self.store(host).documents(ELLIS[host])


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[Running]:
    places = Places(tmp_path, free_port())
    keys.provide(places)
    servers = []
    for host, module in (("council", council), ("school", school)):
        app = module.create_app(from_places(host, places))
        servers.append(make_server("127.0.0.1", places.host_port(host), app, threaded=True, request_handler=Quiet))
    threads = [threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True) for server in servers]
    for thread in threads:
        thread.start()
    yield Running(places)
    for server, thread in zip(servers, threads, strict=True):
        server.shutdown()
        thread.join()
        server.server_close()


def names(filed: list[Filed]) -> list[str]:
    return sorted(one.file_name for one in filed)


BOTH = ["PD-7F3K-92HV-v1.pdf", "PD-7F3K-92HV-v1.txt"]


@pytest.mark.parametrize("host", HOSTS)
def test_one_write_files_the_pdf_and_the_text_with_the_hosts_own_number(hosts: Running, host: str) -> None:
    outcome = hosts.write(host)
    filed = {one.file_name: one for one in hosts.filed(host)}
    assert sorted(filed) == BOTH
    pdf = filed[BOTH[0]]
    assert outcome == Delivered(pdf.id, on_file=True)
    assert (pdf.reference, pdf.content, pdf.media_type) == (RECORD.key, b"%PDF-1.7", "application/pdf")
    assert hosts.find(host) == Delivered(pdf.id)


@pytest.mark.parametrize("host", HOSTS)
def test_writing_again_finds_what_is_there(hosts: Running, host: str) -> None:
    first = hosts.write(host)
    assert hosts.write(host) == first
    assert names(hosts.filed(host)) == BOTH
    hosts.write(host, replace(RECORD, key="PD-7F3K-92HV/v2"))
    assert len(hosts.filed(host)) == 4


@pytest.mark.parametrize("host", HOSTS)
def test_two_500s_then_on_file_once(hosts: Running, host: str) -> None:
    Faults(hosts.store(host)).set(Fault(status=500, times=2))
    assert [type(hosts.write(host)) for _ in range(3)] == [Unknown, Unknown, Delivered]
    assert names(hosts.filed(host)) == BOTH


@pytest.mark.parametrize("host", HOSTS)
def test_a_failure_after_storing_leaves_each_document_once(hosts: Running, host: str) -> None:
    Faults(hosts.store(host)).set(Fault(mode="fail after storing", times=1))
    assert isinstance(hosts.write(host), Unknown)
    assert len(hosts.filed(host)) == 1
    assert isinstance(hosts.write(host), Delivered)
    assert names(hosts.filed(host)) == BOTH


@pytest.mark.parametrize("host", HOSTS)
def test_a_no_is_for_a_person(hosts: Running, host: str) -> None:
    Faults(hosts.store(host)).set(Fault(mode="refuse", times=1))
    assert isinstance(hosts.write(host), Refused)
    assert hosts.filed(host) == []


@pytest.mark.parametrize("host", HOSTS)
def test_a_child_the_host_does_not_know_is_for_a_person(hosts: Running, host: str) -> None:
    stranger = replace(RECORD, child=(Identifier("upn", "A000000000000"),))
    assert isinstance(hosts.write(host, stranger), Refused)


def test_the_council_finds_the_child_by_the_number_a_school_has(hosts: Running) -> None:
    assert isinstance(hosts.write("council", replace(RECORD, child=(Identifier("upn", "K999412018664"),))), Delivered)
    assert names(hosts.filed("council")) == BOTH


@pytest.mark.parametrize("host", HOSTS)
def test_no_secret_is_in_a_preview(hosts: Running, host: str) -> None:
    way = way_to(host, hosts.told[host])
    shown = hosts.adapter.preview(RECORD, hosts.adapter.options.model_validate(way.options))
    assert RECORD.key in shown or "PD-7F3K-92HV" in shown
    assert not any(secret in shown for secret in way.secrets.values())
