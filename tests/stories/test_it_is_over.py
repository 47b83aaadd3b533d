"""What nobody has to do any more: what waits is not sent, and whoever was asked already is told so, once, and their calendar freed."""

from __future__ import annotations

import icalendar
import pytest

from plugin.extensions import db
from plugin.jobs import posting
from plugin.services.acting.casework import act
from plugin.services.case.cases import New
from tests.stories.telling import Story

pytestmark = pytest.mark.slow  # a story moves the clock through days


def test_settled_by_the_raiser_everybody_else_who_was_asked_is_told(story: Story) -> None:
    story.raised("2027-03-22 10:00")
    story.until("2027-03-24 10:00")
    state = story.answers("1/answer", story.world.actor("htull", "responding", "practitioner"))
    outcome = next(one.to for one in state.moves if one.kind == "resolve" and one.open)
    story.now = story.now.replace(hour=12)
    story.world.resolve(story.reference, outcome, story.world.actor("nc-1042", "raising"), story.now)
    story.post()
    last = story.to("m.tull")[-1]
    assert "no_longer_needed" in last.templates
    assert "1/answer" not in {row.obligation for row in last.letter.rows if row.rung == "no longer needed"}, "that she did herself"
    assert not [one for one in story.to("amara") if "no_longer_needed" in one.templates], "who settled it knows"


def test_deputy_and_duty_desk_hear_that_it_was_done_after_all(story: Story) -> None:
    story.raised("2027-03-22 10:00")
    story.until("2027-04-05 12:00")
    assert story.to("i.osayed") and story.to("safeguarding@hilltop")
    before = len(story.mails)
    story.answers("1/answer", story.world.actor("htull", "responding", "practitioner"))
    story.answers("1/discuss", story.world.actor("htull", "responding", "practitioner"), "done")
    told = {one.to for one in story.mails[before:] if "no_longer_needed" in one.templates}
    assert {"i.osayed@hilltop.example", "safeguarding@hilltop.example"} <= told
    assert "m.tull@hilltop.example" not in told
    for one in story.mails[before:]:
        if one.templates == ("no_longer_needed",):
            assert "/r/" not in one.text, "there is nothing to open"


def test_it_is_said_once(story: Story) -> None:
    story.raised("2027-03-22 10:00")
    story.until("2027-04-02 12:00")
    story.answers("1/discuss", story.world.actor("htull", "responding", "practitioner"), "done")
    story.until("2027-04-20 12:00")
    over = [(row.obligation, row.recipient) for row in story.rows() if row.rung == "no longer needed"]
    assert over and len(over) == len(set(over))


def test_what_still_waits_is_cancelled_and_nothing_is_said_of_it(story: Story) -> None:
    story.raised("2027-03-19 18:10")
    assert {row.state for row in story.rows() if row.obligation == "1/answer"} == {"waiting"}
    story.answers("1/answer", story.world.actor("htull", "responding", "practitioner"))
    story.until("2027-03-22 12:00")
    assert {row.state for row in story.rows() if row.obligation == "1/answer" and row.rung != "answered"} == {"cancelled"}
    assert "no_longer_needed" not in {name for one in story.mails for name in one.templates}


def test_their_calendar_entry_is_taken_away(story: Story) -> None:
    story.raised("2027-03-22 10:00")
    asked = dict(_entries(story, 0))
    story.until("2027-04-02 12:00")
    story.answers("1/discuss", story.world.actor("nc-1042", "raising", "practitioner"), "done")
    over = dict(_entries(story, -1))
    assert over and over.keys() <= asked.keys() | over.keys()
    assert set(over.values()) == {"CANCEL"} and set(asked.values()) == {"REQUEST"}
    assert over.keys() & asked.keys(), "the same entry"


def _entries(story: Story, which: int) -> list[tuple[str, str]]:
    found = []
    for _name, method, made in posting.files(story.to("m.tull")[which].letter):
        found.append((str(icalendar.Calendar.from_ical(made).walk("VEVENT")[0]["UID"]), method))
    return found


def test_settled_while_a_mail_was_under_way_its_reader_hears_of_it(story: Story) -> None:
    """The server has the mail in hand when somebody else does what it asks for."""
    asked: list[str] = []

    def slow(letter: object) -> str:
        if not asked:
            asked.append("once")
            actor = story.world.actor("nc-1042", "raising", "practitioner")
            story.world.fulfil(story.reference, "1/discuss", actor, story.now, "done")
        return ""

    story.refuses = slow
    story.until("2027-03-22 09:00")
    story.reference = story.world.make_disagreement(story.now)
    story.post()
    assert [one.templates for one in story.to("m.tull")] == [("ask",), ("answered",)]


def test_owed_again_after_it_was_said_to_be_over_it_is_asked_again(story: Story) -> None:
    """The entry that met it was a mistake."""
    story.raised("2027-03-22 10:00")
    raiser = story.world.actor("nc-1042", "raising", "practitioner")
    story.now = story.now.replace(hour=11)
    state = story.answers("1/discuss", raiser, "done")
    seq = str(state.obligation("1/discuss").done_seq)
    assert story.to("m.tull")[-1].templates == ("answered",)

    def void(_case: object, _state: object) -> list[New]:
        return [New("corrected", seq, "raising", raiser.person_id, raiser.agency_id, {"void": True})]

    from_form = story.sent_nothing()
    act(db.session, story.world.keys, story.reference, raiser, from_form, void, story.now, story.now)
    story.post()
    assert story.to("m.tull")[-1].templates == ("ask",)
