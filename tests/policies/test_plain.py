"""A policy in plain English: nothing of it is left unsaid, and what is said is what the engine does."""

from __future__ import annotations

import inspect
from collections import Counter
from functools import cache
from itertools import pairwise
from typing import Any

import html5lib
import pytest
from pydantic import BaseModel

from policies import Policy, chart, load, pack, pack_ids
from policies.language import duty_source, key_problems, source
from policies.language.findings import Findings
from policies.language.reading import read
from policies.language.shapes import Part
from policies.parts import conditions, conditions_of_time
from policies.plain import Section, as_html, as_text, in_plain_english
from policies.plain.conditions import PAIRS, condition_words
from policies.plain.people import who_that_is
from policies.plain.phrasing import clock_words
from tests.policies import changing
from tests.policies.drawn import DRAWN, drawn
from tests.policies.small import small
from tests.policies.test_readme import README


@cache
def told(policy: Policy) -> list[str]:
    return [f"{above[-1].title}: {sentence}" for above, sentence in in_plain_english(policy).walk()]


def spoken(policy: Policy) -> str:
    return as_text(in_plain_english(policy), width=10_000)


def test_the_pack_of_the_tests_has_every_key_of_the_language() -> None:
    seen: set[tuple[str, str]] = set()

    def look(part: Any) -> None:
        if isinstance(part, BaseModel):
            for kind in type(part).__mro__:
                seen.update((kind.__name__, name) for name in part.model_fields_set)
            for name in part.model_fields_set:
                look(getattr(part, name))
        elif isinstance(part, list):
            for one in part:
                look(one)

    document = read(changing.yaml.safe_dump(changing.WHOLE), "every_key.yaml")
    del document.data["values"]
    mistakes = Findings(document)
    found = key_problems.parse(document, mistakes)
    assert mistakes.problems == []
    look(found)
    models = [one for module in (source, duty_source) for one in vars(module).values() if inspect.isclass(one) and issubclass(one, Part)]
    missing = {(one.__name__, name) for one in models for name in one.__annotations__ if (one.__name__, name) not in seen}
    assert missing - {("Part", "model_config")} == set(), "add these to tests/policies/every_key.yaml, and say them in policies/plain"


@pytest.mark.slow
@pytest.mark.parametrize("key", changing.keys())
def test_whatever_changes_in_a_policy_changes_what_is_said(key: str) -> None:
    tried = 0
    for path in changing.keys()[key]:
        policy = changing.changed(path)
        if policy is not None:
            tried += 1
            assert told(policy) != told(changing.whole(path)), f"nothing in policies/plain says {path}"
    assert tried, f"no other value of '{key}' is right; give one in tests/policies/changing.py"


@pytest.mark.parametrize("name", DRAWN)
def test_every_title_text_and_rule_of_a_policy_is_said(name: str) -> None:
    policy = drawn(name)
    words = spoken(policy).casefold()
    parts: list[Any] = [*policy.themes, *policy.flags, *policy.dates, *policy.modes, *policy.agency_types, *policy.roles.values()]
    parts += [*policy.stages, *policy.duties, *policy.caps, *policy.outcomes, *policy.panels, *policy.questions]
    missing = [one.title for one in parts if one.title.rstrip(".").casefold() not in words]
    missing += [one.text for one in (*policy.notes, *policy.unresolved, *policy.statistics) if one.text.casefold() not in words]
    missing += [one for conflict in policy.conflicts for one in (*conflict.readings, conflict.chosen) if one.casefold() not in words]
    missing += [rule.id for rule in policy.rules if f"{rule.id}:".casefold() not in words and f"{rule.id} (".casefold() not in words]
    assert missing == []


@pytest.mark.parametrize("name", DRAWN)
def test_every_sentence_has_a_place_of_its_own_and_is_a_sentence(name: str) -> None:
    places = [(*(section.key for section in above), sentence.key) for above, sentence in in_plain_english(drawn(name)).walk()]
    assert len(places) == len(set(places))
    odd = [one.text for _, one in in_plain_english(drawn(name)).walk() if not one.text.endswith((".", "?", "!", ")")) or "  " in one.text]
    assert odd == []


KINDS = {
    name: kind
    for name, kind in (vars(conditions) | vars(conditions_of_time)).items()
    if inspect.isclass(kind) and hasattr(kind, "holds") and name not in ("Condition", "All", "Any", "Not")
}


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_kind_of_condition_has_words_for_yes_and_no(name: str) -> None:
    assert name in PAIRS, "add its words to policies/plain/conditions.py"


def test_conditions_are_said_with_their_opposites_and_without_doubt() -> None:
    policy = pack("gloucestershire")
    looked_after, settled = conditions.HasFlag("looked after"), conditions.HasOutcome()
    both, one = conditions.All((looked_after, settled)), conditions.Any((looked_after, settled))
    assert condition_words(policy, both) == "“Looked after” is noted and it is settled"
    assert condition_words(policy, conditions.Not(both)) == "“Looked after” is not noted or it is not settled"
    assert condition_words(policy, conditions.Not(one)) == "“Looked after” is not noted and it is not settled"
    nested = conditions.All((one, conditions.Not(conditions.Closed())))
    assert condition_words(policy, nested) == "“Looked after” is noted or it is settled, and it is not closed"
    assert condition_words(policy, conditions.Any((both, conditions.Closed()))) == (
        "either “Looked after” is noted and it is settled; or it is closed"
    )


@pytest.mark.parametrize(
    ("phrase", "says"),
    [
        ("5 working days", "5 working days from when the stage was entered"),
        ("5 days from raised", "5 days (calendar days) from when it was raised"),
        ("2 working days before talk", "2 working days before “Talk” was done"),
        ("next working day from end of stage 1", "the next working day, counted from when the time for stage 1 (First) ended"),
        ("1 working day by 12:00 from unresolved", "1 working day by 12:00 from when the stage before was said to be not settled"),
        ("2 weeks from earlier of raised and entry", "2 weeks from the earlier of when it was raised and when the stage was entered"),
        ("2 weeks from later of raised and entry", "2 weeks from the later of when it was raised and when the stage was entered"),
        ("next Wednesday by 14:00", "next Wednesday by 14:00, counted from when the stage was entered"),
        (
            "2 working days by 12:00 before next Wednesday",
            "2 working days by 12:00 before the next Wednesday, counted from when the stage was entered",
        ),
        (
            "1 week from next first Thursday of the month from raised",
            "1 week from the next first Thursday of the month, counted from when it was raised",
        ),
        ("3 hours from entering 1", "3 hours from when stage 1 (First) was entered"),
    ],
)
def test_a_limit_is_said_with_its_starting_point(phrase: str, says: str) -> None:
    policy = small(("    limit: 5 working days\n    rule: R-1", f"    limit: {phrase}\n    rule: R-1"))
    clock = policy.stages[0].limit
    assert clock is not None
    assert clock_words(policy, clock, "", "1") == says


def test_a_conflict_is_told_with_every_reading_and_the_one_that_was_chosen() -> None:
    words = spoken(pack("birmingham"))
    assert "How long directors have. It can be read so: 4 days (table, and the headline of 14); or: 2 days (flow chart)." in words
    assert "Chosen here: 4 working days." in words


def test_silences_of_a_policy_are_found_and_not_written() -> None:
    assert "How long these stages may take: 1 (Worker to worker), 2 (Line managers), 3 (Senior" in spoken(pack("havering"))
    assert "How long these stages may take" not in spoken(pack("gloucestershire"))
    assert "What to do first where somebody is in danger now." in spoken(small())


@pytest.mark.parametrize("name", pack_ids())
def test_the_html_is_good_html_with_headings_in_order(name: str) -> None:
    html = as_html(in_plain_english(pack(name)))
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(f"<!DOCTYPE html><title>x</title><body>{html}")
    levels = [int(one.tag[1]) for one in tree.iter() if one.tag in ("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 2
    assert all(later <= before + 1 for before, later in pairwise(levels))


def test_hostile_words_in_a_pack_stay_words_in_html() -> None:
    policy = small(("title: Talk,", "title: '< img src=x onerror=alert(1)>',"))
    assert "<img" not in as_html(in_plain_english(policy)).replace("< img", "<img").replace("&lt; img", "")


def test_the_guides_own_pack_reads_as_its_text_was_meant() -> None:
    policy = load(README.split("```yaml\n")[1].split("```")[0])
    words = spoken(policy)
    for wanted in (
        "24 hours from when the stage was entered, if “How high the risk is” is “High”; otherwise 5 working days from when",
        "“Decided by the chair”. The Chair may say so. It is offered only if the case is at stage 3 (Chair). It is final.",
        "Confirm the outcome in writing. Both sides together (worker) must do this.",
        "The managers must meet first. This should be so: “Meet and try to agree” at stage 2 is done.",
    ):
        assert wanted in words


def test_a_section_knows_where_each_sentence_stands() -> None:
    section = Section("a", "A", parts=(Section("b", "B"),))
    assert list(section.walk()) == []


def test_where_a_rule_is_carried_out_is_said_by_the_names_that_people_know() -> None:
    more = """
flags: [{id: watched, title: On a plan, rule: R-9}]
caps: [{id: all, title: All of it, limit: 20 working days, ends: resolved, strength: should, rule: R-9}]
owes: [{id: log, kind: record, title: Log it, by: raising worker, limit: 1 working day, strength: must, rule: R-9}]
every stage: [{id: ask, kind: prompt, title: Ask again, by: both, strength: guide, rule: R-9}]
notes: [{id: n, text: Known., rule: R-9}]
rules: {R-1: One, R-2: Two, R-3: Three, R-4: Four, R-9: Nine}
"""
    guard = "enter: [{id: met, needs: 1/talk done, text: Talk first., strength: must, rule: R-9}]"
    said = spoken(small(("    title: Second\n", f"    title: Second\n    {guard}\n"), more=more))
    assert (
        "R-9 (must): Nine. Carried out in: what is noted: “On a plan”; the time “All of it”; “Log it”; “Ask again” at every stage; "
        "what should be known of the text; what must be so before stage 2." in said
    )
    assert "R-2 (must): Two. Carried out in: “Talk” at stage 1." in said


def test_a_joint_policy_says_whose_each_flag_and_each_role_is() -> None:
    roles = ("  - {id: boss, title: Boss}\n", "  - {id: boss, title: Boss}\n  - {id: officer, title: Officer, of: child}\n")
    more = """subject: child or adult
flags: [{id: plan, title: On a plan, of: child}, {id: unable, title: Unable, of: adult}, {id: afraid, title: Afraid}]
owes: [{id: tell, kind: notice, title: Tell them, by: raising worker, to: officer, limit: 1 working day, strength: must, rule: R-9}]
"""
    said = spoken(small(roles, more=more))
    for words in (
        "“On a plan”, of each child.",
        "“Unable”, of each adult.",
        "“Afraid”, of each person.",
        "a notice to the child’s officer",
    ):
        assert words in said


def test_the_last_stage_says_of_no_next_one_that_its_time_opens_it() -> None:
    said = spoken(small(more="settings: {time up: opens}\n"))
    assert said.count("the next stage opens by itself") == 1
    assert said.count("When the time runs out nothing moves by itself") == 1


@pytest.mark.parametrize(
    ("needs", "says"),
    [
        ("1/talk done", "This must be so: “Talk” at stage 1 is done."),
        ("1/talk done or same agency", "One of these must be so: “Talk” at stage 1 is done; both sides are one organisation."),
    ],
)
def test_a_guard_says_whether_one_thing_of_several_is_enough(needs: str, says: str) -> None:
    guard = f"    enter: [{{id: met, needs: {needs}, text: Talk first., strength: must, rule: R-3}}]\n    rule: R-3\n"
    policy = small(("    rule: R-3\n", guard))
    assert f"Talk first. {says}" in spoken(policy)
    assert says.replace(" be so:", " be so first:") in str(chart(policy).outline)


def test_a_step_with_a_time_of_its_own_is_due_with_another_at_the_latest() -> None:
    talk = "by: both, strength: must"
    read = "rule: R-2}\n      - {id: read, kind: consideration, title: Read, by: each, before: talk, strength: must"
    for limit, says in (("", "is due when that is."), (", limit: 1 working day", "is due when that is at the latest.")):
        assert says in spoken(small((talk, f"{talk}, {read}{limit}")))


def test_a_guide_is_said_to_be_one_once() -> None:
    said = spoken(small(("kind: discussion, title: Talk, by: both, strength: must", "kind: guide, title: Talk, by: both, strength: guide")))
    assert ("This is a guide for" in said, "It is a guide" in said) == (True, False)


def test_where_a_case_begins_is_said_for_each_kind_of_condition() -> None:
    first, second = "    limit: 5 working days\n    rule: R-1\n", "    limit: 5 working days\n    rule: R-3\n"
    words = spoken(small((first, f"{first}    may start here: theme is need\n"), (second, f"{second}    may start here: raised\n")))
    assert "A case begins here if it is about “Need”. If not, it begins at the first stage below where it may." in words
    assert "A case may begin here, or come straight here." in words


def test_a_stage_says_who_acts_in_each_kind_of_agency_where_they_are_few() -> None:
    table = "role table:\n  school: {1: teacher or deputy, 2: head teacher}\n  council: {1: social worker}\n"
    words = spoken(small(more=table))
    assert "On each side this is for the worker. That is in “School” teacher or deputy; in “Council” social worker." in words
    assert "On each side this is for the boss. That is in “School” head teacher." in words
    wide = pack("south-gloucestershire")
    rows = Counter(stage for stage, _ in wide.table)
    assert max(rows.values()) > 3
    assert all(bool(who_that_is(wide, one.id)) == (0 < rows[one.id] <= 3) for one in wide.stages)


def test_who_owes_a_thing_is_said_by_the_table_where_it_is_the_same_everywhere() -> None:
    owed = "by: both, strength: must", "by: raising, strength: must"
    row = "{1: raising reviewing officer or responding team manager}"
    same = spoken(small(owed, more=f"role table: {{school: {row}, council: {row}}}\n"))
    assert "Talk. The reviewing officer on the raising side must do this." in same
    for table in (f"{{school: {row}}}", f"{{school: {row}, council: {{1: nurse}}}}"):
        assert "Talk. The worker on the raising side must do this." in spoken(small(owed, more=f"role table: {table}\n"))
