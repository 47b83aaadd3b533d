"""How people come to the service in tests, over HTTP: launched from a record system, or by an emailed link and its code."""

from __future__ import annotations

import base64
import email
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from integrations.launch.context import ChildDetails
from integrations.launch.host import make_launch, sign
from plugin.extensions import db
from plugin.jobs import work
from plugin.models import Base
from plugin.models.scope import System, bind
from plugin.services.keeping.clock import machine_now
from tests.pages import ORIGIN, Page, Visitor
from tests.world import CHILD, World

# For what no engine could make a difference to.
on_sqlite_alone = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NAMES = {
    "nc-1042": "Amara Lindqvist",
    "nc-1077": "Gethin Abara",
    "nc-0188": "Ruairi Deng",
    "nc-0207": "Beatriz Holloway",
    "nc-0521": "Dorothea Kaminski",
    "htull": "Marguerite Tull",
    "osayed": "Idris O'Sayed",
    "bvance": "Bronwen Vance",
    "cpereira": "Caspian Pereira",
}


ROLES = {"nc-0188": ["team-manager"], "nc-0521": ["reviewing-officer"]}


def token_for(
    world: World,
    staff: str = "nc-1042",
    child_ref: str = "4471",
    host: str = "council",
    now: datetime | None = None,
    child: ChildDetails = CHILD,
) -> str:
    """A launch as a host's server signs it."""
    key = world.keys_of[host]
    sealed_to = {name: value for name, value in world.keys.launch.items() if name != "d"}
    issuer = f"https://{host}.example"
    return make_launch(
        key,
        key["kid"],
        issuer,
        ORIGIN,
        staff,
        NAMES.get(staff, staff),
        ROLES.get(staff, ["practitioner"]),
        child_ref,
        "host-session-1",
        child,
        sealed_to,
        now or machine_now(),
    )


def claims_for(world: World, **changes: Any) -> dict[str, Any]:
    """The claims of such a launch, for tests that spoil one; `...` leaves one out."""
    part = token_for(world).split(".")[1]
    said = {**json.loads(base64.urlsafe_b64decode(part + "==")), **changes}
    return {name: value for name, value in said.items() if value is not ...}


def signed_by(world: World, said: dict[str, Any], host: str = "council") -> str:
    """Claims as this host signs them."""
    key = world.keys_of[host]
    return sign(said, key, key["kid"])


def post_launch(visitor: Visitor, token: str, host: str = "council", origin: str | None = "", dest: str | None = "iframe") -> Page:
    """What the host's page does in the frame. An `origin` of "" is the host's own."""
    headers = {
        "Origin": f"https://{host}.example" if origin == "" else origin,
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Dest": dest,
    }
    return visitor.post(f"/launch/{host}", {"launch_token": token}, headers=headers)


def start(
    visitor: Visitor, world: World, staff: str = "nc-1042", child_ref: str = "4471", host: str = "council", child: ChildDetails = CHILD
) -> Page:
    """Launched and started: the list of disagreements about this child."""
    page = post_launch(visitor, token_for(world, staff, child_ref, host, child=child), host)
    assert page.status == 200, page.words
    return visitor.press(page, "Start")


ANSWERS: dict[str, Any] = {
    "themes": ["need for action"],
    "about": "inaction",
    "unsafe": "She goes home alone.",
    "change": "Somebody collects her.",
    "impact": "She is frightened.",
    "flags": ["none"],
}


def to_where(visitor: Visitor, page: Page) -> Page:
    """From the list to the question with which organisation: no danger now, no other route."""
    page = visitor.press(page, "Raise professional disagreement")
    page = visitor.press(page, "Continue", {"immediate_harm": "no"})
    if page.h1 == "Is this the right way?":
        page = visitor.press(page, "Continue", dict.fromkeys(page.form("Continue").controls, "no"))
    return page


def to_the_question(visitor: Visitor, page: Page, agency: str = "hill-top-school") -> Page:
    """From the list to what it is about."""
    return visitor.press(to_where(visitor, page), "Continue", {"agency": agency})


def fill_raise(visitor: Visitor, world: World, page: Page, **more: Any) -> Page:
    """From the list to "Check your answers"; `more` are other answers to the form."""
    page = to_the_question(visitor, page)
    page = visitor.press(page, "Check your answers", {**ANSWERS, "person": world.people["htull"], **more})
    assert page.h1 == "Check your answers", page.errors()
    return page


def raise_by_hand(visitor: Visitor, world: World, page: Page, **more: Any) -> Page:
    """From the list to the page of the disagreement just raised."""
    return visitor.press(fill_raise(visitor, world, page, **more), "Send and start")


def reference_on(page: Page) -> str:
    """The reference in a page's heading."""
    found = re.search(r"PD-\w{4}-\w{4}", page.h1)
    assert found, page.words
    return found.group()


@dataclass
class Mailbox:
    """The folder that the service's mail goes into."""

    world: World

    @property
    def folder(self) -> Path:
        """Where."""
        return Path(self.world.app.config["MAIL_FOLDER"])

    def send_due(self) -> None:
        """Sends what waits, as the worker would."""
        work.send_mail()
        db.session.rollback()

    def all(self) -> list[EmailMessage]:
        """Every mail, oldest first."""
        files = sorted(self.folder.glob("[!.]*.eml"), key=lambda path: path.stat().st_mtime_ns)
        return [email.message_from_bytes(path.read_bytes(), policy=default) for path in files]  # type: ignore[misc]

    def to(self, address: str, subject: str = "") -> list[EmailMessage]:
        """Those to one mailbox whose subject holds `subject`."""
        return [one for one in self.all() if one["To"] == address and subject in str(one["Subject"])]

    def link_to(self, address: str) -> str:
        """The path of the newest link mailed to somebody."""
        found = [re.search(r"/r/\S+", text_of(one)) for one in self.to(address)]
        assert any(found), f"no link was mailed to {address}; there are {[(one['To'], one['Subject']) for one in self.all()]}"
        return [one.group() for one in found if one][-1]

    def code_to(self, address: str) -> str:
        """The newest code mailed to somebody."""
        return re.search(r"\b\d{6}\b", text_of(self.to(address, "Your code")[-1])).group()  # type: ignore[union-attr]


def text_of(mail: EmailMessage) -> str:
    """A mail's plain text."""
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body else ""


def enter(visitor: Visitor, mailbox: Mailbox, address: str, link: str = "") -> Page:
    """Link, code, case."""
    page = visitor.get(link or mailbox.link_to(address))
    page = visitor.press(page, "Send me a code")
    return visitor.press(page, "Continue", {"code": mailbox.code_to(address)})


class Machine:
    """The machine's clock for a test: later than it is by `ahead`, everywhere that imported it."""

    def __init__(self, monkeypatch: Any) -> None:
        self.ahead = timedelta(0)
        arriving = ("arriving.launch", "arriving.respond", "arriving.session")
        for module in ("door.gate", "door.known", *arriving, "filling", "case.page", "child.home", "child.kept", "child.raise_form"):
            monkeypatch.setattr(f"plugin.web.{module}.machine_now", self)

    def __call__(self) -> datetime:
        return machine_now() + self.ahead


def as_system() -> Any:
    """The test's own session, seeing everything."""
    db.session.rollback()
    bind(db.session, System("test"))
    return db.session


def dump() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    session = as_system()
    found = {}
    for name, table in Base.metadata.tables.items():
        rows = session.connection().execute(select(table).order_by(*table.primary_key.columns))
        found[name] = [tuple(row) for row in rows]
    session.rollback()
    return found
