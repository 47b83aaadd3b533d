"""Whoever waits hears that something was done, once, and by no second mail where they are asked for the next step anyway."""

from __future__ import annotations

import pytest

from plugin.jobs import posting
from tests.stories.telling import Story
from tests.world import uk

pytestmark = pytest.mark.slow  # a story moves the clock through days


def test_the_raiser_hears_that_the_other_side_has_answered(story: Story) -> None:
    story.raised("2027-03-22 10:00")
    story.now = uk("2027-03-23 11:00")
    story.answers("1/answer", story.world.actor("htull", "responding", "practitioner"))
    (told,) = story.to("amara")
    assert told.templates == ("answered",)
    assert told.subject == f"Something new to read - reference {story.reference}"
    assert "/r/" in told.text and "Hill Top" not in told.text and "Tull" not in told.text
    assert list(posting.files(told.letter)) == [], "nobody had asked her for it: she has no entry to take away"
    story.until("2027-03-23 17:00")
    assert len(story.to("amara")) == 1, "once"


def test_several_things_done_at_once_are_one_mail_and_a_link_that_goes_on_after_the_step(story: Story) -> None:
    story.raised("2027-03-22 10:00")
    story.now = uk("2027-03-23 11:00")
    story.answers("1/discuss", story.world.actor("htull", "responding", "practitioner"), "done")
    (told,) = story.to("amara")
    assert told.templates == ("answered",)
    assert not [one for one in story.to("m.tull") if "answered" in one.templates], "she did it herself"


def test_whoever_is_asked_for_the_next_step_gets_no_second_mail(story: Story) -> None:
    story.raised("2027-03-22 10:00")
    story.now = uk("2027-03-24 11:00")
    before = len(story.mails)
    story.world.escalate(story.reference, "2", story.world.actor("htull", "responding"), story.now)
    story.post()
    fresh = story.mails[before:]
    by_person: dict[str, list[tuple[str, ...]]] = {}
    for one in fresh:
        by_person.setdefault(one.to, []).append(one.templates)
    assert all(len(mails) == 1 for mails in by_person.values()), by_person
    assert "answered" not in {name for (mails,) in by_person.values() if "ask" in mails for name in mails}
    assert "answered" in {name for one in story.to("amara") for name in one.templates}, "she hears that it has gone on"


def test_who_had_a_date_for_it_has_it_taken_out_of_the_calendar(story: Story) -> None:
    story.raised("2027-03-19 18:10")
    story.until("2027-03-25 12:00")
    assert [one for one in story.to("amara") if "before" in one.templates], "she was reminded of the talk"
    story.answers("1/discuss", story.world.actor("htull", "responding", "practitioner"), "done")
    told = story.to("amara")[-1]
    assert told.templates == ("answered",)
    assert [method for _name, method, _made in posting.files(told.letter)] == ["CANCEL"]


def test_a_reminder_that_leaves_after_its_day_says_that_it_is_overdue(story: Story) -> None:
    story.refuses = lambda letter: "try later" if any(part.template == "on_the_day" for part in letter.parts) else ""
    story.post_waits = (50_000,)
    story.raised("2027-03-19 18:10")
    story.until("2027-03-30 12:00")
    story.refuses = lambda _letter: ""
    story.now = uk("2027-03-31 00:30")
    story.post()
    late = [one for one in story.to("m.tull") if one.at >= uk("2027-03-31 00:30")]
    assert late and {one.templates for one in late} == {("overdue",)}
    assert all("today" not in one.text and "It was due by the end of Tuesday 30 March" in one.text for one in late)
