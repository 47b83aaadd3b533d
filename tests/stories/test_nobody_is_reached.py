"""Mail that reaches nobody: it goes to the deputy, then the duty desk, then the partnership, and where there is nobody it is an alarm."""

from __future__ import annotations

import pytest

from plugin.extensions import db
from plugin.models import Invitation, Mailbox, Person
from plugin.services.case.cases import open_case
from plugin.services.case.directory import Directory
from plugin.services.desk import people
from plugin.services.notices import alarms, asked
from tests.stories.telling import Story

pytestmark = pytest.mark.slow  # a story moves the clock through days
DEPUTY, DESK, COORDINATOR = "i.osayed@hilltop.example", "safeguarding@hilltop.example", "coordinator@partnership.example"


def open_alarms(story: Story) -> list[str]:
    """The kinds of alarm that are open in cases."""
    found = alarms.open_alarms(story.system(), story.now, story.now, 15)
    return [one.kind for one in found if one.reference]


def test_a_mail_that_comes_back_goes_to_the_deputy_at_once(story: Story) -> None:
    story.raised("2027-03-22 10:00")
    (first,) = story.to("m.tull")
    story.comes_back(first)
    assert [(one.to, one.templates) for one in story.mails[1:]] == [(DEPUTY, ("stand_in",))]
    assert "cannot be reached" in story.mails[1].text
    assert open_alarms(story) == [], "somebody has it"


def test_the_link_in_a_mail_that_came_back_opens_nothing_more(story: Story) -> None:
    story.raised("2027-03-22 10:00")
    story.comes_back(story.to("m.tull")[0])
    person = f"person:{story.world.people['htull']}"
    ends = story.system().query(Invitation).filter_by(person_id=person).one()
    assert ends.ended_at is not None and ends.ended_because == "mail came back"


def test_the_raiser_sees_that_it_came_back_and_who_was_asked_instead(story: Story) -> None:
    story.raised("2027-03-22 10:00")
    story.comes_back(story.to("m.tull")[0])
    case = open_case(story.system(), story.world.keys, reference=story.reference)
    lines = asked.listed(asked.mails(db.session, case), case, case.state(story.now), Directory(db.session, case))
    seen = {(one.who, one.what, one.state) for one in lines}
    assert {("Marguerite Tull", "ask", "bounced"), ("Idris O'Sayed", "stand_in", "sent")} <= seen


def test_later_reminders_go_to_whoever_stands_in_not_to_a_dead_mailbox(story: Story) -> None:
    story.raised("2027-03-22 10:00")
    story.comes_back(story.to("m.tull")[0])
    story.until("2027-04-20 12:00")
    assert len(story.to("m.tull")) == 1
    assert len(story.to("i.osayed")) >= 3


def test_without_a_deputy_it_goes_to_the_duty_desk_and_then_to_the_partnership(story: Story) -> None:
    story.has_no_deputy("htull")
    story.raised("2027-03-22 10:00")
    story.comes_back(story.to("m.tull")[0])
    assert story.mails[-1].to == DESK
    story.comes_back(story.mails[-1])
    assert story.mails[-1].to == COORDINATOR and story.mails[-1].templates == ("nobody_reached",)
    assert set(open_alarms(story)) == {"nobody reached"}


def test_when_somebody_acts_after_all_the_alarm_ends(story: Story) -> None:
    story.has_no_deputy("htull")
    story.has_no_duty_desk("hill-top-school")
    story.raised("2027-03-22 10:00")
    story.comes_back(story.to("m.tull")[0])
    assert "nobody reached" in open_alarms(story)
    held = {one.obligation for one in alarms.open_alarms(story.system(), story.now, story.now, 15)}
    state = story.state()
    who = story.world.actor("htull", "responding", "practitioner")
    for key in sorted(held & {one.key for one in state.obligations if one.form}):
        story.answers(key, who, state.obligation(key).form)
    left = {one.obligation for one in alarms.open_alarms(story.system(), story.now, story.now, 15)}
    assert "1/answer" in held and "1/answer" not in left


def test_with_nobody_at_all_the_alarm_stands_and_nothing_breaks(story: Story) -> None:
    story.has_no_deputy("htull")
    story.has_no_duty_desk("hill-top-school")
    story.has_no_coordinator()
    story.leaves("htull")
    story.raised("2027-03-22 10:00")
    story.until("2027-04-20 12:00")
    assert story.to("m.tull") == []
    assert {row.state for row in story.rows() if row.recipient == "nobody"} == {"no address"}
    assert "nobody reached" in open_alarms(story)


def test_an_automatic_reply_asks_the_deputy_and_is_forgotten_after_a_week(story: Story) -> None:
    story.raised("2027-03-22 10:00")
    story.replies_by_itself(story.to("m.tull")[0])
    assert story.said("i.osayed") == ["Mon 22 Mar 10:00 stand_in"]
    story.until("2027-03-31 12:00")
    assert story.said("m.tull")[1:] == ["Tue 30 Mar 09:00 before", "Wed 31 Mar 09:00 on_the_day"], "she is back by then"


def test_somebody_known_to_be_away_is_not_asked_and_the_deputy_is(story: Story) -> None:
    story.is_away("htull", "2027-03-20 00:00", "2027-03-25 00:00")
    story.raised("2027-03-22 10:00")
    assert [one.to for one in story.mails] == [DEPUTY]
    story.until("2027-03-31 12:00")
    assert [one.split()[-1] for one in story.said("m.tull")] == ["before", "on_the_day"]


def test_an_absence_that_begins_while_an_answer_is_waited_for_asks_the_deputy_then(story: Story) -> None:
    story.raised("2027-03-22 10:00")
    story.is_away("htull", "2027-03-24 12:00", "2027-04-20 00:00")
    story.until("2027-03-24 13:00")
    assert story.said("i.osayed") == ["Wed 24 Mar 12:00 stand_in"]


def test_somebody_who_leaves_has_somebody_else_asked_at_once(story: Story) -> None:
    story.raised("2027-03-22 10:00")
    story.now = story.now.replace(day=23)
    story.leaves("htull")
    story.sweep()
    assert story.said("i.osayed") == ["Tue 23 Mar 10:00 stand_in"]
    story.until("2027-04-20 12:00")
    assert len(story.to("m.tull")) == 1


def test_a_mailbox_that_is_refused_is_remembered_in_the_next_case(story: Story) -> None:
    story.refuses = lambda letter: "550 no such user" if letter.to.startswith("m.tull") else ""
    story.raised("2027-03-22 10:00")
    assert [one.to for one in story.mails] == [DEPUTY]
    story.refuses = lambda _letter: ""
    story.raised("2027-03-23 10:00")
    assert story.to("m.tull") == []
    assert {row.state for row in story.rows() if row.recipient.endswith(story.world.people["htull"])} >= {"failed", "bad mailbox"}
    assert story.system().query(Mailbox).one().state == "bad"


def test_a_server_that_is_busy_for_ever_is_given_up_and_somebody_else_is_asked(story: Story) -> None:
    story.refuses = lambda letter: "451 later" if letter.to.startswith("m.tull") else ""
    story.raised("2027-03-22 10:00")
    story.until("2027-03-22 12:00")
    assert story.said("i.osayed") == ["Mon 22 Mar 10:06 stand_in"]
    assert story.system().query(Mailbox).filter_by(state="bad").count() == 0, "a server that is busy says nothing of the mailbox"


def test_once_their_mailbox_is_put_right_they_are_asked_at_the_next_look(story: Story) -> None:
    story.has_no_deputy("htull")
    story.has_no_duty_desk("hill-top-school")
    story.has_no_coordinator()
    address = story.world.people["htull"]
    story._set(Person, address, email="")
    story.raised("2027-03-22 10:00")
    assert "nobody reached" in open_alarms(story) and story.mails == []
    told = {"name": "Marguerite Tull", "email": "m.tull@hilltop.example", "roles": [{"role": "practitioner"}]}
    people.save(story.system(), "hill-top-school", address, told, story.now, by="test")
    story.sweep()
    assert [one.templates for one in story.to("m.tull")] == [("ask",)] and "/r/" in story.to("m.tull")[0].text
    assert open_alarms(story) == []
    story.sweep()
    assert len(story.to("m.tull")) == 1, "once"
