"""Several things for one person are one mail, across steps and cases; each stays a thing of its own and none is lost with another."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.stories.telling import Story

pytestmark = pytest.mark.slow  # a story moves the clock through days


def test_three_cases_due_at_one_time_are_one_mail(story: Story) -> None:
    for hour in (10, 11, 12):
        story.raised(f"2027-03-22 {hour}:00")
    assert len(story.to("m.tull")) == 3, "asked at three times, told three times"
    story.until("2027-03-31 12:00")
    reminders = story.to("m.tull")[3:]
    assert [len(one.templates) for one in reminders] == [3] * len(reminders) and len(reminders) >= 2
    assert reminders[0].subject.startswith("3 messages for you, the first by the end of")
    references = {row.disagreement_id for row in story.rows()}
    assert len(references) == 3
    assert reminders[0].text.count("/r/") == 3, "each with a link of its own"


def test_two_things_asked_at_once_are_asked_with_one_link(story: Story) -> None:
    story.raised("2027-03-22 10:00")
    (mail,) = story.to("m.tull")
    assert len(mail.letter.parts) == 1 and len(mail.letter.rows) >= 2
    assert mail.text.count("/r/") == 1


def test_what_was_asked_in_one_mail_is_not_lost_when_the_first_of_it_is_done(story: Story) -> None:
    """They were one mail; one is done before it leaves; the mail still asks for the other."""
    story.refuses = lambda _letter: "451 try later"
    story.raised("2027-03-22 10:00")
    asked = {row.obligation for row in story.rows() if row.recipient.endswith(story.world.people["htull"])}
    assert {"1/answer", "1/discuss"} <= asked
    story.refuses = lambda _letter: ""
    story.answers("1/answer", story.world.actor("htull", "responding", "practitioner"))
    story.now += timedelta(minutes=5)
    story.post()
    (mail,) = story.to("m.tull")
    assert {row.obligation for row in mail.letter.rows} == asked - {"1/answer"}


def test_somebody_who_wants_single_mails_gets_them(story: Story) -> None:
    story.chooses("m.tull@hilltop.example", "single")
    for hour in (10, 11):
        story.raised(f"2027-03-22 {hour}:00")
    before = len(story.to("m.tull"))
    story.until("2027-03-30 12:00")
    reminders = story.to("m.tull")[before:]
    assert len(reminders) >= 2 and {len(one.letter.rows) for one in reminders} == {1}


def test_somebody_who_wants_one_mail_a_day_gets_what_can_wait_next_morning(story: Story) -> None:
    story.chooses("m.tull@hilltop.example", "daily")
    story.raised("2027-03-22 10:00")
    story.raised("2027-03-22 14:00")
    assert story.to("m.tull") == []
    story.until("2027-03-23 12:00")
    assert story.said("m.tull") == ["Tue 23 Mar 09:00 ask+ask"]


def test_what_is_urgent_waits_for_no_daily_mail(story: Story) -> None:
    story.chooses("m.tull@hilltop.example", "daily")
    story.raised("2027-03-22 10:00", case_flags=["immediate harm"])
    assert story.said("m.tull") == ["Mon 22 Mar 10:00 ask"]
