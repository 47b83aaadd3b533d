"""The clocks go forward and back: no reminder twice, none left out, and nine in the morning is nine in the morning."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.stories.telling import Story

pytestmark = pytest.mark.slow  # a story moves the clock through days


@pytest.mark.parametrize(("raised", "last"), [("2027-03-24 16:30", "2027-04-14 12:00"), ("2027-10-27 16:30", "2027-11-17 12:00")])
def test_across_a_change_each_is_told_once_at_nine(story: Story, raised: str, last: str) -> None:
    story.raised(raised)
    story.until(last)
    counted = Counter((row.obligation, row.rung, row.recipient) for row in story.rows())
    assert set(counted.values()) == {1}
    reminders = [one for one in story.mails if "ask" not in one.templates]
    assert len(reminders) >= 6
    assert {f"{one.at:%H:%M}" for one in reminders} == {"09:00"}
    assert [one.split()[-1] for one in story.said("m.tull")] == ["ask", "before", "on_the_day", "overdue"]


def test_sweeping_every_quarter_of_an_hour_through_the_hour_that_comes_twice(story: Story) -> None:
    story.raised("2027-10-29 16:30", case_flags=["immediate harm"])
    story.until("2027-10-31 00:30")
    before = len(story.rows())
    for _ in range(12):
        story.now += story.quarter
        story.sweep()
    assert len(story.rows()) == before


def test_the_clock_of_the_server_stepping_two_hours_fires_nothing_twice(story: Story) -> None:
    story.raised("2027-03-22 10:00")
    story.until("2027-03-30 10:00")
    before = len(story.mails)
    story.now = story.now.replace(hour=7)
    story.sweep()
    story.now = story.now.replace(hour=11)
    story.sweep()
    assert len(story.mails) == before
