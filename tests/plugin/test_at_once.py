"""Several at once: two people answer, a page is sent twice, many write to one case; and the chain that shows any tampering."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from plugin.extensions import db
from plugin.models import Disagreement, EventRow, MailRow, begin_writing
from plugin.models.scope import System, bind
from plugin.services.case import cases, chain
from plugin.services.case.cases import New
from tests.pages import Page, Visitor
from tests.plugin.visits import Mailbox, as_system, enter, fill_raise, raise_by_hand, reference_on, start
from tests.world import World, uk

pytestmark = pytest.mark.slow  # left out of make test-quick

LEAD = "m.tull@hilltop.example"
RESPONSE = {"position": "disagree", "reasons": "A teacher walks with her.", "safe_meanwhile": "She is met at the gate."}


def at_once(*doings: Callable[[], Any]) -> list[Any]:
    """Runs them in threads of their own, let go together; returns what each gave, in order."""
    as_system().rollback()
    ready, got = threading.Barrier(len(doings)), [None] * len(doings)

    def go(number: int) -> None:
        ready.wait()
        got[number] = doings[number]()

    threads = [threading.Thread(target=go, args=(number,)) for number in range(len(doings))]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return got


def in_app(app: Flask, work: Callable[[], Any]) -> Callable[[], Any]:
    """`work` with a session of its own, as another process has it."""

    def run() -> Any:
        with app.app_context():
            bind(db.session, System("another"))
            try:
                return work()
            finally:
                db.session.remove()

    return run


def _events(kind: str = "") -> list[EventRow]:
    asked = select(EventRow).order_by(EventRow.disagreement_id, EventRow.seq)
    return list(as_system().scalars(asked.where(EventRow.kind == kind) if kind else asked))


@pytest.fixture
def two(world: World) -> Iterator[tuple[Visitor, Page, Visitor, Page]]:
    """The safeguarding lead by link and their deputy in the school's own system, each with a checked answer before them."""
    worker = Visitor(world.app)
    reference = reference_on(raise_by_hand(worker, world, start(worker, world)))
    mailbox = Mailbox(world)
    mailbox.send_due()
    lead, deputy = Visitor(world.app), Visitor(world.app, cookies=False)
    page = enter(lead, mailbox, LEAD)
    mine = lead.press(lead.press(page, "Answer the concern"), "Check your answers", {**RESPONSE, "reasons": "The lead's own reasons."})
    listed = deputy.press(start(deputy, world, "osayed", "417", "school"), reference)
    form = deputy.press(listed, "Answer the concern")
    theirs = deputy.press(form, "Check your answers", {**RESPONSE, "reasons": "The deputy's own reasons."})
    assert mine.h1 == theirs.h1 == "Check your answers"
    yield lead, mine, deputy, theirs


def test_of_two_who_answer_at_once_one_wins_and_the_other_keeps_their_text(two: tuple[Visitor, Page, Visitor, Page]) -> None:
    lead, mine, deputy, theirs = two
    answers = at_once(lambda: lead.press(mine, "Send"), lambda: deputy.press(theirs, "Send"))
    assert sorted(one.status for one in answers) == [200, 409]
    lost = answers[0] if answers[0].status == 409 else answers[1]
    own, winner = ("The lead's own reasons.", "Idris O'Sayed") if lost is answers[0] else ("The deputy's own reasons.", "Marguerite Tull")
    assert own in lost.main, "what they wrote stands on the page"
    assert f"{winner} answered it while you were writing." in lost.main
    answered = [one for one in _events("fulfilled") if one.facts.get("form") == "response"]
    assert len(answered) == 1
    assert chain.first_break(_events()) is None
    loser, page = (lead, answers[0]) if lost is answers[0] else (deputy, answers[1])
    assert "See where it stands" in page.buttons() and loser.press(page, "See where it stands").status == 200


def test_one_page_sent_twice_is_one_event_and_the_same_answer(two: tuple[Visitor, Page, Visitor, Page]) -> None:
    lead, mine, _deputy, _theirs = two
    answers = at_once(*[lambda: lead.press(mine, "Send")] * 4)
    assert [one.status for one in answers] == [200] * 4
    assert {one.h1 for one in answers} == {answers[0].h1}
    assert lead.press(mine, "Send").status == 200, "and again, from the back button"
    assert len([one for one in _events("fulfilled") if one.facts.get("form") == "response"]) == 1


def test_one_raise_sent_twice_is_one_disagreement(world: World) -> None:
    visitor = Visitor(world.app, cookies=False)
    page = fill_raise(visitor, world, start(visitor, world))
    answers = at_once(*[lambda: visitor.press(page, "Send and start")] * 4)
    answers.append(visitor.press(page, "Send and start"))
    assert {reference_on(one) for one in answers} == {reference_on(answers[0])}
    session = as_system()
    assert session.scalar(select(func.count()).select_from(Disagreement)) == 1
    asked = session.execute(select(MailRow.obligation, MailRow.rung, MailRow.recipient)).all()
    assert len(asked) == len(set(asked))


def test_nothing_that_was_not_looked_over_can_be_sent(two: tuple[Visitor, Page, Visitor, Page]) -> None:
    """A page made by hand that skips the check writes nothing."""
    lead, mine, deputy, theirs = two
    sends = theirs.form("Send").sends.to_dict()
    before = len(_events())
    for what, once in (("add", ""), ("add", "made-up"), (sends["what"], "made-up"), (sends["what"], "")):
        answer = deputy.post(theirs.form("Send").action, {**sends, "what": what, "once": once})
        assert answer.h1 != "Something went wrong with the service", answer.words
    assert len(_events()) == before
    assert lead.press(mine, "Send").status == 200


def test_eight_who_write_to_one_case_get_eight_numbers_and_a_whole_chain(world: World) -> None:
    reference = world.make_disagreement(uk("2027-03-19 18:10"))
    at = uk("2027-03-22 10:00")

    def write() -> int:
        def work() -> int:
            case = cases.open_case(db.session, world.keys, reference=reference, lock=True)
            cases.add_events(
                db.session, case, [New("fact", "protective date", "raising", "somebody", "", {"value": "2027-03-25T12:00:00+00:00"})], at
            )
            return case.seq

        return cases.transact(db.session, work)

    numbers = at_once(*[in_app(world.app, write)] * 8)
    assert sorted(numbers) == list(range(2, 10))
    rows = _events()
    assert [one.seq for one in rows] == list(range(1, 10))
    assert chain.first_break(rows) is None
    head = as_system().execute(select(Disagreement.seq, Disagreement.head)).one()
    assert (head.seq, head.head) == (9, rows[-1].hash)


def test_the_database_itself_refuses_a_number_taken_twice(world: World) -> None:
    """Two that read the same end of the chain without holding it: one is done again after the other."""
    reference = world.make_disagreement(uk("2027-03-19 18:10"))
    tries = []

    def work() -> int:
        case = cases.open_case(db.session, world.keys, reference=reference)
        if not tries:
            tries.append("the first try reads, and is then overtaken")
            case.seq -= 1
        cases.add_events(
            db.session, case, [New("fact", "protective date", facts={"value": "2027-03-25T12:00:00+00:00"})], uk("2027-03-22 10:00")
        )
        return case.seq

    bind(db.session, System("test"))
    assert cases.transact(db.session, work) == 2
    assert len(tries) == 1 and chain.first_break(_events()) is None


CHANGES: tuple[dict[str, Any], ...] = (
    {"facts": {"outcome": "resolved"}},
    {"actor": "somebody else"},
    {"about": "2/answer"},
    {"sealed_hash": "0" * 64},
    {"side": "raising"},
    {"recorded_at": uk("2027-03-19 09:00")},
)


def test_a_changed_event_is_named_by_the_verifier(world: World) -> None:
    runner, told = world.app.test_cli_runner(), set()
    for change in CHANGES:
        reference = world.make_disagreement(uk("2027-03-19 18:10"))
        lead = world.actor("htull", "responding", "practitioner")
        world.fulfil(reference, "1/answer", lead, uk("2027-03-20 09:00"), "response", answers=RESPONSE)
        session = as_system()
        case = session.scalar(select(Disagreement.id).where(Disagreement.reference == reference))
        if not told:
            assert "every chain holds" in runner.invoke(args=["audit", "verify"]).output
        session = as_system()
        begin_writing(session)
        second = EventRow.disagreement_id == case, EventRow.seq == 2
        session.execute(update(EventRow).where(*second).values(**change), execution_options={"synchronize_session": False})
        session.commit()
        told.add(f"{reference}: event 2 does not follow")
        result = runner.invoke(args=["audit", "verify"])
        assert result.exit_code == 1
        assert told <= set(result.output.splitlines()), f"{change} was not seen"


def test_an_event_taken_out_or_cut_off_is_named_by_the_verifier(world: World) -> None:
    for gone in (2, 3):
        reference = world.make_disagreement(uk("2027-03-19 18:10"))
        lead = world.actor("htull", "responding", "practitioner")
        world.fulfil(reference, "1/answer", lead, uk("2027-03-20 09:00"), "response", answers=RESPONSE)
        session = as_system()
        case_id, seq = session.execute(select(Disagreement.id, Disagreement.seq).where(Disagreement.reference == reference)).one()
        last = seq if gone == 3 else 1
        begin_writing(session)
        session.connection().execute(text("DELETE FROM event WHERE disagreement_id = :case AND seq = :seq"), {"case": case_id, "seq": last})
        session.commit()
        output = world.app.test_cli_runner().invoke(args=["audit", "verify"]).output
        assert f"{reference}: event {last} does not follow" in output
