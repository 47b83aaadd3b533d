"""Every page of the desk asked for what is another's: by an administrator of another agency, and a coordinator of another partnership."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from plugin.models import Account, Agency, Base, Delivery, Disagreement, Hold, Partnership, begin_writing
from plugin.services.keeping.clock import machine_now
from tests.pages import ORIGIN, OWN_PAGE, Visitor
from tests.plugin.desks import let_in, make_account, sign_in
from tests.plugin.visits import as_system, on_sqlite_alone
from tests.world import COUNCIL, World, uk

pytestmark = [pytest.mark.slow, on_sqlite_alone]
HOLD = "e" * 32
# What anybody at a desk may read: policies, which are published documents; and a page that only asks.
OPEN = {"policies.one", "policies.compare"}
OF_THE_SESSION = ("web_session", "access", "draft", "heartbeat")


@pytest.fixture
def others(world: World) -> dict[str, str]:
    """Ids of what belongs to the council's desk and to the partnership's, by the names that addresses have for them."""
    reference = world.make_disagreement(uk("2027-03-19 18:10"))
    account = make_account(world, "administrator", password="").account_id
    session = as_system()
    begin_writing(session)
    case = session.scalars(select(Disagreement).where(Disagreement.reference == reference)).one()
    made = Delivery(
        disagreement_id=case.id,
        obligation="case/record",
        agency_id=COUNCIL,
        connection_id="council",
        record=f"{reference}/v1",
        seq=1,
        state="needs a person",
        created_at=machine_now(),
        asked_at=machine_now(),
    )
    session.add_all([made, Hold(id=HOLD, disagreement_id=case.id, kind="hold", account_id="x", at=machine_now())])
    session.add(Partnership(id="another", title="Another", coordinator_email="c@another.example"))
    session.flush()
    session.add(Agency(id="far-away-trust", partnership_id="another", name="Far Away Trust", type="secondary-health"))
    session.flush()
    found = {"delivery_id": made.id, "policy": case.policy_hash, "account_id": account, "reference": reference}
    session.commit()
    return {**found, "connection_id": "council", "agency_id": COUNCIL, "person_id": world.people["nc-1042"], "partnership_id": "demo"}


def _strangers(world: World) -> dict[str, Visitor]:
    coordinator = make_account(world, "coordinator", password="")
    session = as_system()
    begin_writing(session)
    session.get_one(Account, coordinator.account_id).partnership_id = "another"
    session.commit()
    return {
        "another agency's": sign_in(world, "administrator", "hill-top-school").visitor,
        "another partnership's agency's": sign_in(world, "administrator", "far-away-trust").visitor,
        "another partnership's": let_in(world, coordinator).visitor,
    }


def _everything() -> dict[str, Any]:
    tables = {mapper.local_table for mapper in Base.registry.mappers}
    return {
        str(one): sorted(map(repr, as_system().execute(select(one)))) for one in tables if getattr(one, "name", "") not in OF_THE_SESSION
    }


def _asked(world: World, visitor: Visitor, others: dict[str, str]) -> dict[str, int]:
    """What every address with an id in it answers, asked and posted to in every way there is."""
    field = visitor.get("/admin/").form("Sign out").sends["_fs"]
    ways = [{"do": do} for do in ("save", "send", "secret", "public")] + [
        {"what": "again"},
        {"what": "not-filed", "do": "send", "why": "x"},
    ]
    sent = [{"_fs": field, "sure": "yes", "agency": COUNCIL, "text": "x", **one} for one in ways]
    found = {}
    for rule in world.app.url_map.iter_rules():
        if not rule.rule.startswith("/admin/") or not rule.arguments or rule.endpoint in OPEN or rule.endpoint.startswith("signin"):
            continue
        values = {name: others.get(name, "sso" if name == "kind" else "x") for name in rule.arguments}
        for method in {"GET", "POST"} & set(rule.methods or ()):
            path = world.app.url_map.bind("accord.example", url_scheme="https").build(rule.endpoint, values, method=method)
            for data in sent if method == "POST" else [{}]:
                answer = visitor.client.open(path, method=method, base_url=ORIGIN, headers=OWN_PAGE, data=data or None)
                found[f"{method} {path} {data.get('do', data.get('what', ''))}"] = answer.status_code
    return found


def test_no_desk_reads_or_changes_what_is_anothers(world: World, others: dict[str, str]) -> None:
    people = _strangers(world)
    before = _everything()
    for who, visitor in people.items():
        found = _asked(world, visitor, others)
        wrong = {where: status for where, status in found.items() if status not in (403, 404)}
        assert len(found) > 100 and not wrong, (who, wrong)
    assert _everything() == before


def test_no_coordinator_holds_or_lets_go_a_case_of_another_partnership(world: World, others: dict[str, str]) -> None:
    visitor = _strangers(world)["another partnership's"]
    field = visitor.get("/admin/").form("Sign out").sends["_fs"]
    before = _everything()
    for what in ("hold", "release"):
        answer = visitor.post("/admin/keeping", {"_fs": field, "what": what, "reference": others["reference"], "reason": "An inquiry."})
        assert answer.status == 422 and "There is no disagreement with this reference here" in answer.words
    assert visitor.post("/admin/keeping", {"_fs": field, "what": "lift", "hold": HOLD}).status == 404
    assert _everything() == before
