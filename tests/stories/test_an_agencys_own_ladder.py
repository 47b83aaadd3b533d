"""An agency that wants to be reminded in its own way: sooner, or with its duty desk earlier. Data; the other side keeps the policy's."""

from __future__ import annotations

import pytest

from tests.stories.telling import Story

pytestmark = pytest.mark.slow  # a story moves the clock through days
SOONER = {
    "must": [
        {"id": "before", "at": "3 working days before due", "to": "owner"},
        {"id": "duty desk", "at": "1 working day before due", "to": "duty desk"},
        {"id": "overdue", "at": "due", "to": "owner"},
    ]
}


def rungs(story: Story, agency: str, key: str = "1/discuss") -> list[str]:
    """What an agency's people and desk got about an obligation, in order."""
    return [row.rung for row in story.rows() if row.obligation == key and story.is_of(row, agency)]


def test_the_school_is_reminded_by_its_own_ladder_and_the_council_by_the_policys(story: Story) -> None:
    story.says("hill-top-school", ladder=SOONER)
    story.raised("2027-03-22 10:00")
    story.until("2027-04-02 12:00")
    assert rungs(story, "hill-top-school") == ["ask", "before", "duty desk", "overdue"]
    assert story.said("safeguarding@hilltop") == ["Tue 30 Mar 09:00 duty_desk"]
    assert rungs(story, "northleigh-council")[:3] == ["ask", "before", "on the day"]


def test_an_agencys_ladder_cannot_leave_out_the_asking(story: Story) -> None:
    story.says("hill-top-school", ladder={"should": [{"id": "overdue", "at": "due", "to": "owner"}]})
    story.raised("2027-03-22 10:00")
    assert rungs(story, "hill-top-school", "1/answer") == ["ask"]
