"""The guarded client: where it goes, where it never goes, and that every fault says whether anything was sent."""

from __future__ import annotations

import gzip
import socket
import time
from pathlib import Path

import pytest

from integrations.http import GuardedClient, NoAnswer, NotSent, OutboundRules, Trust
from integrations.net.body import MAX_BODY
from tests.integrations import faulty
from tests.integrations.certificates import Authority, the_authority
from tests.integrations.clients import guarded
from tests.integrations.faulty import FaultyServer, answer

pytestmark = pytest.mark.slow  # left out of make test-quick


def make_client(*private: str, public: str = "", addresses: dict[str, list[str]] | None = None, total: float = 1.5) -> GuardedClient:
    """A client that may go to the pairs named and that asks no real resolver."""
    table = {"localhost": ["127.0.0.1"], "127.0.0.1": ["127.0.0.1"], **(addresses or {})}
    return guarded(OutboundRules.parse(public, private), resolve=lambda host, _port: table.get(host, []), total=total, read=1.0)


def client_of(server: FaultyServer, total: float = 1.5) -> GuardedClient:
    return make_client(f"localhost:{server.port}", total=total)


@pytest.fixture(autouse=True)
def _no_public_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in these tests may connect anywhere but to 127.0.0.1."""
    real = socket.create_connection

    def guarded(address: tuple[str, int], *args: object, **kwargs: object) -> socket.socket:
        assert address[0] == "127.0.0.1", f"tried to connect to {address}"
        return real(address, *args, **kwargs)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(socket, "create_connection", guarded)


def not_sent(client: GuardedClient, url: str, trust: Trust | None = None) -> NotSent:
    with pytest.raises(NotSent) as raised:
        client.request("POST", url, {"Authorization": "Bearer sesame"}, b"{}", trust=trust)
    return raised.value


# --- plain exchanges ----------------------------------------------------------------------------------------------------------------


def test_an_exchange() -> None:
    with FaultyServer([answer(201, {"id": 7}, Set_Cookie="a=b")]) as server:
        got = client_of(server).request("POST", f"{server.base}/notes?x=1", {"X-Key": "k"}, b'{"a":1}')
    assert (got.status, got.body, got.header("Set-Cookie"), got.all("missing")) == (201, b'{"id": 7}', "a=b", [])
    asked = server.asked[0]
    assert (asked.method, asked.path, asked.body) == ("POST", "/notes?x=1", b'{"a":1}')
    assert asked.headers["host"] == f"localhost:{server.port}"
    assert asked.headers["accept-encoding"] == "identity" and asked.headers["x-key"] == "k"


def test_a_redirect_is_given_back_and_not_followed() -> None:
    with FaultyServer([answer(302, "", Location="http://169.254.169.254/latest/")]) as server:
        got = client_of(server).request("GET", f"{server.base}/")
        assert (got.status, len(server.asked)) == (302, 1)


def test_the_environments_proxy_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with FaultyServer([answer(200, {})]) as server:
        assert client_of(server).request("GET", f"{server.base}/").status == 200


def test_a_packed_answer_is_unpacked_within_bounds() -> None:
    with FaultyServer([answer(200, gzip.compress(b"hello"), Content_Encoding="gzip")]) as server:
        assert client_of(server).request("GET", f"{server.base}/").body == b"hello"


def test_the_largest_body_is_read_whole() -> None:
    with FaultyServer([answer(200, b"x" * MAX_BODY), answer(200, b"x" * (MAX_BODY + 1))]) as server:
        client = client_of(server, total=10)
        assert len(client.request("GET", f"{server.base}/").body) == MAX_BODY
        with pytest.raises(NoAnswer):
            client.request("GET", f"{server.base}/")


# --- where it never goes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://listed.example/",
        "ftp://listed.example/",
        "file:///etc/passwd",
        "//listed.example/",
        "listed.example",
        "",
        "https://",
        "https://user:pass@listed.example/",
        "https://user@listed.example/",
        "https://listed.example:8443/",
        "https://listed.example:99999/",
        "https://listed.example:x/",
        "https://listed.example\\@evil.example/",
        "https://listed.example /",
        "https://listed.example/\r\nX: y",
        "https://liſted.example/",
        "https://evil.example/",
        "https://listed.example.evil.example/",
        "https://sub.listed.example/",
        "https://any.example/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "gopher://listed.example:443/",
    ],
)
def test_addresses_that_are_not_spoken_to(url: str) -> None:
    client = make_client(public="listed.example *.any.example", addresses={"listed.example": ["93.184.215.14"]})
    assert not_sent(client, url).kind == "settings"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
        "240.0.0.1",
        "192.0.0.1",
        "192.88.99.1",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:93.184.215.14",
        "::7f00:1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "2001:db8::1",
        "100::1",
        "not an address",
    ],
)
def test_a_public_host_with_an_inside_address(address: str) -> None:
    """Alone, and beside a good one: every address must pass."""
    for addresses in ([address], ["93.184.215.14", address], [address, "93.184.215.14"]):
        client = make_client(public="listed.example", addresses={"listed.example": addresses})
        assert not_sent(client, "https://listed.example/").kind == "settings"


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "100.64.0.1"]
)
def test_some_addresses_are_not_allowed_even_to_a_pair_listed_as_private(address: str) -> None:
    client = make_client("inside.example:8080", addresses={"inside.example": [address]})
    assert not_sent(client, "http://inside.example:8080/").kind == "settings"


def test_a_private_pair_is_exact() -> None:
    with FaultyServer([answer(200)]) as server:
        client = make_client(f"localhost:{server.port}", public="localhost")
        assert client.request("GET", f"http://localhost:{server.port}/").status == 200
        assert not_sent(client, f"http://127.0.0.1:{server.port}/").kind == "settings"
        assert not_sent(client, "https://localhost/").kind == "settings"
    assert make_client().allowed == OutboundRules()


def test_the_name_is_looked_up_once_and_the_checked_address_used() -> None:
    """The second answer would be somewhere else (rebinding); nobody asks for it."""
    with FaultyServer([answer(200)]) as server:
        answers = iter([["127.0.0.1"], ["10.0.0.1"], ["10.0.0.1"]])
        client = guarded(OutboundRules.parse((), [f"peer.example:{server.port}"]), resolve=lambda _host, _port: next(answers))
        assert client.request("GET", f"http://peer.example:{server.port}/").status == 200
    assert next(answers) == ["10.0.0.1"]


def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    with FaultyServer([answer(200)]) as server, socket.create_server(("127.0.0.1", 0)) as unused:
        unused_port = unused.getsockname()[1]
        assert unused_port != server.port
        client = make_client(f"peer.example:{server.port}", addresses={"peer.example": ["127.0.0.1", "127.0.0.1"]})
        assert client.request("GET", f"http://peer.example:{server.port}/").status == 200


def test_names_under_a_listed_domain() -> None:
    rules = OutboundRules.parse("*.schools.example, api.example:8443")
    assert rules.allows("hill.schools.example", 443) and rules.allows("a.b.schools.example", 443) and rules.allows("api.example", 8443)
    for host, port in (("schools.example", 443), ("hill.schools.example", 80), ("evilschools.example", 443), ("api.example", 443)):
        assert not rules.allows(host, port)


@pytest.mark.parametrize("text", ["host:0", "host:70000", "host:x", ":443", "https://host", "a/b", "u@host"])
def test_rules_that_are_no_pairs(text: str) -> None:
    with pytest.raises(ValueError, match="not a host"):
        OutboundRules.parse([text])


# --- nothing was sent ---------------------------------------------------------------------------------------------------------------


def test_a_name_that_does_not_exist() -> None:
    assert not_sent(make_client(public="gone.example"), "https://gone.example/").kind == "name"


def test_a_resolver_that_hangs() -> None:
    client = guarded(OutboundRules.parse("slow.example"), resolve=lambda _h, _p: [time.sleep(2), "93.184.215.14"][1:], total=0.3)  # type: ignore[list-item,return-value]  # sleeps, then gives the address
    began = time.monotonic()
    assert not_sent(client, "https://slow.example/").kind == "name"
    assert time.monotonic() - began < 1.5


def test_a_refused_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert not_sent(make_client(f"localhost:{port}"), f"http://localhost:{port}/").kind == "network"


@pytest.mark.parametrize("headers", [{"X": "a\r\nY: b"}, {"X\r\n": "a"}, {"X": "a\nb"}, {"X y": "a"}, {"X": "\u2028"}])
def test_a_header_with_a_line_break_never_leaves(headers: dict[str, str]) -> None:
    with FaultyServer([answer(200)]) as server:
        with pytest.raises(NotSent) as raised:
            client_of(server).request("GET", f"{server.base}/", headers)
        assert raised.value.kind == "settings" and not server.asked


# --- TLS ----------------------------------------------------------------------------------------------------------------------------


def test_tls_with_the_right_name(tmp_path: Path) -> None:
    pair, trust = the_authority().issue("localhost"), Trust(authority=the_authority().certificate)
    with FaultyServer([answer(200, {})], tls=pair.context(tmp_path)) as server:
        assert client_of(server).request("GET", f"{server.base}/", trust=trust).status == 200


@pytest.mark.parametrize("name", ["wrong name", "expired", "not yet", "unknown authority"])
def test_tls_with_a_certificate_that_is_not_accepted(name: str, tmp_path: Path) -> None:
    issuer = Authority("Another Authority") if name == "unknown authority" else the_authority()
    days = {"expired": (-30, -1), "not yet": (1, 30)}.get(name, (-1, 30))
    pair = issuer.issue("other.example" if name == "wrong name" else "localhost", days)
    with FaultyServer([answer(200, {})], tls=pair.context(tmp_path)) as server:
        fault = not_sent(client_of(server), f"{server.base}/", Trust(authority=the_authority().certificate))
        assert fault.kind == "certificate" and not server.asked


def test_tls_to_a_peer_that_speaks_none() -> None:
    with FaultyServer([faulty.greets_first]) as server:
        fault = not_sent(client_of(server), f"https://localhost:{server.port}/")
        assert fault.kind == "certificate" and "https:// and the port" in fault.reason, "it is no certificate that is to be renewed"


def test_a_client_certificate_opens_the_door_and_only_that_one(tmp_path: Path) -> None:
    authority = the_authority()
    ours, strangers = authority.issue("accord"), Authority("Another Authority").issue("accord")
    context = authority.issue("localhost").context(tmp_path, client_authority=authority.certificate)
    with FaultyServer([answer(200, {})], tls=context) as server:
        client = client_of(server)
        good = Trust(authority.certificate, ours.certificate, ours.key)
        assert client.request("GET", f"{server.base}/", trust=good).status == 200
        for bad in (Trust(authority.certificate), Trust(authority.certificate, strangers.certificate, strangers.key)):
            # In TLS 1.3 the refusal comes after we have sent; where the hang-up overtakes it, all we know is that no answer came.
            with pytest.raises((NotSent, NoAnswer)) as raised:
                client.request("GET", f"{server.base}/", trust=bad)
            assert isinstance(raised.value, NoAnswer) or raised.value.kind == "certificate"
        assert len(server.asked) == 1


def test_unreadable_pem_is_a_fault_of_the_settings() -> None:
    client = make_client("localhost:1", addresses={})
    with FaultyServer([answer(200)]) as server:
        client = client_of(server)
        pair = the_authority().issue("x")
        for bad in (Trust(authority="nonsense"), Trust("", pair.certificate, "nonsense"), Trust("", "nonsense", pair.key)):
            assert not_sent(client, f"https://localhost:{server.port}/", bad).kind == "settings"


# --- sent, and no whole answer ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "behaviour",
    [
        faulty.silent,
        faulty.cut_before_answer,
        faulty.cut_in_head,
        faulty.cut_in_body,
        faulty.cut_in_chunk,
        faulty.not_http,
        faulty.drip_head,
        faulty.drip_body,
        faulty.endless,
        faulty.gzip_bomb,
        answer(200, b"x", Content_Encoding="br"),
        answer(200, b"not gzip", Content_Encoding="gzip"),
        answer(200, gzip.compress(b"hello" * 100)[:-9], Content_Encoding="gzip"),
        answer(103),
        answer(200, "", **{"X" + str(number): "y" for number in range(150)}),
        answer(200, "", X="y" * 70000),
    ],
)
def test_sent_and_no_whole_answer(behaviour: faulty.Behaviour) -> None:
    with FaultyServer([behaviour]) as server:
        began = time.monotonic()
        with pytest.raises(NoAnswer) as raised:
            client_of(server, total=0.8).request("POST", f"{server.base}/child/4471", {"Authorization": "Bearer sesame"}, b"secret words")
        assert time.monotonic() - began < 4
    for word in ("sesame", "secret words", "4471"):
        assert word not in str(raised.value) and word not in repr(raised.value)
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


def test_a_peer_that_does_not_read_holds_nobody() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        began = time.monotonic()
        with pytest.raises(NoAnswer):
            make_client(f"localhost:{port}", total=0.5).request("POST", f"http://localhost:{port}/", {}, b"x" * 20_000_000)
        assert time.monotonic() - began < 3


def test_nothing_that_is_kept_shows_a_body_or_a_key() -> None:
    with FaultyServer([answer(200, "who it is", X_Token="sesame")]) as server:
        shown = repr(client_of(server).request("GET", f"{server.base}/"))
    assert "who it is" not in shown and "sesame" not in shown
    assert "sesame" not in repr(Trust(key="sesame"))
