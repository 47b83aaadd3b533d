"""A deadline that moves: whoever was told the old date is told the new one, once, and the entry in their calendar moves."""

from __future__ import annotations

import icalendar
import pytest

from plugin.extensions import db
from plugin.jobs import posting
from plugin.services.acting import casework
from plugin.services.acting.casework import Sent
from tests.stories.telling import Carried, Story
from tests.world import uk

pytestmark = pytest.mark.slow  # a story moves the clock through days


def entries(carried: Carried) -> dict[str, tuple[int, str]]:
    """The calendar entries of a mail: sequence and beginning by UID."""
    found = {}
    for _name, _method, made in posting.files(carried.letter):
        event = icalendar.Calendar.from_ical(made).walk("VEVENT")[0]
        found[str(event["UID"])] = int(event["SEQUENCE"]), str(event.start)
    return found


def set_protective(story: Story, when: str, number: int = 1) -> None:
    """The raiser says that it must be settled by then."""
    sent = Sent("changes", 1, {"flags": []}, {"protective date": uk(when).isoformat()}, once=f"date-{number}")
    raiser = story.world.actor("nc-1042", "raising")
    casework.add_information(db.session, story.world.keys, story.reference, raiser, sent, story.now, story.now)
    story.post()


def test_a_protective_date_moves_the_deadline_and_everybody_who_was_asked_hears_of_it(story: Story) -> None:
    story.raised("2027-03-22 10:00")
    (first,) = story.to("m.tull")
    story.now = uk("2027-03-23 11:00")
    set_protective(story, "2027-03-25 12:00")
    moved = story.to("m.tull")[-1]
    assert moved.templates == ("moved",) and moved.subject.startswith("New date: by 12:00 on Thu 25 Mar")
    old, new = entries(first), entries(moved)
    assert old.keys() == new.keys() or new.keys() <= old.keys()
    assert all(new[uid][0] > old[uid][0] and new[uid][1] != old[uid][1] for uid in new)


def test_it_is_said_once_and_again_when_it_moves_again(story: Story) -> None:
    story.raised("2027-03-22 10:00")
    story.now = uk("2027-03-23 11:00")
    set_protective(story, "2027-03-25 12:00")
    story.sweep()
    story.sweep()
    assert sum("moved" in one.templates for one in story.to("m.tull")) == 1
    story.now = uk("2027-03-23 15:00")
    set_protective(story, "2027-03-24 16:00", 2)
    assert sum("moved" in one.templates for one in story.to("m.tull")) == 2


def test_the_reminders_follow_the_new_date(story: Story) -> None:
    story.raised("2027-03-22 10:00")
    story.now = uk("2027-03-23 11:00")
    set_protective(story, "2027-03-25 12:00")
    story.until("2027-03-26 12:00")
    assert "Thu 25 Mar 12:00 overdue" in story.said("m.tull")
    assert not [one for one in story.said("m.tull") if one.startswith("Tue 30")]


def test_nobody_is_told_a_new_date_who_was_not_told_the_old_one(story: Story) -> None:
    story.raised("2027-03-19 18:10")  # the asking waits for Monday
    set_protective(story, "2027-03-25 12:00")
    story.until("2027-03-22 12:00")
    (only,) = story.to("m.tull")
    assert only.templates == ("ask",) and "by 12:00 on Thursday 25 March" in only.text
