"""What happens on the way of a simulated case: every kind of event can be said, and what people do follows from it."""

from __future__ import annotations

from typing import get_args

import pytest
from click.testing import CliRunner

from plugin.commands.policy import policy as commands
from policies import Policy, load
from policies.charting import timeline_chart
from policies.parts.schema import EventKind
from policies.parts.words import PhraseError
from policies.trying.happening import happening
from policies.trying.runs import Answers, Run
from policies.trying.simulating import simulate
from policies.trying.supposing import facts_with
from tests.policies.making import at
from tests.policies.rows import ROLES, ROWS, second
from tests.policies.small import small
from tests.policies.test_readme import WORKED, table

OFFICER = """flags: [{id: looked after, title: Looked after, of: child}, {id: court, title: In court, of: case}]
choices: [{id: risk, title: How high the risk is, default: usual, options: [{id: usual, title: Usual}, {id: high, title: High}]}]
dates: [{id: decision, title: When it was decided}]
owes:
  - {id: tell, kind: notice, title: Tell the officer, by: raising worker, to: officer, for each: officer, when: flag looked after, limit: 2 working days, strength: must, rule: R}
  - {id: tell chair, kind: notice, title: Tell the board, by: raising boss, to: responding boss, when: risk is high, limit: 1 working day, strength: must, rule: R}
"""  # noqa: E501  # one obligation a line is easier to read


@pytest.fixture(scope="module")
def policy() -> Policy:
    return small((ROLES, f"{ROLES}  - {{id: officer, title: Reviewing officer, of: child}}\n"), more=OFFICER)


def run(policy: Policy, *also: str, answers: Answers = "late") -> Run:
    facts = facts_with(policy, flags=())
    return simulate(policy, at("2026-11-23 10:00"), answers, facts, [happening(policy, one) for one in also])


def told(found: Run) -> list[str]:
    return [f"{one.local[:16].replace('T', ' ')} {one.text}" for one in found.lines]


def test_a_flag_on_the_way_makes_a_notice_owed_and_says_who_noted_it(policy: Policy) -> None:
    lines = told(run(policy, "2026-11-24 09:00 flag looked after by responding"))
    assert "2026-11-24 09:00 Noted: Looked after (by the responding side)" in lines
    named = told(run(policy, "2026-11-24 09:00 flag looked after by raising boss"))
    assert "2026-11-24 09:00 Noted: Looked after (by the Boss, raising)" in named
    assert "2026-11-24 09:00 must: Worker (raising): Tell the officer, by the end of Thursday 26 November 2026" in lines  # 25, 26


def test_a_flag_that_is_taken_back_lets_what_was_owed_lapse(policy: Policy) -> None:
    found = run(policy, "2026-11-24 09:00 flag looked after", "2026-11-24 15:00 no flag looked after", answers="none")
    assert found.state.obligation("case/tell/officer").status == "no longer applies"


def test_another_officer_is_told_too(policy: Policy) -> None:
    found = run(policy, "2026-11-24 09:00 flag looked after", "2026-12-02 09:00 officer of child is o2", answers="none")
    assert found.state.obligation("case/tell/o2").since == at("2026-12-02 09:00")


def test_a_choice_moves_what_is_owed_and_a_date_to_protect_the_end_of_the_stage(policy: Policy) -> None:
    found = run(policy, "2026-11-24 09:00 risk is high", "2026-11-24 10:00 protective date 2026-11-26 17:00 by raising", answers="none")
    assert "2026-11-24 09:00 must: Boss (raising): Tell the board, by the end of Wednesday 25 November 2026" in told(found)
    assert "2026-11-23 10:00 Stage 1: First, by the end of Monday 30 November 2026" in told(found)
    assert "2026-11-24 10:00 Stage 1: First, now by 17:00 on Thursday 26 November 2026" in told(found)
    assert "2026-11-26 17:00 Not settled at First" in told(found)  # when that date has come, though the stage had until the 30th


def test_a_case_can_be_sent_back_on_the_way() -> None:
    policy = load(ROWS["sent back"])
    found = simulate(policy, at("2026-11-23 10:00"), "none", None, [happening(policy, "2026-12-02 09:00 goes to 1 by partnership")])
    assert [one.stage for one in found.state.spells][:3] == ["1", "2", "1"]
    assert "2026-12-02 09:00 Now at First (by the partnership side)" in told(found)
    assert "2026-12-02 09:00 Stage 1: First, by the end of Wednesday 9 December 2026" in told(found)  # 3, 4, 7, 8, 9


def test_a_move_that_was_a_mistake_is_no_stay(policy: Policy) -> None:
    found = run(policy, "2026-11-24 09:00 goes to 2", "2026-11-24 10:00 event 2 was wrong", answers="none")
    assert [one.stage for one in found.state.spells] == ["1", "2"]
    assert sum(one.what == "ends" for one in found.lines) == 2


def drawn_stays(found: Run, policy: Policy) -> list[tuple[str, str]]:
    """Each part of the dated drawing, with what stands in it."""
    parts = timeline_chart(policy, found).outline.parts
    return [(part.title, " ".join(str(one) for _, one in part.walk())) for part in parts]


def test_each_stay_is_drawn_with_what_it_asks_for() -> None:
    policy = load(ROWS["sent back"])
    also = [happening(policy, "2026-12-02 09:00 goes to 1 by partnership")]
    stays = drawn_stays(simulate(policy, at("2026-11-23 10:00"), "none", None, also), policy)
    assert [title for title, _ in stays] == ["Stage 1: First", "Stage 2: Second", "Stage 1: First", "Stage 2: Second", "Stage 3: Board"]
    assert "Now at First (by the partnership side)" in stays[1][1]
    assert "Owed: must: Worker: Talk, by the end of Wednesday 9 December 2026" in stays[2][1]


def test_a_case_that_is_opened_again_is_drawn_to_its_second_end(policy: Policy) -> None:
    stays = drawn_stays(run(policy, "2027-02-01 10:00 opened again at 2 by raising", answers="prompt"), policy)
    ended = ["It is settled: Settled", "It is closed: Settled"]
    assert [title for title, _ in stays] == ["Stage 1: First", *ended, "Stage 2: Second", *ended]


def test_what_comes_after_the_end_happens_too(policy: Policy) -> None:
    found = run(policy, "2027-02-01 10:00 opened again at 2 by raising", answers="prompt")
    kinds = [one.kind for one in found.events]
    assert (kinds.count("closed"), kinds.count("reopened"), found.state.status) == (2, 1, "closed")
    assert found.events[kinds.index("reopened")].at == at("2027-02-01 10:00")


def test_what_is_asked_for_after_the_closing_is_done_unless_it_is_opened_again_first() -> None:
    line = "id: audit, kind: debrief, title: Audit it, by: raising worker, when: closed, limit: 20 working days, strength: must, rule: R"
    audit = f"owes: [{{{line}}}]\n"
    found = simulate(small(more=audit), at("2026-11-23 10:00"), "late")
    closed = next(one.at for one in found.events if one.kind == "closed")
    (done,) = [one for one in found.lines if one.text == "Done: Worker (raising): Audit it"]
    assert (found.state.status, found.state.obligation("case/audit").status) == ("closed", "done")
    assert done.at == found.state.obligation("case/audit").due.at > closed  # type: ignore[union-attr]  # it has a limit
    again = simulate(
        small(more=audit), at("2026-11-23 10:00"), "prompt", None, [happening(small(more=audit), "2026-11-24 11:00 opened again")]
    )
    kinds = [(one.kind, one.about) for one in again.events]
    assert kinds.index(("reopened", "1")) < kinds.index(("fulfilled", "case(2)/audit"))


def test_after_the_last_stage_ran_out_unanswered_things_still_happen(policy: Policy) -> None:
    found = run(policy, "2027-02-01 10:00 settled with settled", answers="none")
    assert found.state.outcome == "settled"


def test_every_kind_of_event_can_be_said() -> None:
    guard = "enter: [{id: met, needs: 1/talk done, text: Talk first., strength: must, rule: R}]"
    tiers = small(("    rule: R-1\n", "    rule: R-1\n    tiers: yes\n"), second("limit: 5 working days", guard))
    several = (
        "2026-11-23 11:00 noted", "2026-11-23 12:00 next tier", "2026-11-23 13:00 unresolved", "2026-11-23 14:00 overridden 2/met",
        "2026-11-23 14:10 a3 joins responding as school", "2026-11-23 14:20 child c9 joins", "2026-11-23 14:30 goes to stage 2",
        "2026-11-23 15:00 set aside 2/talk/responding", "2026-11-23 15:10 done 2/talk/raising with result failed, mode visit",
        "2026-11-23 15:20 event 2 was wrong", "2026-11-23 15:30 event 3 was at 2026-11-23 12:30", "2026-11-23 16:00 settled with settled",
        "2026-11-23 16:10 closed", "2026-11-23 16:20 opened again",
    )  # fmt: skip
    found = run(tiers, *several, answers="none")
    assert {one.kind for one in found.events} == set(get_args(EventKind))
    assert [one.text for one in found.state.warnings if one.code in ("unknown", "unreadable")] == []
    assert [dict(one.facts) for one in found.events if one.about == "2/talk/raising"][:1] == [{"result": "failed", "mode": "visit"}]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tomorrow flag court", "does not begin with a time"),
        ("2026-13-24 09:00 flag court", "is not a time"),
        ("2026-11-24 flag cort", "Do you mean 'court'"),
        ("2026-11-24 risk is higher", "Do you mean 'high'"),
        ("2026-11-24 rsk is high", "Do you mean 'risk'"),
        ("2026-11-24 goes to 9", "There are: 1, 2"),
        ("2026-11-24 settled with setled", "Do you mean 'settled'"),
        ("2026-11-24 advocate of child is p2", "not a role of one person"),
        ("2026-11-24 noted by raising bos", "Do you mean 'boss'"),
        ("2026-11-24 everybody goes home", "is not something that can happen"),
    ],
)
def test_what_cannot_happen_is_said_with_what_can(policy: Policy, text: str, says: str) -> None:
    with pytest.raises(PhraseError, match=says):
        happening(policy, text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2026-11-20 flag court", "comes before the case was raised"),
        ("2026-11-24 done 1/tlk", "Do you mean '1/talk'"),
        ("2026-11-24 overridden 2/met", "not a closed way of this case"),
    ],
)
def test_what_this_case_does_not_have_then_is_said(policy: Policy, text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        run(policy, text)


def test_the_table_of_the_guide_is_true() -> None:
    policy = load(WORKED)
    for phrases, _ in table("What else happens", level=3):
        for phrase in phrases.split("`")[1::2]:
            assert happening(policy, f"2026-12-01 10:00 {phrase}").at == at("2026-12-01 10:00")


def test_the_command_says_what_is_wrong_in_one_line() -> None:
    found = CliRunner().invoke(commands, ["simulate", "wiltshire", "--raised", "2026-11-23 10:00", "--also", "2026-11-24 flag nobody"])
    assert (found.exit_code, found.output.count("\n")) == (2, 1)
    assert "'nobody' is not a flag of this pack" in found.output


def test_a_flag_is_of_somebody_whom_the_case_is_about(policy: Policy) -> None:
    with pytest.raises(PhraseError, match=r"'c1' is not a person of this case\. There are: child\."):
        run(policy, "2026-11-24 09:00 flag looked after of c1")
    lines = told(run(policy, "2026-11-24 09:00 child c2 joins", "2026-11-24 10:00 flag looked after of c2"))
    assert "2026-11-24 10:00 Noted: Looked after (of c2)" in lines


def test_a_flag_of_whoever_it_is_about_is_that_of_the_one_there_is() -> None:
    flags = "flags: [{id: unsafe, title: Unsafe, of: person}]\n"
    both = small(("agency types:\n", "subject: child or adult\nagency types:\n"), more=flags)
    found = simulate(
        both,
        at("2026-11-23 10:00"),
        "none",
        facts_with(both, flags=(), about=("adult",)),
        [happening(both, "2026-11-24 09:00 flag unsafe")],
    )
    assert found.state.child_flags == {"adult": ("unsafe",)}


def test_what_one_agency_owes_need_not_name_it() -> None:
    owes = "owes: [{id: look, kind: record, title: Look, by: council worker, limit: 1 working day, strength: must, rule: R}]\n"
    policy = small(more=owes)
    found = simulate(policy, at("2026-11-23 10:00"), "none", None, [happening(policy, "2026-11-23 11:00 done case/look")])
    assert "2026-11-23 11:00 Done: Look" in told(found)
    with pytest.raises(PhraseError, match=r"'case/loo' is not an obligation of this case\. There are"):
        simulate(policy, at("2026-11-23 10:00"), "none", None, [happening(policy, "2026-11-23 11:00 done case/loo")])


def test_of_several_children_it_is_said_for_which_one_something_is(policy: Policy) -> None:
    ask = "{id: ask, kind: plan, title: Ask them, by: raising worker, for each: child, limit: 1 working day, strength: must, rule: R}"
    found = small(more=f"owes: [{ask}]\n")
    lines = told(simulate(found, at("2026-11-23 10:00"), "late", None, [happening(found, "2026-11-23 11:00 child c2 joins")]))
    assert "2026-11-23 10:00 must: Worker (raising): Ask them, by the end of Tuesday 24 November 2026" in lines
    assert "2026-11-23 11:00 must: Worker (raising): Ask them (c2), by the end of Tuesday 24 November 2026" in lines
    assert {one.partition("Done: ")[2] for one in lines if "Done: " in one and "Ask" in one} == {
        "Worker (raising): Ask them (child)",
        "Worker (raising): Ask them (c2)",
    }
