"""What was typed into a long form of the desk and not saved: kept sealed, for who typed it alone, until it is saved or forgotten."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from plugin.models import Connection, Draft
from tests.pages import Page
from tests.plugin.desks import Desk, let_in, sign_in
from tests.plugin.visits import as_system, on_sqlite_alone
from tests.world import COUNCIL, World

pytestmark = [pytest.mark.slow, on_sqlite_alone]
OPTIONS, LAUNCH = "/admin/connections/council/options", "/admin/connections/council/launch"
PROVIDER = "/admin/connections/council/provider/sso"
SAID = "and did not save. It counts when you save it."


@pytest.fixture
def desk(world: World) -> Desk:
    return sign_in(world)


def send(desk: Desk, page: Page, do: str, **typed: str) -> Page:
    """Posts a page's form with the button `do`, as its script does."""
    form = page.form("Save")
    fields: dict[str, Any] = dict(form.sends.lists())
    return desk.visitor.post(form.action, {**fields, **{f"s.{name.replace('__', '.')}": text for name, text in typed.items()}, "do": do})


def test_half_typed_options_are_there_after_the_session_ended(desk: Desk, world: World) -> None:
    page = desk.visitor.get(OPTIONS)
    assert SAID not in page.words
    assert send(desk, page, "draft", steps__0__path="/half-ty").status == 204
    desk.visitor.press(desk.visitor.get("/admin/"), "Sign out")
    back = let_in(world, desk)
    page = back.visitor.get(OPTIONS)
    assert SAID in page.words and 'value="/half-ty"' in page.text and not page.errors()
    assert as_system().get_one(Connection, "council").options["steps"][0]["path"] != "/half-ty", "nothing is saved by it"


def test_it_is_forgotten_when_it_is_saved_or_by_a_button(desk: Desk) -> None:
    page = desk.visitor.get(LAUNCH)
    send(desk, page, "draft", issuer="https://half")
    page = desk.visitor.get(LAUNCH)
    assert SAID in page.words
    page = send(desk, page, "forget")
    assert page.status == 200 and SAID not in page.words and "https://half" not in page.text
    send(desk, page, "draft", issuer="https://half")
    assert send(desk, desk.visitor.get(LAUNCH), "save", issuer="https://council.example").status == 200
    assert SAID not in desk.visitor.get(LAUNCH).words


def test_a_form_that_was_refused_or_changed_by_a_button_is_kept_too(desk: Desk) -> None:
    send(desk, desk.visitor.get(OPTIONS), "save", base_url="nonsense")
    page = desk.visitor.get(OPTIONS)
    assert SAID in page.words and 'value="nonsense"' in page.text
    send(desk, page, "add steps")
    assert len(desk.visitor.get(OPTIONS).form("Save").sends.getlist("s.steps")) == 2, "as it was when the button was pressed"


def test_it_is_nobody_elses_and_no_secret_is_among_it(desk: Desk, world: World) -> None:
    page = desk.visitor.get(PROVIDER)
    form = page.form("Save")
    desk.visitor.post(form.action, {**dict(form.sends.lists()), "s.client_id": "half-typed", "secret": "hush-7741", "do": "draft"})
    kept = as_system().scalars(select(Draft)).one()
    opened = world.keys.fernet.decrypt(kept.sealed)
    assert b"half-typed" in opened and b"hush-7741" not in opened and b"_fs" not in opened
    assert b"half-typed" not in kept.sealed and "council" not in kept.owner
    assert SAID not in sign_in(world).visitor.get(PROVIDER).words


def test_a_text_and_a_new_person_are_kept_as_well(desk: Desk) -> None:
    desk.visitor.post(
        f"{OPTIONS}/text", {**desk.visitor.get(f"{OPTIONS}/text").form("Save").sends, "text": "adapter: rest\n", "do": "draft"}
    )
    page = desk.visitor.get(f"{OPTIONS}/text")
    assert SAID in page.words and page.form("Save").sends["text"].strip() == "adapter: rest"
    new = f"/admin/agencies/{COUNCIL}/people/new"
    send(desk, desk.visitor.get(new), "draft", name="Half A. Name")
    assert "Half A. Name" in desk.visitor.get(new).text


def test_another_kind_of_connection_begins_with_an_empty_form(desk: Desk) -> None:
    send(desk, desk.visitor.get(OPTIONS), "draft", base_url="https://half.example")
    page = desk.visitor.get("/admin/connections/council/adapter")
    desk.visitor.press(desk.visitor.press(page, "Continue", {"kind": "adapter manual"}), "Change it")
    page = desk.visitor.get(OPTIONS)
    assert SAID not in page.words and page.h1 == "Filed by hand: options"


def test_whoever_was_signed_out_while_typing_comes_back_to_the_form(desk: Desk) -> None:
    page = desk.visitor.get(OPTIONS)
    desk.visitor.client.delete_cookie("__Host-accord_desk", domain="accord.example")
    turned = send(desk, page, "save")
    assert turned.status == 403 and turned.form("Continue").sends["back"] == OPTIONS
