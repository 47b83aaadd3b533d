"""How people go to an identity provider and come back in tests, and how agencies are set up for it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from plugin.models import Agency, Connection, Person, begin_writing
from tests.pages import Page, Visitor
from tests.plugin.visits import Mailbox, as_system, raise_by_hand, reference_on, start
from tests.world import World

TOP = {"Sec-Fetch-Dest": "document"}


def port_of(address: str) -> str:
    """Host and port as the outbound rules write them."""
    return f"localhost:{urlsplit(address).port}"


def set_profiles(world: World, way: str, **profiles: Any) -> None:
    """Sets parts of a connection's launch profile."""
    session = as_system()
    begin_writing(session)
    row = session.get_one(Connection, way)
    row.launch = {**row.launch, **profiles}
    session.commit()


def mailbox_of(world: World, staff: str, email: str) -> None:
    """Gives somebody of the directory another mailbox of record."""
    session = as_system()
    begin_writing(session)
    session.get_one(Person, world.people[staff]).email = email
    session.commit()


def gone(visitor: Visitor, path: str) -> str:
    """Where the browser is sent."""
    page = visitor.get(path, follow=False, headers=TOP)
    assert page.status == 303, page.words
    return str(page.headers["Location"])


def back(visitor: Visitor, url: str) -> Page:
    """Comes back from the provider with its answer."""
    parts = urlsplit(url)
    return visitor.get(f"{parts.path}?{parts.query}", headers={"Sec-Fetch-Site": "cross-site"})


def smart_path(fhir: str, launch: str = "launch-1") -> str:
    """Where a record system sends a browser to."""
    return "/smart/council/launch?" + urlencode({"iss": fhir, "launch": launch})


def asked_by_mail(world: World) -> tuple[str, Mailbox]:
    """A disagreement of which the other side was mailed: its reference, and the mailbox."""
    worker = Visitor(world.app)
    reference = reference_on(raise_by_hand(worker, world, start(worker, world)))
    mailbox = Mailbox(world)
    as_system()
    mailbox.send_due()
    return reference, mailbox


def agency_says(agency: str, assurance: str, **more: Any) -> None:
    """How an agency wants its managers to prove who they are."""
    session = as_system()
    begin_writing(session)
    row = session.get_one(Agency, agency)
    row.assurance = assurance
    row.risk = more.get("risk", row.risk)
    session.commit()
