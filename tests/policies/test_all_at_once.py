"""A mistake in one place hides no mistake in another: keys, phrases and what lies between them are told at once, and nothing else."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from policies import PackError, load
from policies.language.problems import Path, Problem
from policies.language.reading import read
from tests.policies import changing
from tests.policies.small import small_text

TALK = "      - {id: talk, kind: discussion, title: Talk, by: both, strength: must, rule: R-2}\n"
TELL = "      - {id: tell, kind: notice, title: Tell, by: raising, to: responding, strength: must, rule: R-2}\n"
RULES = "rules: {R-1: One, R-2: Two, R-3: Three, R-4: Four, R-9: Nobody cites this one}\n"


def problems(text: str) -> list[Problem]:
    with pytest.raises(PackError) as caught:
        load(text, source="slip.yaml")
    return caught.value.problems


def told(text: str) -> list[str]:
    return [one.key for one in problems(text)]


def test_mistakes_of_every_kind_are_told_at_once() -> None:
    text = small_text(
        ("    title: First\n", "    titel: First\n"),  # a key
        ("    limit: 5 working days\n    rule: R-1\n", "    limit: 5 workng days\n    rule: R-1\n"),  # a phrase
        (TALK, TELL.replace(", to: responding", "")),  # between keys
        more=RULES,  # between parts
    )
    assert sorted(told(text)) == ["rules.R-9", "stages.0.limit.0", "stages.0.owes.0.to", "stages.0.titel", "stages.0.title"]


def test_a_misspelt_key_is_read_as_the_one_that_was_meant() -> None:
    found = problems(small_text(("    limit: 5 working days\n", "    limti: 5 workng days\n")))
    assert sorted(one.key for one in found) == ["stages.0.limit.0", "stages.0.limti"]
    assert len({one.line for one in found}) == 1


def test_what_stands_in_a_list_under_a_misspelt_key_is_checked_too() -> None:
    found = told(small_text(("    owes:\n", "    ows:\n"), ("by: both, strength: must", "by: both, strength: mst, when: flag none")))
    assert found == ["stages.0.ows", "stages.0.owes.0.strength", "stages.0.owes.0.when"]


@pytest.mark.parametrize(
    ("old", "new", "only"),
    [
        ("  - {id: boss, title: Boss}\n", "  - {title: Boss}\n", ["roles.1.id"]),
        ("  - {id: boss, title: Boss}\n", "  - boss\n", ["roles.1"]),
        ("roles:\n", "rolls:\n", ["roles", "rolls"]),
        ("    acts: boss\n", "    atcs: boss\n", ["stages.1.acts", "stages.1.atcs"]),
        ("    acts: boss\n", "    acts: bos\n", ["stages.1.acts.0"]),
        ("stages:\n  - id: 1\n", "stages:\n  - id: 1!\n", ["stages.0.id"]),
        ("    rule: R-3\n", "    rule: R-3\n    nxet: 1\n", ["stages.1.nxet"]),
        ("agency types:\n", "agency types: none\nkinds:\n", ["agency types", "kinds"]),
        (
            "id: talk, kind: discussion, title: Talk,",
            "id: talk, kind: chat, title: Talk, to: [x],",
            ["stages.0.owes.0.kind", "stages.0.owes.0.to"],
        ),
    ],
)
def test_what_only_follows_from_a_mistake_is_not_told(old: str, new: str, only: list[str]) -> None:
    assert sorted(told(small_text((old, new)))) == sorted(only)


def test_what_a_key_given_twice_had_the_first_time_is_not_missed_elsewhere() -> None:
    guard = "    enter: [{id: met, needs: 1/talk done, text: Talk first., strength: must, rule: R-3}]\n"
    text = small_text((TALK, TALK + "    owes:\n" + TELL), ("    rule: R-3\n", f"    rule: R-3\n{guard}"))
    assert told(text) == ["stages.0.owes"]


def test_a_form_that_does_not_exist_is_told_of_a_step_with_another_mistake_too() -> None:
    text = small_text(("by: both, strength: must", "by: bosses, form: chat, strength: must"))
    with pytest.raises(PackError) as caught:
        load(text, forms={"discussion"})
    assert sorted(one.key for one in caught.value.problems) == ["stages.0.owes.0.by", "stages.0.owes.0.form"]
    assert "Do you mean 'raising boss' or 'responding boss'" in str(caught.value)


def test_a_key_that_is_near_one_that_may_stand_there_is_not_only_sent_elsewhere() -> None:
    (found,) = problems(small_text(("{id: need, title: Need}", "{id: need, title: Need, rules: R-1}")))
    assert "but in the pack itself. Do you mean 'rule'?" in found.text


def test_a_value_that_an_area_lacks_hides_nothing_else() -> None:
    found = told(
        small_text(("limit: 5 working days", "limit: <first limit>"), ("    title: Second\n", "    title: Second\n    foo: bar\n"))
    )
    assert found == ["stages.0.limit", "stages.1.foo"]


def test_a_stage_at_which_nobody_acts_is_a_mistake() -> None:
    assert told(small_text(("    acts: worker\n", "    acts: []\n"))) == ["stages.0.acts"]


# --- every key, damaged -----------------------------------------------------------------------------------------------------------------


def damaged(data: dict[str, Any], every: int) -> Iterator[tuple[Path, str]]:
    """The pack with one place of it wrong, for one of so many places and each way of being wrong that says nothing else by itself."""
    for path in list(_paths(data))[::every]:
        for value in ({"zz": "1"}, [["a"]]):
            pack = copy.deepcopy(data)
            around = _at(pack, path[:-1])
            if isinstance(path[-1], str) and value == [["a"]]:
                around["zzzz"] = around.pop(path[-1])
            else:
                around[path[-1]] = value
            yield path, yaml.safe_dump(pack, sort_keys=False, allow_unicode=True, width=1000)


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    for key, one in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key)
        yield from _paths(one, (*path, key))


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


@pytest.mark.slow
def test_whatever_is_wrong_in_one_place_is_told_there_and_nowhere_else() -> None:
    data = read(yaml.safe_dump(changing.WHOLE), "every_key.yaml").data
    for path, text in damaged(data, every=20):
        if path[0] in ("values", "rules"):
            continue  # what is said of these is said where they are used
        for one in problems(text):
            near = one.path[: len(path) - 1] == path[:-1] or one.path == path[: len(one.path)]
            assert near or one.path[0] in ("values", "rules"), (path, str(one))
