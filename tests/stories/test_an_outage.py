"""Nothing ran for days, or two sweeps run at once: each is told once, and only the newest of what was missed."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from plugin.extensions import db
from plugin.services.keeping.clock import machine_now
from plugin.services.post import reminders
from tests.conftest import database_url  # noqa: F401  # in this file on both engines, not on SQLite alone
from tests.plugin.test_at_once import at_once, in_app
from tests.stories.telling import Story
from tests.world import uk

pytestmark = pytest.mark.slow  # a story moves the clock through days


def test_after_three_days_of_silence_each_gets_the_newest_only(story: Story) -> None:
    story.raised("2027-03-22 10:00")
    story.asleep_until("2027-04-02 10:00")  # the day before, the day itself and the overdue passed unseen
    told = [{row.rung for row in one.letter.rows if row.obligation == "1/discuss"} for one in story.to("m.tull")]
    assert told == [{"ask"}, {"overdue"}]
    assert [one.split()[-1] for one in story.said("i.osayed")] == ["next_person"]


def test_a_mail_server_that_was_down_for_days_brings_no_storm(story: Story) -> None:
    story.refuses = lambda _letter: "421 down"
    story.raised("2027-03-22 10:00")
    story.post_waits = tuple([3600] * 300)
    story.until("2027-03-30 12:00")
    story.refuses = lambda _letter: ""
    story.until("2027-03-30 15:00")
    assert [one.split()[-1] for one in story.said("m.tull")] == ["before"], "the asking is overtaken, and its link is in the reminder"


def test_two_sweeps_at_once_and_a_late_third_mail_once(story: Story) -> None:
    for _ in range(4):
        story.raised("2027-03-22 10:00")
    late = uk("2027-04-01 09:30")
    keys = story.world.keys
    at_once(*[in_app(story.world.app, lambda: reminders.sweep(db.session, keys, late, machine_now()))] * 3)
    story.now = late
    assert story.sweep() == 0, "nothing is left to look at"
    rows = Counter((row.disagreement_id, row.obligation, row.rung, row.recipient) for row in story.rows())
    assert set(rows.values()) == {1}
    overdue = [row for row in story.rows() if row.rung == "overdue" and row.obligation == "1/discuss"]
    assert len({row.disagreement_id for row in overdue}) == 4


def test_a_case_that_cannot_be_looked_at_keeps_nobody_waiting(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    first = story.raised("2027-03-22 10:00")
    story.raised("2027-03-22 11:00")
    real = reminders.carry_out

    def breaks(session: object, case: object, *rest: object, **more: object) -> None:
        if getattr(case, "reference", "") == first:
            raise RuntimeError("a fault")
        real(session, case, *rest, **more)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(reminders, "carry_out", breaks)
    before = len(story.mails)
    story.asleep_until("2027-03-30 10:00")
    assert len(story.mails) > before
    monkeypatch.undo()
    story.now += timedelta(minutes=1)
    before = len(story.mails)
    assert story.sweep() == 1 and len(story.mails) > before, "it was still due"
