"""What a policy keeps private to one agency reaches no other: not on the page, not as an answer a form begins with, not in a record."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import policies
from plugin.extensions import db
from plugin.services.acting import casework
from plugin.services.acting.casework import Sent
from plugin.services.case import casefile, cases
from plugin.services.case.casefile import CaseFile
from plugin.services.keeping.clock import machine_now
from plugin.services.write_back import records
from tests.plugin.visits import as_system, on_sqlite_alone
from tests.world import COUNCIL, SCHOOL, World, uk

AT = uk("2027-03-19 18:10")
KEY, ADVICE, SLIP = "1/ask supervisor", "My manager thinks the head is out of her depth.", "I spoke to another manager, in confidence."


def _file(world: World, reference: str, agency: str, side: str) -> CaseFile:
    case = cases.open_case(as_system(), world.keys, reference=reference)
    viewer = policies.Viewer(agency, cast("policies.Side", side))
    return casefile.read(db.session, case, case.state(AT), viewer)


@on_sqlite_alone
def test_a_private_step_and_what_is_said_of_it_stay_with_its_agency(world: World) -> None:
    reference = world.make_disagreement(AT)
    worker = world.actor("nc-1042", "raising")
    world.fulfil(reference, KEY, worker, AT, form="monitoring", answers={"summary": ADVICE})
    world.act_as("nc-1042")
    case = cases.open_case(db.session, world.keys, reference=reference)
    seq = next(str(event.seq) for event in case.events if event.about == KEY)
    sent, later = Sent("correction", 1, {"why": SLIP}, {}, "once-slip"), AT + timedelta(hours=1)
    casework.correct(db.session, world.keys, reference, seq, worker, sent, later, machine_now())
    own, theirs = _file(world, reference, COUNCIL, "raising"), _file(world, reference, SCHOOL, "responding")
    assert own.answers["monitoring"]["summary"] == ADVICE and any(SLIP in row for entry in own.entries for row in entry.rows[0:1])
    assert "monitoring" not in theirs.answers, "the same form, asked of the other side, would begin with it"
    for file, seen in ((own, True), (theirs, False)):
        written = str(records.compose(file, f"{reference}/v1"))
        assert [one in written for one in (ADVICE, SLIP)] == [seen, seen]
