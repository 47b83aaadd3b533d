"""The real counterparts of the adapters as fixtures, each started once a run; tests/conftest.py takes them in for every test.

What does not live here: how they are started (`node_servers`, `python_servers`), where they come from (.ci/peers).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from tests.peers.node_servers import FhirServer, OidcProvider, free_port, service_client, settings_of
from tests.peers.python_servers import MeshSandbox, S3Server, WebDavServer

CHILDREN = [
    {
        "resourceType": "Patient",
        "id": "child-1",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000557"}],
        "name": [{"family": "Example", "given": ["Ann"]}],
        "birthDate": "2015-02-03",
    },
    {
        "resourceType": "Patient",
        "id": "child-2",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000549"}],
        "name": [{"family": "Sample", "given": ["Idris"]}],
        "birthDate": "2011-09-30",
    },
]


@pytest.fixture(scope="session")
def service_key() -> RSAKey:
    """The key with which the client `accord-signed` signs its way in (private_key_jwt, RS384); its kid is "accord-1"."""
    return RSAKey.generate_key(2048, {"kid": "accord-1", "alg": "RS384", "use": "sig"})


@pytest.fixture(scope="session")
def peers_of_health(session_folder: Path, service_key: RSAKey) -> Iterator[tuple[OidcProvider, FhirServer]]:
    """The provider and the FHIR server that trusts it. Besides the clients of `node_servers`: `accord-signed`, and `accord-basic` with
    the secret "service-secret"."""
    port = free_port()
    signed: dict[str, Any] = {"token_endpoint_auth_method": "private_key_jwt", "token_endpoint_auth_signing_alg": "RS384"}
    clients = [
        service_client("accord-signed", client_secret=None, jwks={"keys": [service_key.as_dict(private=False)]}, **signed),
        service_client("accord-basic"),
    ]
    folder = session_folder / "health"
    with OidcProvider(folder, settings_of(clients, fhir=f"http://localhost:{port}/fhir")) as provider:
        told = {"port": port, "issuer": provider.issuer, "resources": CHILDREN}
        with FhirServer(folder, told) as server:
            yield provider, server


@pytest.fixture(scope="session")
def oidc_provider(peers_of_health: tuple[OidcProvider, FhirServer]) -> OidcProvider:
    """A certified OpenID provider; `tests.peers.node_servers` says how to use it. Tests that turn its keys start one of their own."""
    return peers_of_health[0]


@pytest.fixture(scope="session")
def fhir_server(peers_of_health: tuple[OidcProvider, FhirServer]) -> FhirServer:
    """A FHIR R4 server that takes the provider's tokens."""
    return peers_of_health[1]


@pytest.fixture(scope="session")
def mesh_sandbox(session_folder: Path) -> Iterator[MeshSandbox]:
    """NHS England's own pretend MESH, by mutual TLS."""
    with MeshSandbox(session_folder / "mesh") as server:
        yield server


@pytest.fixture(scope="session")
def webdav_server(session_folder: Path) -> Iterator[WebDavServer]:
    """A WebDAV server over a folder."""
    with WebDavServer(session_folder / "dav") as server:
        yield server


@pytest.fixture(scope="session")
def s3_server(session_folder: Path) -> Iterator[S3Server]:
    """An S3 with the bucket "outcomes"."""
    with S3Server(session_folder / "s3") as server:
        yield server
