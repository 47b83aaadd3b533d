"""Systems as their makers or users describe them, each a small server and a connection of data alone: written once, and found.

None of the servers is the maker's: what they ask and answer is what is public about such systems. What each shows is in its docstring.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import yaml

from integrations.contract import Deferred, Delivered, Document, Outcome, Refused, Unknown
from integrations.http import GuardedClient, OutboundRules
from integrations.rest import RestAdapter, RestOptions
from tests.integrations.clients import guarded
from tests.integrations.faulty import Asked, FaultyServer, by
from tests.integrations.samples import CHILD_NUMBERS, SECRET, make_record

CONNECTIONS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "described_systems.yaml").read_text(encoding="utf-8"))
SECRETS = {name: f"{SECRET}-{name}" for name in ("password", "api_key", "bearer_token", "client_secret", "second_secret")}
KEY, PDF = make_record().key, make_record().documents[0].content
Answer = tuple[int, dict[str, str], bytes]


def said(status: int, body: Any = b"", **headers: str) -> Answer:
    """An answer; what is no bytes is sent as JSON."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return status, {"Content-Type": "application/json", **named}, raw


@dataclass
class System:
    """A small record system; `kept` are the things it was given, in order. Subclasses answer."""

    kept: list[Any] = field(default_factory=list)
    base: str = ""
    busy: int = 0

    def answer(self, asked: Asked) -> Answer:
        """What it says to a request."""
        raise NotImplementedError


class SchoolSystem(System):
    """XML over REST, a revision that an update must name, the id in Location; a host of its own for each school."""

    def answer(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != "Basic " + base64.b64encode(f"app:{SECRETS['password']}".encode()).decode():
            return said(401)
        path = urlsplit(asked.path).path
        if path == "/rest-v2/students":
            found = '<r:response xmlns:r="urn:r"><students><student href="/rest-v2/students/7" revisionId="12">'
            found += "<dateOfBirth>2015-02-03T00:00:00Z</dateOfBirth></student></students></r:response>"
            return said(200, found.encode() if CHILD_NUMBERS[1] in asked.path else b"<response><students/></response>")
        if path == "/rest-v2/student-notes" and asked.method == "GET":
            hits = "".join(f'<note id="{number}"><ref>{ref}</ref></note>' for number, ref in enumerate(self.kept, 1))
            return said(200, f"<response><notes>{hits}</notes></response>".encode())
        assert b'student="7"' in asked.body and b"<revision>12</revision>" in asked.body
        self.kept.append(re.search(r"<ref>(.*?)</ref>", asked.body.decode())[1])  # type: ignore[index]  # it is there
        return said(201, b"", Location=f"{self.base}/rest-v2/student-notes/{len(self.kept)}")


class WriteBackSystem(System):
    """Takes a write with an id of its own, does it later, and can only be asked how far it is."""

    slow = 2

    def answer(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != f"Bearer {SECRETS['bearer_token']}":
            return said(401, {"error": "token"})
        if asked.method == "POST":
            self.kept.append(asked.json()["reference"])
            self.left = self.slow
            return said(200, {"data": {"writeback_id": "W1"}, "meta": {"sync": False}})
        assert asked.path == "/v1.0/schools/A1/writebacks/W1"
        self.left -= 1
        return said(200, {"data": {"status": "processing" if self.left else self.end, "object": {"id": "B77"}}})

    end = "complete"


class HealthFiles(System):
    """Tokens and a fixed header that names the application; a file record that knows no keys; ids by type in a list."""

    def answer(self, asked: Asked) -> Answer:
        path = urlsplit(asked.path).path
        if path == "/token":
            assert parse_qs(asked.body.decode())["resource"] == ["papi"]
            return said(200, {"access_token": "T1", "token_type": "Bearer", "expires_in": "3599"})
        if asked.headers.get("authorization") != "Bearer T1" or asked.headers.get("applicationid") != "4f1c":
            return said(401)
        if path == "/patients":
            ids = [{"type": "GUID", "value": "G-1"}, {"type": "NHS", "value": CHILD_NUMBERS[0]}]
            return said(200, {"patients": [{"identifiers": ids, "dob": "2015-02-03"}]})
        if path == "/patients/G-1/medicalRecord/FileRecord" and asked.method == "GET":
            return said(200, {"files": [{"id": one["id"], "title": one["title"]} for one in self.kept]})
        assert path == "/patients/G-1/medicalRecord/FileRecord"
        told = asked.json()
        assert base64.b64decode(told["content"]) == PDF and told["size"] == len(PDF) and "comment" not in told
        self.kept.append({"id": f"F{len(self.kept) + 1}", "title": told["title"]})
        return said(200, {"success": True, "fileId": self.kept[-1]["id"]})


class DataversePerson(System):
    """OData: a query with quotes, a create that answers 204 with the id inside the brackets of a header."""

    def answer(self, asked: Asked) -> Answer:
        path, query = unquote(urlsplit(asked.path).path), parse_qs(urlsplit(asked.path).query)
        if path == "/token":
            return said(200, {"access_token": "D1", "token_type": "Bearer", "expires_in": 3599})
        if asked.headers.get("authorization") != "Bearer D1" or asked.headers.get("odata-version") != "4.0":
            return said(401)
        if path == "/api/data/v9.2/contacts":
            assert query["$filter"] == [f"governmentid eq '{CHILD_NUMBERS[1]}'"], query
            return said(200, {"value": [{"contactid": "c-9", "birthdate": "2015-02-03"}]})
        if asked.method == "GET":
            wanted = re.fullmatch(r"subject eq '(.*)'", query["$filter"][0])
            hits = [
                {"annotationid": one["annotationid"], "subject": one["subject"]}
                for one in self.kept
                if wanted and one["subject"] == wanted[1]
            ]
            return said(200, {"value": hits})
        told = asked.json()
        assert told["objectid_contact@odata.bind"] == "/contacts(c-9)" and base64.b64decode(told["documentbody"]) == PDF
        self.kept.append({**told, "annotationid": f"0000-{len(self.kept) + 1}"})
        return 204, {"OData-EntityId": f"{self.base}/api/data/v9.2/annotations({self.kept[-1]['annotationid']})"}, b""


class BoroughCases(System):
    """A key in a header, a number for the person, and a form that is JSON inside a string; nothing to look by but the form's name."""

    def answer(self, asked: Asked) -> Answer:
        if asked.headers.get("x-api-key") != SECRETS["api_key"]:
            return said(403, {"message": "Forbidden"})
        if asked.method == "GET":
            return said(200, {"cases": [{"recordId": str(number), "formName": one["formName"]} for number, one in enumerate(self.kept, 1)]})
        told = asked.json()
        assert told["personId"] == int(CHILD_NUMBERS[1]) and json.loads(told["caseFormData"])["reference"] == "PD-7F3K-92"
        self.kept.append(told)
        return said(201, {"_id": str(len(self.kept))})


class Operations(System):
    """One request with several operations that refer to each other; 200 also when it failed; a token for an audience."""

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/token":
            assert parse_qs(asked.body.decode())["audience"] == ["case-manager"]
            return said(200, {"access_token": "I1", "token_type": "Bearer", "expires_in": 60})
        if asked.headers.get("authorization") != "Bearer I1":
            return said(401, {}, WWW_Authenticate='Bearer error="invalid_token"')
        if self.busy:
            self.busy -= 1
            return said(200, {"error": {"code": "LOCKED"}})
        operations = asked.json()["operations"]
        if operations[0]["type"] == "Query":
            return said(200, {"results": [{"hits": [{"id": one["id"], "ref": one["ref"]} for one in self.kept]}]})
        if operations[0]["client"] != CHILD_NUMBERS[1]:
            return said(200, {"error": {"code": "UNKNOWN_CLIENT"}})
        assert operations[1]["caseAction"] == {"$ref": operations[0]["ref"]}
        self.kept.append({"id": f"A{len(self.kept) + 1}", "ref": operations[0]["externalReference"]})
        return said(200, {"results": [{"id": self.kept[-1]["id"]}]})


class ChildrensHomes(System):
    """A bearer key, multipart with a part of JSON, and keys that it keeps."""

    def answer(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != f"Token {SECRETS['api_key']}":
            return said(401)
        key = asked.headers["idempotency-key"]
        if key not in self.kept:
            kind, boundary = asked.headers["content-type"].split("; boundary=")
            parts = asked.body.split(f"--{boundary}".encode())[1:-1]
            assert kind == "multipart/form-data" and b"Content-Type: application/json" in parts[0] and PDF in parts[1]
            assert json.loads(parts[0].partition(b"\r\n\r\n")[2])["reference"] == KEY
            self.kept.append(key)
        return said(202, {"incident": {"id": self.kept.index(key) + 1}})


class SessionSite(System):
    """An old web system: a form with a hidden field, a cookie, a token in the page's head, an answer in plain words, and few sessions."""

    inside = 0

    def answer(self, asked: Asked) -> Answer:
        path = urlsplit(asked.path).path
        if path == "/login" and asked.method == "GET":
            return said(200, b'<form><input type="hidden" name="__token" value="t&amp;1"></form>', Set_Cookie="pre=1; Path=/")
        if path == "/login":
            form = parse_qs(asked.body.decode())
            if (form["__token"], form["pass"], asked.headers["cookie"]) != (["t&1"], [SECRETS["password"]], "pre=1"):
                return said(200, b"<p>Wrong user name or password")
            self.inside += 1
            return said(302, b"", Location="/home", Set_Cookie="sid=abc; HttpOnly")
        if "sid=abc" not in asked.headers.get("cookie", "") or not self.inside:
            return said(401)
        if path == "/logout":
            self.inside -= 1
            return said(200)
        if path == "/home":
            return said(200, b'<head><meta name="csrf-token" content="c-2"></head>')
        if path == "/find":
            return said(200, b"FOUND 17" if self.kept else b"NONE")
        assert asked.headers["x-csrf-token"] == "c-2" and path == "/documents"
        self.kept.append(asked.body)
        return said(200, b"OK document 17 filed")


class Rpc(System):
    """JSON-RPC 2.0: always 200, an error or a result; one method searches."""

    def answer(self, asked: Asked) -> Answer:
        told = asked.json()
        assert told["jsonrpc"] == "2.0" and told["params"]["key"] == SECRETS["api_key"]
        if told["method"] == "document.search":
            return said(200, {"jsonrpc": "2.0", "id": 1, "result": [{"no": number, "ref": one} for number, one in enumerate(self.kept, 1)]})
        if told["params"]["person"] != CHILD_NUMBERS[1]:
            return said(200, {"jsonrpc": "2.0", "id": 1, "error": {"code": -32000, "message": "no such person"}})
        self.kept.append(told["params"]["ref"])
        return said(200, {"jsonrpc": "2.0", "id": 1, "result": {"no": len(self.kept)}})


class Soap(System):
    """SOAP 1.1: user name and password in each call, a fault with 500, the result as XML inside a text."""

    def answer(self, asked: Asked) -> Answer:
        body = asked.body.decode()
        if f"<Password>{SECRETS['password']}</Password>" not in body:
            return self._envelope(500, "<soap:Fault><faultcode>soap:Client</faultcode><faultstring>no</faultstring></soap:Fault>")
        if asked.headers["soapaction"] == '"urn:Find"':
            hits = "".join(f"<Hit><Ref>{one}</Ref><No>{number}</No></Hit>" for number, one in enumerate(self.kept, 1))
            return self._envelope(200, f"<FindResponse><Hits>{hits}</Hits></FindResponse>")
        found = re.search(r"<Reference>(.*?)</Reference>", body)
        assert found and "<Summary>Resolved at stage 2 &amp; recorded; see &lt;document&gt;.</Summary>" in body
        self.kept.append(found[1])
        inner = f"&lt;Result&gt;&lt;Status&gt;0&lt;/Status&gt;&lt;No&gt;{len(self.kept)}&lt;/No&gt;&lt;/Result&gt;"
        return self._envelope(200, f"<AddResponse><AddResult>{inner}</AddResult></AddResponse>")

    @staticmethod
    def _envelope(status: int, inside: str) -> Answer:
        whole = f'<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>{inside}</soap:Body></soap:Envelope>'
        return status, {"Content-Type": "text/xml"}, whole.encode()


class Library(System):
    """A document library: a small file in one PUT that fails where the name is taken, a large one in slices to an address that it gives."""

    slices: bytes = b""

    def answer(self, asked: Asked) -> Answer:
        path = unquote(urlsplit(asked.path).path)
        if path == "/token":
            return said(200, {"access_token": "G1", "token_type": "Bearer", "expires_in": 3599})
        if path == "/upload/secret-place":
            start, end, whole = map(int, re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", asked.headers["content-range"]).groups())  # type: ignore[union-attr]  # always sent
            assert start == len(self.slices) and end - start + 1 == len(asked.body)
            self.slices += asked.body
            if len(self.slices) < whole:
                return said(202, {"nextExpectedRanges": [f"{len(self.slices)}-"]})
            self.kept.append(self.slices)
            return said(201, {"id": "01ABC"})
        if asked.headers.get("authorization") != "Bearer G1":
            return said(401)
        assert path.startswith(f"/v1.0/drives/b!1/root:/Children/{CHILD_NUMBERS[1]}/PD-7F3K-92-v1-1.pdf")
        if asked.method == "GET":
            return said(200, {"id": "01ABC", "size": len(self.kept[0])}) if self.kept else said(404, {"error": {"code": "itemNotFound"}})
        if path.endswith(":/createUploadSession"):
            return said(200, {"uploadUrl": f"{self.base}/upload/secret-place"})
        assert asked.path.endswith("@microsoft.graph.conflictBehavior=fail"), asked.path
        if self.kept:
            return said(409, {"error": {"code": "nameAlreadyExists"}})
        self.kept.append(asked.body)
        return said(201, {"id": "01ABC"})


class Flow(System):
    """A flow started by a request: the proof is a part of its address, two keys stand in headers, and 202 with an empty body is its yes."""

    def answer(self, asked: Asked) -> Answer:
        query = parse_qs(urlsplit(asked.path).query)
        if query.get("sig") != [SECRETS["api_key"]] or asked.headers.get("x-gateway-key") != SECRETS["second_secret"]:
            return said(401)
        assert query["api-version"] == ["2016-06-01"]
        key = asked.json()["id"]
        if key not in self.kept:
            self.kept.append(key)
        return 202, {}, b""


class OwnIds(System):
    """Takes a thing under an id that the sender chose, and says 412 to the second."""

    def answer(self, asked: Asked) -> Answer:
        path = urlsplit(asked.path).path
        if asked.method == "GET":
            return said(200, {"ref": KEY}) if path in self.kept else said(404)
        assert asked.headers["if-none-match"] == "*" and re.fullmatch(r"[0-9a-f-]{36}", path.rpartition("/")[2])
        if path in self.kept:
            return said(412)
        self.kept.append(path)
        return said(201)


SYSTEMS: dict[str, tuple[Callable[[], System], str]] = {
    "school system": (SchoolSystem, "1"),
    "write-back system": (WriteBackSystem, "B77"),
    "health files": (HealthFiles, "F1"),
    "dataverse": (DataversePerson, "0000-1"),
    "borough cases": (BoroughCases, "1"),
    "operations": (Operations, "A1"),
    "children's homes": (ChildrensHomes, "1"),
    "session site": (SessionSite, "17"),
    "json-rpc": (Rpc, "1"),
    "soap": (Soap, "1"),
    "library": (Library, "01ABC"),
    "flow": (Flow, KEY),
    "own ids": (OwnIds, KEY),
}
KEEPS_KEYS = ("children's homes", "flow")


def filled(node: Any, base: str) -> Any:
    """The connection of the file with the server's address in it."""
    return json.loads(json.dumps(node).replace("<base>", base))


@dataclass
class Stage:
    """A system that runs, and the connection to it."""

    system: System
    server: FaultyServer
    options: RestOptions
    http: GuardedClient

    def write(self, record: Any = None, **secrets: str) -> Outcome:
        return RestAdapter().write(record or make_record(), self.options, {**SECRETS, **secrets}, self.http)

    def find(self) -> Any:
        return RestAdapter().find(make_record(), self.options, SECRETS, self.http)


@pytest.fixture
def stage(request: pytest.FixtureRequest) -> Any:
    """The stage of the system that is named by the parameter (or by the first argument of the call)."""
    opened: list[FaultyServer] = []

    def make(name: str) -> Stage:
        system = SYSTEMS[name][0]()
        server = FaultyServer([by(system.answer)])
        server.__enter__()
        opened.append(server)
        system.base = server.base
        options = RestOptions.model_validate(filled(CONNECTIONS[name], server.base))
        return Stage(system, server, options, guarded(OutboundRules.parse(private=[f"localhost:{server.port}"])))

    yield make
    for server in opened:
        server.__exit__(None, None, None)


@pytest.mark.parametrize("name", SYSTEMS)
def test_it_is_written_once_with_its_number_and_found(name: str, stage: Callable[[str], Stage]) -> None:
    on = stage(name)
    assert on.write() == Delivered(SYSTEMS[name][1], on_file=True), on.server.asked[-1].path
    if name == "write-back system":
        assert isinstance(on.find(), Unknown), "it can neither be searched nor keeps keys: a person must look"
        return
    assert isinstance(on.write(), Delivered) and len(on.system.kept) == 1
    found = on.find()
    assert found is None if name in KEEPS_KEYS else found == Delivered(SYSTEMS[name][1], on_file=True)


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_preview_shows_it_and_hides_what_is_secret(name: str, stage: Callable[[str], Stage]) -> None:
    on = stage(name)
    shown = RestAdapter().preview(make_record(), on.options)
    assert "would not be sent" not in shown and SECRET not in shown and "7F3K" in shown


WITH_TOKENS_OR_NONE = ("health files", "dataverse", "operations", "library", "json-rpc", "own ids")


@pytest.mark.parametrize("name", sorted(set(SYSTEMS) - set(WITH_TOKENS_OR_NONE)))
def test_wrong_secrets_are_refused_and_nothing_is_kept(name: str, stage: Callable[[str], Stage]) -> None:
    on = stage(name)
    assert isinstance(on.write(**dict.fromkeys(SECRETS, "wrong")), Refused) and on.system.kept == []


def test_a_write_that_is_done_later_is_waited_for(stage: Callable[[str], Stage]) -> None:
    failing, slow, lenient = stage("write-back system"), stage("write-back system"), stage("write-back system")
    failing.system.end = "failed"  # type: ignore[attr-defined]  # of WriteBackSystem
    assert isinstance(failing.write(), Refused)
    for on, late, kind in ((slow, "look", Unknown), (lenient, "arrived", Delivered)):
        on.system.slow = 10_000  # type: ignore[attr-defined]  # of WriteBackSystem
        step = on.options.steps[0]
        assert step.wait is not None
        wait = step.wait.model_copy(update={"late": late, "at_most_seconds": 0.2})
        on.options = on.options.model_copy(update={"steps": [step.model_copy(update={"wait": wait})]})
        outcome = on.write()
        assert isinstance(outcome, kind) and not getattr(outcome, "on_file", False)
    assert isinstance(slow.find(), Unknown)


def test_a_200_that_says_busy_is_for_later_and_one_that_says_no_is_for_a_person(stage: Callable[[str], Stage]) -> None:
    on = stage("operations")
    on.system.busy = 2
    assert isinstance(on.find(), Unknown)
    assert isinstance(on.write(), Refused | Deferred)
    assert isinstance(on.write(), Delivered) and len(on.system.kept) == 1


def test_a_fault_of_soap_is_for_a_person_though_it_comes_with_500(stage: Callable[[str], Stage]) -> None:
    outcome = stage("soap").write(password="wrong")
    assert isinstance(outcome, Refused)


def test_a_session_is_given_back_whatever_happens(stage: Callable[[str], Stage]) -> None:
    on = stage("session site")
    assert isinstance(on.write(make_record(child=())), Refused) and on.system.inside == 0  # type: ignore[attr-defined]  # of SessionSite
    assert isinstance(on.write(), Delivered) and on.system.inside == 0  # type: ignore[attr-defined]  # of SessionSite


def test_a_large_file_goes_in_slices_and_our_token_only_home(stage: Callable[[str], Stage]) -> None:
    on = stage("library")
    on.options = RestOptions.model_validate(filled(CONNECTIONS["library, large"], on.server.base))
    content = bytes(range(256)) * 40
    record = make_record(documents=(Document("large.pdf", "application/pdf", content),))
    assert on.write(record) == Delivered("01ABC", on_file=True)
    assert on.system.kept == [content]
    assert len([asked for asked in on.server.asked if "content-range" in asked.headers]) == 3


def test_an_address_that_an_answer_gives_is_guarded_like_every_other(stage: Callable[[str], Stage]) -> None:
    on = stage("library")
    on.options = RestOptions.model_validate(filled(CONNECTIONS["library, large"], on.server.base))
    on.system.base = "https://169.254.169.254"
    content = bytes(range(256)) * 40
    outcome = on.write(make_record(documents=(Document("large.pdf", "application/pdf", content),)))
    assert isinstance(outcome, Refused) and "not on the deployment's list" in outcome.reason


def test_an_address_elsewhere_gets_neither_proof_nor_cookies(stage: Callable[[str], Stage]) -> None:
    on = stage("library")
    on.options = RestOptions.model_validate(filled(CONNECTIONS["library, large"], on.server.base))
    content = bytes(range(256)) * 40
    with FaultyServer([by(lambda _asked: said(201, {"id": "E1"}))]) as elsewhere:
        on.system.base = elsewhere.base
        on.http = guarded(OutboundRules.parse(private=[f"localhost:{on.server.port}", f"localhost:{elsewhere.port}"]))
        assert on.write(make_record(documents=(Document("large.pdf", "application/pdf", content),))) == Delivered("E1", on_file=True)
    assert all(not {"authorization", "cookie"} & asked.headers.keys() for asked in elsewhere.asked) and elsewhere.asked
