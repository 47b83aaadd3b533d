"""The pretend record systems: their pages, the launch they sign, their ways in, and the faults switch."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import html5lib
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from integrations.launch.context import LaunchContext
from integrations.launch.signed import Settings, check_origin, verify
from plugin.demo.hosts import council, keys, people, school
from plugin.demo.hosts.setting import from_places
from plugin.demo.places import HOSTS, Places

STAFF = {"council": "nc-1042", "school": "htull"}
RECORD = {"council": "/people/88213", "school": "/pupil/417"}
UPN = "K999412018664"
PDF = b"%PDF-1.7 a very small one"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    there = Places(tmp_path, 8400)
    keys.provide(there)
    return there


def make_client(places: Places, host: str) -> FlaskClient:
    app = {"council": council, "school": school}[host].create_app(from_places(host, places))
    app.testing = True
    return app.test_client()


def signed_in(places: Places, host: str) -> FlaskClient:
    client = make_client(places, host)
    assert client.post("/sign-in", data={"staff": STAFF[host]}).status_code == 303
    return client


# ---- pages and the launch


@dataclass
class Frame(HTMLParser):
    """Collects the attributes of the tags that matter on the page with the frame."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str | None]] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.found[given.get("id") or given.get("name") or tag] = given


def launched(places: Places, host: str) -> LaunchContext:
    page = signed_in(places, host).get(RECORD[host] + "/disagreement")
    parts = Frame(page.text).found
    assert parts["launch"]["action"] == f"{places.service_url}/launch/{host}"
    assert parts["launch"]["target"] and parts["launch"]["target"] == parts["accord"]["name"]
    told = json.loads(places.hosts_file.read_text())[host]
    settings = Settings(
        connection_id=host,
        issuer=told["issuer"],
        audience=places.service_url,
        algorithm=told["algorithm"],
        keys=told["keys"],
        origins=(told["origin"],),
        decryption_key=json.loads(places.secrets_file.read_text())["launch"],
    )
    check_origin(places.host_url(host), "iframe", settings)
    token = parts["launch_token"]["value"]
    assert token and "88213" not in token and "Ellis" not in token
    return verify(token, settings, datetime.now(UTC))


def test_the_councils_launch_says_who_and_which_child(places: Places) -> None:
    launch = launched(places, "council")
    assert (launch.staff_id, launch.staff_name, launch.roles) == ("nc-1042", "Amara Lindqvist", ("social-worker",))
    assert launch.child_ref == "88213"
    assert launch.child.name == "Ellis Wrenfield"
    assert dict(launch.child.identifiers) == {"nhs-number": "9999458076", "upn": UPN}


def test_the_schools_launch_knows_the_child_by_its_own_number(places: Places) -> None:
    launch = launched(places, "school")
    assert launch.child_ref == "417"
    assert dict(launch.child.identifiers) == {"upn": UPN}


def test_each_launch_is_a_new_one(places: Places) -> None:
    assert launched(places, "council").nonce != launched(places, "council").nonce


@pytest.mark.parametrize("host", HOSTS)
def test_the_frame_has_a_title_and_a_sandbox_and_only_the_service_may_be_in_it(places: Places, host: str) -> None:
    page = signed_in(places, host).get(RECORD[host] + "/disagreement")
    frame = Frame(page.text).found["accord"]
    assert frame["title"] == "Professional disagreement form"
    assert frame["sandbox"] == "allow-scripts allow-forms allow-same-origin allow-popups allow-downloads"
    rules = page.headers["Content-Security-Policy"]
    assert f"frame-src {places.service_url};" in rules and "frame-ancestors 'none'" in rules and "unsafe" not in rules
    assert page.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("host", HOSTS)
def test_every_page_is_valid_html_with_one_heading_and_its_own_style(places: Places, host: str) -> None:
    client = signed_in(places, host)
    for path in ("/", "/sign-in", RECORD[host], RECORD[host] + "/documents", RECORD[host] + "/disagreement"):
        page = client.get(path)
        assert page.status_code == 200, path
        html5lib.HTMLParser(strict=True).parse(page.text)
        assert page.text.count("<h1") == 1
        assert "style=" not in page.text and "onclick" not in page.text
    with client.get(f"/static/{host}.css") as style, client.get("/static/frame.js") as script:
        assert style.status_code == 200
        assert len(script.text.splitlines()) <= 30


@pytest.mark.parametrize("host", HOSTS)
def test_without_sign_in_there_is_nothing_to_see(places: Places, host: str) -> None:
    for path in ("/", RECORD[host], RECORD[host] + "/documents", RECORD[host] + "/disagreement"):
        answer = make_client(places, host).get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in")


# ---- the council's way in


def to_council(client: FlaskClient, places: Places, *, person: str = "88213", key: str | None = None, **changes: object) -> TestResponse:
    body = {"title": "Outcome", "category": "Correspondence", "reference": "PD-7F3K-92/v1", "file": make_file(), **changes}
    given = key if key is not None else from_places("council", places).keys.api_secret
    return client.post(f"/api/v1/people/{person}/documents", json=body, headers={"X-Api-Key": given})


def make_file(name: str = "outcome.pdf", content: bytes = PDF) -> dict[str, str]:
    return {"name": name, "data": base64.b64encode(content).decode()}


def test_a_document_posted_to_the_council_is_on_the_childs_file(places: Places) -> None:
    client = signed_in(places, "council")
    answer = to_council(client, places)
    number = answer.json["documentId"]
    assert answer.status_code == 201
    assert "PD-7F3K-92/v1" in client.get("/people/88213/documents").text
    served = client.get(f"/people/88213/documents/{number}")
    assert (served.data, served.mimetype) == (PDF, "application/pdf")
    assert client.get(f"/people/88214/documents/{number}").status_code == 404


def test_the_council_can_be_searched_by_reference_and_by_child(places: Places) -> None:
    client = make_client(places, "council")
    number = to_council(client, places).json["documentId"]
    key = {"X-Api-Key": from_places("council", places).keys.api_secret}
    found = client.get("/api/v1/people/88213/documents", query_string={"reference": "PD-7F3K-92/v1"}, headers=key).json["documents"]
    assert [one["documentId"] for one in found] == [number]
    other = client.get("/api/v1/people/88213/documents", query_string={"reference": "PD-7F3K-92/v2"}, headers=key)
    assert other.json == {"documents": []}
    assert client.get(f"/api/v1/people?upn={UPN}", headers=key).json["people"][0]["personId"] == "88213"
    assert client.get("/api/v1/people?nhsNumber=", headers=key).json == {"people": []}


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"key": ""}, 401),
        ({"key": "wrong"}, 401),
        ({"person": "1"}, 404),
        ({"title": ""}, 422),
        ({"file": make_file(content=b"")}, 422),
        ({"file": make_file(name="n" * 81)}, 422),
        ({"file": {"name": "a.pdf", "data": "no base64!"}}, 422),
        ({"file": None}, 422),
    ],
)
def test_the_council_refuses_what_is_wrong_and_files_nothing(places: Places, changes: dict[str, object], status: int) -> None:
    client = signed_in(places, "council")
    assert to_council(client, places, **changes).status_code == status  # type: ignore[arg-type]  # a table of keyword arguments
    assert "No documents" in client.get("/people/88213/documents").text


# ---- the school's way in


def school_token(client: FlaskClient, places: Places) -> str:
    known = from_places("school", places).keys
    return client.post("/session", data={"user": known.api_user, "password": known.api_secret}).json["token"]


def to_school(client: FlaskClient, token: str, upn: str = UPN, meta: str | None = None, content: bytes = PDF) -> TestResponse:
    said = meta if meta is not None else json.dumps({"title": "Outcome", "category": "Safeguarding", "ref": "PD-7F3K-92/v1"})
    parts = {"file": (io.BytesIO(content), "outcome.pdf", "application/pdf"), "meta": said}
    return client.post(f"/pupils/{upn}/attachments", data=parts, headers={"Authorization": f"Bearer {token}"} if token else {})


def test_a_document_posted_to_the_school_is_on_the_pupils_file(places: Places) -> None:
    client = signed_in(places, "school")
    token = school_token(client, places)
    answer = to_school(client, token)
    assert (answer.status_code, answer.json["success"]) == (200, True)
    found = client.get(f"/pupils/{UPN}/attachments", query_string={"ref": "PD-7F3K-92/v1"}, headers={"Authorization": f"Bearer {token}"})
    assert [one["id"] for one in found.json["attachments"]] == [answer.json["id"]]
    assert client.get(f"/pupil/417/documents/{answer.json['id']}").data == PDF


def test_the_school_takes_the_cookie_of_the_sign_in_too(places: Places) -> None:
    client = make_client(places, "school")
    school_token(client, places)
    assert to_school(client, "").json["success"] is True


def test_the_school_says_no_with_a_200(places: Places) -> None:
    client = make_client(places, "school")
    token = school_token(client, places)
    for answer in (
        to_school(client, token, upn="Z000"),
        to_school(client, token, meta="no json"),
        to_school(client, token, content=b""),
        client.post("/session", data={"user": "accord", "password": "wrong"}),
    ):
        assert (answer.status_code, answer.json["success"]) == (200, False)


def test_the_school_wants_a_sign_in_first(places: Places) -> None:
    assert to_school(make_client(places, "school"), "made-up").status_code == 401


# ---- the faults switch


def filed(places: Places) -> int:
    return signed_in(places, "council").get("/people/88213/documents").text.count("PD-7F3K-92/v1")


def test_two_500s_and_then_all_is_well(places: Places) -> None:
    client = make_client(places, "council")
    assert client.post("/faults", json={"status": 500, "times": 2}).json["fault"]["times"] == 2
    assert "2 to go" in client.get("/sign-in").text
    assert [to_council(client, places).status_code for _ in range(3)] == [500, 500, 201]
    assert filed(places) == 1


@pytest.mark.parametrize(
    ("fault", "status", "stored"),
    [
        ({"mode": "hang", "seconds": 0.01}, 504, 0),
        ({"mode": "slow", "seconds": 0.01}, 201, 1),
        ({"mode": "fail after storing"}, 500, 1),
        ({"mode": "refuse"}, 422, 0),
    ],
)
def test_each_fault_does_what_it_says(places: Places, fault: dict[str, object], status: int, stored: int) -> None:
    client = make_client(places, "council")
    client.post("/faults", json=fault)
    assert to_council(client, places).status_code == status
    assert filed(places) == stored


def test_a_fault_at_the_school_can_be_a_polite_no(places: Places) -> None:
    client = make_client(places, "school")
    token = school_token(client, places)
    client.post("/faults", json={"mode": "refuse"})
    assert to_school(client, token).json["success"] is False
    assert to_school(client, token).json["success"] is True


def test_the_switch_is_for_this_machine_and_this_page_alone(places: Places) -> None:
    client = make_client(places, "council")
    assert client.post("/faults", json={}, environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 403
    assert client.post("/faults", data={"mode": "status", "times": 2}, headers={"Origin": "http://elsewhere.example"}).status_code == 403
    own = client.post(
        "/faults", data={"mode": "status", "times": 2, "back": "//elsewhere.example"}, headers={"Origin": places.host_url("council")}
    )
    assert (own.status_code, own.headers["Location"]) == (303, "/")
    assert client.post("/faults", json={"mode": "unheard of"}).status_code == 400
    assert client.post("/faults", json={"times": 0}).json == {"fault": None}


# ---- keys and people


def test_keys_are_made_once_and_are_for_their_owner_alone(places: Places) -> None:
    before = places.hosts_file.read_text()
    keys.provide(places)
    assert places.hosts_file.read_text() == before
    for path in (places.hosts_file, places.data / "hosts/council.json"):
        assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(before)["council"]["keys"][0].get("d") is None


def test_another_port_changes_addresses_and_no_key(places: Places) -> None:
    keys.provide(Places(places.data, 9400))
    told = json.loads(places.hosts_file.read_text())["school"]
    assert told["origin"] == "http://school.localhost:9402"
    assert told["keys"][0]["kid"] == from_places("school", places).keys.signing["kid"]


def nhs_number_is_right(number: str) -> bool:
    digits = [int(one) for one in number]
    return (
        len(digits) == 10
        and sum(digit * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True)) % 11 == (11 - digits[9]) % 11
    )


def upn_is_right(upn: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(upn[1:], range(2, 14), strict=True))
    return "ABCDEFGHJKLMNPQRTUVWXYZ"[total % 23] == upn[0]


@pytest.mark.parametrize("host", HOSTS)
def test_every_number_in_the_data_has_its_check_digit(host: str) -> None:
    for child in people.load(host).children:
        assert not child.nhs_number or (child.nhs_number.startswith("999") and nhs_number_is_right(child.nhs_number)), child.name
        assert not child.upn or upn_is_right(child.upn), child.name


def test_one_child_is_in_both_and_its_siblings_have_other_statuses() -> None:
    there, here = people.load("council"), people.load("school")
    ellis = there.child_by_upn(UPN)
    assert ellis and here.child_by_upn(UPN)
    assert len({ellis.status, *(one.status for one in there.siblings(ellis))}) == 3
    assert any(here.child_by_upn(one.upn) is None for one in there.siblings(ellis))
