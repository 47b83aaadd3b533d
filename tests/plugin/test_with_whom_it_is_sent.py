"""With which organisation a disagreement is raised is what was chosen and looked over, also when something else is sent by hand."""

from __future__ import annotations

from sqlalchemy import select

from plugin.models import Agency, Disagreement, Participant, Partnership, Person, begin_writing
from plugin.services.keeping.clock import machine_now
from tests.pages import Visitor
from tests.plugin.visits import as_system, fill_raise, on_sqlite_alone, reference_on, start
from tests.world import COUNCIL, SCHOOL, World

ELSEWHERE, HOSPITAL = "far-away-trust", "vale-hospital"


def _another_partnership() -> None:
    """With an agency that no disagreement of this one can be with."""
    session = as_system()
    begin_writing(session)
    session.add(Partnership(id="another", title="Another", coordinator_email="c@another.example"))
    session.flush()
    session.add(Agency(id=ELSEWHERE, partnership_id="another", name="Far Away Trust", type="secondary-health"))
    session.add(Person(agency_id=ELSEWHERE, name="Octavia Brightwater", staff_id="fa-1"))
    session.commit()


@on_sqlite_alone
def test_an_organisation_that_is_no_choice_is_asked_for_again(world: World) -> None:
    _another_partnership()
    for cookies in (True, False):
        visitor = Visitor(world.app, cookies=cookies)
        form = fill_raise(visitor, world, start(visitor, world)).form("Send and start")
        for agency in (ELSEWHERE, COUNCIL, "nobody"):
            answer = visitor.post(form.action, {**form.sends.to_dict(), "agency": agency})
            assert "agency" in answer.form("Continue").controls, (agency, answer.words)
            assert "Octavia" not in answer.text and "Far Away" not in answer.text
    assert as_system().scalar(select(Disagreement.id)) is None


@on_sqlite_alone
def test_what_is_sent_is_what_was_looked_over(world: World) -> None:
    visitor = Visitor(world.app)
    page = fill_raise(visitor, world, start(visitor, world))
    form = page.form("Send and start")
    answer = visitor.post(form.action, {**form.sends.to_dict(), "agency": HOSPITAL})
    assert "This was changed in another window. Please look it over again." in answer.words
    assert as_system().scalar(select(Disagreement.id)) is None
    visitor.press(page, "Send and start")
    assert set(as_system().scalars(select(Participant.agency_id))) == {COUNCIL, SCHOOL}


@on_sqlite_alone
def test_an_organisation_that_left_meanwhile_gets_nothing_and_the_same_page_sent_again_says_what_it_raised(world: World) -> None:
    first, second = Visitor(world.app), Visitor(world.app)
    early = fill_raise(first, world, start(first, world))
    late = fill_raise(second, world, start(second, world, "nc-1077", "9001"))
    raised = reference_on(first.press(early, "Send and start"))
    session = as_system()
    begin_writing(session)
    session.get_one(Agency, SCHOOL).off_since = machine_now()
    session.commit()
    assert "agency" in second.press(late, "Send and start").form("Continue").controls
    assert reference_on(first.press(early, "Send and start")) == raised
    assert as_system().scalars(select(Disagreement.reference)).all() == [raised]
