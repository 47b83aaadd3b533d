"""What pages and forms call people comes from the policy."""

from __future__ import annotations

from plugin.services.case import casefile, own_people
from policies import load, pack
from tests.policies.rows import ROWS, STRANGERS


def test_whoever_one_person_has_for_themselves_has_the_policy_s_own_title() -> None:
    adults = load((STRANGERS / "fenbridge.yaml").read_text(encoding="utf-8"))
    assert casefile.said_in(adults)["words"]["officer"] == "Independent advocate"
    assert [(one.title, one.flags) for one in own_people.own_roles(adults)] == [("Independent advocate", {"lacks capacity"})]
    assert casefile.said_in(pack("gloucestershire"))["words"]["officer"] == pack("gloucestershire").roles["reviewing officer"].title
    assert "officer" not in casefile.said_in(load(ROWS["same working day"]))["words"]
