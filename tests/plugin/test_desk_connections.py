"""Connecting an agency by the screens alone: each wrong value told beside its question, nothing lost, nothing of another agency."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from joserfc.jwk import ECKey
from sqlalchemy import select

from integrations.contract import Outcome, Record, Refused
from integrations.http import GuardedClient, OutboundRules
from integrations.launch.host import new_keypair
from integrations.registry import installed
from plugin.models import Access, Agency, Connection, Secret, begin_writing
from plugin.runtime import runtime
from plugin.services.keeping.clock import machine_now
from plugin.services.write_back import checks
from tests.pages import Page, Visitor
from tests.plugin.desks import Desk, sign_in
from tests.plugin.visits import as_system, on_sqlite_alone, post_launch, start, token_for
from tests.world import COUNCIL, SCHOOL, World

pytestmark = [pytest.mark.slow, on_sqlite_alone]
COUNCILS = "/admin/connections/council"


@pytest.fixture
def desk(world: World) -> Desk:
    """The council's administrator, where the deployment lets its record system be called."""
    _allow(world, "127.0.0.1:1")
    return sign_in(world)


def _way(connection_id: str = "council") -> Connection:
    return as_system().get_one(Connection, connection_id)


def _save(desk: Desk, page: Page, button: str = "Save", **typed: Any) -> Page:
    return desk.visitor.press(page, button, {f"s.{name.replace('__', '.')}": value for name, value in typed.items()})


def _empty() -> None:
    session = as_system()
    begin_writing(session)
    row = session.get_one(Connection, "council")
    row.launch, row.adapter, row.options = {}, "", {}
    session.commit()


def test_a_launch_profile_is_filled_in_by_its_form_and_then_lets_people_in(desk: Desk, world: World) -> None:
    _empty()
    public = {name: value for name, value in world.keys_of["council"].items() if name not in ("d",)}
    page = desk.visitor.get(f"{COUNCILS}/launch")
    page = _save(desk, page, issuer="", algorithm="Ed25519")
    assert page.status == 422 and "issuer" in page.errors()["s-issuer"].lower()
    page = _save(desk, page, issuer="https://council.example", algorithm="Ed25519", origins="https://council.example/records")
    assert "like https://records.example.gov.uk" in page.errors()["s-origins"]
    page = _save(desk, page, origins="https://council.example")
    assert "paste one" in page.summary()[0][1], "without a key nothing can be checked"
    page = desk.visitor.ask("POST", f"{COUNCILS}/launch", data={**page.form("Save").sends.to_dict(), "do": "add keys"})
    assert not page.errors() and "https://council.example" in page.text, "adding a key loses nothing and complains of nothing"
    page = _save(desk, page, keys__0__key="not a key")
    assert "cannot be read as a key" in page.text and "not a key" in page.text
    private = json.dumps(world.keys_of["council"])
    page = _save(desk, page, keys__0__key=private)
    assert "private" in page.text
    page = _save(desk, page, keys__0__key=json.dumps(public))
    assert page.h1 and page.status == 200, page.summary()
    assert _way().launch["keys"][0]["kid"] == public["kid"] and "d" not in _way().launch["keys"][0]
    assert post_launch(desk.visitor, token_for(world)).status == 200


def test_a_second_key_can_stand_beside_the_first_and_a_third_cannot(desk: Desk, world: World) -> None:
    page = desk.visitor.get(f"{COUNCILS}/launch")
    page = desk.visitor.post(f"{COUNCILS}/launch", {**page.form("Save").sends.to_dict(), "do": "add keys"})
    _private, public = new_keypair("Ed25519")
    sends = page.form("Save").sends
    sends.setlist("s.keys", ["0", "1"])
    sends["s.keys.1.key"], sends["s.keys.1.not_before"] = json.dumps(public), "2027-03-28"
    page = desk.visitor.post(f"{COUNCILS}/launch", sends)
    assert page.status == 200, page.summary()
    keys = _way().launch["keys"]
    assert [one["kid"] for one in keys][1] == public["kid"]
    assert keys[1]["not_before"] == "2027-03-28T00:00:00+00:00", "midnight of the day the clocks change is still winter time"
    page = desk.visitor.get(f"{COUNCILS}/launch")
    assert "2027-03-28" in page.text and "Add another" not in page.buttons()


@pytest.mark.parametrize("kind", ["pem", "wrong kind", "garbage", "no kid"])
def test_keys_come_in_every_form_suppliers_give_them(desk: Desk, kind: str) -> None:
    key = ECKey.generate_key("P-256")
    text = {
        "pem": key.as_pem(private=False).decode(),
        "wrong kind": json.dumps({"kty": "oct", "k": "AAAA", "kid": "x"}),
        "garbage": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        "no kid": json.dumps(key.as_dict(private=False)),
    }[kind]
    page = desk.visitor.get(f"{COUNCILS}/launch")
    named = {"keys__0__kid": "2027-a" if kind == "pem" else ""}
    page = _save(desk, page, algorithm="ES256", keys__0__key=text, **named)
    if kind == "pem":
        assert page.status == 200, page.summary()
        assert _way().launch["keys"][0]["kid"] == "2027-a"
    else:
        assert page.status == 422 and page.summary(), kind


def test_options_are_a_form_made_of_the_adapters_model(desk: Desk) -> None:
    page = desk.visitor.get(f"{COUNCILS}/options")
    assert page.h1.endswith("options") and "s.steps.1.look.path" in page.form("Save").controls
    before = dict(_way().options)
    page = _save(desk, page)
    assert page.status == 200, page.summary()
    model = installed().get("rest").options
    assert model.model_validate(_way().options) == model.model_validate(before), "saving what is there changes nothing"


def test_a_wrong_option_is_told_beside_it_and_everything_typed_is_kept(desk: Desk) -> None:
    page = desk.visitor.get(f"{COUNCILS}/options")
    page = _save(desk, page, steps__1__path="no slash", steps__0__success_statuses="200, soon", base_url="records")
    assert page.status == 422
    assert "like https://" in page.errors()["s-base_url"]
    assert "whole number" in page.errors()["s-steps-0-success_statuses"]
    assert "no slash" in page.text and "200, soon" in page.text
    assert {target for target, _text in page.summary()} <= {f"#{one.get('id')}" for one in page.tree.iter() if one.get("id")}  # type: ignore[union-attr]
    assert _way().options["steps"][1]["path"].startswith("/api"), "nothing that was saved is lost"


def test_a_host_that_the_deployment_does_not_list_cannot_be_chosen(desk: Desk) -> None:
    page = desk.visitor.get(f"{COUNCILS}/options")
    page = _save(desk, page, base_url="https://evil.example/api")
    assert "evil.example:443 is not among the places" in page.errors()["s-base_url"]
    page = desk.visitor.get(f"{COUNCILS}/launch")
    page = _save(desk, page, jwks_url="https://evil.example/keys")
    assert "not among the places" in page.errors()["s-jwks_url"]


def test_steps_are_added_moved_and_taken_out_without_saving(desk: Desk) -> None:
    page = desk.visitor.get(f"{COUNCILS}/options")
    for do, count in (("add steps", 3), ("up steps.1", 3), ("remove steps.0", 2)):
        page = desk.visitor.post(f"{COUNCILS}/options", {**_lists(page.form("Save").sends), "do": do})
        assert len(page.form("Save").sends.getlist("s.steps")) == count, do
        assert not page.errors()
    assert [one["id"] for one in _way().options["steps"]] == ["child", "document"]


def _lists(sends: Any) -> dict[str, Any]:
    return dict(sends.lists())


def test_options_as_text_are_checked_with_the_line_of_each_fault(desk: Desk) -> None:
    page = desk.visitor.get(f"{COUNCILS}/options/text")
    text = page.form("Save").sends["text"]
    for wrong, line in (
        (text.replace("adapter: rest", "adapter: rests"), 1),
        (text + "\n  nonsense: yes", text.count("\n") + 2),
        (text.replace("does: look up", "does: looking"), text[: text.index("does: look up")].count("\n") + 1),
        ("options: [", 1),
        ("a: &x 1\nb: *x", 1),
        ("adapter: rest\nadapter: rest", 2),
    ):
        answer = desk.visitor.press(page, "Save", {"text": wrong})
        assert answer.status == 422 and f"Line {line}:" in answer.errors()["text"], (wrong[-60:], answer.errors())
        assert wrong.strip()[-20:] in html.unescape(answer.text)
    assert desk.visitor.press(page, "Save", {"text": text}).status == 200


def test_a_secret_goes_in_and_is_never_shown_again(desk: Desk) -> None:
    secret = "hush-8813-canary"
    page = desk.visitor.get(f"{COUNCILS}/secrets")
    page = desk.visitor.press(page, "Save", {"secret.api_key": secret})
    assert page.status == 200 and "its SHA-256 ends in" in page.words
    row = as_system().scalar(select(Secret).where(Secret.connection_id == "council", Secret.name == "api_key"))
    assert row is not None and secret.encode() not in row.ciphertext
    assert not [one for one in desk.visitor.pages if secret in one.text]
    for path in ("", "/options", "/options/text", "/preview", "/secrets"):
        assert secret not in desk.visitor.get(COUNCILS + path).text
    page = desk.visitor.post(f"{COUNCILS}/secrets", {**page.form("Save").sends, "forget": "api_key"})
    assert page.h1 == "Forget this secret?"
    desk.visitor.press(page, "Forget it")
    assert as_system().scalar(select(Secret).where(Secret.connection_id == "council", Secret.name == "api_key")) is None


def test_an_administrator_neither_sees_nor_changes_another_agencys_connection(world: World, desk: Desk) -> None:
    field = desk.visitor.get("/admin/").form("Sign out").sends["_fs"]
    before = (_way("school").launch, _way("school").options)
    for rule in world.app.url_map.iter_rules():
        if "connection_id" not in rule.arguments or not rule.rule.startswith("/admin/"):
            continue
        path = rule.rule.replace("<connection_id>", "school").replace("<preset_id>", "case-notes-api").replace("<kind>", "sso")
        for method in {"GET", "POST"} & (rule.methods or set()):
            page = desk.visitor.ask(method, path, data={"_fs": field, "sure": "yes"} if method == "POST" else None)
            assert page.status == 404, f"{method} {path}: {page.status}"
    assert (_way("school").launch, _way("school").options) == before
    assert desk.visitor.post("/admin/connections", {"_fs": field, "agency": SCHOOL}).status == 404
    assert desk.visitor.get(f"{COUNCILS}/provider/<kind>").status == 404
    listed = desk.visitor.get("/admin/connections")
    assert "Northleigh Council" in listed.main and "Hill Top School" not in listed.main


def test_a_coordinator_sees_how_connections_stand_and_changes_none(world: World) -> None:
    coordinator = sign_in(world, "coordinator")
    page = coordinator.visitor.get("/admin/connections")
    assert "Northleigh Council" in page.main and "Hill Top School" in page.main and "Never tested" in page.main
    assert coordinator.visitor.get(COUNCILS).status == 403


def _allow(world: World, *places: str) -> None:
    runtime(world.app).__dict__["http"] = GuardedClient(OutboundRules.parse(private=places), clock=machine_now)


def test_a_test_says_what_failed_and_whom_to_ask(desk: Desk, world: World) -> None:
    _allow(world, "127.0.0.1:1")
    page = desk.visitor.press(desk.visitor.get(COUNCILS), "Test the connection")
    assert "Failing" in page.main and "The way there" in page.main and "Ask their network team" in page.main
    row = _way()
    assert row.working is False and row.since and row.findings
    assert "since" in desk.visitor.get("/admin/connections").main


def test_a_preview_is_the_exact_payload_and_sends_nothing(desk: Desk) -> None:
    page = desk.visitor.get(f"{COUNCILS}/preview")
    assert "# child: look up" in page.main and "nhsNumber=9990000018" in page.main
    page = desk.visitor.press(page, "Show again", {"child.nhs-number": "9990000026", "child.upn": ""})
    assert "nhsNumber=9990000026" in page.main


def test_a_file_in_base64_is_named_in_a_preview_and_shown_whole_one_click_away(desk: Desk) -> None:
    body = '{"key": "{{key}}", "file": "{{document.content|base64}}"}'
    session = as_system()
    begin_writing(session)
    row = session.get_one(Connection, "council")
    note = {"id": "note", "does": "create", "path": "/notes", "body_format": "json", "body": body}
    row.options = {"base_url": "https://records.example", "steps": [note, {**note, "id": "form", "body_format": "form"}]}
    session.commit()
    page = desk.visitor.get(f"{COUNCILS}/preview")
    short, _, exact = page.main.partition("The exact text, with the documents in it")
    for_file = re.findall(r"\(the document PD-TEST-2222-v1\.pdf, \d+ KB in base64\)", short)
    assert len(for_file) == 2 and "JVBERi0" not in short, "in JSON and in a form"
    assert exact.count("JVBERi0") == 2


def test_a_sample_goes_to_a_marked_test_child_alone(desk: Desk) -> None:
    session = as_system()
    begin_writing(session)
    row = session.get_one(Connection, "council")
    row.adapter, row.options = "trial", {}
    session.commit()
    page = desk.visitor.get(f"{COUNCILS}/sample")
    wrong = desk.visitor.press(page, "Send the sample")
    assert set(wrong.errors()) == {"nhs-number", "marked"}
    page = desk.visitor.press(wrong, "Send the sample", {"child.nhs-number": "9990000018", "marked": "yes"})
    assert "It lies on the test record" in page.main
    assert as_system().scalars(select(Access.action).where(Access.action == "sample sent")).one()


def test_launches_without_the_addresses_they_come_from_are_not_told_as_filled_in(desk: Desk) -> None:
    assert "Addresses missing" not in desk.visitor.get(COUNCILS).main
    session = as_system()
    begin_writing(session)
    row = session.get_one(Connection, "council")
    row.launch = {name: value for name, value in row.launch.items() if name != "origins"}
    session.commit()
    assert "Addresses missing" in desk.visitor.get(COUNCILS).main, "no page of theirs could show us"


def test_a_sample_has_the_name_and_birth_that_the_test_child_has_in_the_record_system(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Record] = []

    def noted(*given: Any, by: str) -> Outcome:
        sent.append(given[5])
        return Refused(f"noted for {by}")

    monkeypatch.setattr(checks, "send_sample", noted)
    typed = {"child.nhs-number": "9990000018", "name": "Wren Testcase", "marked": "yes"}
    wrong = desk.visitor.press(desk.visitor.get(f"{COUNCILS}/sample"), "Send the sample", {**typed, "born": "03/04/2015"})
    assert set(wrong.errors()) == {"born"} and not sent, "a day that cannot be read is no other child's day"
    kept = wrong.form("Send the sample").sends
    assert kept["born"] == "03/04/2015" and kept["name"] == "Wren Testcase", "and what was typed is kept"
    desk.visitor.press(wrong, "Send the sample", {**typed, "born": "2015-04-03"})
    (record,) = sent
    assert (record.fields["child_born"], record.fields["child_name"]) == ("2015-04-03", "Wren Testcase")
    assert b"3 April 2015" in record.documents[1].content, "and the document says the same"


def test_a_dangerous_change_is_asked_about_and_noted(desk: Desk, world: World) -> None:
    page = desk.visitor.press(desk.visitor.get(COUNCILS), "Pause this connection")
    assert page.h1 == "Pause this connection?" and _way().enabled
    worker = Visitor(world.app)
    launched = start(worker, world)
    page = desk.visitor.press(page, "Pause")
    assert "Paused" in page.main and not _way().enabled
    assert worker.press(launched, "Raise professional disagreement").h1 == "Your session has ended", "who came in by it is out at once"
    assert post_launch(desk.visitor, token_for(world)).status == 403
    page = desk.visitor.post(f"{COUNCILS}/adapter", {**page.form("Let it go on").sends, "kind": "adapter fhir"})
    assert page.h1 == "Change the kind of connection?" and _way().adapter == "rest"
    done = as_system().scalars(select(Access.action).where(Access.actor == desk.account_id, Access.agency == COUNCIL)).all()
    assert "connection: paused" in done


def test_a_connection_is_retired_after_asking_and_can_come_back(desk: Desk) -> None:
    page = desk.visitor.press(desk.visitor.get(COUNCILS), "Retire this connection")
    page = desk.visitor.press(page, "Retire it")
    assert "Retired" in page.main and _way().retired_at and not _way().enabled
    overview = desk.visitor.get("/admin/").main
    assert "No record system is in use" in overview and "Every connection works" not in overview
    page = desk.visitor.press(desk.visitor.press(page, "Let it go on"), "Go on")
    assert _way().retired_at is None and _way().enabled


def test_the_overview_says_what_waits_for_each_role(world: World, desk: Desk) -> None:
    mine = desk.visitor.get("/admin/").main
    assert "Never tested" in mine and "Hill Top School" not in mine
    for role in ("owner", "coordinator"):
        whole = sign_in(world, role).visitor.get("/admin/").main
        assert "Northleigh Council" in whole and "Hill Top School" in whole
    session = as_system()
    begin_writing(session)
    row = session.get_one(Agency, COUNCIL)
    row.duty_desk_email, row.risk = "", {}
    session.commit()
    mine = desk.visitor.get("/admin/").main
    assert "No duty desk" in mine and "cannot open their links" in mine


def test_a_preset_is_filled_in_with_what_only_the_agency_knows(desk: Desk, world: World) -> None:
    _allow(world, "127.0.0.1:2")
    page = desk.visitor.get(f"{COUNCILS}/adapter")
    page = desk.visitor.press(page, "Continue", {"kind": "preset case-notes-api"})
    assert "Case notes API" in page.h1
    page = desk.visitor.press(page, "Fill in the options")
    assert page.status == 422 and "ask-base_url" in page.errors()
    answers = {"base_url": "http://127.0.0.1:2", "first_name": "A", "last_name": "B", "worker_email": "w@northleigh.example"}
    page = desk.visitor.press(page, "Fill in the options", {f"ask.{name}": value for name, value in answers.items()})
    assert "not saved yet" in page.main and _way().options["base_url"] == "http://127.0.0.1:1"
    page = _save(desk, page)
    assert page.status == 200 and _way().options["base_url"] == "http://127.0.0.1:2"
