"""FHIR R4 behind a certified OpenID provider: SMART backend services, conditional create, and what the provider gives a web client."""

from __future__ import annotations

import base64
import hashlib
import json
import urllib.parse
import urllib.request
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet, RSAKey

from integrations.contract import Deferred, Delivered, Identifier, Outcome, Refused
from integrations.fhir import FhirAdapter, FhirOptions
from integrations.http import GuardedClient, OutboundRules
from tests.integrations.clients import guarded
from tests.integrations.samples import make_record
from tests.peers.node_servers import FhirServer, OidcProvider, settings_of

pytestmark = pytest.mark.slow
SYSTEM = "https://accord.example.org/outcome"
SCOPE = "system/Patient.read system/DocumentReference.read system/DocumentReference.write"
VERIFIER = "v" * 50


def make_options(provider: OidcProvider, server: FhirServer, scope: str = SCOPE, **layer: Any) -> FhirOptions:
    signed = {"client_id": "accord-signed", "client_auth": "private_key_jwt", "algorithm": "RS384", "key_id": "accord-1"}
    proof = {"kind": "oauth2", "token_url": f"{provider.issuer}/token", "scope": scope, **signed, **layer}
    told = {"base_url": server.base, "auth": [proof], "identifier_system": SYSTEM, "confirm_born": True}
    return FhirOptions.model_validate(told)


def client_for(*servers: OidcProvider | FhirServer) -> GuardedClient:
    return guarded(OutboundRules.parse(private=[f"localhost:{one.port}" for one in servers]), total=15)


@pytest.fixture
def secrets(service_key: RSAKey) -> dict[str, str]:
    return {"client_key": service_key.as_pem(private=True).decode(), "client_secret": "service-secret"}


def test_a_document_is_created_once_and_found(oidc_provider: OidcProvider, fhir_server: FhirServer, secrets: dict[str, str]) -> None:
    adapter, options, http = FhirAdapter(), make_options(oidc_provider, fhir_server), client_for(oidc_provider, fhir_server)
    assert all(finding.ok for finding in adapter.check(options, secrets, http))
    record = make_record(key="PD-AAAA-11/v1")
    assert adapter.find(record, options, secrets, http) is None
    first = adapter.write(record, options, secrets, http)
    assert isinstance(first, Delivered) and first.on_file
    assert adapter.write(record, options, secrets, http) == first == adapter.find(record, options, secrets, http)


def test_another_version_is_another_document(oidc_provider: OidcProvider, fhir_server: FhirServer, secrets: dict[str, str]) -> None:
    adapter, options, http = FhirAdapter(), make_options(oidc_provider, fhir_server), client_for(oidc_provider, fhir_server)
    outcomes = [adapter.write(make_record(key=f"PD-BBBB-22/v{version}"), options, secrets, http) for version in (1, 2)]
    assert len({outcome.remote_id for outcome in outcomes if isinstance(outcome, Delivered)}) == 2


def test_a_child_that_is_not_there_or_was_born_another_day_is_not_written_to(
    oidc_provider: OidcProvider, fhir_server: FhirServer, secrets: dict[str, str]
) -> None:
    adapter, options, http = FhirAdapter(), make_options(oidc_provider, fhir_server), client_for(oidc_provider, fhir_server)

    def sent(**changes: Any) -> Outcome:
        return adapter.write(make_record(key="PD-CCCC-33/v1", **changes), options, secrets, http)

    nobody, elsewhen = sent(child=(Identifier("nhs-number", "9990000018"),)), sent(fields={"child_born": "2014-01-01"})
    assert isinstance(nobody, Refused) and "it found nobody" in nobody.reason
    assert isinstance(elsewhen, Refused) and "date of birth" in elsewhen.reason
    assert adapter.find(make_record(key="PD-CCCC-33/v1"), options, secrets, http) is None


def test_a_scope_that_does_not_reach_is_told_by_the_check_and_by_the_write(
    oidc_provider: OidcProvider, fhir_server: FhirServer, secrets: dict[str, str]
) -> None:
    options = make_options(oidc_provider, fhir_server, scope="system/Patient.read")
    outcome = FhirAdapter().write(make_record(key="PD-DDDD-44/v1"), options, secrets, client_for(oidc_provider, fhir_server))
    assert isinstance(outcome, Refused) and "403" in outcome.reason


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        ({"client_id": "nobody"}, "invalid_client"),
        ({"algorithm": "RS256"}, "invalid_client"),
        ({"assertion_audience": "https://elsewhere.example/token"}, "invalid_client"),
        ({"key_id": "another"}, "invalid_client"),
        ({"client_id": "accord-basic", "client_auth": "private_key_jwt"}, "invalid_client"),
    ],
)
def test_the_provider_turns_away_a_wrong_proof(
    oidc_provider: OidcProvider, fhir_server: FhirServer, secrets: dict[str, str], layer: dict[str, str], said: str
) -> None:
    options, http = make_options(oidc_provider, fhir_server, **layer), client_for(oidc_provider, fhir_server)
    outcome = FhirAdapter().write(make_record(), options, secrets, http)
    assert isinstance(outcome, Refused) and said in outcome.reason
    assert [finding.what for finding in FhirAdapter().check(options, secrets, http) if not finding.ok] == ["credentials"]


def test_the_issuer_may_be_the_audience(oidc_provider: OidcProvider, fhir_server: FhirServer, secrets: dict[str, str]) -> None:
    options = make_options(oidc_provider, fhir_server, assertion_audience=oidc_provider.issuer)
    assert FhirAdapter().find(make_record(key="PD-EEEE-55/v1"), options, secrets, client_for(oidc_provider, fhir_server)) is None


def test_a_secret_does_as_well_as_a_key(oidc_provider: OidcProvider, fhir_server: FhirServer, secrets: dict[str, str]) -> None:
    options = make_options(oidc_provider, fhir_server, client_id="accord-basic", client_auth="basic")
    http = client_for(oidc_provider, fhir_server)
    assert isinstance(FhirAdapter().write(make_record(key="PD-FFFF-66/v1"), options, secrets, http), Delivered)
    outcome = FhirAdapter().write(make_record(), options, {"client_secret": "wrong"}, http)
    assert isinstance(outcome, Refused) and "invalid_client" in outcome.reason


def test_a_provider_that_is_away_puts_it_off(oidc_provider: OidcProvider, fhir_server: FhirServer, secrets: dict[str, str]) -> None:
    options = make_options(oidc_provider, fhir_server, token_url="http://localhost:1/token")
    http = guarded(OutboundRules.parse(private=[f"localhost:{fhir_server.port}", "localhost:1"]))
    assert isinstance(FhirAdapter().write(make_record(), options, secrets, http), Deferred)


# --- what the provider gives a web client ---------------------------------------------------------------------------------------------


def asked_for(provider: OidcProvider, login: str, scope: str, **more: str) -> dict[str, Any]:
    """The token response at the end of an authorization code flow with PKCE."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
    common = {"client_id": "accord-admin", "redirect_uri": "http://accord.localhost:8499/any/where"}
    proof = {"code_challenge": challenge, "code_challenge_method": "S256"}
    query = urllib.parse.urlencode({**common, **proof, "response_type": "code", "scope": scope, "state": "s", "nonce": "n", **more})
    back = urllib.parse.parse_qs(urllib.parse.urlsplit(provider.sign_in(f"{provider.issuer}/auth?{query}", login)).query)
    assert back["state"] == ["s"] and back["iss"] == [provider.issuer]
    form = urllib.parse.urlencode({**common, "grant_type": "authorization_code", "code": back["code"][0], "code_verifier": VERIFIER})
    basic = "Basic " + base64.b64encode(b"accord-admin:admin-secret").decode()
    request = urllib.request.Request(f"{provider.issuer}/token", form.encode(), {"Authorization": basic})
    with urllib.request.urlopen(request) as answer:
        told: dict[str, Any] = json.load(answer)
        return told


def claims_of(provider: OidcProvider, token: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{provider.issuer}/jwks") as answer:
        keys = KeySet.import_key_set(json.load(answer))
    return dict(jwt.decode(token, keys, algorithms=["RS256"]).claims)


def test_a_person_signs_in_and_their_roles_stand_in_the_id_token(oidc_provider: OidcProvider) -> None:
    claims = claims_of(oidc_provider, asked_for(oidc_provider, "ada", "openid profile email roles")["id_token"])
    assert (claims["sub"], claims["email"], claims["roles"]) == ("ada", "ada@council.example", ["partnership-admin"])
    assert (claims["aud"], claims["nonce"], claims["iss"]) == ("accord-admin", "n", oidc_provider.issuer)


def test_a_launch_from_a_record_system_brings_its_patient(oidc_provider: OidcProvider, fhir_server: FhirServer) -> None:
    scope = "openid fhirUser launch patient/Patient.read"
    told = asked_for(oidc_provider, "cai", scope, launch="launch-1", aud=fhir_server.base)
    assert told["patient"] == "child-1" and claims_of(oidc_provider, told["id_token"])["fhirUser"] == "Practitioner/cai"
    request = urllib.request.Request(f"{fhir_server.base}/Patient/child-1", headers={"Authorization": f"Bearer {told['access_token']}"})
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer)["birthDate"] == "2015-02-03"
    assert "patient" not in asked_for(oidc_provider, "cai", scope, launch="launch-none", aud=fhir_server.base)


def test_keys_turn(oidc_provider: OidcProvider, tmp_path: Any) -> None:
    with OidcProvider(tmp_path, settings_of()) as provider:
        before = asked_for(provider, "ben", "openid")["id_token"]
        provider.turn_keys()
        after = asked_for(provider, "ben", "openid")["id_token"]
        assert claims_of(provider, before)["sub"] == claims_of(provider, after)["sub"] == "ben"
        provider.retire_keys()
        assert claims_of(provider, after)["sub"] == "ben"
        with pytest.raises(InvalidKeyIdError):
            claims_of(provider, before)
