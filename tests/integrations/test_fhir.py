"""FHIR R4: one patient, one document, whatever the server answers."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import unquote

import pytest

from integrations.contract import Deferred, Delivered, Document, Identifier, Outcome, Refused, Unknown
from integrations.fhir import FhirAdapter, FhirOptions
from integrations.http import OutboundRules
from tests.integrations.clients import guarded
from tests.integrations.faulty import Asked, FaultyServer, answer, by
from tests.integrations.samples import CHILD_NUMBERS, make_record
from tests.integrations.samples.fhir import bundle

CREATED = answer(201, "", Location="https://fhir.example/DocumentReference/d9/_history/1")


def make_options(base: str = "https://fhir.example", **changes: Any) -> FhirOptions:
    told = {"base_url": base, "identifier_system": "https://accord.example/outcome", "look_up_patient": False, **changes}
    return FhirOptions.model_validate(told)


def write(server: FaultyServer, record: Any = None, **changes: Any) -> Outcome:
    http = guarded(OutboundRules.parse(private=[f"localhost:{server.port}"]))
    return FhirAdapter().write(record or make_record(), make_options(server.base, **changes), {}, http)


def test_a_document_reference_as_the_standard_has_it() -> None:
    with FaultyServer([CREATED]) as server:
        assert write(server, category={"system": "urn:c", "code": "1"}, custodian="Organization/7") == Delivered("d9")
    asked = server.asked[0]
    said = asked.json()
    assert (asked.method, asked.path, asked.headers["content-type"]) == ("POST", "/DocumentReference", "application/fhir+json")
    assert asked.headers["if-none-exist"] == "identifier=https%3A%2F%2Faccord.example%2Foutcome%7CPD-7F3K-92%2Fv1"
    assert (said["resourceType"], said["status"], said["docStatus"]) == ("DocumentReference", "current", "final")
    assert said["identifier"] == [{"system": "https://accord.example/outcome", "value": "PD-7F3K-92/v1"}]
    assert said["subject"] == {"identifier": {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": CHILD_NUMBERS[0]}}
    attachment = said["content"][0]["attachment"]
    assert base64.b64decode(attachment["data"]) == make_record().documents[0].content and attachment["contentType"] == "application/pdf"
    assert said["date"] == "2026-11-20T14:03:00+00:00" and said["category"] == [{"coding": [{"system": "urn:c", "code": "1"}]}]
    assert "type" not in said and said["custodian"] == {"reference": "Organization/7"}


@pytest.mark.parametrize(
    ("response", "outcome"),
    [
        (answer(200, "", Location="DocumentReference/d1/_history/3"), Delivered("d1")),
        (answer(200, {"resourceType": "DocumentReference", "id": "d2"}), Delivered("d2")),
        (answer(201, {"resourceType": "DocumentReference", "id": "d3"}), Delivered("d3")),
        (answer(200, {"resourceType": "OperationOutcome"}), Unknown),
        (answer(201), Unknown),
        (answer(201, "", Location="/DocumentReference/"), Unknown),
        (answer(412, {"resourceType": "OperationOutcome"}), Refused),
        (answer(422), Refused),
        (answer(503), Deferred),
    ],
)
def test_what_the_server_says(response: Any, outcome: Any) -> None:
    with FaultyServer([response]) as server:
        came = write(server)
    assert came == outcome if isinstance(outcome, Delivered) else isinstance(came, outcome)


@pytest.mark.parametrize(
    "patients",
    [
        bundle([]),
        bundle([{"resourceType": "Patient", "id": "1", "birthDate": "2015-02-03"}] * 2),
        bundle([{"resourceType": "Patient", "id": "1", "birthDate": "2015-02-04"}]),
        bundle([{"resourceType": "Patient", "id": "1"}]),
        bundle([{"resourceType": "OperationOutcome"}]),
        bundle([{"resourceType": "Patient", "birthDate": "2015-02-03"}]),
        bundle([{"resourceType": "Patient", "id": "../x", "birthDate": "2015-02-03"}]),
        {"resourceType": "OperationOutcome"},
        {"resourceType": "Bundle", "entry": 1},
        [],
    ],
)
def test_a_patient_who_is_not_surely_the_one_stops_everything(patients: Any) -> None:
    with FaultyServer([answer(200, patients)]) as server:
        outcome = write(server, look_up_patient=True, confirm_born=True)
        assert isinstance(outcome, Refused) and "Nothing was written" in outcome.reason and len(server.asked) == 1


def test_the_patient_is_named_by_the_servers_own_id() -> None:
    def serve(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        if asked.method == "GET":
            found = [{"resourceType": "Patient", "id": "p7", "birthDate": "2015-02-03"}]
            return 200, {}, json.dumps(bundle(found)).encode()
        return 201, {"Location": "/DocumentReference/d1"}, b""

    with FaultyServer([by(serve)]) as server:
        assert isinstance(write(server, look_up_patient=True, confirm_born=True), Delivered)
    assert server.asked[1].json()["subject"] == {"reference": "Patient/p7"}
    assert server.asked[0].path == f"/Patient?identifier=https%3A%2F%2Ffhir.nhs.uk%2FId%2Fnhs-number%7C{CHILD_NUMBERS[0]}"


@pytest.mark.parametrize(
    "child", [(), (Identifier("local", "1"),), (Identifier("nhs-number", "9990000557"), Identifier("nhs-number", "9990000565"))]
)
def test_a_child_without_one_number_is_for_a_person(child: Any) -> None:
    with FaultyServer([CREATED]) as server:
        assert isinstance(write(server, make_record(child=child)), Refused) and not server.asked
        assert "would not be sent" in FhirAdapter().preview(make_record(child=child), make_options())


@pytest.mark.parametrize("system", ["", "a|b", "a b", "a,b"])
def test_systems_that_are_none(system: str) -> None:
    with pytest.raises(ValueError, match="URL without"):
        make_options(identifier_system=system)


# --- a resource of its own for each document ----------------------------------------------------------------------------------------

TWO = make_record(documents=(Document("a.pdf", "application/pdf", b"one"), Document("a.txt", "text/plain", b"two")))
FIRST, SECOND = "PD-7F3K-92/v1", "PD-7F3K-92/v1/2"


class Server:
    """Keeps what it is given by identifier, as If-None-Exist asks; answers the n-th create with `fails` where that is told."""

    def __init__(self, fails: dict[int, int] | None = None) -> None:
        self.kept: dict[str, Any] = {}
        self.creates, self._fails = 0, fails or {}

    def answer(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        if asked.method == "GET":
            value = unquote(asked.path).partition("|")[2]
            found = [{"resourceType": "DocumentReference", "id": self._id(value)}] if value in self.kept else []
            return 200, {}, json.dumps(bundle(found)).encode()
        self.creates += 1
        if status := self._fails.get(self.creates):
            return status, {}, b""
        said = asked.json()
        value = said["identifier"][0]["value"]
        there = value in self.kept
        self.kept.setdefault(value, said)
        return 200 if there else 201, {"Location": f"/DocumentReference/{self._id(value)}/_history/1"}, b""

    def _id(self, value: str) -> str:
        return f"d{list(self.kept).index(value) + 1}"


def find(server: FaultyServer, **changes: Any) -> Delivered | Unknown | None:
    http = guarded(OutboundRules.parse(private=[f"localhost:{server.port}"]))
    return FhirAdapter().find(TWO, make_options(server.base, **changes), {}, http)


def test_each_document_by_itself_has_an_identifier_of_its_own() -> None:
    peer = Server()
    with FaultyServer([by(peer.answer)]) as server:
        assert write(server, TWO, apart=True) == Delivered("d1")
        assert find(server, apart=True) == Delivered("d1")
    assert list(peer.kept) == [FIRST, SECOND]
    kinds = [[one["attachment"]["contentType"] for one in said["content"]] for said in peer.kept.values()]
    assert kinds == [["application/pdf"], ["text/plain"]]
    assert [said["masterIdentifier"]["value"] for said in peer.kept.values()] == [FIRST, SECOND]


def test_otherwise_one_resource_holds_both_as_its_formats() -> None:
    peer = Server()
    with FaultyServer([by(peer.answer)]) as server:
        assert write(server, TWO) == Delivered("d1")
    assert [one["attachment"]["contentType"] for one in peer.kept[FIRST]["content"]] == ["application/pdf", "text/plain"]


@pytest.mark.parametrize(("status", "kind"), [(503, Unknown), (500, Unknown), (422, Refused)])
def test_cut_off_between_the_two_it_says_what_is_there_and_sending_again_completes_it(status: int, kind: type) -> None:
    peer = Server({2: status})
    with FaultyServer([by(peer.answer)]) as server:
        outcome = write(server, TWO, apart=True)
        assert isinstance(outcome, kind) and "its number d1" in outcome.reason
        assert find(server, apart=True) is None, "sending again is safe"
        assert write(server, TWO, apart=True) == Delivered("d1")
    assert list(peer.kept) == [FIRST, SECOND]


def test_a_preview_shows_both() -> None:
    shown = FhirAdapter().preview(TWO, make_options(apart=True))
    assert shown.count("POST https://fhir.example/DocumentReference") == 2 and f'"value": "{SECOND}"' in shown
