"""The peers that are Node programs, each a process of its own on loopback: a certified OpenID provider, and a FHIR R4 server.

How to use the provider (fixture `oidc_provider`, started once a run, or `OidcProvider(folder, settings)` for settings of your own):

    provider.issuer                     "http://localhost:PORT"; discovery, JWKS, tokens as the standard has them
    provider.sign_in(url, "ada")        opens an authorization URL, signs a person in and gives back the redirect to the client: a URL
                                        with `code`, `state` and `iss`. A browser can do the same: the page has the fields `login` and
                                        `password` (PASSWORD for everybody).
    provider.turn_keys()                a new key signs, the old one is still published; `retire_keys` publishes the new one alone

Clients: `CLIENTS` below, sent back to any address on a host of `REDIRECT_HOSTS`; `settings_of([...])` adds clients with keys of their
own (private_key_jwt). PKCE with S256 is required. Scopes: openid, profile (`name`), email, roles (`roles`, a list), fhirUser, launch,
launch/patient and those of `SCOPES`; their claims stand in the ID token. A SMART launch sends `launch` (a key of `LAUNCHES`) and `aud`
(the FHIR server's base address); the token response then has `patient` and what else the launch holds.
"""

from __future__ import annotations

import http.cookiejar
import json
import os
import select
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

HERE = Path(__file__).parent / "node"
ENVIRONMENT = Path(__file__).parents[2] / ".venv" / "peers-node"
PASSWORD = "open-sesame"
SCOPES = [
    f"{whose}/{what}" for whose in ("system", "patient") for what in ("Patient.read", "DocumentReference.read", "DocumentReference.write")
]


def _person(name: str, email: str, fhir_user: str) -> dict[str, Any]:
    return {"name": name, "email": email, "email_verified": True, "fhirUser": fhir_user}


# "new" came after ada and got her address; nobody checked the address of cai.
PEOPLE = {
    "ada": {**_person("Ada Okafor", "ada@council.example", "Practitioner/ada"), "roles": ["partnership-admin"]},
    "ben": {**_person("Ben Thorne", "ben@school.example", "Practitioner/ben"), "roles": ["agency-admin"]},
    "new": {**_person("Nora Eastwood", "ada@council.example", "Practitioner/new"), "roles": []},
    "cai": {"name": "Cai Pritchard", "email": "cai@council.example", "roles": [], "fhirUser": "Practitioner/cai"},
}
REDIRECT_HOSTS = ["localhost", "127.0.0.1", "accord.localhost", "accord.example"]
LAUNCHES = {"launch-1": {"patient": "child-1", "need_patient_banner": True}, "launch-2": {"patient": "child-2"}, "launch-none": {}}
CLIENTS = {
    "accord-admin": {"client_secret": "admin-secret", "grant_types": ["authorization_code", "refresh_token"]},
    "accord-smart": {"client_secret": "smart-secret", "grant_types": ["authorization_code"]},
    "accord-public": {"grant_types": ["authorization_code"], "token_endpoint_auth_method": "none"},
}


def settings_of(clients: Sequence[Mapping[str, Any]] = (), *, fhir: str = "", host: str = "localhost", port: int = 0) -> dict[str, Any]:
    """Settings with everybody above in them, and further `clients`. `fhir` is the FHIR server's base address."""
    web = [
        {"client_id": name, "redirect_uris": ["http://localhost/back"], "response_types": ["code"], **told}
        for name, told in CLIENTS.items()
    ]
    people = {login: {"password": PASSWORD, "claims": claims} for login, claims in PEOPLE.items()}
    where = {"host": host, "port": port, "fhir": fhir, "redirect_hosts": REDIRECT_HOSTS}
    return {**where, "scopes": SCOPES, "people": people, "launches": LAUNCHES, "clients": [*web, *clients]}


def service_client(client_id: str, **changes: Any) -> dict[str, Any]:
    """A client that signs in by itself (client credentials), by HTTP basic unless `changes` say otherwise."""
    plain = {"redirect_uris": [], "response_types": [], "grant_types": ["client_credentials"], "client_secret": "service-secret"}
    return {name: value for name, value in {"client_id": client_id, **plain, **changes}.items() if value is not None}


def free_port() -> int:
    """A port that was free a moment ago, for servers that must know each other's address before they start."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class NodeServer:
    """A script of tests/peers/node, started with a file of settings; its first line of JSON says where it listens."""

    script = ""

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        self.folder = folder
        self.settings = settings
        self.port = 0
        self.said: dict[str, Any] = {}

    def __enter__(self) -> Self:
        node = ENVIRONMENT / "node"
        if not node.exists():
            raise RuntimeError("the servers of the tests are not set up; `.ci/peers` (or `make test`) does it")
        self.folder.mkdir(parents=True, exist_ok=True)
        told = self.folder / f"{self.script}.json"
        told.write_text(json.dumps(self.settings))
        # Node looks for packages beside the script, so the script is laid where the packages are.
        script = ENVIRONMENT / f"{self.script}.mjs"
        fresh = ENVIRONMENT / f"{self.script}.{os.getpid()}"
        fresh.write_text((HERE / f"{self.script}.mjs").read_text())
        fresh.replace(script)
        command = [str(node), "--no-warnings", str(script), str(told)]
        self._log = (self.folder / f"{self.script}.log").open("w")
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self._log, text=True)
        self.said = self._first_line()
        self.port = int(self.said["port"])
        return self

    def _first_line(self) -> dict[str, Any]:
        out = self._process.stdout
        assert out is not None
        while select.select([out], [], [], 30)[0]:
            line = out.readline()
            if line.startswith("{"):
                said: dict[str, Any] = json.loads(line)
                return said
            if not line:
                break
        self.__exit__()
        raise RuntimeError(f"{self.script} did not start: {(self.folder / f'{self.script}.log').read_text()[-500:]}")

    def __exit__(self, *_exc: object) -> None:
        self._process.terminate()
        self._process.wait(10)
        if self._process.stdout:
            self._process.stdout.close()
        self._log.close()


class OidcProvider(NodeServer):
    """See the module."""

    script = "oidc_provider"

    @property
    def issuer(self) -> str:
        """The provider's own address."""
        return str(self.said["issuer"])

    def turn_keys(self) -> str:
        """From now on a new key signs; both are published. Gives its id."""
        return self._control("turn")

    def retire_keys(self) -> str:
        """Only the key that signs is published from now on."""
        return self._control("retire")

    def sign_in(self, url: str, login: str, password: str = PASSWORD) -> str:
        """The address that the browser is sent back to after the sign-in. Raises AssertionError where it does not come to that."""
        browser = _Browser()
        status, place, body = browser.go(url)
        assert status in (302, 303) and "/sign-in/" in place, (status, place, body)
        page = urllib.parse.urljoin(self.issuer, place)
        form = urllib.parse.urlencode({"login": login, "password": password}).encode()
        status, place, body = browser.go(page, form)
        while status in (302, 303) and place.startswith((self.issuer, "/")):
            status, place, body = browser.go(urllib.parse.urljoin(self.issuer, place))
        assert status in (302, 303), (status, body)
        return place

    def _control(self, what: str) -> str:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/control/{what}", b"", {"Host": f"localhost:{self.port}"})
        with urllib.request.urlopen(request) as answer:
            return str(json.load(answer)["kid"])


class _Browser:
    """Keeps cookies and follows nothing by itself."""

    def __init__(self) -> None:
        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_args: Any) -> None:
                return None

        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()), Stay())

    def go(self, url: str, form: bytes | None = None) -> tuple[int, str, str]:
        """Status, Location and body."""
        try:
            answer = self._open.open(url, form, timeout=20)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return answer.status, answer.headers.get("Location", ""), answer.read().decode()


class FhirServer(NodeServer):
    """A FHIR R4 server at `base`; settings `issuer` (whose tokens it takes; empty: none needed) and `resources` (there from the start)."""

    script = "fhir_server"

    @property
    def base(self) -> str:
        """Its base address."""
        return str(self.said["base"])
