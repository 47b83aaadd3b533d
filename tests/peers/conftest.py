"""Agencies whose people sign in by a real provider, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.http import GuardedClient, OutboundRules
from plugin.runtime import runtime
from plugin.services.desk import ways
from plugin.services.keeping.clock import machine_now
from tests.peers.node_servers import FhirServer, OidcProvider, settings_of
from tests.peers.sign_on_visits import port_of, set_profiles
from tests.plugin.visits import as_system
from tests.world import World


@pytest.fixture
def smart(world: World, peers_of_health: tuple[OidcProvider, FhirServer]) -> tuple[OidcProvider, str]:
    """The council's connection takes launches of the health record; its FHIR address."""
    provider, fhir = peers_of_health
    base = provider.settings["fhir"]
    runtime(world.app).__dict__["http"] = GuardedClient(
        OutboundRules.parse(private=[port_of(provider.issuer), port_of(base)]), clock=machine_now
    )
    assert fhir.port
    set_profiles(
        world,
        "council",
        smart={"fhir": base, "client_id": "accord-smart", "scope": "openid fhirUser profile email launch patient/Patient.read"},
    )
    ways.keep_secret(as_system(), world.keys, "council", "smart_client_secret", "smart-secret", machine_now(), by="test")
    return provider, base


@pytest.fixture
def sso(world: World, oidc_provider: OidcProvider) -> OidcProvider:
    """Both agencies' connections sign their people in by the provider, as clients of their own."""
    rules = OutboundRules.parse(private=[port_of(oidc_provider.issuer)])
    runtime(world.app).__dict__["http"] = GuardedClient(rules, clock=machine_now)
    for way in ("council", "school"):
        set_profiles(world, way, sso={"issuer": oidc_provider.issuer, "client_id": "accord-admin", "desk": True})
        ways.keep_secret(as_system(), world.keys, way, "sso_client_secret", "admin-secret", machine_now(), by="test")
    return oidc_provider


@pytest.fixture
def second(world: World, tmp_path: Path) -> Iterator[OidcProvider]:
    """Another provider at which the same subjects are other people."""
    with OidcProvider(tmp_path / "second", settings_of()) as provider:
        yield provider
