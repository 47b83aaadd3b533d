"""Launches that get in and launches that do not. The cases are numbered as the threats to a launch are in the threat model."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe, jws
from joserfc.jwk import RSAKey

from integrations.launch import host
from integrations.launch.context import ChildDetails, LaunchContext, LaunchRefused
from integrations.launch.keys import key_of
from integrations.launch.signed import MAX_TOKEN, TYPE, Settings, check_origin, verify

NOW = datetime(2026, 11, 20, 14, 0, 0, tzinfo=UTC)
US = "https://accord.example"
THEM = "https://records.example"
PAIRS = {name: host.new_keypair(name) for name in ("Ed25519", "ES256", "RS256")}  # type: ignore[arg-type]  # the three literals
SEALING = host.new_keypair("ES256")
CHILD = ChildDetails("Ann Example", "2015-02-03", (("nhs-number", "9990000557"), ("local", "4471")))


def make_settings(algorithm: str = "Ed25519", **changes: Any) -> Settings:
    public = PAIRS[algorithm][1]
    known: dict[str, Any] = {
        "connection_id": "c1",
        "issuer": THEM,
        "audience": US,
        "algorithm": algorithm,
        "keys": (public,),
        "origins": (THEM,),
        "decryption_key": SEALING[0],
    }
    return Settings(**{**known, **changes})


def make_claims(**changes: Any) -> dict[str, Any]:
    said = {
        "iss": THEM,
        "aud": US,
        "sub": "staff-17",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 60,
        "jti": "q1cGMVYfB0mEy6k1Dq0mUQ",
        "roles": ["social-worker"],
        "child_ref": "4471",
        "sid": "s-1",
    }
    said.update(changes)
    return {name: value for name, value in said.items() if value is not ...}


def make_token(algorithm: str = "Ed25519", header: dict[str, Any] | None = None, **changes: Any) -> str:
    private = PAIRS[algorithm][0]
    if header is None:
        return host.sign(make_claims(**changes), private, private["kid"])
    whole = {"alg": algorithm, "kid": private["kid"], "typ": TYPE, **header}
    whole = {name: value for name, value in whole.items() if value is not ...}
    signing = f"{b64(json.dumps(whole))}.{b64(json.dumps(make_claims(**changes)))}"
    key = key_of(private).private_key
    assert algorithm == "Ed25519"
    return f"{signing}.{b64(key.sign(signing.encode()))}"


def b64(raw: str | bytes) -> str:
    return base64.urlsafe_b64encode(raw.encode() if isinstance(raw, str) else raw).rstrip(b"=").decode()


def refusal(token: str, settings: Settings | None = None, now: datetime = NOW) -> str:
    with pytest.raises(LaunchRefused) as refused:
        verify(token, settings or make_settings(), now)
    return refused.value.code


@pytest.mark.parametrize("algorithm", ["Ed25519", "ES256", "RS256"])
def test_a_launch_made_by_a_host_gets_in(algorithm: str) -> None:
    private = PAIRS[algorithm][0]
    token = host.make_launch(
        private, private["kid"], THEM, US, "staff-17", "J. Smith", ["social-worker"], "4471", "s-1", CHILD, SEALING[1], NOW
    )
    launch = verify(token, make_settings(algorithm), NOW)
    assert (launch.connection_id, launch.staff_id, launch.staff_name, launch.roles) == ("c1", "staff-17", "J. Smith", ("social-worker",))
    assert (launch.child_ref, launch.host_session, launch.child) == ("4471", "s-1", CHILD)
    assert launch.issued_at == NOW and launch.expires_at == NOW + timedelta(seconds=60)
    assert len(token) <= MAX_TOKEN


def test_the_childs_details_are_nowhere_in_clear() -> None:
    private = PAIRS["Ed25519"][0]
    token = host.make_launch(private, private["kid"], THEM, US, "s", "n", ["r"], "4471", "sid", CHILD, SEALING[1], NOW)
    claims = base64.urlsafe_b64decode(token.split(".")[1] + "==")
    assert b"Example" not in claims and b"9990000557" not in claims and b"2015" not in claims
    with pytest.raises(ValueError, match="key to seal"):
        host.make_launch(private, private["kid"], THEM, US, "s", "n", ["r"], "4471", "sid", CHILD, None, NOW)


def test_an_older_hosts_name_for_ed25519_is_understood() -> None:
    assert verify(make_token(header={"alg": "EdDSA"}), make_settings(), NOW).staff_id == "staff-17"


# --- case 1 -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["none", "None", "NONE", ""])
def test_case_1_no_algorithm(name: str) -> None:
    header = b64(json.dumps({"alg": name, "kid": PAIRS["Ed25519"][1]["kid"], "typ": TYPE}))
    body = b64(json.dumps(make_claims()))
    assert refusal(f"{header}.{body}.") in ("algorithm", "malformed")


# --- case 2 -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "Ed25519"])
def test_case_2_hmac_with_our_copy_of_the_public_key(algorithm: str) -> None:
    public = PAIRS[algorithm][1]
    pem = key_of(public).public_key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    signing = f"{b64(json.dumps({'alg': 'HS256', 'kid': public['kid'], 'typ': TYPE}))}.{b64(json.dumps(make_claims()))}"
    for secret in (pem, json.dumps(public).encode()):
        mac = hmac.new(secret, signing.encode(), hashlib.sha256).digest()
        assert refusal(f"{signing}.{b64(mac)}", make_settings(algorithm)) == "algorithm"


def test_case_2_another_asymmetric_algorithm_than_the_pinned_one() -> None:
    private, public = PAIRS["ES256"]
    token = host.sign(make_claims(), private, public["kid"])
    assert refusal(token, make_settings("Ed25519")) == "algorithm"


# --- case 3 -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["jku", "x5u", "jwk", "x5c"])
def test_case_3_a_key_in_the_header_is_never_used_nor_fetched(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    attacker_private, attacker_public = host.new_keypair("Ed25519")
    pointer: Any = {"jku": "https://evil.example/k", "x5u": "https://evil.example/c", "jwk": attacker_public, "x5c": ["MIIB"]}[name]
    monkeypatch.setattr(socket, "socket", _no_socket)
    monkeypatch.setattr(socket, "getaddrinfo", _no_socket)
    header = {"alg": "Ed25519", "kid": PAIRS["Ed25519"][1]["kid"], "typ": TYPE, name: pointer}
    signing = f"{b64(json.dumps(header))}.{b64(json.dumps(make_claims()))}"
    forged = f"{signing}.{b64(key_of(attacker_private).private_key.sign(signing.encode()))}"
    assert refusal(forged) in ("header", "malformed")
    assert refusal(make_token(header={name: pointer})) in ("header", "malformed")


def _no_socket(*_args: object, **_kwargs: object) -> None:
    raise AssertionError("verifying a launch opened a connection")


def test_case_3_an_attackers_own_key_under_a_known_kid() -> None:
    attacker, _public = host.new_keypair("Ed25519")
    assert refusal(host.sign(make_claims(), attacker, PAIRS["Ed25519"][1]["kid"])) == "signature"
    assert refusal(host.sign(make_claims(), attacker, "unheard-of")) == "key-unknown"


# --- case 4 -------------------------------------------------------------------------------------------------------------------------


def test_case_4_a_replay_carries_the_same_nonce_for_the_one_place_that_spends_it() -> None:
    token = make_token()
    first, second = verify(token, make_settings(), NOW), verify(token, make_settings(), NOW + timedelta(seconds=1))
    assert first.nonce == second.nonce == make_claims()["jti"]
    assert (first.connection_id, first.nonce) == (second.connection_id, second.nonce)


@pytest.mark.parametrize(
    "jti", [..., "", "short", 7, None, ["q1cGMVYfB0mEy6k1Dq0mUQ"], "0123456789abcdef0123456789", "x" * 129, "q1cGMVYf 0mEy6k1Dq0mUQ"]
)
def test_case_4_a_nonce_too_small_to_be_unique_is_refused(jti: Any) -> None:
    assert refusal(make_token(jti=jti)) == "jti"


@pytest.mark.parametrize("jti", ["0123456789abcdef0123456789abcdef", "6fa459ea-ee8a-4ca4-894e-db77e160355e"])
def test_case_4_a_nonce_of_128_bits_in_hex_is_enough(jti: str) -> None:
    assert verify(make_token(jti=jti), make_settings(), NOW).nonce == jti


# --- case 5 -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("aud", ["https://other.example", [US], [US, "https://other.example"], US + "/", US.upper(), "", None, ..., 1])
def test_case_5_the_audience_is_our_origin_as_one_string(aud: Any) -> None:
    assert refusal(make_token(aud=aud)) == "aud"


@pytest.mark.parametrize("iss", ["https://other.example", THEM + "/", [THEM], None, ...])
def test_case_5_another_tenants_issuer(iss: Any) -> None:
    assert refusal(make_token(iss=iss)) == "iss"


def test_case_5_another_tenants_key() -> None:
    other_private, other_public = host.new_keypair("Ed25519")
    token = host.sign(make_claims(), other_private, other_public["kid"])
    assert refusal(token) == "key-unknown"
    assert verify(token, make_settings(keys=(other_public,)), NOW).connection_id == "c1"


def test_case_5_the_agency_never_comes_from_the_token() -> None:
    launch = verify(make_token(connection_id="c2", agency="a2", extra={"x": "y"}), make_settings(), NOW)
    assert launch.connection_id == "c1" and launch.area == ""


# --- case 6 -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iat": -200, "exp": -140}, "expired"),
        ({"iat": 3600, "exp": 3660}, "from-the-future"),
        ({"exp": 3600}, "life-too-long"),
        ({"exp": 61}, "life-too-long"),
        ({"exp": 0}, "life-too-long"),
        ({"exp": -1}, "life-too-long"),
    ],
)
def test_case_6_times(changes: dict[str, int], code: str) -> None:
    moved = {name: int(NOW.timestamp()) + seconds for name, seconds in changes.items()}
    assert refusal(make_token(**moved)) == code


@pytest.mark.parametrize("name", ["iat", "exp"])
@pytest.mark.parametrize("value", [..., None, True, "1795000000", [], -1, 10**400, 1e300])
def test_case_6_times_that_are_none(name: str, value: Any) -> None:
    assert refusal(make_token(**{name: value})) in (name, "claims")


def test_case_6_not_a_number() -> None:
    assert refusal(make_token(exp=float("nan"))) == "claims"


# --- case 7 -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host_clock", "code"),
    [(25, None), (30, None), (31, "from-the-future"), (45, "from-the-future"), (-85, None), (-95, "expired"), (-90, "expired")],
)
def test_case_7_host_clocks_fast_and_slow(host_clock: int, code: str | None) -> None:
    private, public = PAIRS["Ed25519"]
    there = NOW + timedelta(seconds=host_clock)
    token = host.make_launch(private, public["kid"], THEM, US, "s", "n", ["r"], "4471", "sid", None, None, there)
    if code is None:
        assert verify(token, make_settings(), NOW).skew_seconds == host_clock
    else:
        assert refusal(token) == code


# --- case 8 -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JWT", "at+jwt", "logout+jwt", "", ..., 7, "accord-launch", TYPE.upper()])
def test_case_8_another_type_of_token(kind: Any) -> None:
    assert refusal(make_token(header={"typ": kind})) in ("type", "malformed")


# --- case 9 (which child is whose is the service's; this much is the token's) -------------------------------------------------------


@pytest.mark.parametrize("name", ["sub", "child_ref", "sid"])
@pytest.mark.parametrize("value", [..., None, "", "  ", 4471, ["4471"], "a\x00b", "a\nb", "x" * 256])
def test_case_9_ids_are_plain_text_or_nothing(name: str, value: Any) -> None:
    assert refusal(make_token(**{name: value})) == name


def test_case_9_the_child_is_exactly_the_one_signed_for() -> None:
    head, _body, signature = make_token().split(".")
    other = b64(json.dumps(make_claims(child_ref="4472")))
    assert refusal(f"{head}.{other}.{signature}") == "signature"


# --- case 10 ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin", ["https://evil.example", THEM + ".evil.example", "http://records.example", THEM + "/", THEM + ":8443", ""]
)
def test_case_10_a_post_from_another_origin(origin: str) -> None:
    with pytest.raises(LaunchRefused) as refused:
        check_origin(origin, "iframe", make_settings())
    assert refused.value.code == "origin-not-listed"


def test_case_10_a_null_origin_passes_only_where_the_connection_says_so() -> None:
    with pytest.raises(LaunchRefused) as refused:
        check_origin("null", "iframe", make_settings())
    assert refused.value.code == "origin-null"
    check_origin("null", "iframe", make_settings(allow_null_origin=True))


def test_case_10_no_origin_at_all() -> None:
    with pytest.raises(LaunchRefused) as refused:
        check_origin(None, "iframe", make_settings(allow_null_origin=True))
    assert refused.value.code == "origin-missing"


@pytest.mark.parametrize("destination", ["iframe", "document", None])
def test_case_10_a_page_or_a_frame_of_the_host(destination: str | None) -> None:
    check_origin(THEM, destination, make_settings())


@pytest.mark.parametrize("destination", ["empty", "script", "image", "object", "embed", ""])
def test_case_10_not_a_page(destination: str) -> None:
    with pytest.raises(LaunchRefused) as refused:
        check_origin(THEM, destination, make_settings())
    assert refused.value.code == "not-a-page"


# --- the rest -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("roles", [..., None, [], "social-worker", [7], [""], ["r"] * 51, ["a\nb"]])
def test_roles_are_a_list_of_names(roles: Any) -> None:
    assert refusal(make_token(roles=roles)) == "roles"


def test_a_large_token_is_refused_before_it_is_read() -> None:
    assert refusal("a" * (MAX_TOKEN + 1)) == "too-large"
    assert refusal(make_token(padding="x" * MAX_TOKEN)) == "too-large"


@pytest.mark.parametrize("token", ["", ".", "..", "...", "a.b.c", "é.é.é", "a.b", "a.b.c.d.e", "\x00.\x00.\x00", "e30.e30.e30"])
def test_what_is_no_token(token: str) -> None:
    assert refusal(token) in ("malformed", "type")


def test_a_name_twice_in_the_claims() -> None:
    private = PAIRS["Ed25519"][0]
    body = json.dumps(make_claims())[:-1] + ', "child_ref": "4472"}'
    header = {"alg": "Ed25519", "kid": private["kid"], "typ": TYPE}
    assert refusal(jws.serialize_compact(header, body, key_of(private), algorithms=["Ed25519"])) == "claims"


def test_critical_extensions_are_not_known_here() -> None:
    assert refusal(make_token(header={"crit": ["exp"], "exp": 1})) in ("header", "malformed")


def test_two_keys_overlap_while_a_host_rotates() -> None:
    old_private, old = host.new_keypair("Ed25519")
    new_private, new = host.new_keypair("Ed25519")
    settings = make_settings(
        keys=({**old, "not_after": "2026-11-20T15:00:00+00:00"}, {**new, "not_before": "2026-11-20T13:00:00+01:00", "not_after": ""})
    )
    by_old, by_new = (host.sign(make_claims(), pair[0], pair[1]["kid"]) for pair in ((old_private, old), (new_private, new)))
    assert verify(by_old, settings, NOW) == verify(by_new, settings, NOW)
    later = replace(settings, keys=({**old, "not_after": "2026-11-20T14:00:00Z"}, {**new, "not_before": "2026-11-20T14:00:01Z"}))
    assert refusal(by_old, later) == refusal(by_new, later) == "key-not-in-use"


@pytest.mark.parametrize(
    "keys",
    [
        (),
        ({"kty": "oct", "k": "AAAA", "kid": "1"},),
        ({**PAIRS["RS256"][1]},),
        ({**PAIRS["Ed25519"][0]},),
        ({**PAIRS["Ed25519"][1], "kid": ""},),
        (PAIRS["Ed25519"][1], PAIRS["Ed25519"][1]),
        ({**PAIRS["Ed25519"][1], "x": "AAAA"},),
        ({**PAIRS["Ed25519"][1], "not_before": "yesterday"},),
        ({**PAIRS["Ed25519"][1], "not_after": "2026-11-20T15:00:00"},),
    ],
)
def test_settings_that_cannot_work_are_refused_when_they_are_made(keys: Any) -> None:
    with pytest.raises(ValueError):
        make_settings(keys=keys)


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "*",
        THEM + "/",
        "records.example",
        "HTTPS://records.example",
        "https://a b",
        "https://a; script-src *",
        "https://*.example",
    ],
)
def test_an_origin_that_could_never_match_or_would_do_more_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match="origin"):
        make_settings(origins=(THEM, origin))


def test_origins_as_browsers_write_them() -> None:
    good = ("https://records.example", "http://council.localhost:8001", "https://a", "http://[::1]:8000", "https://10.0.0.1")
    assert make_settings(origins=good).origins == good


def test_a_weak_rsa_key_is_refused() -> None:
    with pytest.warns(Warning):
        weak = RSAKey.generate_key(1024).as_dict(private=False)
    with pytest.raises(ValueError, match="2048"), pytest.warns(Warning):
        make_settings("RS256", keys=({**weak, "kid": "1"},))


def test_settings_do_not_show_our_private_key() -> None:
    assert SEALING[0]["d"] not in repr(make_settings())


# --- the sealed details -------------------------------------------------------------------------------------------------------------


def sealed(plain: str, header: dict[str, Any] | None = None, **options: Any) -> str:
    head = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", **(header or {})}
    return jwe.encrypt_compact(head, plain, key_of(SEALING[1]), **options)


@pytest.mark.parametrize(
    "plain",
    ["", "[]", "{", '{"name": 1}', '{"name": "a\\u0000"}', '{"nhs": "1"}', '{"identifiers": [["a","b"]]}', '{"name":"a","name":"b"}'],
)
def test_details_of_the_wrong_shape(plain: str) -> None:
    assert refusal(make_token(child=sealed(plain))) == "child-details"


def test_details_sealed_to_somebody_else_or_altered_or_packed() -> None:
    stranger = host.new_keypair("ES256")[1]
    box = sealed("{}")
    packed = sealed("{}", {"zip": "DEF"}, algorithms=["ECDH-ES+A256KW", "A256GCM", "DEF"])
    direct = jwe.encrypt_compact({"alg": "ECDH-ES", "enc": "A256GCM"}, "{}", key_of(SEALING[1]), algorithms=["ECDH-ES", "A256GCM"])
    for bad in (host.seal_child(CHILD, stranger), box[:-4] + "AAAA", packed, direct, "a.b.c.d.e", "plain"):
        assert refusal(make_token(child=bad)) == "child-sealed"


def test_details_where_we_have_no_key_to_open_them() -> None:
    assert refusal(make_token(child=sealed("{}")), make_settings(decryption_key=None)) == "child-no-key"


def test_no_details_at_all_is_fine() -> None:
    assert verify(make_token(), make_settings(), NOW).child == ChildDetails()


@given(st.data())
def test_a_token_with_any_one_letter_changed_is_refused_or_says_the_same(data: st.DataObject) -> None:
    token = make_token()
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("ABCxyz019-_.=+\x00é"))
    altered = token[:place] + letter + token[place + 1 :]
    try:
        launch: LaunchContext | None = verify(altered, make_settings(), NOW)
    except LaunchRefused:
        launch = None
    # The last letter of a base64url part holds bits that mean nothing; nothing else may differ and still get in.
    assert launch is None or launch == verify(token, make_settings(), NOW)


@given(st.text(max_size=300))
def test_any_text_is_refused_and_nothing_else_is_raised(text: str) -> None:
    with pytest.raises(LaunchRefused):
        verify(text, make_settings(), NOW)
