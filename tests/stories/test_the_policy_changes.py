"""A new version of the policy while a case runs: its reminders follow the version it was raised under; a new case follows the new one."""

from __future__ import annotations

import pytest

import forms
import policies
from plugin.services.case.policies import activate
from plugin.services.keeping.clock import machine_now
from tests.stories.telling import Story

pytestmark = pytest.mark.slow  # a story moves the clock through days


def test_a_running_case_keeps_its_dates_and_a_new_one_gets_the_new(story: Story) -> None:
    story.raised("2027-03-22 10:00")
    old = story.reference
    pack = policies.pack_text("gloucestershire")
    assert "5 working days" in pack
    text = pack.replace("5 working days", "3 working days").replace("version: ", "version: new ", 1)
    activate(story.system(), "demo", text, machine_now(), forms.ids())
    story.raised("2027-03-22 11:00")
    assert "Wed 31 Mar" in story.to("m.tull")[0].subject and "Thu 25 Mar" in story.to("m.tull")[1].subject
    story.until("2027-04-01 12:00")
    overdue = {row.disagreement_id: row.created_at for row in story.rows() if row.rung == "overdue" and row.obligation == "1/discuss"}
    assert len(overdue) == 2 and len({at.date() for at in overdue.values()}) == 2
    story.reference = old
    assert story.state().version != "new", "nothing moved the running case"
    moved = [row for row in story.rows() if row.rung.startswith("moved")]
    assert moved == []
