"""The launch doctor names the one check that a launch did not pass, with what to ask the supplier, and shows nothing of a child."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from integrations.launch.host import new_keypair, sign
from plugin.services.arriving import doctor
from plugin.services.arriving.launching import connection
from plugin.services.keeping.clock import machine_now
from plugin.web.arriving.launch import settings_of
from tests.pages import ORIGIN, Visitor
from tests.plugin.desks import sign_in
from tests.plugin.visits import as_system, claims_for, on_sqlite_alone, post_launch, signed_by, token_for
from tests.world import World

pytestmark = on_sqlite_alone
NAMED = ("Amara", "Lindqvist", "Achebe", "9990000018", "4471", "nc-1042")


def _examined(world: World, token: str, origin: str = "https://council.example") -> doctor.Examined:
    session = as_system()
    way = connection(session, "council")
    return doctor.examine(session, way, settings_of(way, ORIGIN, world.keys), token, origin, machine_now())


def _other_key(world: World, **header: Any) -> str:
    private, _public = new_keypair("Ed25519")
    return sign(claims_for(world), private, header.get("kid", world.keys_of["council"]["kid"]))


def _with_header(token: str, **changes: Any) -> str:
    head, body, signature = token.split(".")
    said = {**json.loads(base64.urlsafe_b64decode(head + "==")), **changes}
    return ".".join([base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("="), body, signature])


def test_a_good_launch_passes_every_check_even_when_it_is_pasted_late(world: World) -> None:
    for late in (0, 90, 3600):
        found = _examined(world, token_for(world, now=machine_now() - timedelta(seconds=late)))
        assert found.well and round(found.age_seconds or 0, -1) == late, found
    assert len(_examined(world, token_for(world), "").checks) == len(doctor.CHECKS) - 1, "without an origin that check is left out"


def test_each_fault_is_named_and_what_comes_after_it_is_not_reached(world: World) -> None:
    good = token_for(world)
    faults = {
        "page of your record system": (good, "https://evil.example"),
        "is a signed token": ("nonsense", ""),
        "is a launch (typ)": (_with_header(good, typ="JWT"), ""),
        "signed as agreed": (_with_header(good, alg="none"), ""),
        "names a key": (_other_key(world, kid="of-nobody"), ""),
        "signature is right": (_other_key(world), ""),
        "from your record system": (signed_by(world, claims_for(world, iss="https://other.example")), ""),
        "for this service": (signed_by(world, claims_for(world, aud=[ORIGIN])), ""),
        "says who": (signed_by(world, claims_for(world, sub=...)), ""),
        "no longer than a minute": (signed_by(world, claims_for(world, exp=claims_for(world)["iat"] + 3600)), ""),
        "clock is right": (token_for(world, now=machine_now() + timedelta(seconds=45)), ""),
        "whoever it is about can be opened": (signed_by(world, claims_for(world, child="x.y.z.a.b")), ""),
    }
    for what, (token, origin) in faults.items():
        checks = _examined(world, token, origin).checks
        failed = [one for one in checks if one.passed is False]
        assert len(failed) == 1 and what in failed[0].what, (what, checks)
        at = checks.index(failed[0])
        assert all(one.passed for one in checks[:at]) and all(one.passed is None for one in checks[at + 1 :])
        assert len(failed[0].text) > 20 and not any(name in failed[0].text for name in NAMED)


@pytest.mark.slow
def test_the_page_shows_the_fault_and_keeps_nothing_that_was_pasted(world: World) -> None:
    desk = sign_in(world)
    used = token_for(world)
    assert post_launch(Visitor(world.app), used).status == 200
    assert post_launch(Visitor(world.app), used).status == 403
    page = desk.visitor.get("/admin/connections/council")
    assert "1 refused lately" in page.main and "Last launch" in page.main
    page = desk.visitor.get("/admin/connections/council/doctor")
    assert "It was not used before" in page.main
    page = desk.visitor.press(page, "Examine it", {"token": f"launch_token={used}", "origin": "https://council.example"})
    assert "This launch is refused" in page.main and "used already" in page.main
    assert used not in page.text and not any(name in page.main for name in NAMED)
    assert desk.visitor.press(page, "Examine it", {"token": " "}).status == 422
    slow = token_for(world, now=machine_now() - timedelta(minutes=10))
    said = desk.visitor.press(page, "Examine it", {"token": slow, "origin": "https://council.example"}).main
    assert "10 minutes ago" in said and "their clock is slow by as much" in said, "pasted late, and a slow clock, look the same"


def test_a_clock_that_goes_wrong_is_shown_on_the_connections_page(world: World) -> None:
    post_launch(Visitor(world.app), token_for(world, now=machine_now() + timedelta(seconds=25)))
    way = connection(as_system(), "council")
    assert way.launched_at and way.skew_seconds and 23 <= way.skew_seconds <= 26


def test_no_check_is_called_after_a_child_where_it_may_be_an_adult(world: World) -> None:
    assert not [what for what, _codes in doctor.CHECKS if "child" in what.lower()]
