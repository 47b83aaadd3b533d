"""How people come to the desk in tests: an account with password and app, signed in over HTTP."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp

from plugin.extensions import db
from plugin.models import Account
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.arriving.launching import Limits
from plugin.services.desk import accounts, signing_in
from plugin.services.desk.accounts import Wanted
from plugin.services.keeping.clock import machine_now
from plugin.web.door.marks import DESK_COOKIE
from tests.pages import Page, Visitor
from tests.world import COUNCIL, World

PASSWORD = "lantern-orchard-violin-9"
LIMITS = Limits(timedelta(minutes=15), timedelta(hours=8))
_COUNT = itertools.count(1)


@dataclass
class Desk:
    """Somebody at the desk: their browser, and their telephone (`app`)."""

    visitor: Visitor
    account_id: str
    email: str
    app: pyotp.TOTP

    def code(self, at: datetime | None = None) -> str:
        """What the telephone shows."""
        return self.app.at(at or machine_now())


def make_account(world: World, role: str = "administrator", agency: str = COUNCIL, **more: str) -> Desk:
    """An account that chose its password and set up its app; not signed in."""
    number = next(_COUNT)
    wanted = Wanted(
        more.get("email", f"desk{number}@northleigh.example"),
        more.get("name", "Ingrid Vasquez-Bell"),
        role,
        agency if role == "administrator" else "",
        "demo" if role == "coordinator" else "",
    )
    with world.app.app_context():
        bind(db.session, System("test"))
        account_id, token = accounts.create(db.session, wanted, machine_now())
        if more.get("password", PASSWORD):
            accounts.choose_password(db.session, token, PASSWORD, machine_now())
        app = signing_in.provisional(db.session, runtime(world.app).keys, account_id)
        db.session.get_one(Account, account_id).enrolled = True
        db.session.commit()
        db.session.remove()
    return Desk(Visitor(world.app), account_id, wanted.email, app)


def sign_in(world: World, role: str = "administrator", agency: str = COUNCIL, **more: str) -> Desk:
    """Somebody whose session at the desk has begun; how one begins has tests of its own (test_signing_in), and takes its time there."""
    return let_in(world, make_account(world, role, agency, password="", **more))


def let_in(world: World, desk: Desk) -> Desk:
    """A new session of somebody who has an account."""
    with world.app.app_context():
        bind(db.session, System("test"))
        token = signing_in.let_in_by_provider(db.session, desk.account_id, machine_now(), LIMITS)
        db.session.remove()
    desk.visitor.client.set_cookie(DESK_COOKIE, token, domain="accord.example", secure=True, path="/")
    page = desk.visitor.get("/admin/")
    assert page.status == 200 and "Sign out" in page.buttons(), page.words
    return desk


def enter(desk: Desk, code: str = "") -> Page:
    """Password, then code."""
    page = desk.visitor.get("/admin/sign-in")
    page = desk.visitor.press(page, "Continue", {"email": desk.email, "password": PASSWORD})
    return desk.visitor.press(page, "Continue", {"code": code or desk.code()})
