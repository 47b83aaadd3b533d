"""A notice counts as given when the last of those it is for has been told; one that reaches nobody counts as not given."""

from __future__ import annotations

import pytest

from plugin.extensions import db
from plugin.services.acting import casework
from plugin.services.acting.casework import Sent
from plugin.services.keeping.clock import machine_now
from tests.stories.telling import Story
from tests.stories.test_nobody_is_reached import COORDINATOR, open_alarms

pytestmark = pytest.mark.slow  # a story moves the clock through days
OFFICER = {"name": "Dorothea Kaminski", "email": "d.kaminski@northleigh.example"}


def escalated(story: Story) -> None:
    """The case at stage 2, with a reviewing officer who must be told at once."""
    story.raised("2027-03-22 10:00")
    story.now = story.now.replace(hour=14)
    raiser = story.world.actor("nc-1042", "raising")
    story.world.escalate(story.reference, "2", raiser, story.now, flags=["looked after"], officer=OFFICER)
    story.post()


def test_a_notice_is_given_when_its_mail_is_sent(story: Story) -> None:
    escalated(story)
    (told,) = story.to("d.kaminski")
    assert told.templates == ("tell",)
    notices = [one for one in story.state().obligations if one.id == "tell reviewing officer"]
    assert [one.status for one in notices] == ["done"]


def test_a_notice_that_comes_back_is_owed_again_and_given_to_somebody_else(story: Story) -> None:
    escalated(story)
    story.comes_back(story.to("d.kaminski")[0])
    events = [(event.kind, event.actor) for event in story.events()]
    assert ("corrected", "system") in events, "that it counted as given was a mistake, and the record says so"
    last = story.mails[-1]
    assert not last.to.startswith("d.kaminski") and last.templates in (("tell",), ("nobody_reached",))


def test_a_notice_that_cannot_leave_yet_is_not_given(story: Story) -> None:
    story.refuses = lambda letter: "451 later" if letter.to.startswith("d.kaminski") else ""
    escalated(story)
    notices = [one for one in story.state().obligations if one.id == "tell reviewing officer"]
    assert [one.status for one in notices] == ["owed"]


def test_a_notice_to_whom_nobody_has_named_is_not_given_to_somebody_else(story: Story) -> None:
    story.raised("2027-03-22 10:00")
    story.now = story.now.replace(hour=14)
    raiser = story.world.actor("nc-1042", "raising")
    story.world.escalate(story.reference, "2", raiser, story.now, flags=["looked after"])
    story.post()
    assert [one.templates for one in story.to(COORDINATOR)] == [("nobody_reached",)]
    assert [one.status for one in story.state().obligations if one.id == "tell reviewing officer"] == ["owed"]
    assert open_alarms(story) == ["nobody named"]
    sent = Sent("changes", 1, {"flags": ["looked after"], "officer": OFFICER}, {"flags": ["looked after"]}, "named")
    casework.add_information(db.session, story.world.keys, story.reference, raiser, sent, story.now, machine_now())
    story.post()
    assert [one.templates for one in story.to("d.kaminski")] == [("tell",)]
    notices = [one.status for one in story.state().obligations if one.id == "tell reviewing officer"]
    assert notices == ["no longer applies", "done"], "the one to nobody by name, and the one to the officer"
    assert open_alarms(story) == []
