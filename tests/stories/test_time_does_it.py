"""A policy that says what time alone does: the next stage opens by itself, and somebody must be told that nobody answered."""

from __future__ import annotations

import pytest
from sqlalchemy import select

import forms
import policies
from plugin.extensions import db
from plugin.models import Disagreement, ObligationRow, Partnership, begin_writing
from plugin.models.scope import System, bind
from plugin.services.case.policies import activate
from plugin.services.keeping.clock import machine_now
from tests.stories.telling import Story

pytestmark = pytest.mark.slow  # a story moves the clock through days

SILENCE = """  - id: no answer
    kind: notice
    title: Tell the Business Manager that there was no talk in time
    by: raising practitioner
    to: partnership business manager
    when: 1/discuss overdue
    limit: 1 working day
    strength: must
    automatic: yes
    rule: GSCB-13
"""


def under(story: Story, *, opens: bool = False, tells: bool = False) -> None:
    """The demo's policy, but with time up that opens, or with a notice when nobody talked in time."""
    text = policies.pack_text("gloucestershire")
    if opens:
        text += "\nsettings:\n  time up: opens\n"
    if tells:
        assert "\nowes:\n" in text
        text = text.replace("\nowes:\n", f"\nowes:\n{SILENCE}")
    bind(db.session, System("test"))
    partnership = db.session.scalars(select(Partnership)).one().id
    begin_writing(db.session)
    activate(db.session, partnership, text, machine_now(), forms.ids())


def standing(story: Story) -> tuple[str, object]:
    bind(db.session, System("test"))
    row = db.session.execute(select(Disagreement.stage, Disagreement.due_at).where(Disagreement.reference == story.reference)).one()
    db.session.rollback()
    return row.stage, row.due_at


def test_nobody_does_anything_and_the_next_step_opens_in_the_night(story: Story) -> None:
    under(story, opens=True)
    story.raised("2027-03-22 10:00")
    assert standing(story)[0] == "1"
    story.until("2027-03-31 00:05")  # five working days: 23, 24, 25, 30, 31; not yet
    assert standing(story)[0] == "1"
    story.until("2027-04-01 00:05")
    assert standing(story)[0] == "2"
    story.until("2027-04-01 12:00")
    assert any("ask" in one.templates for one in story.mails if one.at.date().isoformat() == "2027-04-01"), "its managers are asked"


def test_a_stage_opens_by_itself_though_nothing_in_the_one_before_was_still_owed(story: Story) -> None:
    under(story, opens=True)
    story.raised("2027-03-22 10:00")
    story.now = story.now.replace(hour=11)
    story.answers("1/discuss", story.world.actor("nc-1042", "raising"), "discussion", facts={"mode": "telephone"})
    story.until("2027-04-01 00:05")
    assert standing(story)[0] == "2"


def test_silence_makes_a_notice_owed_and_it_is_sent_without_anybody_s_doing(story: Story) -> None:
    under(story, tells=True)
    story.raised("2027-03-22 10:00")
    story.until("2027-03-31 23:00")
    assert "case/no answer" not in keys(story)
    story.until("2027-04-01 12:00")
    assert keys(story)["case/no answer"] == "done"
    assert standing(story)[0] == "1", "nobody was moved on by it"


def keys(story: Story) -> dict[str, str]:
    bind(db.session, System("test"))
    found = db.session.execute(select(ObligationRow.key, ObligationRow.status))
    statuses = {row.key: row.status for row in found}
    db.session.rollback()
    return statuses
