"""A policy's pictures in the service: on a case's page, in the demo's gallery, by addresses that need no session and name no case."""

from __future__ import annotations

import gzip
import re
from xml.etree import ElementTree

import pytest
from flask import Flask
from sqlalchemy import select

from plugin.extensions import db
from plugin.models import Partnership
from plugin.models.scope import System, bind
from plugin.services.case.policies import current_policy
from policies import pack, pack_ids
from tests.pages import Visitor
from tests.plugin.visits import on_sqlite_alone, start
from tests.policies.geometry import words
from tests.world import World, uk

PICTURES = re.compile(r'src="(/(?:policies|dev/policies)/[^"]+\.svg)"')


def pictures_in(page: str) -> list[str]:
    return [one.replace("&amp;", "&") for one in PICTURES.findall(page)]


@on_sqlite_alone
def test_a_cases_page_shows_the_policy_with_the_present_step_marked(world: World) -> None:
    reference = world.make_disagreement(uk("2027-03-19 18:10"))
    visitor = Visitor(world.app)
    page = visitor.press(start(visitor, world), reference)
    addresses = pictures_in(page.text)
    assert [one.rpartition("/")[2] for one in addresses][-1] == "narrow.svg"
    assert "The policy’s steps, drawn" in page.text
    stranger = world.app.test_client()
    drawn = [stranger.get(one) for one in addresses]
    assert {one.status_code for one in drawn} == {200}
    assert "The case is here" in words(drawn[-1].text)
    assert sum("The case is here" in words(one.text) for one in drawn[:-1]) == 1
    assert not any(reference in one for one in addresses)


@pytest.mark.slow
@on_sqlite_alone
def test_from_a_case_one_can_read_its_policy_in_plain_english_and_go_back(world: World) -> None:
    reference = world.make_disagreement(uk("2027-03-19 18:10"))
    for cookies in (True, False):
        visitor = Visitor(world.app, cookies=cookies)
        case = visitor.press(start(visitor, world), reference)
        page = visitor.press(case, "Read the policy in plain English")
        assert page.h1 == "The policy, in plain English"
        assert "Where the text says two things" in page.text
        assert "It can be read so: all tiers (paragraph 2.3c)" in page.words
        assert "stage%201/narrow.svg" in page.text
        assert reference in visitor.press(page, f"Back to {reference}").h1


def hash_of(world: World) -> str:
    """The policy in force."""
    bind(db.session, System("test"))
    return current_policy(db.session, db.session.scalar(select(Partnership.id)) or "").hash


@pytest.fixture
def address(world: World) -> str:
    return f"/policies/{hash_of(world)}/stage%201/narrow.svg"


@pytest.mark.slow
@on_sqlite_alone
def test_a_picture_is_sent_compressed_and_may_be_kept_since_it_never_changes(world: World, address: str) -> None:
    client = world.app.test_client()
    plain, squeezed = client.get(address), client.get(address, headers={"Accept-Encoding": "gzip"})
    assert plain.mimetype == squeezed.mimetype == "image/svg+xml"
    assert gzip.decompress(squeezed.data) == plain.data
    assert len(squeezed.data) < 9_000
    for one in (plain, squeezed):
        assert "immutable" in one.headers["Cache-Control"]
        assert "no-store" not in one.headers["Cache-Control"]
        assert one.headers["Vary"] == "Accept-Encoding"
        assert "Set-Cookie" not in one.headers


@on_sqlite_alone
def test_a_picture_there_is_not_is_a_plain_404(world: World) -> None:
    known = hash_of(world)
    for wrong in (f"{known}/stage%209/narrow", f"{known}/-/wide-99", f"{known}/-/broad", "abc/-/narrow"):
        assert world.app.test_client().get(f"/policies/{wrong}.svg").status_code == 404, wrong


def test_every_policy_is_drawn_in_the_gallery(app: Flask) -> None:
    visitor = Visitor(app)
    listed = visitor.get("/dev/policies").text
    for name in pack_ids():
        assert f"/dev/policies/{name}" in listed
        page = visitor.get(f"/dev/policies/{name}")
        assert pack(name).title in page.text
        assert "How time is counted" in page.text
        for one in pictures_in(page.text):
            ElementTree.fromstring(app.test_client().get(one).data)
    assert visitor.get("/dev/policies/nowhere").status == 404
    assert visitor.get("/dev/policies/havering/-/broad.svg").status == 404
