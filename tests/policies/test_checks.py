"""Mistakes that no single key shows are found when a pack is loaded."""

from __future__ import annotations

import pytest

from policies import FormWords, PackError, load
from policies.language.idle import idle
from tests.policies.small import small, small_text

TALK = "      - {id: talk, kind: discussion, title: Talk, by: both, strength: must, rule: R-2}\n"
SECOND = "  - id: 2\n    title: Second\n"
FIVE_DAYS = "    limit: 5 working days\n"
BOSS = "  - {id: boss, title: Boss}"


def guard(needs: str) -> str:
    return f"    enter: [{{id: first, needs: {needs}, text: Wait., strength: must, rule: R-3}}]\n"


def problems(text: str, **options: object) -> list[tuple[str, str]]:
    with pytest.raises(PackError) as caught:
        load(text, **options)  # type: ignore[arg-type]  # options of load, by name
    return [(one.key, one.text) for one in caught.value.problems]


def test_the_small_pack_itself_is_good() -> None:
    assert [one.id for one in small().stages] == ["1", "2"]


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("    rule: R-3\n", "    rule: R-3\n    next: 1\n", "stages.0.next", "leads back to itself"),
        (
            "  - {id: settled, title: Settled}",
            "  - {id: settled, title: Settled, when: at stage 1}",
            "stages.1",
            "Nobody can leave stage 2",
        ),
        (BOSS, f"{BOSS}\n  - {{id: ghost, title: Ghost}}", "roles.2", "The role 'ghost' does nothing"),
        (TALK, TALK + TALK.replace("id: talk, kind: discussion", "id: tell, kind: notice"), "stages.0.owes.1.to", "needs someone"),
        (TALK, TALK.replace("by: both", "by: own"), "stages.0.owes.0.by", "named by side"),
        (TALK, TALK.replace("by: both", "by: both, limit: 9 working days"), "stages.0", "longer than the stage's own"),
        (TALK, TALK.replace("by: both", "by: both, done by: time up at stage 1"), "stages.0.owes.0.done by", "can open a stage"),
        (
            FIVE_DAYS,
            "    limit: [5 working days, 24 hours when more than 2 agencies]\n",
            "stages.0.limit.0",
            "what stands after it never does",
        ),
        (
            TALK,
            TALK.replace("by: both", "by: both, after: read")
            + TALK.replace("id: talk", "id: read").replace("by: both", "by: each, after: talk"),
            "stages.0.owes.1.after",
            "neither could be done",
        ),
        ("themes:\n", "effective: {from: 2026-03-01, until: 2026-01-31}\nthemes:\n", "effective.until", "before the one from which"),
        (FIVE_DAYS, "    limit: [5 days otherwise, 24 hours when same agency]\n", "stages.0.limit.0", "Put it last"),
        (TALK, TALK + TALK, "stages.0.owes.1.id", "here twice"),
        (
            TALK,
            TALK.replace("rule: R-2", "rule: R-2, reminders: [{id: before, at: 1 working day after due, to: owner}]"),
            "stages.0.owes.0.reminders.0.at",
            "after the deadline",
        ),
        (TALK, TALK.replace("rule: R-2", "rule: R-2, to: reviewing officer"), "stages.0.owes.0.to", "Declare a role"),
        ("    rule: R-1\n", "    rule: R-1\n    cumulative: 3 working days\n", "stages.0.limit", "longer than its cumulative"),
        ("    rule: R-1\n", f"    rule: R-1\n{guard('theme is need')}", "stages.0.enter", "A case begins at this stage"),
        (BOSS, f"{BOSS}, of: child}}".replace("}, of", ", of"), "stages.1.acts.0", "belongs to one child"),
        ("themes:\n", "rules:\n  R-9: Nothing\nthemes:\n", "rules.R-9", "No part of the pack cites this rule"),
        ("themes:\n", "emergency: {question: Q, flag: fire, text: T, rule: R}\nthemes:\n", "emergency.flag", "not a flag"),
        (
            "themes:\n",
            "caps:\n  - {id: all, title: All, limit: 4 working days, ends: resolved, strength: must, rule: R}\nthemes:\n",
            "stages.1.limit",
            "longer than the cap 'all'",
        ),
        ("acts: boss", "acts: bos", "stages.1.acts.0", "not a role"),
        (TALK, TALK.replace("by: both", "by: both, limit: 2 days from talk"), "stages.0.owes.0.limit.0", "would never be due"),
        (TALK, TALK.replace("by: both", "by: both, limit: 2 days from 2/talk"), "stages.0.owes.0.limit.0", "only after stage 1 was left"),
        (FIVE_DAYS, "    limit: 5 days from entering 2\n", "stages.0.limit.0", "only after stage 1 was left"),
        (TALK, TALK.replace("by: both", "by: both, when: raised and talk done"), "stages.0.owes.0.when", "only once it was done"),
        (SECOND, SECOND + guard("2/talk done"), "stages.1.enter.0.needs", "asked for only when stage 2 is open"),
        ("    rule: R-1\n", "    rule: R-1\n" + guard("2/talk done and raised"), "stages.0.enter.0.needs", "only when stage 2 is open"),
        (SECOND, SECOND + "    judged by: mayor\n", "stages.1.judged by", "does not begin with a side"),
        (TALK, TALK.replace("by: both", "by: both and raising"), "stages.0.owes.0.by", "one owner"),
        (
            "agency types:\n",
            "role table:\n  school:\n    1: teacher; head\nagency types:\n",
            "role table.school.1",
            "At stage 1 act worker: 1 with ';' between. This cell has 2.",
        ),
        ("agency types:\n", "role table:\n  shop:\n    7: teacher\nagency types:\n", "role table.shop.7", "not a stage"),
        ("agency types:\n", "settings: {office hours: 17:00 to 09:00}\nagency types:\n", "settings.office hours", "end later"),
        ("agency types:\n", "calendar: {closures: [2027-02-30]}\nagency types:\n", "calendar.closures.0", "not a date"),
        ("agency types:\n", "calendar: {nation: Atlantis}\nagency types:\n", "calendar.nation.0", "England and Wales"),
    ],
)
def test_each_mistake_is_found_and_said(old: str, new: str, key: str, says: str) -> None:
    found = problems(small_text((old, new)))
    assert any(at == key and says in text for at, text in found), found


def test_a_form_that_does_not_exist_is_named_with_those_that_do() -> None:
    text = small_text((TALK, TALK.replace("rule: R-2", "rule: R-2, form: letter")))
    ((key, says),) = problems(text, forms={"response"})
    assert (key, says.startswith("There is no form 'letter'. There are: response. Take the line out")) == ("stages.0.owes.0.form", True)
    assert load(text, forms={"letter"}).duties[0].form == "letter"


@pytest.mark.parametrize("start", ["raised", "decided", "flag urgent", "case/ask"])
def test_a_limit_that_counts_from_before_the_stage_may_be_longer_than_the_stage_s(start: str) -> None:
    more = """dates: [{id: decided, title: When it was decided}]
flags: [{id: urgent, title: Urgent, of: case}]
owes: [{id: ask, kind: statement, title: Ask, by: raising worker, strength: may, rule: R-2}]
"""
    longer = TALK.replace("by: both", f"by: both, limit: 9 working days from {start}")
    assert load(small_text((TALK, longer), more=more)).duties
    if start == "raised":
        with pytest.raises(PackError, match="add 'outside limits: yes' to it"):
            load(small_text((TALK, longer.replace(" from raised", "")), more=more))


def test_a_mistake_is_placed_by_the_ids_its_writer_gave_and_by_numbers_from_one() -> None:
    text = small_text(
        (TALK, TALK.replace("by: both", "by: both, limit: [1 working day when talk done, soon]")),
        ("    limit: 5 working days\n    rule: R-3\n", "    limit: soon\n    rule: R-3\n"),
    )
    with pytest.raises(PackError) as caught:
        load(text, source="pack.yaml")
    assert [(one.line, one.place) for one in caught.value.problems] == [(23, "stages 1, owes talk, limit 2"), (27, "stages 2, limit")]
    assert str(caught.value.problems[1]).startswith("pack.yaml:27: stages 2, limit: 'soon' is not a limit.")


FORMS = {
    "report": FormWords(frozenset({"ask", "reply"}), {"result": frozenset({"good", "not good"}), "given on": frozenset()}),
    "done": FormWords(),
}


@pytest.mark.parametrize(
    ("form", "when", "key", "says"),
    [
        (
            ", form: report, part: anser",
            "resolved",
            "stages.0.owes.0.part",
            "has no part 'anser'. There are: ask, reply.",
        ),
        (", form: done, part: ask", "resolved", "stages.0.owes.0.part", "It is filled in one piece: take this line out."),
        (", form: report", "talk with result bad", "stages.0.owes.0.form", "In the form 'report' 'result' is one of: good, not good."),
        (", form: report", "not talk with reslt good", "stages.0.owes.0.form", "The form 'report' tells the policy of: given on, result."),
        ("", "raised and talk with result good", "stages.0.owes.0.form", "The form of what names no form tells the policy of nothing."),
    ],
)
def test_a_part_or_an_answer_that_a_form_does_not_have_is_found(form: str, when: str, key: str, says: str) -> None:
    asks = TALK.replace("id: talk", "id: more").replace("rule: R-2", f"rule: R-2, when: {when}")
    text = small_text((TALK, TALK.replace("rule: R-2", f"rule: R-2{form}") + asks))
    ((at, text_said),) = problems(text, forms=FORMS)
    assert (at, says in text_said) == (key, True), text_said


def test_a_form_s_parts_and_answers_are_not_checked_where_only_its_name_is_known() -> None:
    asks = TALK.replace("id: talk", "id: more").replace("rule: R-2", "rule: R-2, when: talk with result bad")
    text = small_text((TALK, TALK.replace("rule: R-2", "rule: R-2, form: report, part: none") + asks))
    assert load(text, forms={"report"}).duties[0].part == "none"
    good = text.replace("part: none", "part: ask").replace("result bad", "result not good")
    assert load(good, forms=FORMS).duties[0].part == "ask"


@pytest.mark.parametrize(
    ("phrase", "says"),
    [
        ("and", "too early"),
        ("(resolved", "not closed"),
        ("resolved )", "cannot be read after"),
        ("flag fire", "not a flag"),
        ("reached stage 9", "not a stage"),
        ("colour is red", "not a choice"),
        ("talc done", "not an obligation"),
        ("whenever", "not a condition"),
    ],
)
def test_conditions_that_cannot_be_read_say_why(phrase: str, says: str) -> None:
    found = problems(small_text((TALK, TALK.replace("by: both", f"by: both, when: {phrase}"))))
    assert any(says in text for _, text in found), found


def test_a_stage_that_no_stage_leads_to_is_found() -> None:
    lost = "  - id: 9\n    title: Lost\n    acts: boss\n    rule: R\n"
    found = problems(small_text((SECOND, lost + SECOND), ("    rule: R-1\n", "    rule: R-1\n    next: 2\n")))
    assert found == [("stages.1", "No stage leads to stage 9. Name it in the 'next' of another, or say who may start here.")]


@pytest.mark.parametrize("needs", ["1/talk done", "2/talk done or time up at stage 1", "not 2/talk done"])
def test_a_guard_that_can_come_true_before_its_stage_is_good(needs: str) -> None:
    assert len(small((SECOND, SECOND + guard(needs))).stages[1].guards) == 1


def test_a_role_without_its_side_is_given_the_side_it_has() -> None:
    roles = BOSS + "\n  - {id: mayor, title: Mayor, of: partnership}"
    (mayor,) = problems(small_text((BOSS, roles), (SECOND, SECOND + "    judged by: mayor\n")))[:1]
    assert "Do you mean 'partnership mayor'?" in mayor[1]
    (boss,) = problems(small_text((SECOND, SECOND + "    judged by: boss\n")))[:1]
    assert "Do you mean 'raising boss' or 'responding boss'?" in boss[1]


def test_what_nothing_hangs_on_is_found_however_deep_it_would_be_asked_for() -> None:
    words = """flags:
  - {id: used, title: Used, of: case, rule: R-1}
  - {id: forlorn, title: Forlorn, of: case, rule: R-1}
  - {id: in a limit, title: In a limit, of: case, rule: R-1}
dates:
  - {id: starts, title: It starts, rule: R-1}
  - {id: forgotten, title: Forgotten, rule: R-1}
choices:
  - {id: way, title: The way, rule: R-1, options: [{id: a, title: A}, {id: b, title: B}]}
  - {id: road, title: The road, rule: R-1, options: [{id: a, title: A}, {id: b, title: B}]}
owes:
  - id: answer
    kind: letter
    title: Answer
    by: responding worker
    to: raising worker
    when: not (flag used or way is b)
    limit: [1 day from starts when flag in a limit, 2 days otherwise]
    strength: must
    rule: R-1
"""
    assert idle(small(more=words)) == ["flag 'forlorn'", "choice 'road'", "date 'forgotten'"]
    gate = "emergency: {question: Is it so?, flag: forlorn, text: Tell them., rule: R-1}\n"
    assert idle(small(more=words + gate)) == ["choice 'road'", "date 'forgotten'"]


OWN_PEOPLE = f"{BOSS}\n  - {{id: officer, title: Officer, of: child}}\n  - {{id: guardian, title: Guardian, of: child}}"
TELL = TALK.replace("id: talk, kind: discussion, title: Talk, by: both", "id: tell, kind: notice, title: Tell, by: raising, to: officer")


def test_what_goes_to_somebody_of_one_persons_own_is_one_for_each_of_them() -> None:
    guardian = TELL.replace("id: tell", "id: two").replace("to: officer", "to: guardian")
    policy = small((BOSS, OWN_PEOPLE), (TALK, TALK + TELL + guardian))
    assert [(one.each, one.each_role) for one in policy.duties if one.kind == "notice"] == [("officer", "officer"), ("officer", "guardian")]
    wrong = TELL.replace("to: officer", "to: officer, for each: child")
    text = small_text((BOSS, OWN_PEOPLE), (TALK, TALK + wrong + guardian))
    assert problems(text) == [
        ("stages.0.owes.1.for each", "What goes to 'officer' is one for each of them: write 'for each: officer'."),
    ]


def test_a_flag_that_is_taken_for_a_choice_is_said_to_be_one() -> None:
    flags = "flags: [{id: danger, title: Danger, of: case}]\n"
    found = problems(small_text((TALK, TALK.replace("by: both", "by: both, when: danger is not high")), more=flags))
    assert ("stages.0.owes.0.when", "'danger' is a flag, which is noted or not. Write 'not flag danger'.") in found


def test_what_lasts_longer_than_its_stage_may_count_from_a_later_one() -> None:
    policy = small((TALK, TALK.replace("by: both", "by: both, lasts: until done, limit: 2 working days from 2/talk")))
    assert policy.duty_by_place["1/talk"].clock is not None
