"""The desk's door: password and app, few tries, codes that work once, and sessions that end when they must."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from plugin.extensions import db
from plugin.models import Access, Account, WebSession
from plugin.services.arriving.launching import Limits
from plugin.services.desk import accounts, passwords, signing_in
from plugin.services.desk.accounts import AccountError, Wanted
from plugin.services.desk.signing_in import SignInRefusedError
from plugin.services.keeping.clock import machine_now
from plugin.web.door import gate
from tests.pages import Visitor
from tests.plugin.desks import PASSWORD, enter, make_account, sign_in
from tests.plugin.visits import as_system, on_sqlite_alone, start
from tests.world import World

pytestmark = pytest.mark.slow  # scrypt takes its time
LIMITS = Limits(timedelta(minutes=15), timedelta(hours=8))


def test_the_first_owner_comes_in_by_the_link_the_command_prints(world: World) -> None:
    made = world.app.test_cli_runner().invoke(args=["admin", "create", "--email", "Odile@Install.example", "--name", "Odile Farrant"])
    link = re.search(r"https://accord.example(/admin/welcome/\S+)", made.output)
    assert link, made.output
    visitor = Visitor(world.app)
    page = visitor.get(link.group(1))
    assert "Odile Farrant" in page.words and "odile@install.example" in page.words
    page = visitor.press(page, "Continue", {"password": "short", "again": "short"})
    assert "at least 12 characters" in page.errors()["password"]
    page = visitor.press(page, "Continue", {"password": PASSWORD, "again": PASSWORD + "x"})
    assert "again" in page.errors()
    page = visitor.press(page, "Continue", {"password": PASSWORD, "again": PASSWORD})
    assert page.h1 == "Set up your authenticator app"
    letters = re.search(r'accord-secret">([A-Z2-7 ]+)<', page.text)
    assert letters
    app = pyotp.TOTP(letters.group(1).replace(" ", ""))
    wrong = visitor.press(page, "Continue", {"code": "000000" if app.now() != "000000" else "111111"})
    assert "code" in wrong.errors() and letters.group(1) in wrong.text, "the secret stays the same until it is taken"
    page = visitor.press(wrong, "Continue", {"code": app.now()})
    codes = re.findall(r"<code>([a-z2-9-]+)</code>", page.text)
    assert len(codes) == 8 and page.h1 == "Write down your recovery codes"
    page = visitor.get("/admin/")
    assert page.h1 == "Overview" and "You are Odile Farrant, owner of this installation" in page.words
    assert visitor.get(link.group(1)).status == 404, "the link worked once"
    # Without the telephone: a recovery code, which works once.
    for status in (200, 422):
        page = Visitor(world.app).get("/admin/sign-in")
        other = Visitor(world.app)
        page = other.press(page, "Continue", {"email": "odile@install.example", "password": PASSWORD})
        assert other.press(page, "Continue", {"code": codes[0].upper()}).status == status


def test_nobody_is_in_after_the_password_alone(world: World) -> None:
    desk = make_account(world)
    page = desk.visitor.get("/admin/sign-in")
    page = desk.visitor.press(page, "Continue", {"email": desk.email, "password": PASSWORD})
    assert page.h1 == "Enter the code from your app"
    assert (desk.visitor.get("/admin/").status, desk.visitor.get("/admin/").h1) == (403, "Sign in")
    before = desk.visitor.client.get_cookie(gate.DESK_COOKIE, domain="accord.example")
    page = desk.visitor.press(page, "Continue", {"code": desk.code()})
    assert page.h1 == "Overview"
    after = desk.visitor.client.get_cookie(gate.DESK_COOKIE, domain="accord.example")
    assert before and after and before.value != after.value, "the session is a new one"
    assert after.secure and after.http_only and after.same_site == "Lax"


def test_a_code_works_once_and_only_for_its_half_minute(world: World) -> None:
    desk = make_account(world)
    code = desk.code()
    assert enter(desk, code).status == 200
    again = make_account(world)
    assert enter(again, again.code(machine_now() - timedelta(minutes=2))).status == 422
    desk.visitor = Visitor(world.app)
    assert enter(desk, code).status == 422


@on_sqlite_alone
def test_five_wrong_tries_shut_the_account_for_a_quarter_of_an_hour_even_to_a_right_one(world: World) -> None:
    desk = make_account(world)
    keys, now, session = world.keys, machine_now(), as_system()
    for _ in range(5):
        with pytest.raises(SignInRefusedError):
            signing_in.begin(session, desk.email, "not the password", now, LIMITS)
    with pytest.raises(SignInRefusedError):
        signing_in.begin(session, desk.email, PASSWORD, now, LIMITS)
    later = now + timedelta(minutes=15)
    token = signing_in.begin(session, desk.email, PASSWORD, later, LIMITS)
    waiting = session.scalars(select(WebSession)).one()
    assert token and not waiting.started
    # Who knows the password gets no more guesses at the code by giving it again.
    for _ in range(5):
        with pytest.raises(SignInRefusedError):
            signing_in.finish(session, keys, waiting, "000000", later)
        with pytest.raises(SignInRefusedError) if _ == 4 else pytest.MonkeyPatch.context():
            signing_in.begin(session, desk.email, PASSWORD, later, LIMITS)
    with pytest.raises(SignInRefusedError) as refused:
        signing_in.finish(session, keys, waiting, desk.code(later), later)
    assert refused.value.why == "locked"
    refusals = session.scalars(select(Access.result).where(Access.action == "sign-in refused")).all()
    assert {"wrong", "locked"} == set(refusals)


def test_a_wrong_password_and_an_unknown_address_look_alike(world: World) -> None:
    desk = make_account(world)
    seen = []
    for email in (desk.email, "nobody@northleigh.example"):
        visitor = Visitor(world.app)
        page = visitor.press(visitor.get("/admin/sign-in"), "Continue", {"email": email, "password": "wrong-wrong-wrong"})
        seen.append((page.status, page.errors(), page.text.replace(email, "#")))
    assert seen[0] == seen[1]


def test_a_sign_in_from_another_site_is_refused(world: World) -> None:
    desk = make_account(world)
    form = desk.visitor.get("/admin/sign-in").form("Continue")
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": None, "Origin": "https://evil.example"}):
        page = desk.visitor.post(form.action, {"email": desk.email, "password": PASSWORD}, headers=headers)
        assert page.status == 422 and "Set-Cookie" not in page.headers


def test_nobody_is_led_elsewhere_after_signing_in(world: World) -> None:
    asked = Visitor(world.app).get("/admin/")
    assert (asked.status, asked.form("Continue").sends["back"]) == (403, "/admin/")
    for back in (
        "https://evil.example",
        "//evil.example",
        "/admin/../x",
        "/admin//evil.example",
        "/case/PD-1",
        "/admin/\\evil",
        "javascript:x",
    ):
        desk = make_account(world)
        page = desk.visitor.post("/admin/sign-in", {"email": desk.email, "password": PASSWORD, "back": back})
        page = desk.visitor.post("/admin/code", {**page.form("Continue").sends, "code": desk.code(), "back": back}, follow=False)
        assert page.headers["Location"] == "/admin/", back


def test_a_session_ends_by_signing_out_by_rest_and_when_the_account_is_switched_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = sign_in(world)
    assert desk.visitor.press(desk.visitor.get("/admin/"), "Sign out").h1 == "You are signed out"
    assert desk.visitor.get("/admin/").status == 403
    desk = sign_in(world)
    monkeypatch.setattr("plugin.web.door.known.machine_now", lambda: machine_now() + timedelta(seconds=901))
    assert desk.visitor.get("/admin/").status == 403
    monkeypatch.undo()
    assert desk.visitor.get("/admin/").status == 200
    session = as_system()
    accounts.set_active(session, desk.account_id, False, machine_now(), by="test")
    assert desk.visitor.get("/admin/").status == 403
    assert session.scalars(select(WebSession).where(WebSession.account_id == desk.account_id)).all() == []


def test_a_desk_opens_no_other_page_and_no_other_session_opens_a_desk(world: World) -> None:
    desk = sign_in(world)
    assert desk.visitor.get("/frame/home").h1 == "Your session has ended"
    worker = Visitor(world.app)
    field = start(worker, world).form("Raise professional disagreement").sends["_fs"]
    assert worker.get("/admin/").status == 403
    assert worker.post("/admin/sign-out", {"_fs": field}).status == 403
    assert "frame-ancestors 'none'" in desk.visitor.get("/admin/").headers["Content-Security-Policy"]


def test_a_change_at_the_desk_needs_the_sessions_own_field(world: World) -> None:
    desk, other = sign_in(world), sign_in(world)
    field = other.visitor.get("/admin/").form("Sign out").sends["_fs"]
    own = desk.visitor.get("/admin/").form("Sign out").sends["_fs"]
    for given, headers in (({}, {}), ({"_fs": field}, {}), ({"_fs": own}, {"Sec-Fetch-Site": "cross-site"})):
        assert desk.visitor.post("/admin/sign-out", given, headers=headers).status == 403
    assert desk.visitor.get("/admin/").status == 200


def test_neither_password_nor_code_nor_link_stands_in_the_database(world: World) -> None:
    session = as_system()
    _id, token = accounts.create(session, Wanted("k.osei@northleigh.example", "Kwabena Osei", "owner"), machine_now())
    kept = session.get_one(Account, _id)
    assert token not in repr(vars(kept)) and kept.setup_hash == passwords.hash_of(token)
    desk = make_account(world)
    row = as_system().get_one(Account, desk.account_id)
    assert row.password.startswith("scrypt:") and PASSWORD not in row.password
    assert row.totp and desk.app.secret.encode() not in row.totp


def test_an_account_that_cannot_be_is_told_by_its_field(world: World) -> None:
    session, now = as_system(), machine_now()
    taken = make_account(world).email
    for wanted, field in (
        (Wanted("no address", "X Y", "owner"), "email"),
        (Wanted(taken.upper(), "X Y", "owner"), "email"),
        (Wanted("a@b.example", " ", "owner"), "name"),
        (Wanted("a@b.example", "X Y", "king"), "role"),
        (Wanted("a@b.example", "X Y", "administrator", "nowhere"), "agency"),
        (Wanted("a@b.example", "X Y", "coordinator"), "partnership"),
    ):
        with pytest.raises(AccountError) as wrong:
            accounts.create(session, wanted, now)
        assert wrong.value.field == field
    db.session.rollback()


@pytest.mark.parametrize("password", ["", "elevenchars", "aaaaaaaaaaaaaaaa", "x" * 201, "ingrid-and-more-words"])
def test_a_weak_password_is_refused_in_words(password: str) -> None:
    assert passwords.fault_in(password, "ingrid@northleigh.example").startswith("Choose a password")
