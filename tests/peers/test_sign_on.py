"""Signing in by a certified OpenID provider: SMART launches, managers' links, the desk; and everything that must not let anybody in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from sqlalchemy import select

from integrations.http import GuardedClient, OutboundRules
from integrations.launch import oidc_flow
from plugin.models import Access, Account, Connection, Identity, KeySet, begin_writing
from plugin.runtime import runtime
from plugin.services.keeping.clock import machine_now
from plugin.services.providers import key_sets
from tests.pages import Page, Visitor
from tests.peers.node_servers import OidcProvider
from tests.peers.sign_on_visits import TOP, agency_says, asked_by_mail, back, gone, mailbox_of, port_of, set_profiles, smart_path
from tests.plugin.desks import make_account, sign_in
from tests.plugin.visits import as_system, on_sqlite_alone
from tests.world import COUNCIL, SCHOOL, World

pytestmark = [pytest.mark.slow, on_sqlite_alone]
REFUSED = "You could not be signed in"
NOT_YOURS = "You cannot come in with this account"
NOT_NOW = "Your organisation’s sign-in does not work just now"


def test_a_smart_launch_ends_at_the_right_child_as_the_right_person(world: World, smart: tuple[OidcProvider, str]) -> None:
    provider, fhir = smart
    mailbox_of(world, "nc-1042", "ada@council.example")
    visitor = Visitor(world.app)
    url = gone(visitor, smart_path(fhir))
    asked = parse_qs(urlsplit(url).query)
    assert asked["code_challenge_method"] == ["S256"] and asked["aud"] == [fhir] and asked["launch"] == ["launch-1"]
    page = back(visitor, provider.sign_in(url, "ada"))
    assert page.status == 200, page.words
    assert "Ann Example" in page.words and "Northleigh Council" in page.words
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"], "never in a frame"
    known = as_system().scalars(select(Identity)).one()
    assert (known.subject, known.person_id) == ("ada", world.people["nc-1042"])
    assert "Raise professional disagreement" in page.buttons()


def test_a_launch_that_arrives_in_a_frame_is_given_a_tab(world: World, smart: tuple[OidcProvider, str]) -> None:
    provider, fhir = smart
    set_profiles(world, "council", smart={"fhir": fhir, "client_id": "accord-smart", "origins": ["https://ehr.example"]})
    # In a frame, and where a browser does not say where the page is to be shown.
    for headers in ({"Sec-Fetch-Dest": "iframe"}, {"Sec-Fetch-Dest": None}):
        visitor = Visitor(world.app)
        page = visitor.get(smart_path(fhir), headers=headers)  # type: ignore[arg-type]  # None: not sent
        assert "Open Accord (in a new tab)" in page.words and 'target="_blank"' in page.text
        assert "frame-ancestors https://ehr.example" in page.headers["Content-Security-Policy"]
    assert page.tree is not None
    button = next(one.get("href", "") for one in page.tree.iter("a") if one.get("target") == "_blank")
    answer = visitor.get(button, headers={"Sec-Fetch-Dest": None}, follow=False)
    assert answer.status == 303 and answer.headers["Location"].startswith(provider.issuer)
    assert "Cross-Origin-Opener-Policy" not in answer.headers, "the tab of a sandboxed frame would show nothing"


def test_what_does_not_fit_lets_nobody_in(world: World, smart: tuple[OidcProvider, str]) -> None:
    provider, fhir = smart
    visitor = Visitor(world.app)
    assert visitor.get("/smart/council/launch?iss=https://evil.example&launch=x", headers=TOP).h1 == REFUSED
    assert visitor.get("/smart/school/launch?" + urlencode({"iss": fhir, "launch": "x"}), headers=TOP).h1 == NOT_NOW
    assert visitor.get("/smart/nowhere/launch?" + urlencode({"iss": fhir}), headers=TOP).h1 == REFUSED
    assert back(visitor, "https://accord.example/sign-on/council/back?code=x&state=unknown").h1 == REFUSED
    # Without a patient there is no child to be about.
    assert back(visitor, provider.sign_in(gone(visitor, smart_path(fhir, "launch-none")), "ada")).h1 == REFUSED
    # Another browser brings the answer (somebody was sent a link with an attacker's code).
    answer = provider.sign_in(gone(visitor, smart_path(fhir)), "ada")
    assert back(Visitor(world.app), answer).h1 == REFUSED
    assert back(visitor, answer).h1 == REFUSED, "a state is taken once, whoever brought it first"
    # The answer is of another provider, or is an error.
    answer = provider.sign_in(gone(visitor, smart_path(fhir)), "ada")
    assert back(visitor, answer.replace(urlencode({"iss": provider.issuer}), "iss=https%3A%2F%2Fevil.example")).h1 == REFUSED
    # It came to the address of another connection: that provider's answer is not taken to this one.
    answer = provider.sign_in(gone(visitor, smart_path(fhir)), "ada")
    assert back(visitor, answer.replace("/sign-on/council/", "/sign-on/school/")).h1 == REFUSED
    state = parse_qs(urlsplit(gone(visitor, smart_path(fhir))).query)["state"][0]
    told = urlencode({"error": "access_denied", "state": state, "iss": provider.issuer})
    assert back(visitor, f"https://accord.example/sign-on/council/back?{told}").h1 == "You did not sign in"
    reasons = set(as_system().scalars(select(Access.result).where(Access.action == "launch")))
    assert {"sign-in: another-server", "sign-in: no-patient", "sign-in: other-browser", "sign-in: mixed-up"} <= reasons
    assert as_system().scalars(select(Identity)).all() == []


def test_pkce_is_what_ties_the_code_to_us(world: World, smart: tuple[OidcProvider, str], monkeypatch: pytest.MonkeyPatch) -> None:
    provider, fhir = smart
    visitor = Visitor(world.app)
    answer = provider.sign_in(gone(visitor, smart_path(fhir)), "ada")
    right = oidc_flow.exchange

    def stolen(http: Any, said: Any, client: Any, code: str, flow: oidc_flow.Flow) -> dict[str, Any]:
        return right(http, said, client, code, oidc_flow.Flow(flow.state, flow.nonce, "x" * 64))

    monkeypatch.setattr("integrations.launch.oidc_flow.exchange", stolen)
    assert back(visitor, answer).h1 == REFUSED


def test_a_manager_signs_in_by_their_agency_instead_of_a_code(world: World, sso: OidcProvider) -> None:
    reference, mailbox = asked_by_mail(world)
    link = mailbox.link_to("m.tull@hilltop.example")
    agency_says(SCHOOL, "sso")
    mailbox_of(world, "htull", "ben@school.example")
    visitor = Visitor(world.app)
    page = visitor.get(link)
    assert "own account" in page.words and "Send me a code" not in page.buttons()
    refused = visitor.post(link, {"do": "send"})
    assert refused.status == 403 and not mailbox.to("ben@school.example", "Your code"), "an agency on sso takes no code"
    page = back(visitor, sso.sign_in(gone(visitor, f"{link}/sign-on"), "ben"))
    assert reference in page.h1 and "Marguerite Tull" in page.words
    # Somebody else with an account there, whom the link is not for.
    other = Visitor(world.app)
    page = back(other, sso.sign_in(gone(other, f"{link}/sign-on"), "cai"))
    assert page.h1 == "This was not sent to you" and "You signed in as Cai Pritchard" in page.words
    assert "Marguerite" not in page.words and reference not in page.words and "Hand to a colleague" in page.words
    again = gone(other, f"{link}/sign-on?again=1")
    assert parse_qs(urlsplit(again).query)["prompt"] == ["login"], "a way out: with another account"
    assert reference in back(other, sso.sign_in(again, "ben")).h1


def test_codes_need_somebody_who_accepted_their_risk(world: World) -> None:
    _reference, mailbox = asked_by_mail(world)
    link = mailbox.link_to("m.tull@hilltop.example")
    agency_says(SCHOOL, "mailbox_code", risk={})
    visitor = Visitor(world.app)
    assert "has not decided yet" in visitor.get(link).words
    assert visitor.post(link, {"do": "send"}).status == 403
    assert not mailbox.to("m.tull@hilltop.example", "Your code")


def test_an_administrator_signs_in_by_their_agency_and_by_no_other(world: World, sso: OidcProvider) -> None:
    ada = make_account(world, email="ada@council.example")
    ben = make_account(world, agency=SCHOOL, email="ben@school.example")
    make_account(world, "owner", email="cai@council.example")
    visitor = Visitor(world.app)
    # An answer that does not say whose it is, though this provider always does (RFC 9207).
    answer = sso.sign_in(gone(visitor, "/sign-on/desk/council"), "ada")
    assert back(visitor, answer.replace(urlencode({"iss": sso.issuer}), "x=y")).h1 == REFUSED
    assert "Children's Case Records" in visitor.get("/admin/sign-in").words
    page = back(visitor, sso.sign_in(gone(visitor, "/sign-on/desk/council"), "ada"))
    page = visitor.press(page, "Continue", {"code": ada.code()})
    assert page.h1 == "Overview" and "Northleigh Council" in page.words, "their provider told of no second factor: ours was asked for"
    for way, who in (("council", "ben"), ("school", "ada"), ("council", "cai")):
        other = Visitor(world.app)
        assert back(other, sso.sign_in(gone(other, f"/sign-on/desk/{way}"), who)).h1 == NOT_YOURS, (way, who)
        assert other.get("/admin/").status == 403
    session = as_system()
    begin_writing(session)
    session.get_one(Account, ada.account_id).active = False
    session.commit()
    again = Visitor(world.app)
    assert back(again, sso.sign_in(gone(again, "/sign-on/desk/council"), "ada")).h1 == NOT_YOURS
    assert ben.account_id


def test_the_same_subject_of_two_issuers_is_two_people(world: World, sso: OidcProvider, second: OidcProvider) -> None:
    set_profiles(world, "school", sso={"issuer": second.issuer, "client_id": "accord-admin", "desk": True})
    private = [port_of(sso.issuer), port_of(second.issuer)]
    runtime(world.app).__dict__["http"] = GuardedClient(OutboundRules.parse(private=private), clock=machine_now)
    make_account(world, email="ada@council.example")
    first, other = Visitor(world.app), Visitor(world.app)
    set_profiles(world, "council", sso={"issuer": sso.issuer, "client_id": "accord-admin", "desk": True, "two_factors": True})
    assert back(first, sso.sign_in(gone(first, "/sign-on/desk/council"), "ada")).h1 == "Overview"
    assert back(other, second.sign_in(gone(other, "/sign-on/desk/school"), "ada")).h1 == NOT_YOURS
    assert [(row.issuer, row.agency_id) for row in as_system().scalars(select(Identity))] == [(sso.issuer, COUNCIL)]


def test_keys_turn_without_a_gap_and_the_last_good_ones_hold_for_a_day(world: World, second: OidcProvider) -> None:
    http = GuardedClient(OutboundRules.parse(private=[port_of(second.issuer)]), clock=machine_now)
    url, now = f"{second.issuer}/jwks", machine_now()

    def kids(kid: str, at: datetime) -> set[str]:
        return {one["kid"] for one in key_sets.keys_at(as_system(), http, url, kid, at)}

    assert kids("key-1", now) == {"key-1"}
    second.turn_keys()
    assert kids("key-1", now + timedelta(minutes=9)) == {"key-1"}, "kept for ten minutes"
    assert kids("key-2", now + timedelta(seconds=59)) == {"key-1"}, "asked for once a minute at most"
    assert kids("key-2", now + timedelta(seconds=61)) == {"key-1", "key-2"}, "a key that is not known is fetched"
    second.retire_keys()
    assert kids("key-2", now + timedelta(minutes=12)) == {"key-2"}
    silent = GuardedClient(OutboundRules.parse(), clock=machine_now)
    later = now + timedelta(hours=20)
    assert {one["kid"] for one in key_sets.keys_at(as_system(), silent, url, "key-2", later)} == {"key-2"}
    assert key_sets.keys_at(as_system(), silent, url, "key-2", now + timedelta(hours=25)) == []
    assert as_system().get_one(KeySet, url).reason


def test_what_the_provider_supports_is_looked_up_and_chosen(world: World, sso: OidcProvider) -> None:
    desk = sign_in(world)
    page = desk.visitor.get("/admin/connections/council/provider/sso")

    def looked_up(**typed: str) -> Page:
        named = {f"s.{name}": value for name, value in typed.items()}
        return desk.visitor.post(page.form("Save").action, {**dict(page.form("Save").sends.lists()), **named, "do": "look"})

    missing = looked_up(issuer="", client_id="typed")
    assert missing.status == 422 and missing.errors()["s-issuer"] == "Enter the address first."
    wrong = looked_up(issuer=f"{sso.issuer}/nothing", client_id="typed")
    assert wrong.status == 422 and "answered 404" in wrong.errors()["s-issuer"] and 'value="typed"' in wrong.text
    found = looked_up(issuer=sso.issuer + "/", client_id="typed", client_auth="private_key_jwt")
    assert found.status == 200 and f"It is there and calls itself {sso.issuer}." in found.words and 'value="typed"' in found.text
    assert "“private_key_jwt” is chosen below" in found.words, "what was chosen and is taken stays"
    assert "typed" not in str(as_system().get_one(Connection, "council").launch), "nothing is saved by it"
    before = found.text.partition("More options")[0]
    assert "How we prove the client id" in before, "it is not folded away"


def test_the_provider_is_set_up_by_its_form_and_a_slip_shows_at_once(world: World, sso: OidcProvider) -> None:
    desk = sign_in(world)
    page = desk.visitor.get("/admin/connections/council/provider/sso")
    for issuer, said in (
        ("https://evil.example", "not among the places this service may call. It may call: localhost:"),
        ("login.example", "not an address"),
        (sso.issuer.replace("http:", "https:") + "?x=1", "not an address"),
    ):
        answer = desk.visitor.press(page, "Save", {"s.issuer": issuer})
        assert answer.status == 422 and said in answer.errors()["s-issuer"], (issuer, answer.errors())
        assert issuer in answer.text, "what was typed is kept"
    answer = desk.visitor.press(page, "Save", {"s.client_id": None, "secret": "admin-secret"})
    assert "Enter the client id" in answer.errors()["s-client_id"] and "SHA-256 ends in" in answer.words, "the secret is kept all the same"
    # A slash too many, or the whole well-known address: it is understood.
    for issuer in (sso.issuer + "/", sso.issuer + "/.well-known/openid-configuration"):
        saved = desk.visitor.press(page, "Save", {"s.issuer": issuer, "secret": "admin-secret"})
        assert saved.status == 200 and "It knows us" in saved.words, saved.words
    page = desk.visitor.press(page, "Save", {"s.issuer": sso.issuer, "secret": "hush-7741"})
    assert page.status == 200 and "hush-7741" not in page.text and "SHA-256 ends in" in page.words
    assert "Not well Our user name, key or password" in page.words and "does not accept our client id" in page.words
    assert "Failing" in desk.visitor.get("/admin/connections/council").words
    page = desk.visitor.press(page, "Save", {"s.issuer": f"{sso.issuer}/nothing", "secret": "admin-secret"})
    assert "answered 404 where it should answer 200" in page.words and "Their answer" in page.words
