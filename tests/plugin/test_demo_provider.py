"""The demo's identity provider: held against the service's own client, as a real one is; and what it does not give away."""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from integrations.http import Response
from integrations.launch import oidc_flow, openid
from integrations.launch.oidc_flow import Client, Flow
from integrations.launch.oidc_provider import Provider
from plugin.demo.hosts import council, keys, provider
from plugin.demo.hosts.setting import from_places
from plugin.demo.places import Places
from plugin.services.keeping.clock import machine_now

ISSUER = "http://127.0.0.1:9001/id"
BACK = "http://accord.localhost:9000/sign-on/council/back"


@pytest.fixture
def app(tmp_path: Path) -> tuple[FlaskClient, Client]:
    """The council's app, and the service as it is registered there."""
    places = Places(tmp_path / "data", 9000)
    keys.provide(places)
    setting = from_places("council", places)
    secret = provider.client_secret(setting.keys.api_secret)
    client = Client(provider.CLIENT, "basic", BACK, "openid profile email", secret)
    return council.create_app(setting).test_client(), client


class Http:
    """The service's way to it: the same requests, without a network."""

    def __init__(self, browser: FlaskClient) -> None:
        self._browser = browser

    def request(self, method: str, url: str, headers: dict[str, str], body: bytes = b"") -> Response:
        answer = self._browser.open(urlsplit(url).path, method=method, headers=headers, data=body)
        return Response(answer.status_code, list(answer.headers.items()), answer.data)


def told(browser: FlaskClient) -> Provider:
    said = browser.get("/id/.well-known/openid-configuration").json
    assert said["issuer"] == ISSUER
    return Provider(ISSUER, said["authorization_endpoint"], said["token_endpoint"], said["jwks_uri"], "", ("client_secret_basic",))


def signed_in(browser: FlaskClient, client: Client, flow: Flow, who: str) -> dict[str, list[str]]:
    """What the browser brings back."""
    page = browser.get(urlsplit(oidc_flow.address(told(browser), client, flow)).path, query_string=_query(browser, client, flow))
    assert page.status_code == 200 and b"Who are you today?" in page.data
    answer = browser.post("/id/authorize", data={**_query(browser, client, flow), "who": who})
    assert answer.status_code == 303 and answer.headers["Location"].startswith(BACK)
    return parse_qs(urlsplit(answer.headers["Location"]).query)


def _query(browser: FlaskClient, client: Client, flow: Flow) -> dict[str, str]:
    asked = parse_qs(urlsplit(oidc_flow.address(told(browser), client, flow)).query)
    return {name: values[0] for name, values in asked.items()}


def test_somebody_signs_in_and_the_service_believes_it(app: tuple[FlaskClient, Client]) -> None:
    browser, client = app
    flow = Flow.fresh()
    brought = signed_in(browser, client, flow, "nc-0815")
    assert brought["iss"] == [ISSUER] and brought["state"] == [flow.state]
    tokens = oidc_flow.exchange(Http(browser), told(browser), client, brought["code"][0], flow)  # type: ignore[arg-type]  # stands in
    published = openid.keys_in(browser.get("/id/keys").data)
    said = openid.identity(tokens["id_token"], published, ISSUER, client.id, flow.nonce, machine_now())
    assert (said["sub"], said["name"], said["email_verified"]) == ("nc-0815", "Philippa Okonjo-Reyes", True) and "mfa" in said["amr"]
    with pytest.raises(openid.SignOnRefused, match="code-not-taken"):
        oidc_flow.exchange(Http(browser), told(browser), client, brought["code"][0], flow)  # type: ignore[arg-type]  # as above


def test_a_wrong_secret_or_verifier_gets_nothing(app: tuple[FlaskClient, Client]) -> None:
    browser, client = app
    flow = Flow.fresh()
    other = Client(client.id, "basic", BACK, client.scope, "wrong")
    with pytest.raises(openid.SignOnRefused, match="client-not-known"):
        oidc_flow.try_credentials(Http(browser), told(browser), other)  # type: ignore[arg-type]  # as above
    oidc_flow.try_credentials(Http(browser), told(browser), client)  # type: ignore[arg-type]  # as above
    code = signed_in(browser, client, flow, "nc-0815")["code"][0]
    with pytest.raises(openid.SignOnRefused, match="code-not-taken"):
        oidc_flow.exchange(Http(browser), told(browser), client, code, Flow.fresh())  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize("change", [{"client_id": "x"}, {"redirect_uri": "https://evil.example/sign-on/"}, {"code_challenge": ""}])
def test_nobody_is_sent_elsewhere(app: tuple[FlaskClient, Client], change: dict[str, str]) -> None:
    browser, client = app
    asked = {**_query(browser, client, Flow.fresh()), **change}
    assert browser.get("/id/authorize", query_string=asked).status_code == 400
    assert browser.post("/id/authorize", data={**asked, "who": "nc-0815"}).status_code == 400


def test_the_secret_is_not_the_one_it_is_made_of(app: tuple[FlaskClient, Client]) -> None:
    browser, client = app
    page = browser.get("/id/authorize", query_string=_query(browser, client, Flow.fresh())).data
    assert client.secret.encode() not in page and base64.b64encode(client.secret.encode()) not in page
    assert b"Ingrid Vasquez-Bell" in page and b"Marguerite Tull" in page, "an administrator, and somebody who is let in nowhere by it"
