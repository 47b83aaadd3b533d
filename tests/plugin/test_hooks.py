"""Messages from a record system: who may send, in which order things are looked at, what comes twice, and what a message does."""

from __future__ import annotations

import base64
import json
import secrets
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import func, select

from integrations.auth import standard_webhooks
from plugin.extensions import db
from plugin.models import Access, Connection, Disagreement, EventRow, Inbound, Person, Secret, begin_writing
from plugin.services.desk import ways
from plugin.services.keeping.clock import machine_now
from tests.pages import Page, Visitor
from tests.plugin.test_inside_one_agency import POLICY, under
from tests.plugin.visits import as_system, on_sqlite_alone, start
from tests.world import COUNCIL, SCHOOL, World, uk

pytestmark = pytest.mark.slow
CANARY = "Zephyrine-Quillfeather"


@pytest.fixture
def secret(world: World) -> str:
    """The council's secret for its messages."""
    value = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    ways.keep_secret(as_system(), world.keys, "council", "hook_secret", value, machine_now(), by="test")
    return value


def _raise(**changes: Any) -> dict[str, Any]:
    said = {
        "type": "disagreement.raise",
        "staff": {"id": "nc-1042", "name": "Amara Lindqvist", "roles": ["social-worker"]},
        "child": {"ref": "4471", "name": "Ffion Achebe-Lloyd", "born": "2016-05-04", "identifiers": {"nhs-number": "9990000018"}},
        "with": {"agency": SCHOOL, "email": "m.tull@hilltop.example"},
        "answers": {
            "themes": ["need for action"],
            "about": "inaction",
            "unsafe": "She goes home alone.",
            "change": "Somebody collects her.",
            "impact": "She is frightened.",
            "flags": ["none"],
        },
    }
    return {**said, **changes}


def _send(world: World, secret: str, body: Any, *, id: str = "", at: datetime | None = None, way: str = "council", **headers: Any) -> Page:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    message, stamp = id or f"msg_{secrets.token_hex(8)}", int((at or machine_now()).timestamp())
    signed = {
        "webhook-id": message,
        "webhook-timestamp": str(stamp),
        "webhook-signature": standard_webhooks.signature_header([secret], message, stamp, raw),
        "Content-Type": "application/json",
    }
    bare = {"Sec-Fetch-Site": None, "Sec-Fetch-Mode": None, "Sec-Fetch-Dest": None, "Origin": None}
    told = {**bare, **signed, **{name.replace("_", "-"): value for name, value in headers.items()}}
    path = headers.pop("path", f"/hooks/v1/{way}")
    told.pop("path", None)
    return Visitor(world.app).ask("POST", path, data=raw, headers=told)


def _said(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.response.get_json()
    return found


def _cases() -> int:
    return as_system().scalar(select(func.count()).select_from(Disagreement)) or 0


def test_a_message_raises_a_disagreement_and_its_status_can_be_asked_for(world: World, secret: str) -> None:
    page = _send(world, secret, _raise())
    assert page.status == 202, _said(page)
    told = _said(page)
    case = as_system().scalar(select(Disagreement).where(Disagreement.reference == told["reference"]))
    assert case is not None and case.stage == "1"
    path = told["status_url"].removeprefix("https://accord.example")
    stamp = int(machine_now().timestamp())
    headers = {
        "webhook-id": "msg_status_1",
        "webhook-timestamp": str(stamp),
        "webhook-signature": standard_webhooks.signature_header([secret], "msg_status_1", stamp, b""),
    }
    assert _said(Visitor(world.app).get(path, headers=headers)) == {
        "receipt_id": told["receipt_id"],
        "state": "done",
        "reference": told["reference"],
    }
    assert Visitor(world.app).get(path).status == 401
    assert Visitor(world.app).get(path.replace(told["receipt_id"], "0" * 32), headers=headers).status == 404


@on_sqlite_alone
def test_information_is_added_and_a_settled_one_is_closed(world: World, secret: str) -> None:
    reference = _said(_send(world, secret, _raise()))["reference"]
    staff = {"id": "nc-1042", "roles": ["social-worker"]}
    add = {"type": "disagreement.add", "staff": staff, "reference": reference, "answers": {"more": "The lock is broken, too."}}
    assert _send(world, secret, add, id="msg_add_00001").status == 202
    assert _send(world, secret, add, id="msg_add_00001").status == 202
    close = {"type": "disagreement.close", "staff": staff, "reference": reference, "answers": {"sure": "yes"}}
    page = _send(world, secret, close)
    assert page.status == 422 and _pointers(page) == ["/type"], "it is not settled yet"
    now = machine_now() + timedelta(minutes=5)
    state = world.resolve(reference, "reasons understood", world.actor("nc-1042", "raising"), now)
    owed = next(one for one in state.obligations if one.kind == "confirmation")
    world.fulfil(reference, owed.key, world.actor("nc-1042", "raising", owed.owner.role), now, "confirmation", answers={})
    assert _pointers(_send(world, secret, {**close, "answers": {}})) == ["/answers/sure"]
    page = _send(world, secret, close)
    assert page.status == 202, _said(page)
    kinds = as_system().scalars(select(EventRow.kind).order_by(EventRow.seq)).all()
    assert kinds[0] == "raised" and kinds.count("noted") == 1 and kinds[-1] == "closed"


def _pointers(page: Page) -> list[str]:
    return [one["pointer"] for one in _said(page).get("faults", ())]


@on_sqlite_alone
def test_inside_one_organisation_a_message_says_for_which_side_where_nothing_else_does(world: World, secret: str) -> None:
    inside = _raise(**{"with": {"agency": COUNCIL, "email": "dorothea.kaminski@northleigh.example"}})
    assert _pointers(_send(world, secret, inside)) == ["/with/agency"], "the policy is for disagreements between agencies"
    under(world, POLICY)
    answers = {**{name: said for name, said in inside["answers"].items() if name != "flags"}, "themes": ["plan"]}
    inside |= {"answers": answers}
    own = {**inside, "with": {"agency": COUNCIL, "email": "amara.lindqvist@northleigh.example"}}
    assert _pointers(_send(world, secret, own)) == ["/with/email"], "nobody raises it with themselves"
    reference = _said(_send(world, secret, inside))["reference"]
    add = {
        "type": "disagreement.add",
        "staff": {"id": "nc-0188", "roles": ["team-manager"]},
        "reference": reference,
        "answers": {"more": "The lock is broken."},
    }
    assert _pointers(_send(world, secret, add)) == ["/side"]
    assert _send(world, secret, {**add, "side": "responding"}).status == 202
    assert _pointers(_send(world, secret, {**add, "side": "raising"})) == ["/side"], "they are on record for the other side"
    assert as_system().scalars(select(EventRow.side).order_by(EventRow.seq)).all() == ["raising", "responding"]


def test_the_same_message_twice_is_answered_the_same_and_done_once(world: World, secret: str) -> None:
    first = _send(world, secret, _raise(), id="msg_same_0001")
    again = _send(world, secret, _raise(), id="msg_same_0001", at=machine_now() + timedelta(seconds=200))
    assert _said(first) == _said(again) and (first.status, again.status) == (202, 202)
    other = _send(world, secret, _raise(danger=True), id="msg_same_0001")
    assert other.status == 409 and _cases() == 1
    assert as_system().scalar(select(Access.result).where(Access.action == "message")) == "id used twice"
    # The ledger lost the row (it broke off between the two): doing it again does it once.
    session = as_system()
    begin_writing(session)
    session.delete(session.scalars(select(Inbound)).one())
    session.commit()
    assert _said(_send(world, secret, _raise(), id="msg_same_0001"))["reference"] == _said(first)["reference"] and _cases() == 1


@on_sqlite_alone
def test_whoever_is_not_known_gets_one_answer(world: World, secret: str) -> None:
    now, other = machine_now(), "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    pages = [
        _send(world, other, _raise()),
        _send(world, secret, _raise(), way="nowhere"),
        _send(world, secret, _raise(), way="school"),
        _send(world, secret, _raise(), at=now - timedelta(seconds=310)),
        _send(world, secret, _raise(), at=now + timedelta(seconds=310)),
        *(_send(world, secret, _raise(), webhook_signature=bad) for bad in ("", "v1", "v1,%%%", "v1a,AAAA", "v2,AAAA " * 20, "é")),
        *(_send(world, secret, _raise(), webhook_id=bad) for bad in ("short", "a.b.c.d.e.f", "x" * 129)),
        *(_send(world, secret, _raise(), webhook_timestamp=bad) for bad in ("soon", "-1", "9" * 40, "１２３")),
    ]
    assert {page.status for page in pages} == {401}
    assert len({page.text or json.dumps(_said(page)) for page in pages}) == 1
    assert _cases() == 0


@on_sqlite_alone
def test_what_is_no_message_is_refused_and_never_a_fault_of_ours(world: World, secret: str) -> None:
    assert _send(world, secret, b"\xff\xfe{").status == 400
    assert _send(world, secret, b'{"type": "x", "type": "y"}').status == 400
    assert _send(world, secret, b"[" * 100_000).status in (400, 413)
    assert _send(world, secret, b"{" + b" " * 65_536 + b"}").status == 413
    assert _send(world, secret, _raise(), Content_Type="text/plain").status == 415
    for body in ([], "x", 3, None, {}, {"type": 3}, {"type": "other"}):
        assert _send(world, secret, body).status == 422
    assert _cases() == 0


@on_sqlite_alone
def test_faults_are_pointed_at_and_nothing_that_was_sent_is_repeated(world: World, secret: str) -> None:
    answers = _raise()["answers"]
    for body, pointers in (
        (_raise(agency_id=CANARY), ["/agency_id"]),
        (_raise(staff={"id": "", "name": CANARY}), ["/staff/id"]),
        (_raise(staff={"id": "nc-1042", "roles": [CANARY]}), []),
        (_raise(answers={**answers, CANARY.lower(): "x"}), [f"/answers/{CANARY.lower()}"]),
        (_raise(answers={**answers, "unsafe": ""}), ["/answers/unsafe"]),
        (_raise(answers={**answers, "about": CANARY}), ["/answers/about"]),
        (_raise(answers={**answers, "themes": CANARY}), ["/answers/themes"]),
        (_raise(answers={**answers, "agency": "vale-hospital"}), ["/answers/agency"]),
        (_raise(**{"with": {"agency": "northleigh-council", "email": "x@y.example"}}), ["/with/agency"]),
        (_raise(**{"with": {"agency": SCHOOL, "email": f"{CANARY}@y.example"}}), ["/with/name"]),
        (_raise(**{"with": {"agency": SCHOOL, "email": f"{CANARY}@gmail.com", "name": CANARY}}), ["/with/email"]),
    ):
        page = _send(world, secret, body)
        if pointers:
            assert page.status == 422 and _pointers(page) == pointers, (_said(page), pointers)
            assert all(CANARY not in one["text"] for one in _said(page)["faults"])
    assert _cases() <= 1


@on_sqlite_alone
def test_who_left_or_may_not_act_raises_nothing(world: World, secret: str) -> None:
    page = _send(world, secret, _raise(staff={"id": "nc-9999", "name": "Newcomer", "roles": ["receptionist"]}))
    assert _pointers(page) == ["/staff/roles"]
    session = as_system()
    begin_writing(session)
    session.get_one(Person, world.people["nc-1042"]).active = False
    session.commit()
    assert _pointers(_send(world, secret, _raise())) == ["/staff/id"]
    assert _cases() == 0


@on_sqlite_alone
def test_a_message_reaches_no_case_of_another_agency(world: World, secret: str) -> None:
    hidden = world.make_disagreement(
        uk("2026-11-20 10:00"), agency_id=SCHOOL, other_agency="vale-hospital", other_person=world.people["vh-301"]
    )
    add = {"type": "disagreement.add", "staff": {"id": "nc-1042", "roles": ["social-worker"]}, "reference": hidden, "answers": {}}
    unknown = {**add, "reference": "PD-3333-3333"}
    first, second = _send(world, secret, add), _send(world, secret, unknown)
    assert _said(first) == _said(second) and first.status == 422


@on_sqlite_alone
def test_secrets_are_changed_without_a_gap_and_their_use_is_seen(world: World, secret: str) -> None:
    private = Ed25519PrivateKey.generate()
    signing = "whsk_" + base64.b64encode(private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())).decode()
    public = standard_webhooks.public_key_of(signing)
    ways.keep_secret(as_system(), world.keys, "council", "hook_secret_next", public, machine_now(), by="test")
    assert {_send(world, one, _raise()).status for one in (secret, signing)} == {202}
    session = as_system()
    used = session.scalars(select(Secret.last_used_at).where(Secret.name.like("hook%"))).all()
    assert len(used) == 2 and all(used)
    ways.forget_secret(session, "council", "hook_secret", machine_now(), by="test")
    assert [_send(world, one, _raise()).status for one in (secret, signing)] == [401, 202]


@on_sqlite_alone
@pytest.mark.parametrize(("column", "value", "status"), [("enabled", False, 503), ("retired_at", uk("2026-01-01 00:00"), 410)])
def test_a_paused_or_retired_connection_says_so_to_its_own_sender_alone(
    world: World, secret: str, column: str, value: Any, status: int
) -> None:
    session = as_system()
    begin_writing(session)
    setattr(session.get_one(Connection, "council"), column, value)
    session.commit()
    page = _send(world, secret, _raise())
    assert page.status == status and bool(page.headers.get("Retry-After")) == (status == 503)
    stranger = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    assert _send(world, stranger, _raise()).status == 401


def _session(**changes: Any) -> dict[str, Any]:
    said = _raise()
    return {"staff": said["staff"], "child": said["child"], "session": "host-session-9", **changes}


@on_sqlite_alone
def test_a_server_asks_for_an_address_that_opens_accord_once(world: World, secret: str) -> None:
    page = _send(world, secret, _session(), path="/sessions/v1/council")
    assert page.status == 201, _said(page)
    path = _said(page)["url"].removeprefix("https://accord.example")
    assert "Achebe" not in path and "4471" not in path
    visitor = Visitor(world.app, cookies=False)
    assert visitor.ask("HEAD", path).status == 204
    opened = visitor.get(path)
    assert "Amara Lindqvist" in opened.words and "Ffion Achebe-Lloyd" in opened.words
    assert "https://council.example" in opened.headers["Content-Security-Policy"]
    home = visitor.press(opened, "Start")
    assert "Raise professional disagreement" in home.buttons()
    assert Visitor(world.app).get(path).status == 403, "it opened once"


@on_sqlite_alone
def test_such_an_address_is_worth_nothing_late_elsewhere_or_changed(world: World, secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _said(_send(world, secret, _session(), path="/sessions/v1/council"))["url"].removeprefix("https://accord.example")
    assert Visitor(world.app).get(path.replace("/l/council/", "/l/school/")).status == 403
    assert Visitor(world.app).get(path[:-1] + "x").status == 403
    monkeypatch.setattr("plugin.web.calls.hooks.machine_now", lambda: machine_now() + timedelta(seconds=61))
    assert Visitor(world.app).get(path).status == 403
    assert _send(world, secret, {**_session(), "extra": 1}, path="/sessions/v1/council").status in (401, 422)
    db.session.rollback()


@on_sqlite_alone
def test_whoever_signs_out_of_the_record_system_is_signed_out_here(world: World, secret: str) -> None:
    """Their own session there alone, of that connection alone, and only where its server says so."""
    frame, tab, other, school = (Visitor(world.app) for _ in range(4))
    for visitor, staff, host in ((frame, "nc-1042", "council"), (tab, "nc-1042", "council"), (school, "htull", "school")):
        start(visitor, world, staff, host=host)
    opened = _said(_send(world, secret, _session(session="another-session"), path="/sessions/v1/council"))["url"]
    other.press(other.get(opened.removeprefix("https://accord.example")), "Start")
    stranger = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    end = {"session": "host-session-1"}
    assert _send(world, stranger, end, path="/sessions/v1/council/ended").status == 401
    assert _send(world, secret, {"session": ""}, path="/sessions/v1/council/ended").status == 422
    assert [one.get("/frame/home").status for one in (frame, tab, other, school)] == [200, 200, 200, 200]
    assert _send(world, secret, end, path="/sessions/v1/council/ended").status == 204
    assert [one.get("/frame/home").status for one in (frame, tab, other, school)] == [403, 403, 200, 200]
    assert _send(world, secret, end, path="/sessions/v1/council/ended").status == 204, "nothing is open any more"
