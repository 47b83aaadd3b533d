"""Whom a case is about: a child, an adult, one of each, or nobody. A policy never speaks of people that its cases are not about."""

from __future__ import annotations

import pytest

from policies import Policy, chart, load
from policies.language.problems import PackError
from policies.plain import as_text, in_plain_english
from policies.trying.simulating import simulate
from policies.trying.supposing import facts_with, supposed_words
from tests.policies.making import at, child, make_case
from tests.policies.small import COUNCIL, HEAD, SCHOOL, STAGES, small

JOINT = """subject: child or adult
flags:
  - {id: on a plan, title: On a plan, of: child}
  - {id: lacks capacity, title: Lacks capacity, of: adult}
  - {id: afraid, title: Afraid, of: person}
  - {id: in court, title: In court, of: case}
owes:
  - {id: wishes, kind: consideration, title: Ask what the adult wants, by: raising worker, for each: adult, limit: 1 working day,
     strength: should, rule: R-5}
  - {id: told, kind: notice, title: Tell the officer, by: raising worker, to: officer, for each: officer, when: flag on a plan,
     limit: 2 working days, strength: must, rule: R-6}
"""
OFFICERS = (
    "  - {id: boss, title: Boss}\n",
    "  - {id: boss, title: Boss}\n  - {id: officer, title: Reviewing officer, of: child}\n  - {id: advocate, title: Advocate, of: adult}\n",
)
TELL = """  - {id: tell, kind: notice, title: Tell the advocate, by: raising worker, to: advocate, for each: advocate,
     limit: 1 working day, strength: must, rule: R-7}
"""


def joint() -> Policy:
    return small(OFFICERS, more=JOINT + TELL)


def asked(policy: Policy, **wished: object) -> set[str]:
    run = simulate(policy, at("2026-11-23 10:00"), "late", facts_with(policy, **wished))  # type: ignore[arg-type]  # as the command gives them
    return {one.text.partition(": Done")[0] for one in run.lines if one.text.startswith(("must", "should"))}


def test_a_case_can_be_supposed_about_an_adult_where_the_policy_is_for_both() -> None:
    policy = joint()
    wishes = "should: Worker (raising): Ask what the adult wants, by the end of Tuesday 24 November 2026"
    told = "must: Worker (raising): Tell the officer, by the end of Wednesday 25 November 2026"
    assert wishes not in asked(policy) and told in asked(policy)
    assert wishes in asked(policy, about=["adult"]) and told not in asked(policy, about=["adult"])
    of_each = {wishes.replace(", by", " (adult), by"), told.replace(", by", " (child), by")}
    assert of_each <= asked(policy, about=["child", "adult"]), "of several people it is said for whom"


def test_only_what_can_be_true_of_somebody_is_supposed_of_them() -> None:
    facts = facts_with(joint(), about=["child", "adult"])
    assert [(one["is"], one["flags"]) for one in facts["children"]] == [
        ("child", ["on a plan", "afraid"]),
        ("adult", ["lacks capacity", "afraid"]),
    ]
    assert "flags" not in facts
    wished = facts_with(joint(), about=["adult"], flags=["in court", "afraid"])
    assert (wished["flags"], [one["flags"] for one in wished["children"]]) == (["in court"], [["afraid"]])


@pytest.mark.parametrize(
    ("about", "says"), [((), "about a child;"), (("adult",), "about an adult;"), (("child", "adult"), "about a child and an adult;")]
)
def test_a_run_says_whom_it_supposes_where_the_policy_is_for_several(about: tuple[str, ...], says: str) -> None:
    policy = joint()
    assert says in supposed_words(policy, facts_with(policy, about=about))


def test_a_theme_can_be_supposed() -> None:
    policy = small(more="subject: child or theme\n")
    facts = facts_with(policy, about=["theme"])
    assert facts["children"] == []
    assert "about nobody in particular" in supposed_words(policy, facts)


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ("flags: [{id: looked after, title: Looked after, of: child}]", "flags.0.of"),
        (
            "owes: [{id: ask, kind: consideration, title: Ask, by: raising worker, when: about a child, strength: should, rule: R-5}]",
            "owes.0.when",
        ),
        (
            "owes: [{id: ask, kind: consideration, title: Ask, by: raising worker, for each: child, strength: should, rule: R-5}]",
            "owes.0.for each",
        ),
    ],
)
def test_a_policy_for_adults_that_speaks_of_a_child_is_a_mistake(lines: str, place: str) -> None:
    with pytest.raises(PackError) as fault:
        load(HEAD + STAGES + "subject: adult\n" + lines)
    said = [(one.key, one.text) for one in fault.value.problems]
    assert any(key.startswith(place) and "there is no child in its cases" in text for key, text in said), said


def test_a_role_of_somebody_whom_no_case_is_about_is_a_mistake() -> None:
    text = (HEAD + STAGES).replace(*OFFICERS) + "subject: adult\n" + TELL.replace("  -", "owes:\n  -", 1)
    with pytest.raises(PackError) as fault:
        load(text)
    assert any(one.key == "roles.2.of" and "there is no child in its cases" in one.text for one in fault.value.problems)


def test_a_flag_that_says_of_nobody_is_of_whoever_the_case_is_about() -> None:
    flags = "flags: [{id: afraid, title: Afraid}]\n"
    for subject, of in (
        ("adult", "adult"),
        ("child", "child"),
        ("child or adult", "person"),
        ("adult or theme", "adult"),
        ("theme", "case"),
    ):
        assert small(more=f"subject: {subject}\n{flags}").flags[0].of == of


def test_somebody_whom_the_policy_is_not_for_is_named_where_a_list_of_events_has_them() -> None:
    policy = small(more="subject: adult\n")
    said = make_case(policy, "2026-11-23 10:00", (SCHOOL, COUNCIL), children=[{**child("c1"), "is": "child"}]).warned("unknown")
    assert any("The kind of person 'child' given when it was raised means nothing in this policy." in one for one in said)


def test_another_word_for_the_people_of_a_case_is_named() -> None:
    said = make_case(small(), "2026-11-23 10:00", (SCHOOL, COUNCIL), adults=[{"adult": "a1"}]).warned("unknown")
    assert any("'adults' given when it was raised means nothing. Write 'children'" in one for one in said)


def test_the_date_set_to_protect_somebody_names_whom_the_policy_is_for() -> None:
    said = {}
    for subject in ("child", "adult", "child or adult", "theme"):
        case = make_case(small(more=f"subject: {subject}\n"), "2026-11-23 10:00", (SCHOOL, COUNCIL))
        said[subject] = case.fact("protective date", "2026-11-23 11:00", value="2026-11-24T12:00:00Z").state().binds_because
    assert [text.partition(": ")[2].partition(".")[0] for text in said.values()] == [
        f"the date set to protect {whom}" for whom in ("the child", "the adult", "the person", "people")
    ]


def test_the_words_of_a_policy_for_adults_never_say_child() -> None:
    stops = "stops: [{id: court, title: A court decides, while: flag lacks capacity, clocks: [stage 1], rule: R-9}]\n"
    text = small(
        (OFFICERS[0], OFFICERS[1].replace("of: child", "of: adult")),
        more=JOINT.replace("child or adult", "adult").replace("of: child", "of: adult") + TELL + stops,
    )
    for said in (as_text(in_plain_english(text)), as_text(chart(text).outline), supposed_words(text, facts_with(text))):
        assert "child" not in said.lower(), said
