"""A NUL in whatever is sent: PostgreSQL takes none, and no page and no message may turn that into a fault of ours."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from integrations.launch.context import ChildDetails
from tests.pages import ORIGIN, OWN_PAGE, Visitor
from tests.plugin.desks import sign_in
from tests.plugin.test_hooks import _raise, _send, secret
from tests.plugin.visits import post_launch, raise_by_hand, reference_on, start, token_for
from tests.world import CHILD, COUNCIL, World

__all__ = ["secret"]  # a fixture
pytestmark = [pytest.mark.slow, pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)]
# Every name by which a page of ours looks something up or keeps what it says.
FIELDS = ("agency", "partnership", "email", "password", "reference", "reason", "hold", "issuer", "subject", "title", "kind", "name", "list")
FIELDS += ("code", "to", "once", "harm", "origin", "state", "iss", "choice", "text", "public", "delivery", "years", "show", "token")


def _statuses(visitor: Visitor, world: World, field: str, values: dict[str, str]) -> dict[str, int]:
    """What every address answers to a NUL in every field."""
    found = {}
    for rule in world.app.url_map.iter_rules():
        if rule.endpoint in ("static", "health.parts", "sign_on.desk", "signin.sign_out") or rule.endpoint.startswith("dev"):
            continue
        method = "POST" if "POST" in (rule.methods or ()) else "GET"
        given = {name: values.get(name, "x") for name in rule.arguments}
        path = world.app.url_map.bind("accord.example", url_scheme="https").build(rule.endpoint, given, method=method)
        fields = {**dict.fromkeys(FIELDS, "a\0b"), "_fs": field, "sure": "yes"}
        for what in ("add", "hold", "lift", "see a\0b", "fulfil a\0b") if method == "POST" else ("",):
            sent: dict[str, Any] = {"data": {**fields, "what": what, "do": "send"}} if method == "POST" else {"query_string": fields}
            answer: TestResponse = visitor.client.open(path, method=method, base_url=ORIGIN, headers=OWN_PAGE, **sent)
            found[f"{rule.endpoint} {what}"] = answer.status_code
    return found


def test_a_nul_in_any_field_of_any_page_is_no_fault(world: World) -> None:
    worker = Visitor(world.app)
    page = raise_by_hand(worker, world, start(worker, world))
    desks = {role: sign_in(world, role).visitor for role in ("owner", "administrator", "coordinator")}
    people = {"nobody": (Visitor(world.app), ""), "worker": (worker, page.form("All disagreements").sends["_fs"])}
    people |= {role: (visitor, visitor.get("/admin/").form("Sign out").sends["_fs"]) for role, visitor in desks.items()}
    values = {"reference": reference_on(page), "connection_id": "council", "agency_id": COUNCIL, "person_id": world.people["nc-1042"]}
    for who, (visitor, field) in people.items():
        wrong = {where: status for where, status in _statuses(visitor, world, field, values).items() if status >= 500}
        assert not wrong, (who, wrong)


@pytest.mark.parametrize(
    "changes",
    [
        {"staff": {"id": "nc\0", "name": "", "roles": ["social-worker"]}},
        {"with": {"agency": "hill\0", "email": "m.tull@hilltop.example"}},
        {"child": {"ref": "4\0", "name": "", "born": "", "identifiers": {}}},
        {"child": {"ref": "4", "identifiers": {"nhs\0number": "1"}}},
        {"answers": {"themes": ["\0"]}},
    ],
)
def test_a_message_with_a_nul_is_refused(world: World, secret: str, changes: dict[str, Any]) -> None:  # the fixture
    answer = _send(world, secret, _raise(**changes))
    assert (answer.status, answer.response.get_json()["error"]) == (422, "message")


def test_half_a_letter_in_a_launch_is_refused(world: World) -> None:
    for token in (
        token_for(world, "nc\ud800"),
        token_for(world, child_ref="4\udfff"),
        token_for(world, child=ChildDetails("\ud800", CHILD.born, CHILD.identifiers)),
    ):
        assert post_launch(Visitor(world.app), token).status == 403
