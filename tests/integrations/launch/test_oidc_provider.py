"""Providers that are not as they should be: what they say of themselves, what they answer where tokens are given, what userinfo says."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from integrations.http import GuardedClient, OutboundRules
from integrations.launch import oidc_flow, oidc_provider, smart
from integrations.launch.oidc_flow import Client, Flow
from integrations.launch.oidc_provider import Provider
from integrations.launch.openid import SignOnRefused
from tests.integrations.faulty import Asked, FaultyServer, by

Answer = tuple[int, Any]
Page = Callable[[Asked], Answer]


class Pages:
    """A provider made of pages by path; what is not there is a 404. `base` stands for its own address in what they say."""

    def __init__(self) -> None:
        self.pages: dict[str, Answer | Page] = {}
        self.server = FaultyServer([by(self._answer)])

    @property
    def base(self) -> str:
        """Its address."""
        return f"http://localhost:{self.server.port}"

    @property
    def http(self) -> GuardedClient:
        """A client that may call it."""
        return GuardedClient(OutboundRules.parse(private=[f"localhost:{self.server.port}"]), clock=lambda: datetime(2027, 1, 4, tzinfo=UTC))

    def says(self, **changes: Any) -> dict[str, Any]:
        """Its discovery document."""
        usual = {"issuer": self.base, "jwks_uri": f"{self.base}/keys"}
        usual |= {f"{name}_endpoint": f"{self.base}/{name}" for name in ("authorization", "token", "userinfo")}
        return {name: value for name, value in {**usual, **changes}.items() if value is not ...}

    def _answer(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        found = self.pages.get(asked.path.partition("?")[0], (404, {}))
        status, said = found(asked) if callable(found) else found
        return status, {"Content-Type": "application/json"}, said if isinstance(said, bytes) else json.dumps(said).encode()


@pytest.fixture
def pages() -> Iterator[Pages]:
    """A provider without pages."""
    made = Pages()
    with made.server:
        yield made


def _refused(call: Callable[[], object]) -> SignOnRefused:
    with pytest.raises(SignOnRefused) as refused:
        call()
    assert refused.value.text, "an administrator is told what it was"
    return refused.value


@pytest.mark.parametrize("written", ["{base}", "{base}/", " {base} ", "{base}/.well-known/openid-configuration"])
def test_an_issuer_is_understood_however_it_is_written(pages: Pages, written: str) -> None:
    for named in (pages.base, pages.base + "/"):
        pages.pages["/.well-known/openid-configuration"] = (200, pages.says(issuer=named))
        found = oidc_provider.discover(pages.http, written.format(base=pages.base))
        assert found.issuer == named, "kept as the provider writes it: its tokens say the same"
        assert Provider.of(json.loads(json.dumps({name: getattr(found, name) for name in Provider.__dataclass_fields__}))) == found


@pytest.mark.parametrize(
    ("changes", "code", "where"),
    [
        ({"issuer": "https://evil.example"}, "issuer-differs", "settings"),
        ({"issuer": ...}, "issuer-differs", "settings"),
        ({"issuer": "https://login.example/{tenantid}/v2.0"}, "issuer-differs", "settings"),
        ({"token_endpoint": ...}, "provider-error", "answer"),
        ({"token_endpoint": 7}, "provider-error", "answer"),
        ({"authorization_endpoint": "http://evil.example/in"}, "provider-error", "answer"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "provider-error", "answer"),
        ({"authorization_endpoint": "https://[bad"}, "provider-error", "answer"),
        ({"jwks_uri": "ftp://x"}, "provider-error", "answer"),
    ],
)
def test_a_provider_that_says_something_else_of_itself_is_not_used(pages: Pages, changes: dict[str, Any], code: str, where: str) -> None:
    pages.pages["/.well-known/openid-configuration"] = (200, pages.says(**changes))
    refused = _refused(lambda: oidc_provider.discover(pages.http, pages.base))
    assert (refused.code, refused.where) == (code, where)


def test_what_is_not_a_provider_says_which_part_is_not_well(pages: Pages) -> None:
    well_known = "/.well-known/openid-configuration"
    for answer, where in (
        ((404, {}), "answer"),
        ((200, b"<html>"), "answer"),
        ((200, []), "answer"),
        ((302, {}), "answer"),
        ((403, {}), "permission"),
    ):
        pages.pages[well_known] = answer
        assert _refused(lambda: oidc_provider.discover(pages.http, pages.base)).where == where, answer
    assert _refused(lambda: oidc_provider.discover(pages.http, "https://elsewhere.example")).code == "not-allowed"
    nowhere = GuardedClient(OutboundRules.parse(["gone.example"]), clock=lambda: datetime(2027, 1, 4, tzinfo=UTC), resolve=lambda *_: [])
    assert _refused(lambda: oidc_provider.discover(nowhere, "https://gone.example")).where == "name"


def _client(auth: oidc_flow.Proof = "basic", **more: Any) -> Client:
    return Client("us:1", auth, "https://accord.example/back", "openid", more.get("secret", "s p:é"), more.get("key", {}))


def _provider(pages: Pages, **more: Any) -> Provider:
    return Provider(
        pages.base, f"{pages.base}/authorization", f"{pages.base}/token", f"{pages.base}/keys", f"{pages.base}/userinfo", **more
    )


@pytest.mark.parametrize(
    ("answer", "code", "where"),
    [
        ((400, {"error": "invalid_grant"}), "code-not-taken", "answer"),
        ((401, {"error": "invalid_client"}), "client-not-known", "credentials"),
        ((400, {"error": "unauthorized_client"}), "client-not-known", "credentials"),
        ((401, b""), "client-not-known", "credentials"),
        ((500, b"oops"), "provider-error", "answer"),
        ((302, {}), "provider-error", "answer"),
        ((200, b"not JSON"), "provider-error", "answer"),
    ],
)
def test_a_code_that_is_not_taken_says_whose_fault_it_is(pages: Pages, answer: Answer, code: str, where: str) -> None:
    pages.pages["/token"] = answer
    refused = _refused(lambda: oidc_flow.exchange(pages.http, _provider(pages), _client(), "code", Flow.fresh()))
    assert (refused.code, refused.where) == (code, where)


def test_credentials_are_tried_without_a_person(pages: Pages) -> None:
    pages.pages["/token"] = (400, {"error": "invalid_grant"})
    oidc_flow.try_credentials(pages.http, _provider(pages), _client())
    pages.pages["/token"] = (401, {"error": "invalid_client"})
    assert _refused(lambda: oidc_flow.try_credentials(pages.http, _provider(pages), _client())).code == "client-not-known"
    pages.pages["/token"] = (200, {"access_token": "for anything"})
    assert _refused(lambda: oidc_flow.try_credentials(pages.http, _provider(pages), _client())).code == "provider-error"
    assert _refused(lambda: oidc_flow.try_credentials(pages.http, _provider(pages), _client(secret=""))).where == "credentials"
    assert _refused(lambda: oidc_flow.try_credentials(pages.http, _provider(pages), _client("private_key_jwt"))).where == "credentials"


def test_the_proof_goes_where_the_settings_say(pages: Pages) -> None:
    pages.pages["/token"] = (200, {})
    flow = Flow.fresh()
    for auth in ("basic", "post", "none"):
        oidc_flow.exchange(pages.http, _provider(pages), _client(auth), "code", flow)  # type: ignore[arg-type]  # the members of Proof
    basic, post, none = ({**one.headers, **parse_qs(one.body.decode())} for one in pages.server.asked)
    # RFC 6749 section 2.3.1: each half is form-encoded before it is put together.
    assert base64.b64decode(basic["authorization"].split()[1]) == b"us%3A1:s%20p%3A%C3%A9" and "client_secret" not in basic
    assert post["client_secret"] == ["s p:é"] and post["client_id"] == ["us:1"] and "authorization" not in post
    assert none["client_id"] == ["us:1"] and "client_secret" not in none and none["code_verifier"] == [flow.verifier]


@pytest.mark.parametrize(
    ("takes", "key", "algorithm"),
    [
        ((), RSAKey.generate_key(2048, {"kid": "k1"}), "RS256"),
        (("RS384", "ES384"), RSAKey.generate_key(2048, {"kid": "k1"}), "RS384"),
        (("PS256",), RSAKey.generate_key(2048, {"kid": "k1"}), "PS256"),
        ((), ECKey.generate_key("P-256", {"kid": "k1"}), "ES256"),
    ],
)
def test_an_assertion_is_signed_as_the_provider_takes_it(pages: Pages, takes: tuple[str, ...], key: Any, algorithm: str) -> None:
    pages.pages["/token"] = (200, {})
    client = _client("private_key_jwt", key=key.as_dict(private=True))
    oidc_flow.exchange(pages.http, _provider(pages, algorithms=takes), client, "code", Flow.fresh())
    sent = parse_qs(pages.server.asked[0].body.decode())
    said = jwt.decode(sent["client_assertion"][0], key, algorithms=[algorithm])
    assert said.header["alg"] == algorithm and said.header["kid"] == "k1"
    assert said.claims["iss"] == said.claims["sub"] == "us:1" and said.claims["aud"] == f"{pages.base}/token"
    assert said.claims["exp"] - said.claims["iat"] == 300 and len(said.claims["jti"]) >= 32


def test_userinfo_must_speak_of_the_same_person(pages: Pages) -> None:
    pages.pages["/userinfo"] = lambda asked: (
        200 if asked.headers.get("authorization") == "Bearer t" else 401,
        {"sub": "ada", "email": "a@x"},
    )
    assert oidc_flow.more_claims(pages.http, _provider(pages), "t", "ada")["email"] == "a@x"
    assert _refused(lambda: oidc_flow.more_claims(pages.http, _provider(pages), "t", "ben")).code == "another-subject"
    assert _refused(lambda: oidc_flow.more_claims(pages.http, _provider(pages), "wrong", "ada")).code == "not-permitted"
    assert oidc_flow.more_claims(pages.http, _provider(pages), None, "ada") == {}


def test_a_fhir_server_that_names_no_issuer_is_asked_for_its_own(pages: Pages) -> None:
    pages.pages["/r4/.well-known/smart-configuration"] = (200, pages.says(issuer=..., jwks_uri=...))
    pages.pages["/.well-known/openid-configuration"] = (200, pages.says())
    assert _refused(lambda: oidc_provider.discover_smart(pages.http, f"{pages.base}/r4/")).where == "answer"
    found = oidc_provider.discover_smart(pages.http, f"{pages.base}/r4/", pages.base)
    assert (found.issuer, found.keys) == (pages.base, f"{pages.base}/keys")


def test_the_patient_is_the_one_of_the_launch(pages: Pages) -> None:
    numbers = [
        {"system": "urn:nhs", "value": "999 000 0557"},
        {"system": "urn:nhs", "use": "old", "value": "9990000549"},
        {"system": "urn:other", "value": "1"},
        "nonsense",
    ]
    names = [{"use": "old", "text": "Before"}, {"use": "official", "given": ["Ann", "May"], "family": "Example"}]
    pages.pages["/Patient/c-1"] = (
        200,
        {"resourceType": "Patient", "id": "c-1", "identifier": numbers, "name": names, "birthDate": "2015-02-03"},
    )
    found = smart.patient(pages.http, pages.base, "c-1", "t", {"urn:nhs": "nhs-number"})
    assert (found.name, found.born, found.identifiers) == ("Ann May Example", "2015-02-03", (("nhs-number", "9990000557"),))
    pages.pages["/Patient/c-2"] = pages.pages["/Patient/c-1"]
    for wrong in ("c-2", "../metadata", "", "x" * 65, "a/b"):
        with pytest.raises(SignOnRefused):
            smart.patient(pages.http, pages.base, wrong, "t", {})


def test_the_name_of_the_member_of_staff_is_read_where_it_can_be(pages: Pages) -> None:
    pages.pages["/Practitioner/ada"] = (200, {"resourceType": "Practitioner", "name": [{"family": "Okafor", "given": ["Ada"]}]})
    for pointer in ("Practitioner/ada", f"{pages.base}/Practitioner/ada"):
        assert smart.practitioner(pages.http, pages.base, pointer, "t") == "Ada Okafor"
    for pointer in ("https://evil.example/Practitioner/ada", "Practitioner/gone", "Practitioner/../x", "", None, 7):
        assert smart.practitioner(pages.http, pages.base, pointer, "t") == ""


@pytest.mark.parametrize(
    ("methods", "ours"),
    [
        ((), ("basic",)),
        (("client_secret_post", "client_secret_basic"), ("basic", "post")),
        (("private_key_jwt", "tls_client_auth"), ("private_key_jwt",)),
        (("tls_client_auth",), ()),
    ],
)
def test_the_ways_that_a_provider_takes_are_named_as_ours_are(methods: tuple[str, ...], ours: tuple[str, ...]) -> None:
    assert oidc_flow.proofs(Provider("i", "a", "t", "k", methods=methods)) == ours
