"""Templated REST in the shapes that record systems really have: sessions, SOAP, files, gateways, several steps, and being cut off."""

from __future__ import annotations

import base64
import hashlib
import json
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import RSAKey

from integrations.answer.verdict import Stopped
from integrations.auth.oauth import assertion
from integrations.auth.options import AuthLayer
from integrations.contract import Deferred, Delivered, Document, Outcome, Refused, Unknown
from integrations.http import OutboundRules
from integrations.rest import RestAdapter, RestOptions
from tests.integrations.certificates import the_authority
from tests.integrations.clients import guarded
from tests.integrations.faulty import Answerer, Asked, Behaviour, FaultyServer, answer, by, cut_before_answer
from tests.integrations.samples import CHILD_NUMBERS, SECRET, make_record

CREATE: dict[str, Any] = {"id": "note", "does": "create", "path": "/notes", "body_format": "json", "body": '{"key": "{{key}}"}'}


def make_options(base: str = "https://records.example", **changes: Any) -> RestOptions:
    return RestOptions.model_validate_json(json.dumps({"base_url": base, "steps": [CREATE], **changes}))


def run(server: FaultyServer, secrets: Mapping[str, str] | None = None, **changes: Any) -> Outcome:
    http = guarded(OutboundRules.parse(private=[f"localhost:{server.port}"]), resolve=lambda _h, _p: ["127.0.0.1"], total=1, read=1)
    return RestAdapter().write(make_record(), make_options(server.base, **changes), secrets or {}, http)


def look(server: FaultyServer, **changes: Any) -> Delivered | Unknown | None:
    http = guarded(OutboundRules.parse(private=[f"localhost:{server.port}"]), resolve=lambda _h, _p: ["127.0.0.1"], total=1, read=1)
    return RestAdapter().find(make_record(), make_options(server.base, **changes), {}, http)


def routed(routes: Mapping[tuple[str, str], Answerer]) -> Behaviour:
    return by(lambda asked: routes.get((asked.method, asked.path.partition("?")[0]), lambda _asked: (404, {}, b""))(asked))


def plain(status: int, body: Any = "", **headers: str) -> Answerer:
    return lambda _asked: (status, headers, json.dumps(body).encode() if body != "" else b"")


# --- shapes -------------------------------------------------------------------------------------------------------------------------


def test_a_session_with_a_form_a_cookie_and_a_token_against_forgery() -> None:
    session = {"Set-Cookie": "sid=s1; Path=/; HttpOnly"}

    def sign_in(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        good = f"password={SECRET}" in asked.body.decode() and asked.headers.get("cookie") == "first=1"
        return (200, session, b'<input type="hidden" name="csrf" value="c&amp;7">') if good else (403, {}, b"")

    def create(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        good = "sid=s1" in asked.headers["cookie"] and asked.headers["x-csrf"] == "c&7"
        return (302 if not good else 201), {"Location": "/notes/88"}, b""

    routes = {("GET", "/login"): plain(200, "", **{"Set-Cookie": "first=1"}), ("POST", "/login"): sign_in, ("POST", "/notes"): create}
    steps = [
        {"id": "door", "does": "sign in", "method": "GET", "path": "/login"},
        {
            "id": "login",
            "does": "sign in",
            "path": "/login",
            "body_format": "form",
            "body": '{"user": "accord", "password": "{{secret.password}}"}',
            "save": {"csrf": "input:csrf"},
        },
        {**CREATE, "headers": {"X-CSRF": "{{step.login.csrf}}"}, "remote_id": "header:Location"},
    ]
    with FaultyServer([routed(routes)]) as server:
        assert run(server, {"password": SECRET}, steps=steps, cookies=True) == Delivered("88")


def test_a_session_that_has_ended_is_begun_afresh_once() -> None:
    tokens: list[str] = []

    def sign_in(_asked: Asked) -> tuple[int, dict[str, str], bytes]:
        tokens.append(f"t{len(tokens)}")
        return 200, {}, json.dumps({"token": tokens[-1]}).encode()

    def create(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        return (201 if asked.headers["x-session"] == "t1" else 401), {}, b"{}"

    steps = [
        {"id": "login", "does": "sign in", "path": "/login", "save": {"token": "json:token"}},
        {**CREATE, "headers": {"X-Session": "{{step.login.token}}"}},
    ]
    with FaultyServer([routed({("POST", "/login"): sign_in, ("POST", "/notes"): create})]) as server:
        assert isinstance(run(server, steps=steps), Delivered) and tokens == ["t0", "t1"]
    with FaultyServer([routed({("POST", "/login"): sign_in, ("POST", "/notes"): plain(401)})]) as server:
        tokens.clear()
        assert isinstance(run(server, steps=steps), Refused) and len(tokens) == 2


def test_a_sign_in_that_answers_with_a_redirect_is_not_followed() -> None:
    routes = {
        ("POST", "/login"): plain(302, "", **{"Set-Cookie": "sid=s9", "Location": "https://evil.example/"}),
        ("POST", "/notes"): lambda asked: (201 if asked.headers["cookie"] == "sid=s9" else 403, {}, b""),
    }
    steps = [{"id": "login", "does": "sign in", "path": "/login", "success_statuses": [302]}, CREATE]
    with FaultyServer([routed(routes)]) as server:
        assert isinstance(run(server, steps=steps, cookies=True), Delivered)
        assert [asked.path for asked in server.asked] == ["/login", "/notes"]
    with FaultyServer([routed({("POST", "/login"): plain(200, "the form again")})]) as server:
        assert isinstance(run(server, steps=steps, cookies=True), Refused) and len(server.asked) == 1


def test_a_token_got_by_name_and_password_goes_before_them() -> None:
    routes = {("POST", "/login"): plain(200, {"token": "t1"}), ("POST", "/notes"): plain(201)}
    steps = [
        {"id": "login", "does": "sign in", "path": "/login", "save": {"token": "json:token"}},
        {**CREATE, "headers": {"authorization": "Bearer {{step.login.token}}"}},
    ]
    with FaultyServer([routed(routes)]) as server:
        auth = [{"kind": "basic", "username": "accord"}]
        assert isinstance(run(server, {"password": "p"}, steps=steps, auth=auth), Delivered)
    assert [asked.headers["authorization"].split(" ")[0] for asked in server.asked] == ["Basic", "Bearer"]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"jsonrpc": "2.0", "result": {"id": 5}}, Delivered),
        ({"jsonrpc": "2.0", "result": {"id": 5}, "error": None}, Delivered),
        ({"jsonrpc": "2.0", "error": {"code": -32000, "message": "no such person"}}, Refused),
        ({"jsonrpc": "2.0", "result": {"id": 5}, "error": "x"}, Refused),
        ({"jsonrpc": "2.0"}, Unknown),
        ("<html>", Unknown),
    ],
)
def test_json_rpc_says_its_errors_with_200(said: Any, kind: type) -> None:
    with FaultyServer([answer(200, said)]) as server:
        outcome = run(server, steps=[{**CREATE, "failure_place": "json:error", "remote_id": "json:result.id"}])
    assert isinstance(outcome, kind) and "no such person" not in repr(outcome)


def test_soap() -> None:
    inner = "<Write><Title>{{title}}</Title><File>{{document.content|base64}}</File></Write>"
    body = f'<e:Envelope xmlns:e="urn:e"><e:Body>{inner}</e:Body></e:Envelope>'
    said = b'<e:Envelope xmlns:e="urn:e"><e:Body><R><Ok>true</Ok><Id>17</Id></R></e:Body></e:Envelope>'
    step = {
        **CREATE,
        "body_format": "xml",
        "body": body,
        "headers": {"SOAPAction": "urn:write", "Content-Type": "text/xml; charset=utf-8"},
        "success_place": "xml:Body/R/Ok",
        "success_equals": "true",
        "remote_id": "xml:Body/R/Id",
    }
    with FaultyServer([answer(200, said), answer(200, said.replace(b"true", b"false"))]) as server:
        assert run(server, steps=[step]) == Delivered("17")
        assert isinstance(run(server, steps=[step]), Refused)
    assert server.asked[0].headers["soapaction"] == "urn:write" and server.asked[0].headers["content-type"] == "text/xml; charset=utf-8"
    assert base64.b64encode(make_record().documents[0].content) in server.asked[0].body


def test_a_gateways_key_beside_a_name_and_password() -> None:
    auth = [{"kind": "basic", "username": "accord"}, {"kind": "key header", "header": "X-Gateway"}]
    with FaultyServer([answer(201)]) as server:
        assert isinstance(run(server, {"password": SECRET, "api_key": "k1"}, auth=auth), Delivered)
        assert server.asked[0].headers["authorization"] == "Basic " + base64.b64encode(f"accord:{SECRET}".encode()).decode()
        assert server.asked[0].headers["x-gateway"] == "k1"
        assert isinstance(run(server, {"password": SECRET}, auth=auth), Refused)
        assert len(server.asked) == 1


def test_a_bearer_token() -> None:
    with FaultyServer([answer(201)]) as server:
        assert isinstance(run(server, {"bearer_token": SECRET}, auth=[{"kind": "bearer"}]), Delivered)
        assert server.asked[0].headers["authorization"] == f"Bearer {SECRET}"


def test_a_client_certificate(tmp_path: Path) -> None:
    authority = the_authority()
    ours, context = authority.issue("accord"), authority.issue("localhost").context(tmp_path, client_authority=authority.certificate)
    with FaultyServer([answer(201)], tls=context) as server:
        trusted = {"authority": authority.certificate, "client_certificate": ours.certificate}
        assert isinstance(run(server, {"tls_key": ours.key}, **trusted), Delivered)
        assert isinstance(run(server, authority=authority.certificate), Refused | Unknown)
        assert len(server.asked) == 1


# --- OAuth2 -------------------------------------------------------------------------------------------------------------------------


def oauth(server: FaultyServer, **changes: Any) -> list[dict[str, Any]]:
    return [{"kind": "oauth2", "client_id": "a:c", "token_url": f"{server.base}/token", "scope": "notes", "audience": "aud", **changes}]


@pytest.mark.parametrize("way", ["basic", "post"])
def test_a_token_for_a_secret_is_kept_and_used_again(way: str) -> None:
    routes = {
        ("POST", "/token"): plain(200, {"access_token": "T", "token_type": "bearer", "expires_in": 300}),
        ("POST", "/notes"): plain(201),
    }
    adapter = RestAdapter()
    with FaultyServer([routed(routes)]) as server:
        http = guarded(OutboundRules.parse(private=[f"localhost:{server.port}"]))
        options = make_options(server.base, auth=oauth(server, client_auth=way))
        for _ in range(2):
            assert isinstance(adapter.write(make_record(), options, {"client_secret": "s&p"}, http), Delivered)
    assert [asked.path for asked in server.asked] == ["/token", "/notes", "/notes"]
    form, headers = server.asked[0].body.decode(), server.asked[0].headers
    assert "grant_type=client_credentials" in form and "scope=notes" in form and "audience=aud" in form
    if way == "post":
        assert "client_id=a%3Ac&client_secret=s%26p" in form and "authorization" not in headers
    else:
        assert base64.b64decode(headers["authorization"].removeprefix("Basic ")) == b"a%3Ac:s%26p" and "client_secret" not in form


def test_a_token_for_a_signed_assertion() -> None:
    key = RSAKey.generate_key(2048)
    routes = {("POST", "/token"): plain(200, {"access_token": "T"}), ("POST", "/notes"): plain(201)}
    with FaultyServer([routed(routes)]) as server:
        auth = oauth(server, client_auth="private_key_jwt", algorithm="RS384", key_id="k1", assertion_audience="https://issuer.example")
        for text in (key.as_pem(private=True).decode(), json.dumps(key.as_dict(private=True))):
            assert isinstance(run(server, {"client_key": text}, auth=auth), Delivered)
        assert isinstance(run(server, {"client_key": "nonsense"}, auth=auth), Refused)
        assert isinstance(run(server, {}, auth=auth), Refused)
    assert len(server.asked) == 4
    token = dict(part.split("=") for part in server.asked[0].body.decode().split("&"))["client_assertion"]
    signed = jws.deserialize_compact(token, key, algorithms=["RS384"])
    said = json.loads(signed.payload)
    assert (said["iss"], said["sub"], said["aud"]) == ("a:c", "a:c", "https://issuer.example")
    assert 0 < said["exp"] - said["iat"] <= 300 and len(said["jti"]) >= 22 and signed.headers()["kid"] == "k1"


@pytest.mark.parametrize(
    ("token_answer", "kind"),
    [
        (answer(400, {"error": "invalid_client"}), Refused),
        (answer(401, {"error": SECRET}), Refused),
        (answer(200, {"no": "token"}), Refused),
        (answer(200, {"access_token": "a b"}), Refused),
        (answer(200, {"access_token": "T", "token_type": "mac"}), Refused),
        (answer(200, "<html>"), Refused),
        (answer(302, "", Location="https://evil.example"), Refused),
        (answer(429, "", Retry_After="5"), Deferred),
        (answer(500), Deferred),
        (answer(503), Deferred),
        (cut_before_answer, Deferred),
    ],
)
def test_a_token_server_that_gives_none_has_written_nothing(token_answer: Behaviour, kind: type) -> None:
    with FaultyServer([token_answer]) as server:
        outcome = run(server, {"client_secret": SECRET}, auth=oauth(server))
        assert isinstance(outcome, kind) and SECRET not in repr(outcome) and len(server.asked) == 1


# --- the right child ----------------------------------------------------------------------------------------------------------------

LOOK_UP: dict[str, Any] = {
    "id": "child",
    "does": "look up",
    "method": "GET",
    "path": "/children/{{child.nhs-number}}",
    "only_one": "json:hits",
    "confirm": {"json:hits.0.surname": "{{field.child_surname|optional}}", "json:hits.0.born": "{{field.child_born}}"},
    "save": {"id": "json:hits.0.id"},
}


@pytest.mark.parametrize(
    "hits",
    [
        [],
        [{"id": 1, "born": "2015-02-03", "surname": "Example"}] * 2,
        [{"id": 1, "born": "2015-02-04", "surname": "Example"}],
        [{"id": 1, "surname": "Example"}],
        [{"id": 1, "born": "2015-02-03", "surname": "Other"}],
        None,
        {"id": 1},
    ],
)
def test_a_child_that_is_not_surely_the_one_stops_everything(hits: Any) -> None:
    with FaultyServer([answer(200, {"hits": hits})]) as server:
        record = make_record(fields={**make_record().fields, "child_surname": "Example"})
        http = guarded(OutboundRules.parse(private=[f"localhost:{server.port}"]))
        outcome = RestAdapter().write(record, make_options(server.base, steps=[LOOK_UP, CREATE]), {}, http)
        assert isinstance(outcome, Refused) and "Nothing was written" in outcome.reason and len(server.asked) == 1
        assert "put it right here and send it again" in outcome.reason or "which of them is right" in outcome.reason
        assert "whoever looks after that record system" in outcome.reason
        assert all(hidden not in outcome.reason for hidden in (*CHILD_NUMBERS, "Example", "2015"))


def test_the_right_child_in_other_letters() -> None:
    with FaultyServer([answer(200, {"hits": [{"id": 7, "born": "2015-02-03", "surname": " EXAMPLE "}]}), answer(201)]) as server:
        record = make_record(fields={**make_record().fields, "child_surname": "Example"})
        http = guarded(OutboundRules.parse(private=[f"localhost:{server.port}"]))
        create = {**CREATE, "path": "/children/{{step.child.id}}/notes"}
        assert isinstance(RestAdapter().write(record, make_options(server.base, steps=[LOOK_UP, create]), {}, http), Delivered)
        assert server.asked[1].path == "/children/7/notes"


def test_a_child_whose_number_is_not_known_is_for_a_person() -> None:
    with FaultyServer([answer(201)]) as server:
        outcome = run(server, steps=[{**CREATE, "path": "/pupils/{{child.upn}}"}])
        assert isinstance(outcome, Refused) and "unique pupil number is needed" in outcome.reason and not server.asked


# --- cut off in the middle ----------------------------------------------------------------------------------------------------------


def make_steps(keyed: bool, looks: bool) -> list[dict[str, Any]]:
    note = {**CREATE, "keyed": keyed, "remote_id": "json:id"}
    file = {
        "id": "file",
        "does": "attach",
        "method": "PUT",
        "path": "/notes/{{step.note.id}}/files/{{document.name}}",
        "body_format": "file",
        "each_document": True,
        "keyed": keyed,
    }
    if looks:
        note["look"] = {"path": "/notes?key={{key}}", "among": "json:items", "found": "json:id", "matches": {"json:key": "{{key}}"}}
        file["look"] = {"path": "/notes/{{step.note.id}}/files/{{document.name}}", "found": "json:name"}
    return [note, file]


class Shelf:
    """A system with notes and files, which fails as told at the n-th file."""

    def __init__(self, fail: Callable[[int], int | None]) -> None:
        self.notes: list[str] = []
        self.files: list[str] = []
        self.tries = 0
        self._fail = fail

    def answer(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        path = asked.path.partition("?")[0]
        if asked.method == "GET" and path == "/notes":
            return 200, {}, json.dumps({"items": [{"id": str(n), "key": key} for n, key in enumerate(self.notes, 1)]}).encode()
        if asked.method == "POST":
            self.notes.append(json.loads(asked.body)["key"])
            return 201, {}, json.dumps({"id": str(len(self.notes))}).encode()
        if asked.method == "GET":
            return (200, {}, b'{"name": "it"}') if path in self.files else (404, {}, b"")
        self.tries += 1
        status = self._fail(self.tries)
        if status is None:
            self.files.append(path)
        return status or 201, {}, b""


def two_documents() -> Any:
    return make_record(documents=(Document("a.pdf", "application/pdf", b"one"), Document("b.txt", "text/plain", b"two")))


def test_a_preview_can_be_read_also_where_answers_stand_in_an_address() -> None:
    for header, style in ({}, "‹child.id›"), ({"X-Session": "{{step.child.id}}"}, "[child.id]"):
        create = {**CREATE, "path": "/children/{{step.child.id}}/notes?of={{step.child.id}}", "headers": header}
        record = make_record(fields={**make_record().fields, "child_surname": "Example"})
        text = RestAdapter().preview(record, make_options(steps=[LOOK_UP, create]))
        assert f"POST https://records.example/children/{style}/notes?of={style}" in text, text


def test_all_documents_in_one_request() -> None:
    body = (
        '{"files": {"$each_document": {"n": "{{document.name}}", "no": "{{document.number|number}}", "d": "{{document.content|base64}}"}}}'
    )
    with FaultyServer([answer(201)]) as server:
        http = guarded(OutboundRules.parse(private=[f"localhost:{server.port}"]))
        options = make_options(server.base, steps=[{**CREATE, "body": body}])
        assert isinstance(RestAdapter().write(two_documents(), options, {}, http), Delivered)
        shown = RestAdapter().preview(two_documents(), options)
    files = [{"n": "a.pdf", "no": 1, "d": "b25l"}, {"n": "b.txt", "no": 2, "d": "dHdv"}]
    assert server.asked[0].json() == {"files": files} and json.dumps(files) in shown


def test_a_second_attempt_takes_up_where_the_first_was_cut_off() -> None:
    shelf = Shelf(lambda tries: 503 if tries == 2 else None)
    with FaultyServer([by(shelf.answer)]) as server:
        http = guarded(OutboundRules.parse(private=[f"localhost:{server.port}"]))
        adapter, options = RestAdapter(), make_options(server.base, steps=make_steps(keyed=False, looks=True))
        first = adapter.write(two_documents(), options, {}, http)
        assert isinstance(first, Unknown) and "note" in first.reason and "1" in first.reason
        assert adapter.find(two_documents(), options, {}, http) is None
        assert adapter.write(two_documents(), options, {}, http) == Delivered("1")
        assert adapter.find(two_documents(), options, {}, http) == Delivered("1")
    assert shelf.notes == [make_record().key] and shelf.files == ["/notes/1/files/a.pdf", "/notes/1/files/b.txt"]


def test_a_refusal_after_the_first_part_says_what_is_there() -> None:
    shelf = Shelf(lambda _tries: 415)
    with FaultyServer([by(shelf.answer)]) as server:
        outcome = run(server, steps=make_steps(keyed=False, looks=True))
    assert isinstance(outcome, Refused) and "note" in outcome.reason and "number 1" in outcome.reason


def test_the_search_may_be_sloppy_and_the_hit_must_be_ours() -> None:
    shelf = Shelf(lambda _tries: None)
    shelf.notes = ["PD-7F3K-92/v10", "XX-PD-7F3K-92/v1", make_record().key + " "]
    with FaultyServer([by(shelf.answer)]) as server:
        assert look(server, steps=make_steps(keyed=False, looks=True)) is None


def test_where_nothing_can_be_looked_up() -> None:
    with FaultyServer([answer(500)]) as server:
        assert isinstance(look(server, steps=make_steps(keyed=False, looks=False)), Unknown)
        assert look(server, steps=make_steps(keyed=True, looks=False)) is None
        assert isinstance(look(server, steps=make_steps(keyed=False, looks=True)), Unknown)
        mixed = [make_steps(keyed=True, looks=False)[0], make_steps(keyed=False, looks=False)[1]]
        assert isinstance(look(server, steps=mixed), Unknown)


@pytest.mark.parametrize("said", ["<html>", {"items": None}, {}, []])
def test_a_search_whose_answer_is_not_what_it_says_proves_nothing(said: Any) -> None:
    with FaultyServer([answer(200, said)]) as server:
        assert isinstance(look(server, steps=make_steps(keyed=False, looks=True)), Unknown)
        assert isinstance(run(server, steps=make_steps(keyed=False, looks=True)), Refused)
        assert {asked.method for asked in server.asked} == {"GET"}


def test_every_attempt_carries_the_same_key_and_every_part_another() -> None:
    shelf = Shelf(lambda tries: 503 if tries == 1 else None)
    with FaultyServer([by(shelf.answer)]) as server:
        http = guarded(OutboundRules.parse(private=[f"localhost:{server.port}"]))
        options = make_options(server.base, steps=make_steps(keyed=True, looks=False))
        for _ in range(2):
            RestAdapter().write(two_documents(), options, {}, http)
    keys = {(asked.path.rpartition("/")[2], asked.headers["idempotency-key"]) for asked in server.asked}
    assert sorted(part for part, _key in keys) == ["a.pdf", "b.txt", "notes"] and len({key for _part, key in keys}) == 3


# --- what is sent, shown --------------------------------------------------------------------------------------------------------------


def test_a_preview_is_what_is_sent() -> None:
    steps = [
        {**CREATE, "path": "/notes/{{child.local}}", "body": '{"k": "{{key}}", "s": "{{summary}}"}', "headers": {"X-A": "{{reference}}"}}
    ]
    with FaultyServer([answer(201)]) as server:
        run(server, steps=steps)
        shown = RestAdapter().preview(make_record(), make_options(server.base, steps=steps))
    asked = server.asked[0]
    assert f"POST {server.base}{asked.path}" in shown and asked.body.decode() in shown and "X-A: PD-7F3K-92" in shown


def test_a_preview_names_files_masks_secrets_and_says_what_is_not_known() -> None:
    steps = [
        {"id": "login", "does": "sign in", "path": "/login", "body_format": "json", "body": '{"p": "{{secret.password}}"}'},
        *make_steps(keyed=False, looks=False),
    ]
    shown = RestAdapter().preview(make_record(), make_options(steps=steps))
    assert '{"p": "***"}' in shown
    assert "bytes]" in shown and "note.id" in shown
    number = [{**LOOK_UP, "save": {"person": "json:hits.0.id"}}, {**CREATE, "body": '{"p": "{{step.child.person|number}}"}'}]
    assert '{"p": 0}' in RestAdapter().preview(make_record(), make_options(steps=number))
    header = [{**LOOK_UP, "save": {"pass": "json:pass"}}, {**CREATE, "headers": {"X-Pass": "LS {{step.child.pass}}"}}]
    assert "X-Pass: LS [child.pass]" in RestAdapter().preview(make_record(), make_options(steps=header)), "0 would look like a slip"
    assert "would not be sent" in RestAdapter().preview(make_record(child=()), make_options(steps=number))


# --- settings that cannot work are refused when they are saved ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"steps": []}, "steps"),
        ({"steps": [{**CREATE, "does": "look up"}]}, "must create"),
        ({"steps": [CREATE, CREATE]}, "same id"),
        ({"steps": [{**CREATE, "path": "notes"}]}, "begins with /"),
        ({"steps": [{**CREATE, "path": "/{{kye}}"}]}, "kye is not known"),
        ({"steps": [{**CREATE, "path": "/a?p={{secret.password}}"}]}, "secret.password is not known"),
        ({"steps": [{**CREATE, "path": "/a", "address": "{{step.a.b}}"}]}, "not both"),
        ({"steps": [{**CREATE, "path": "", "address": "https://{{child.local}}.example"}]}, "earlier step kept"),
        ({"steps": [{**CREATE, "slices": {}}]}, "PUT"),
        ({"steps": [{**CREATE, "wait": {"path": "/x", "place": "id", "done": ["y"]}}]}, "not a place"),
        ({"steps": [{**CREATE, "later_place": "json:a"}]}, "go together"),
        ({"steps": [{**CREATE, "not_written": [500], "refused_statuses": [500]}]}, "not both"),
        ({"steps": [{**CREATE, "look": {"path": "/x", "among": "xml:Hit", "found": "xml:Id"}}]}, "around the hits"),
        ({"steps": [{**CREATE, "headers": {"a b": "c"}}]}, "name of a header"),
        ({"headers": {"X-A": "a\r\nX-B: c"}}, "cannot be sent"),
        ({"auth": [{"kind": "key parameter"}]}, "parameter"),
        ({"auth": [{"kind": "key header"}, {"kind": "key header", "header": "X-B"}]}, "same secret"),
        ({"steps": [{"id": "in", "does": "sign in", "path": "/in?p={{secret.password}}"}, CREATE]}, "secret.password is not known"),
        ({"steps": [{**CREATE, "headers": {"A": "{{step.later.id}}"}}]}, "step.later.id is not known"),
        ({"steps": [{**CREATE, "body": "{"}]}, "not JSON"),
        ({"steps": [{**CREATE, "method": "DELETE"}]}, "method"),
        ({"steps": [{**CREATE, "success_statuses": [404]}]}, "200 to 399"),
        ({"steps": [{**CREATE, "success_statuses": []}]}, "200 to 399"),
        ({"steps": [{**CREATE, "failure_place": "error"}]}, "not a place"),
        ({"steps": [{**CREATE, "success_place": "json:ok"}]}, "go together"),
        ({"steps": [{**CREATE, "remote_id": "id"}]}, "not a place"),
        ({"steps": [{**CREATE, "look": {"path": "/x", "among": "json:items", "found": "header:Location"}}]}, "one in JSON"),
        (
            {
                "steps": [
                    {**CREATE, "save": {"x": "json:x"}, "look": {"path": "/x", "found": "json:id"}},
                    {**CREATE, "id": "next", "path": "/{{step.note.x}}"},
                ]
            },
            "its look must keep it too",
        ),
        ({"steps": [{**LOOK_UP, "look": {"path": "/x", "found": "json:id"}}, CREATE]}, "done before"),
        ({"base_url": "records.example"}, "address"),
        ({"base_url": "https://u:p@records.example"}, "address"),
        ({"base_url": "https://records.example/?a=b"}, "address"),
        ({"auth": [{"kind": "basic"}]}, "user name"),
        ({"auth": [{"kind": "oauth2", "client_id": "a"}]}, "address"),
        ({"auth": [{"kind": "bearer"}, {"kind": "basic", "username": "a"}]}, "same header"),
        ({"auth": [{"kind": "key header", "header": "a b"}]}, "header"),
        ({"auth": [{"kind": "bearer"}] * 3}, "auth"),
    ],
)
def test_settings_that_cannot_work(changes: dict[str, Any], word: str) -> None:
    with pytest.raises(ValueError, match=word.replace(".", r"\.")):
        make_options(**changes)


# --- proof that some servers ask for -------------------------------------------------------------------------------------------------


def test_a_key_that_is_known_by_its_certificate_names_its_thumbprints() -> None:
    """RFC 7515 sections 4.1.7 and 4.1.8, worked out here from the certificate's bytes."""
    pair = the_authority().issue("accord.example")
    der = ssl.PEM_cert_to_DER_cert(pair.certificate)
    layer = AuthLayer(
        kind="oauth2",
        client_id="c",
        token_url="https://t.example",
        client_auth="private_key_jwt",
        algorithm="ES256",
        key_certificate=pair.certificate,
    )
    told = assertion(layer, {"client_key": pair.key}, datetime(2026, 11, 20, tzinfo=UTC))
    header = json.loads(base64.urlsafe_b64decode(told.partition(".")[0] + "=="))
    assert header["x5t#S256"] == base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()
    assert header["x5t"] == base64.urlsafe_b64encode(hashlib.sha1(der).digest()).rstrip(b"=").decode()
    with pytest.raises(Stopped):
        assertion(layer.model_copy(update={"key_certificate": "nonsense"}), {"client_key": pair.key}, datetime(2026, 11, 20, tzinfo=UTC))


def test_two_keys_stand_in_two_headers_and_neither_is_shown() -> None:
    auth = [{"kind": "key header", "header": "X-A"}, {"kind": "key header", "header": "X-B", "prefix": "Key ", "secret": "second_secret"}]
    with FaultyServer([answer(201)]) as server:
        outcome = run(server, {"api_key": "one-1", "second_secret": "two-2"}, auth=auth, steps=[{**CREATE}])
    assert isinstance(outcome, Delivered)
    assert (server.asked[0].headers["x-a"], server.asked[0].headers["x-b"]) == ("one-1", "Key two-2")


def test_a_key_in_the_address_is_encoded_and_kept_out_of_what_people_see() -> None:
    auth, key = [{"kind": "key parameter", "parameter": "sig"}], "a+b/c=&d"
    with FaultyServer([answer(500)]) as server:
        outcome = run(server, {"api_key": key}, auth=auth, steps=[{**CREATE, "path": "/n?v=1"}])
    assert server.asked[0].path == "/n?v=1&sig=a%2Bb%2Fc%3D%26d" and key not in repr(outcome) and "a%2B" not in repr(outcome)
