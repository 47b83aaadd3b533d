"""Who an account at a provider is here: bound at the first sign-in, another one never; addresses that count; what the settings ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from integrations.http import GuardedClient, OutboundRules
from plugin.models import Access, Identity, Invitation, begin_writing
from plugin.runtime import runtime
from plugin.services.desk import ways
from plugin.services.keeping.clock import machine_now
from plugin.services.providers import sign_on_checks, signing_keys
from plugin.services.write_back import nightly
from tests.pages import Visitor
from tests.peers.node_servers import OidcProvider, service_client, settings_of
from tests.peers.sign_on_visits import agency_says, asked_by_mail, back, gone, mailbox_of, port_of, set_profiles
from tests.plugin.desks import make_account, sign_in
from tests.plugin.visits import as_system, on_sqlite_alone
from tests.world import SCHOOL, World

pytestmark = [pytest.mark.slow, on_sqlite_alone]
NOT_YOURS = "You cannot come in with this account"
TO_SOMEBODY_ELSE = "This was not sent to you"


def _desk(world: World, provider: OidcProvider, login: str, again: str = "") -> str:
    visitor = Visitor(world.app)
    return back(visitor, provider.sign_in(gone(visitor, f"/sign-on/desk/council{again}"), login)).h1


def _sso(world: World, provider: OidcProvider, **more: Any) -> None:
    set_profiles(world, "council", sso={"issuer": provider.issuer, "client_id": "accord-admin", "desk": True, **more})


def _reasons() -> list[str]:
    newest = select(Access.result).where(Access.action == "launch").order_by(Access.at)
    return [one.removeprefix("sign-in: ") for one in as_system().scalars(newest)]


def test_a_newcomer_with_the_address_of_somebody_before_is_not_taken_for_them(world: World, sso: OidcProvider) -> None:
    make_account(world, email="ada@council.example")
    assert _desk(world, sso, "ada") == "Enter the code from your app"
    assert _desk(world, sso, "new") == NOT_YOURS
    assert _reasons() == ["another account is known"]
    # The administrator lets the old account go, after being asked; then the address counts once more, and the old account no longer.
    desk = sign_in(world)
    page = desk.visitor.get("/admin/connections/council/provider/sso")
    page = desk.visitor.press(page, "Let go")
    page = desk.visitor.press(page, "Let it go")
    assert "Who is known by it" not in page.words
    assert _desk(world, sso, "new") == "Enter the code from your app"
    assert _desk(world, sso, "ada") == NOT_YOURS


def test_an_address_counts_if_it_is_checked_or_the_organisation_gives_it_out(world: World, sso: OidcProvider) -> None:
    make_account(world, email="cai@council.example")
    assert _desk(world, sso, "cai") == NOT_YOURS
    assert _reasons() == ["no email"]
    _sso(world, sso, trust_email=True)
    assert _desk(world, sso, "cai") == "Enter the code from your app"


def test_only_people_with_the_claims_that_the_settings_ask_for(world: World, sso: OidcProvider) -> None:
    make_account(world, email="ada@council.example")
    _sso(world, sso, only={"name": "Somebody Else"})
    assert _desk(world, sso, "ada") == NOT_YOURS
    _sso(world, sso, acr="urn:two")
    assert _desk(world, sso, "ada") == "You could not be signed in"
    _sso(world, sso, scope="openid email profile roles", role_claim="roles", desk_role="boss")
    assert _desk(world, sso, "ada") == NOT_YOURS
    assert _reasons() == ["another-organisation", "level", "no-role"]
    _sso(world, sso, scope="openid email profile roles", role_claim="roles", desk_role="partnership-admin", two_factors=True)
    assert _desk(world, sso, "ada") == "Overview"


def test_a_duty_desks_link_opens_to_a_person_of_the_directory_alone(world: World, sso: OidcProvider) -> None:
    reference, mailbox = asked_by_mail(world)
    link = mailbox.link_to("m.tull@hilltop.example")
    agency_says(SCHOOL, "sso")
    session = as_system()
    begin_writing(session)
    row = session.scalars(select(Invitation).where(Invitation.agency_id == SCHOOL, Invitation.ended_at.is_(None))).first()
    assert row is not None
    row.person_id = f"duty:{SCHOOL}"
    session.commit()
    visitor = Visitor(world.app)
    assert back(visitor, sso.sign_in(gone(visitor, f"{link}/sign-on"), "ben")).h1 == TO_SOMEBODY_ELSE
    mailbox_of(world, "htull", "ben@school.example")
    assert reference in back(visitor, sso.sign_in(gone(visitor, f"{link}/sign-on?again=1"), "ben")).h1


def test_a_provider_that_sends_claims_by_userinfo_alone_is_asked_there(world: World, tmp_path: Path) -> None:
    make_account(world, email="ada@council.example")
    with OidcProvider(tmp_path / "bare", {**settings_of(), "claims_by_userinfo_alone": True}) as provider:
        _reach(world, provider)
        _sso(world, provider)
        ways.keep_secret(as_system(), world.keys, "council", "sso_client_secret", "admin-secret", machine_now(), by="test")
        assert _desk(world, provider, "ada") == "Enter the code from your app"


def _reach(world: World, provider: OidcProvider) -> None:
    runtime(world.app).__dict__["http"] = GuardedClient(OutboundRules.parse(private=[port_of(provider.issuer)]), clock=machine_now)


def test_we_prove_ourselves_by_a_key_that_was_made_here_and_turned(world: World, tmp_path: Path) -> None:
    make_account(world, email="ada@council.example")
    for _time in range(2):
        signing_keys.make(as_system(), world.keys, "council", "sso", machine_now(), by="test")
    published = Visitor(world.app).get("/sign-on/council/keys/sso").response.get_json()
    assert [sorted(one) for one in published["keys"]] == [["e", "key_ops", "kid", "kty", "n", "use"]] * 2, "public halves, of two"
    assert Visitor(world.app).get("/sign-on/nowhere/keys/sso").response.get_json() == {"keys": []}
    web = {"grant_types": ["authorization_code"], "response_types": ["code"], "redirect_uris": ["http://localhost/back"]}
    proof = {"token_endpoint_auth_method": "private_key_jwt", "client_secret": None, "jwks": published}
    with OidcProvider(tmp_path / "keyed", settings_of([service_client("accord-keyed", **web, **proof)])) as provider:
        _reach(world, provider)
        _sso(world, provider, client_id="accord-keyed", client_auth="private_key_jwt")
        assert _desk(world, provider, "ada") == "Enter the code from your app"
        desk = sign_in(world)
        page = desk.visitor.press(desk.visitor.get("/admin/connections/council/provider/sso"), "Test it")
        assert "It knows us" in page.words, page.words
        page = desk.visitor.press(page, "Make a new key")
        page = desk.visitor.press(page, "Test again")
        assert "does not accept our client id, its secret or its key" in page.words, "this provider was not told of the new key"
        opened = ways.opened(as_system(), world.keys, "council")["sso_client_key"]
        assert "PRIVATE" not in page.text and signing_keys.newest({"sso_client_key": opened}, "sso")["d"] not in page.text


def test_a_secret_may_go_in_the_form_and_a_provider_that_is_gone_is_told(world: World, tmp_path: Path) -> None:
    web = {"grant_types": ["authorization_code"], "response_types": ["code"], "redirect_uris": ["http://localhost/back"]}
    client = service_client("by-form", **web, token_endpoint_auth_method="client_secret_post", client_secret="form-secret")
    with OidcProvider(tmp_path / "form", settings_of([client])) as provider:
        _reach(world, provider)
        desk = sign_in(world)
        page = desk.visitor.get("/admin/connections/council/provider/sso")
        typed = {"s.issuer": provider.issuer, "s.client_id": "by-form", "s.client_auth": "post", "secret": "form-secret"}
        page = desk.visitor.press(page, "Save", typed)
        assert "It knows us" in page.words and "Not well" not in page.words
        assert [letter.lines for letter in nightly.letters(as_system(), [])] == []
    # It is gone: the nightly test finds out, and tells who looks after it.
    sign_on_checks.run_all(as_system(), world.keys, runtime(world.app).http, "https://accord.example", machine_now())
    assert [letter.lines for letter in nightly.letters(as_system(), [])] == [
        ("Northleigh Council: the sign-in by its own provider does not work.",)
    ]
    page = desk.visitor.get("/admin/connections/council/provider/sso")
    assert "Not well The way there" in page.words and "Failing" in desk.visitor.get("/admin/connections/council").words


def test_an_administrator_tries_the_set_up_as_themselves(world: World, sso: OidcProvider) -> None:
    desk = sign_in(world)
    url = gone(desk.visitor, "/admin/connections/council/provider/sso/try")
    assert parse_qs(urlsplit(url).query)["prompt"] == ["login"]
    page = back(desk.visitor, sso.sign_in(url, "cai"))
    assert page.h1 == "It works: you are let in" and "cai@council.example" in page.words
    assert "is not marked as checked" in page.words and "not mentioned" in page.words
    assert as_system().scalars(select(Identity)).all() == [], "a try binds nobody"
    seen = next(one for one in reversed(desk.visitor.seen) if "/tried/" in one)
    assert desk.visitor.get(seen).h1 == "This was shown already"
    assert Visitor(world.app).get(seen).status == 403
    ways.keep_secret(as_system(), world.keys, "council", "sso_client_secret", "wrong", machine_now(), by="test")
    page = back(desk.visitor, sso.sign_in(gone(desk.visitor, "/admin/connections/council/provider/sso/try"), "ada"))
    assert page.h1 == "It did not work" and "does not accept our client id" in page.words


def test_an_administrator_sees_no_other_agencys_provider(world: World, sso: OidcProvider) -> None:
    desk = sign_in(world)
    assert sso.issuer
    for path in ("", "/try", "/tried/x"):
        assert desk.visitor.get(f"/admin/connections/school/provider/sso{path}").status == 404
    form = desk.visitor.get("/admin/connections/council/provider/sso").form("Save")
    for path in ("", "/test", "/key", "/let-go"):
        assert desk.visitor.post(f"/admin/connections/school/provider/sso{path}", form.sends).status == 404
