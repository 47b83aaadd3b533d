"""Staff whom their record system lets read and not act: no page of theirs changes a case, whatever is sent by hand."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from plugin.models import Disagreement
from plugin.services.acting import casework, moving
from plugin.services.acting.casework import Sent
from plugin.services.acting.rights import Actor
from plugin.services.case.cases import NoLongerOpenError
from plugin.services.keeping.clock import machine_now
from tests.pages import Visitor
from tests.plugin import visits
from tests.plugin.visits import as_system, on_sqlite_alone, raise_by_hand, reference_on, start
from tests.world import COUNCIL, World, uk

AT = uk("2027-03-19 18:10")
WAYS = ("add", "settle", "move escalate/2", "override escalate/2", "aside 1/answer", "fulfil 1/speak", "correct 1", "handover")


@on_sqlite_alone
def test_who_may_only_read_opens_no_form_and_sends_none(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    worker, reader = Visitor(world.app), Visitor(world.app)
    reference = reference_on(raise_by_hand(worker, world, start(worker, world)))
    before = as_system().scalar(select(Disagreement.seq))
    monkeypatch.setitem(visits.ROLES, "nc-9999", ["clerk"])
    start(reader, world, "nc-9999")
    page = reader.get(f"/case/{reference}")
    assert page.status == 200 and "Add information, or set an earlier date" not in page.buttons()
    field = page.form("All disagreements").sends["_fs"]
    for what in WAYS:
        for do in ("open", "check", "draft", "send"):
            fields = {"_fs": field, "what": what, "do": do, "more": "From somebody who may only read.", "once": "x"}
            assert reader.post(f"/case/{reference}/do", fields).status == 404, (what, do)
    assert as_system().scalar(select(Disagreement.seq)) == before


@on_sqlite_alone
def test_the_services_let_nobody_act_who_has_no_role(world: World) -> None:
    reference = world.make_disagreement(AT)
    who = world.act_as("nc-1042")
    reader = Actor(who.person_id, COUNCIL, "raising", frozenset())
    told = (world.keys, reference)
    sent = Sent("changes", 1, {"more": "From somebody who may only read."}, {"flags": []}, "once-1")
    with pytest.raises(NoLongerOpenError):
        casework.add_information(visits.db.session, *told, reader, sent, AT, machine_now())
    with pytest.raises(NoLongerOpenError):
        moving.make_move(visits.db.session, *told, "escalate/2", reader, sent, AT, machine_now())
