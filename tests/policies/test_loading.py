"""Packs are read strictly: every mistake at once, with its line, and nothing dangerous is ever built."""

from __future__ import annotations

import cProfile
from collections.abc import Callable

import pytest

from policies import PackError, load, pack, pack_ids, pack_text

GOOD = pack_text("gloucestershire")


def problems(text: str, **options: object) -> list[tuple[int, str, str]]:
    with pytest.raises(PackError) as caught:
        load(text, **options)  # type: ignore[arg-type]  # options of load, by name
    return [(one.line, one.key, one.text) for one in caught.value.problems]


@pytest.mark.parametrize("pack_id", pack_ids())
def test_every_bundled_pack_loads_and_knows_its_own_text(pack_id: str) -> None:
    policy = pack(pack_id)
    assert policy.id == pack_id
    assert len(policy.hash) == 64
    assert policy.themes and policy.agency_types and policy.stages and policy.rules


def test_every_mistake_is_reported_at_once_with_its_line() -> None:
    text = GOOD.replace("limit: 1 working week from raised", "limit: 1 fortnight from raised").replace("tiers: yes", "tiers: maybe")
    text = text.replace("    title: Line managers\n", "    titel: Line managers\n")
    found = problems(text)
    lines = text.splitlines()
    assert {key for _, key, _ in found} >= {"stages.2.tiers", "stages.1.titel", "stages.1.title"}
    assert all("tiers" in lines[line - 1] for line, key, _ in found if key == "stages.2.tiers")


def test_phrases_that_cannot_be_read_say_what_would_be_right() -> None:
    text = GOOD.replace("limit: 1 working week from raised", "limit: 1 fortnight from raised")
    text = text.replace("when: flag immediate harm", "when: flag immediate hram").replace("by: partnership chair\n", "by: chair\n", 1)
    found = problems(text)
    assert len(found) == 3
    assert any("not a limit" in text for _, _, text in found)
    assert any("not a flag of this pack" in text and "immediate harm" in text for _, _, text in found)
    assert all(line > 20 for line, _, _ in found)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: &x 1\nb: *x\n", "Anchors"),
        ("a: *x\n", "Aliases"),
        ("a: !!python/object/apply:os.system [id]\n", "Tags"),
        ("id: one\nid: two\n", "twice"),
        ("[" * 10_000, "Nested deeper"),
        ("a:\n" + "".join(" " * depth + "a:\n" for depth in range(1, 400)), "Nested deeper"),
        ("a: " + "x" * 10_000_000, "larger than"),
        ("just words", "key: value"),
        ("", "pack is a list"),
        ("a: 1\n---\nb: 2\n", "one list"),
        ("{a: [}", "bracket"),
        ("title: One: two\n", "must stand in quotes"),
        ("a:\n\t- b\n", "not tabs"),
        ("a: \x00", "text file"),
        ("? [a, b]\n: c\n", "must be a word"),
    ],
)
def test_dangerous_or_broken_files_are_refused_quickly(text: str, says: str) -> None:
    profile = cProfile.Profile()
    found = profile.runcall(problems, text)
    assert sum(one.callcount for one in profile.getstats()) < 100_000
    assert says in " ".join(text for _, _, text in found)
    assert found[0][0] >= 1


def test_a_billion_laughs_is_refused_and_the_running_policy_stays() -> None:
    before = pack("gloucestershire")
    bomb = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    assert "Anchors" in problems(bomb)[0][2]
    assert pack("gloucestershire") is before


@pytest.mark.parametrize("limit", ["0 working days", "-1 working days", "5 wroking days", "5", "5 working days from nowhere"])
def test_limits_that_make_no_sense_are_refused(limit: str) -> None:
    found = problems(GOOD.replace("limit: 10 working days", f"limit: {limit}"))
    assert [key for _, key, _ in found] == ["stages.3.limit.0"]


def test_yaml_words_stay_words() -> None:
    policy = load(GOOD.replace("version: 2018-07", "version: no"))
    assert policy.version == "no"


def test_a_form_that_does_not_exist_is_named() -> None:
    found = problems(GOOD, forms={"raise", "discussion"})
    assert any("no form 'confirmation'" in text for _, _, text in found)


def test_a_slip_in_a_key_gets_the_key_that_was_meant() -> None:
    found = problems(GOOD.replace("    strength: should\n", "    strenght: should\n", 1))
    assert any("Do you mean 'strength'?" in text for _, _, text in found)


@pytest.mark.parametrize(
    "made",
    [
        lambda many: "language: 1\n" + "".join(f"k{number}: a\n" for number in range(many)),
        lambda many: GOOD.replace("rules:\n", "rules:\n" + "".join(f"  R-{number}: nobody cites this\n" for number in range(many))),
        lambda many: GOOD + "values:\n" + "".join(f"  v{number}: unused\n" for number in range(many)),
    ],
)
def test_the_work_of_finding_mistakes_grows_with_their_number_and_no_faster(made: Callable[[int], str]) -> None:
    few, many = _work(made(1_000)), _work(made(4_000))
    assert many < 5 * few


def _work(text: str) -> int:
    """How many calls it takes to find the mistakes of a text: the same on any machine, busy or not."""
    profile = cProfile.Profile()
    found = profile.runcall(problems, text)
    assert len(found) >= 1_000
    return sum(one.callcount for one in profile.getstats())
