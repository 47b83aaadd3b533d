"""A closed disagreement of which the policy still asks for something: an audit. It is asked for, reminded of and chased until it is done;
nothing that was left from before is, and nobody else's link opens anything."""

from __future__ import annotations

import pytest
from sqlalchemy import select

import forms
import policies
from plugin.extensions import db
from plugin.models import Invitation, Partnership, begin_writing
from plugin.services.acting import moving
from plugin.services.acting.casework import Sent
from plugin.services.case.policies import activate
from plugin.services.keeping.clock import machine_now
from plugin.services.post import feeds
from tests.stories.telling import Story
from tests.world import SCHOOL

pytestmark = pytest.mark.slow  # a story moves the clock through days

AUDIT = """  - id: audit
    kind: debrief
    title: Look at how it went, for the audit
    by: responding practitioner
    when: closed
    limit: 20 working days
    strength: must
    rule: GSCB-36
  - id: leftover
    kind: letter
    title: Write to the family
    by: raising practitioner
    to: other practitioner
    limit: 30 working days
    strength: must
    rule: GSCB-36
"""
RAISER, OTHER = ("nc-1042", "raising", "practitioner"), ("htull", "responding", "practitioner")


@pytest.fixture
def closed(story: Story) -> Story:
    """Raised on Monday 22 March 2027, settled on Tuesday, confirmed and closed at noon on Wednesday the 24th."""
    text = policies.pack_text("gloucestershire").replace("\nowes:\n", f"\nowes:\n{AUDIT}", 1)
    partnership = story.system().scalars(select(Partnership)).one().id
    begin_writing(db.session)
    activate(db.session, partnership, text, machine_now(), forms.ids())
    story.raised("2027-03-22 10:00")
    story.until("2027-03-23 12:00")
    story.world.resolve(story.reference, "resolved", story.world.actor(*RAISER), story.now)
    story.until("2027-03-24 12:00")
    for one in story.state().obligations:
        if one.holds_open and one.status == "owed":
            story.answers(one.key, story.world.actor("nc-1042", "raising", one.owner.role), "confirmation", answers={})
    sent = Sent("close", 1, {"sure": True}, once="close")
    moving.make_move(db.session, story.world.keys, story.reference, "close", story.world.actor(*RAISER), sent, story.now, story.now)
    story.post()
    return story


def of_audit(story: Story) -> list[str]:
    """The mails about the audit that left: "Wed 24 Mar 12:00 ask m.tull"."""
    found = []
    for one in story.mails:
        about = [row for row in one.letter.rows if row.obligation == "case/audit"]
        found += [f"{one.at:%a} {one.at.day} {one.at:%b %H:%M} {row.rung} {one.to.partition('@')[0]}" for row in about]
    return found


def test_it_is_asked_for_and_chased_after_the_closing_until_the_partnership_hears(closed: Story) -> None:
    assert closed.state().status == "closed"
    due = closed.state().obligation("case/audit").due
    assert due is not None and f"{due.local_date}" == "2027-04-23"  # 25; 30, 31, 1, 2; three weeks of five: twenty, without Easter
    closed.until("2027-05-03 12:00")
    assert of_audit(closed) == [
        "Wed 24 Mar 12:00 ask m.tull",
        "Thu 22 Apr 09:00 before m.tull",
        "Fri 23 Apr 09:00 on the day m.tull",
        "Mon 26 Apr 09:00 overdue m.tull",
        "Tue 27 Apr 09:00 next person i.osayed",
        "Wed 28 Apr 09:00 duty desk safeguarding",
        "Thu 29 Apr 09:00 partnership coordinator",
    ]


def test_it_ends_when_it_is_done_by_the_link_that_asked_for_it(closed: Story) -> None:
    invited = next(row.invitation_id for row in closed.rows() if row.obligation == "case/audit")
    closed.until("2027-04-22 12:00")
    assert closed.system().get(Invitation, invited).ended_at is None
    state = closed.answers("case/audit", closed.world.actor(*OTHER), "debrief", answers={})
    assert (state.status, state.obligation("case/audit").status) == ("closed", "done")
    closed.until("2027-05-10 12:00")
    assert [one for one in of_audit(closed) if "overdue" in one or "on the day" in one] == []
    assert closed.system().get(Invitation, invited).ended_because == "closed"


def test_what_was_left_from_before_is_not_chased_and_other_links_end(closed: Story) -> None:
    """The letter to the family had until 6 May."""
    assert closed.state().obligation("case/leftover").status == "owed"
    before = len(closed.mails)
    closed.until("2027-05-14 12:00")
    late = [row.rung for one in closed.mails[before:] for row in one.letter.rows if row.obligation == "case/leftover"]
    assert late == []
    open_ones = closed.system().scalars(select(Invitation).where(Invitation.ended_at.is_(None))).all()
    assert {(one.role, one.agency_id) for one in open_ones} <= {("practitioner", SCHOOL), ("duty desk", SCHOOL), ("duty desk", "")}


def test_opened_again_and_closed_again_it_is_asked_for_anew(closed: Story) -> None:
    closed.until("2027-03-25 12:00")
    key = next(one.key for one in closed.state().moves if one.kind == "reopen")
    sent = Sent("end", 1, {"why": "More came up."}, once="again")
    moving.make_move(db.session, closed.world.keys, closed.reference, key, closed.world.actor(*RAISER), sent, closed.now, closed.now)
    assert closed.state().obligation("case/audit").status == "no longer applies"


def test_its_date_is_in_the_calendar_of_whoever_owes_it(closed: Story) -> None:
    asked = next(row for row in closed.rows() if row.obligation == "case/audit")
    token = feeds.make(closed.system(), closed.world.keys, asked.recipient, asked.disagreement_id, closed.now)
    found = feeds.entries(closed.system(), closed.world.keys, token, closed.now, closed.now)
    assert found is not None and [f"{one.due.local_date}" for one in found] == ["2027-04-23"]
