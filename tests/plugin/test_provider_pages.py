"""What a provider says of itself is asked for once in ten minutes, and its silence locks nobody out for a day."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from integrations.http import GuardedClient, OutboundRules
from integrations.launch.oidc_provider import Provider
from integrations.launch.openid import SignOnRefused
from plugin.services.keeping.clock import machine_now
from plugin.services.providers import discovery
from tests.integrations.faulty import Asked, FaultyServer, by, cut_before_answer
from tests.plugin.visits import as_system, on_sqlite_alone
from tests.world import World

pytestmark = [pytest.mark.slow, on_sqlite_alone]


class Peer:
    """A provider's page; `calls_itself` may change, as when somebody else answers there."""

    calls_itself = ""

    def answer(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        base = f"http://{asked.headers['host']}"
        said = {"issuer": self.calls_itself or base, "jwks_uri": f"{base}/jwks"}
        said |= {name: f"{base}/{name}" for name in ("authorization_endpoint", "token_endpoint")}
        return 200, {"Content-Type": "application/json"}, json.dumps(said).encode()


def asks(server: FaultyServer, at: datetime, *, anew: bool = False) -> Provider:
    http = GuardedClient(OutboundRules.parse(private=[f"localhost:{server.port}"]), clock=machine_now)
    return discovery.provider_of(as_system(), http, "sso", {"issuer": server.base}, at, anew=anew)


def test_it_is_asked_once_in_ten_minutes_and_anew_by_whoever_tests_it(world: World) -> None:
    assert world
    now = machine_now()
    with FaultyServer([by(Peer().answer)]) as server:
        first = asks(server, now)
        assert first.token == f"{server.base}/token_endpoint"
        assert asks(server, now + timedelta(minutes=9)) == first and len(server.asked) == 1
        asks(server, now + timedelta(minutes=9), anew=True)
        assert len(server.asked) == 2
        asks(server, now + timedelta(minutes=20))
        assert len(server.asked) == 3


def test_while_it_is_silent_what_it_said_holds_for_a_day(world: World) -> None:
    assert world
    now = machine_now()
    with FaultyServer([by(Peer().answer), cut_before_answer]) as server:
        first = asks(server, now)
        assert asks(server, now + timedelta(minutes=11)) == first and len(server.asked) == 2
        assert asks(server, now + timedelta(minutes=11, seconds=50)) == first and len(server.asked) == 2, "once a minute at most"
        assert asks(server, now + timedelta(hours=23)) == first
        with pytest.raises(SignOnRefused):
            asks(server, now + timedelta(hours=25))
        with pytest.raises(SignOnRefused):
            asks(server, now + timedelta(hours=23), anew=True)


def test_another_one_that_answers_there_is_not_taken_for_it(world: World) -> None:
    assert world
    peer, now = Peer(), machine_now()
    with FaultyServer([by(peer.answer)]) as server:
        asks(server, now)
        peer.calls_itself = "https://other.example"
        with pytest.raises(SignOnRefused, match="issuer-differs"):
            asks(server, now + timedelta(minutes=11))
