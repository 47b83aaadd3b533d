"""Raised before a holiday, and nobody answers: the ladder climbs by working days, each rung once, to one person after the other."""

from __future__ import annotations

from tests.stories.telling import Story


def test_raised_on_friday_evening_a_week_before_easter_and_nobody_answers(story: Story) -> None:
    story.raised("2027-03-19 18:10")
    assert story.mails == [], "the school is shut: nobody is mailed at ten past six on a Friday"
    story.until("2027-04-09 12:00")
    assert story.said("m.tull") == [
        "Mon 22 Mar 09:00 ask",
        "Thu 25 Mar 09:00 before",  # five working days end on Tuesday 30 March: Good Friday and Easter Monday are none
        "Tue 30 Mar 09:00 on_the_day",
        "Wed 31 Mar 09:00 overdue",
    ]
    assert story.said("i.osayed") == ["Thu 1 Apr 09:00 next_person"]
    assert story.said("safeguarding@hilltop") == ["Fri 2 Apr 09:00 duty_desk"]
    assert story.said("coordinator") == ["Mon 5 Apr 09:00 partnership"]


def test_raised_on_the_evening_before_good_friday(story: Story) -> None:
    story.raised("2027-03-25 18:10")
    story.until("2027-04-09 12:00")
    first, *rest = story.said("m.tull")
    assert first == "Tue 30 Mar 09:00 ask", "the office opens on the Tuesday after Easter"
    assert rest == ["Fri 2 Apr 09:00 before", "Mon 5 Apr 09:00 on_the_day", "Tue 6 Apr 09:00 overdue"]
    assert "by the end of Monday 5 April" in story.to("m.tull")[0].text


def test_the_raiser_is_not_asked_for_what_they_are_doing_but_is_reminded(story: Story) -> None:
    story.raised("2027-03-22 10:00")
    assert not [one for one in story.mails if one.to.startswith("amara")]
    story.until("2027-03-30 12:00")
    assert [one.partition(" ")[0] for one in story.said("amara")], "both sides owe the talk"


def test_what_is_only_a_guide_informs_and_climbs_to_nobody(story: Story) -> None:
    story.raised("2027-03-22 10:00")
    story.until("2027-04-20 12:00")
    guides = [row.rung for row in story.rows() if row.obligation == "case/week"]
    assert guides and set(guides) == {"on the day"}
    offers = [row.rung for row in story.rows() if row.obligation == "1/ask supervisor"]
    assert offers == [], "nobody is mailed to use an offer"


def test_a_should_stops_at_the_deputy_and_a_must_climbs_to_the_partnership(story: Story) -> None:
    story.raised("2027-03-22 10:00")
    story.until("2027-04-20 12:00")
    rungs = {key: {row.rung for row in story.rows() if row.obligation == key} for key in ("1/answer", "1/discuss")}
    assert "next person" in rungs["1/answer"] and not {"duty desk", "partnership"} & rungs["1/answer"]
    assert {"next person", "duty desk", "partnership"} <= rungs["1/discuss"]
