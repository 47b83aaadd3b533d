"""The page of a disagreement names people rightly: who was just written to and what for, between whom it is, about which children."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from plugin.extensions import db
from plugin.models import Delivery, Person, begin_writing
from plugin.models.scope import System, bind
from plugin.services.acting.raising import Named
from plugin.services.case import casefile, cases
from plugin.services.case.casefile import CaseFile
from plugin.services.keeping.clock import machine_now
from plugin.services.write_back import records
from plugin.web.case import case_rows, receipts
from tests.pages import Visitor
from tests.plugin.test_siblings import DOROTHEA, NOAH, RAISED
from tests.plugin.visits import Mailbox, as_system, enter, on_sqlite_alone, start
from tests.world import SCHOOL, World


def opened(world: World, reference: str) -> CaseFile:
    """The case file as everybody together would see it."""
    bind(db.session, System("test"))
    case = cases.open_case(db.session, world.keys, reference=reference)
    return casefile.read(db.session, case, case.state(case.events[-1].at))


def news(world: World, reference: str) -> list[dict[str, str]]:
    file = opened(world, reference)
    return case_rows.news(file, case_rows.mails(file))


def quiet(world: World, reference: str) -> bool:
    file = opened(world, reference)
    return case_rows.quiet(file, case_rows.mails(file))


def test_whoever_is_asked_and_told_at_once_reads_what_is_asked_and_a_notice_names_nobody_elses_duty(world: World) -> None:
    reference = world.make_disagreement(RAISED, flags=["looked after"], own_people=[DOROTHEA], siblings=(NOAH,))
    world.escalate(reference, "2", world.actor("nc-1042", "raising"), RAISED + timedelta(days=3))
    lines = {line["who"]: line for line in news(world, reference)}
    assert lines["Dorothea Kaminski"]["what"] == "told about this"
    assert lines["Dorothea Kaminski"]["when"] == "", "who is told has no date to keep"
    asked = [line for line in lines.values() if line["what"].startswith("asked to: ")]
    assert len(asked) >= 2, "the line managers of both sides"
    for line in asked:
        assert "Ask your manager" not in line["what"], "that was the worker's to do, not this person's"
        assert line["when"].startswith("by ")


def test_what_has_no_button_of_its_own_says_how_it_is_done(world: World) -> None:
    reference = world.make_disagreement(RAISED)
    worker = world.actor("nc-1042", "raising")
    file = opened(world, reference)

    def said_of(kind: str) -> set[str]:
        return {case_rows.step(file, worker, one)["why"] for one in file.state.obligations if one.kind == kind and one.status != "done"}

    assert said_of("decision") == {"This is yours too. You do it with a button under “Where it can go from here”."}
    world.resolve(reference, "resolved", worker, RAISED + timedelta(days=1))
    file = opened(world, reference)
    assert "Accord writes to them by itself." in said_of("notice")
    assert "Accord does this by itself. Where it cannot, it asks somebody." in said_of("record")


def test_a_delivery_that_a_worker_has_in_hand_is_not_called_a_failure() -> None:
    row = Delivery(state="claimed", attempt=1, before=0, next_try_at=RAISED)
    assert receipts._waiting(row, enabled=True, paused_until=None) == "It is on its way."
    row.state = "due"
    assert receipts._waiting(row, enabled=True, paused_until=None).endswith("next on Friday 19 March 2027 at 18:10.")


@on_sqlite_alone
def test_whoever_comes_by_a_link_reads_at_once_who_raised_it_with_whom_and_about_which_children(world: World) -> None:
    world.make_disagreement(RAISED, siblings=(NOAH,))
    mailbox = Mailbox(world)
    as_system()
    mailbox.send_due()
    page = enter(Visitor(world.app), mailbox, "m.tull@hilltop.example")
    top = page.words[: page.words.index("What happens next")]
    assert "Raised by Amara Lindqvist, Northleigh Council, with Hill Top School, on Friday 19 March 2027." in top
    assert "About Ffion Achebe-Lloyd" in top
    assert "; Noah Achebe-Lloyd, born 11 February 2019" in top


@on_sqlite_alone
def test_the_list_of_a_childs_disagreements_says_which_is_late(world: World) -> None:
    world.make_disagreement(machine_now() - timedelta(days=40))
    page = start(Visitor(world.app), world)
    assert "Overdue" in page.words and "Worker to worker, was to end by" in page.words
    world.make_disagreement(machine_now())
    page = start(Visitor(world.app), world)
    assert page.words.count("Overdue") == 1
    assert page.words.count(", to end by") == 1


def test_what_sends_no_mail_is_known_so_that_the_page_can_say_to_call(world: World) -> None:
    reference = world.make_disagreement(RAISED)
    assert not quiet(world, reference), "the safeguarding lead is asked"
    world.fulfil(reference, "1/answer", world.actor("htull", "responding"), RAISED + timedelta(hours=1), "response")
    assert news(world, reference) == [{"who": "Amara Lindqvist", "what": "told about this", "when": "", "later": ""}]
    world.fulfil(reference, "1/ask supervisor", world.actor("nc-1042", "raising"), RAISED + timedelta(hours=2), "done")
    assert quiet(world, reference), "the policy asks for no mail about asking one's own supervisor"
    world.escalate(reference, "2", world.actor("nc-1042", "raising"), RAISED + timedelta(days=3))
    assert not quiet(world, reference)


@on_sqlite_alone
def test_whoever_waits_for_others_reads_that_there_is_nothing_to_do(world: World) -> None:
    reference = world.make_disagreement(machine_now())
    visitor, nothing = Visitor(world.app), "There is nothing for you to do just now."
    page = visitor.press(start(visitor, world), reference)
    assert nothing not in page.words, "the two talk to each other"
    world.escalate(reference, "2", world.actor("nc-1042", "raising"), machine_now())
    visitor = Visitor(world.app)
    page = visitor.press(start(visitor, world), reference)
    assert nothing in page.words, "now it is with the managers"


@on_sqlite_alone
def test_by_a_link_what_it_is_about_comes_before_anything_is_asked(world: World) -> None:
    world.make_disagreement(RAISED)
    mailbox = Mailbox(world)
    as_system()
    mailbox.send_due()
    page = enter(Visitor(world.app), mailbox, "m.tull@hilltop.example")
    order = [page.words.index(head) for head in ("What it is about", "What happens next", "For you", "What others do")]
    assert order == sorted(order)


@on_sqlite_alone
def test_a_manager_reads_what_both_sides_say_and_an_empty_answer_is_not_shown(world: World) -> None:
    now, raiser = machine_now(), world.actor("nc-1042", "raising")
    reference = world.make_disagreement(now)
    answer = {"position": "disagree", "reasons": "Two pupils were hurt.", "safe_meanwhile": "A mentor walks with her."}
    world.fulfil(reference, "1/answer", world.actor("htull", "responding", "practitioner"), now, "response", answers=answer)
    world.escalate(reference, "2", raiser, now)
    mailbox = Mailbox(world)
    as_system()
    mailbox.send_due()
    page = enter(Visitor(world.app), mailbox, "philippa.okonjo-reyes@northleigh.example")
    assert page.words.index("What Hill Top School said last") < page.words.index("Two pupils were hurt.") < page.words.index("For you")
    assert "Not answered" not in page.words


@on_sqlite_alone
def test_whoever_did_not_settle_it_reads_first_who_did_and_how_to_disagree(world: World) -> None:
    now = machine_now()
    reference = world.make_disagreement(now)
    world.resolve(reference, "resolved", world.actor("htull", "responding", "practitioner"), now)
    visitor = Visitor(world.app)
    page = visitor.press(start(visitor, world), reference)
    said = "Marguerite Tull, Hill Top School recorded that it has ended: Resolved. If you do not agree, press “Open it again” below."
    assert page.words.index(said) < page.words.index("What happens next")


def test_people_are_named_with_their_own_job_and_whoever_stands_in_with_for_whom(world: World) -> None:
    reference = world.make_disagreement(RAISED)
    worker = world.actor("nc-1042", "raising")
    file = opened(world, reference)
    talk = next(one for one in file.state.obligations if one.key == "1/discuss")
    who = case_rows.step(file, worker, talk)["who"]
    assert "Marguerite Tull (designated safeguarding lead)" in who and "(practitioner)" not in who
    session = as_system()
    begin_writing(session)
    for person in session.scalars(select(Person)):
        person.job_title = ""
    session.commit()
    assert "Marguerite Tull (practitioner)" in case_rows.step(opened(world, reference), worker, talk)["who"]


def test_nothing_filed_yet_is_said_without_counting(world: World) -> None:
    reference = world.make_disagreement(RAISED)
    world.resolve(reference, "resolved", world.actor("nc-1042", "raising"), RAISED + timedelta(days=1))
    with world.app.test_request_context():
        file, worker = opened(world, reference), world.actor("nc-1042", "raising")
        bind(db.session, System("test"))
        said = receipts.summary(receipts.of_case(file, worker))
    assert said == "Nobody has filed it yet. Waiting for: Hill Top School, Northleigh Council."


def test_what_is_on_one_childs_file_is_not_said_to_be_nowhere(world: World) -> None:
    kept = dict.fromkeys(receipts.Receipt.__dataclass_fields__)
    lines = [receipts.Receipt(**{**kept, "place": "Hill Top School", "settled": settled}) for settled in (True, False)]  # type: ignore[arg-type]
    assert receipts.summary(lines) == "Some of it is on file. Still waiting for: Hill Top School."


@on_sqlite_alone
def test_whoever_is_in_no_directory_and_acts_by_a_link_is_named_on_the_record(world: World) -> None:
    named = Named("practitioner", "Seren Abiola-Wright", "s.abiola@hilltop.example", SCHOOL)
    now = machine_now()
    reference = world.make_disagreement(now, other_person="", other_named=named)
    mailbox, linked = Mailbox(world), Visitor(world.app)
    mailbox.send_due()
    page = linked.press(enter(linked, mailbox, named.email), "Answer the concern")
    answer = {"position": "disagree", "reasons": "A teacher walks with her.", "safe_meanwhile": "She is met at the gate."}
    page = linked.press(linked.press(page, "Check your answers", answer), "Send")
    assert "Seren Abiola-Wright, Hill Top School" in page.words
    file = opened(world, reference)
    assert [one.who for one in file.entries if one.title.startswith("Done: Answer")] == ["Seren Abiola-Wright"]
    assert "Seren Abiola-Wright" in str(records.compose(file, f"{reference}/v1").sections)
    chair = file.directory.names(["binding:business manager", "duty:hill-top-school", "coordinator", "system", "contact:gone"])
    assert chair == {
        "binding:business manager": "Henrietta Osei-Marsh (Business Manager)",
        "duty:hill-top-school": "Duty desk, Hill Top School",
        "coordinator": "Partnership coordinator",
    }
