"""Everything the guide to writing a policy shows is true: its pack, its pieces, its tables, its commands, its Python."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from pydantic import BaseModel

import policies
from forms import get, known
from plugin.commands.policy import policy as commands
from policies import load
from policies.language import source
from policies.parts.words import KEPT_WORDS
from policies.trying.simulating import simulate
from tests.policies.making import at, make_case
from tests.policies.small import COUNCIL, SCHOOL, small

README = Path(policies.__file__).with_name("README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


WORKED = blocks("yaml")[0]
PIECES = blocks("yaml")[1:]


def with_piece(piece: str) -> str:
    """The worked pack with the piece's sections added to it: lists go on, other sections are replaced. For adults it speaks of them."""
    worked = WORKED.replace("of: child", "of: adult") if "subject: adult\n" in piece else WORKED
    whole, more = (yaml.load(text, Loader=yaml.BaseLoader) for text in (worked, piece))  # our own text; every value stays text
    for key, value in more.items():
        if isinstance(value, list):
            whole[key] = [*whole.get(key, []), *value]
        else:
            whole[key] = {**whole.get(key, {}), **value} if isinstance(value, dict) else value
    return str(yaml.safe_dump(whole, sort_keys=False))


def table(heading: str, level: int = 2) -> list[list[str]]:
    section = re.split("\n##+ ", README.split(f"\n{'#' * level} {heading}\n")[1])[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("|")]
    return rows[2:]


def test_the_worked_pack_is_good_and_its_forms_exist() -> None:
    found = load(WORKED, forms=known())
    assert [one.id for one in found.stages] == ["1", "2", "3"]
    assert all(rule.answered for rule in found.rules)


def test_the_worked_pack_gives_the_dates_its_text_asks_for() -> None:
    dates = {"decision received": "2026-11-20T15:00:00+00:00"}
    case = make_case(load(WORKED), "2026-11-23 10:00", dates=dates, children=[{"child": "c1", "flags": ["looked after"], "officer": "p1"}])
    assert (case.due(), case.ends("overall cap")) == ("2026-11-24", "2026-12-04")
    case.unresolved("1", "2026-11-24 15:00")
    assert case.due() == "2026-12-01"
    assert "2/tell officer/p1" in case.having()
    case.fact("risk", "2026-11-24 15:30", value="high")
    assert case.due() == "2026-11-25 15:00"
    case.does("2/meet", "2026-11-25 11:00").unresolved("2", "2026-11-25 12:00")
    assert case.due() == "2026-12-05"
    case.resolved("2026-11-30", "decided")
    assert (case.state().binding, case.owes("case/confirm").status) == ("final", "owed")


@pytest.mark.parametrize("piece", PIECES)
def test_each_piece_works_in_the_worked_pack(piece: str) -> None:
    """It loads with the forms that exist, and a case under it runs to its end."""
    policy = load(with_piece(piece), forms=known())
    for answers in ("none", "late", "prompt"):
        run = simulate(policy, at("2026-12-22 16:00"), answers)
        assert (run.state.status == "closed") == (answers != "none")
        assert not [one for one in run.state.warnings if one.code == "unknown"]


def test_what_comes_in_the_night_is_due_at_ten_on_the_morning_after() -> None:
    (piece,) = (one for one in PIECES if "night call" in one)
    policy = load(with_piece(piece), forms=known())
    for called, due in (
        ("2026-11-25 18:30", "2026-11-26 10:00"),
        ("2026-11-26 02:00", "2026-11-26 10:00"),
        ("2026-11-27 17:30", "2026-11-30 10:00"),
        ("2026-11-29 11:00", "2026-11-30 10:00"),
    ):
        case = make_case(policy, called, dates={"night call": f"{called.replace(' ', 'T')}:00+00:00"})
        assert case.due("case/tell day team") == due


def test_the_table_of_forms_is_true_and_has_every_form_that_a_bundled_policy_names() -> None:
    rows = table("Forms")
    for form, title, parts, asked in rows:
        words = known()[form.strip("`")]
        assert title == re.sub(r"{(\w+)}", r"\1", get(form.strip("`")).title)
        assert set(parts.split(", ")) - {""} == words.parts
        told = {name: frozenset(codes.split(", ")) for name, codes in re.findall(r"`(\S+)`: ([^;]+)", asked)}
        assert told == {name: codes for name, codes in words.facts.items() if codes and " " not in name}
    named = {duty.form for one in policies.pack_ids() for duty in policies.pack(one).duties} - {"", "raise", "escalate"}
    assert named <= {form.strip("`") for form, *_ in rows}


def test_every_way_to_say_something_is_found_from_the_table() -> None:
    section = README.split("\n## How do I say …?\n")[1].split("\n## ")[0]
    linked = set(re.findall(r"\(#([a-z-]+)\)", section))
    heads = {re.sub(r"[^a-z -]", "", head.lower()).replace(" ", "-") for head in re.findall(r"^### (.+)$", section, re.MULTILINE)}
    assert linked == heads


@pytest.mark.parametrize("row", table("Limits"), ids=lambda row: row[0])
def test_each_limit_ends_when_the_table_says(row: list[str]) -> None:
    phrase, _, ends = row
    if not ends:
        assert "`at once`" in phrase
        return
    found = small(("    limit: 5 working days\n    rule: R-1", f"    limit: {phrase.strip('`')}\n    rule: R-1"))
    assert make_case(found, "2026-11-23 10:00", [SCHOOL, COUNCIL]).due() == ends


@pytest.mark.parametrize("heading", ["Starting points", "Conditions"])
def test_each_phrase_of_the_tables_can_be_read(heading: str) -> None:
    worked = f"{WORKED}subject: child or adult or theme\n"
    for phrases, _ in table(heading):
        for phrase in re.findall(r"`([^`]+)`", phrases):
            if heading == "Conditions" and any(word in phrase for word in ("overdue", "time up", "owed")):
                load(worked.replace("needs: 2/meet done", f"needs: {phrase.replace('talk', '1/talk')}"))
            elif heading == "Conditions":
                load(worked.replace("when: talk done", f"when: {phrase.replace('any of meet', 'any of 2/meet')}"))
            else:
                load(worked.replace("    limit: 10 days\n", f"    limit: 10 days from {phrase.replace('talk', '1/talk')}\n"))


def test_each_side_of_the_table_can_be_named() -> None:
    sides = [name for row in table("Who") for name in re.findall(r"`([a-z]+)`", row[0])]
    assert set(sides) == {"raising", "responding", "both", "either", "each", "every", "partnership", "own", "other"}
    for side in sides:
        party = "partnership chair" if side == "partnership" else f"{side} worker"
        load(with_piece(f"owes:\n  - {{id: one, kind: notice, title: T, by: raising worker, to: {party}, strength: may, rule: RV-1}}\n"))


def test_the_words_that_no_id_may_hold_are_listed() -> None:
    (listed,) = re.findall(r"may not be in them: ([^.]+)\.", README)
    assert set(re.findall(r"`([a-z]+)`", listed)) == KEPT_WORDS


def test_every_key_of_the_language_is_explained() -> None:
    section = README.split("\n## Every key\n")[1].split("\n## ")[0]
    named = set(re.findall(r"`([a-z ]+)`", section))
    models = [one for one in vars(source).values() if isinstance(one, type) and issubclass(one, BaseModel)]
    keys = {field.alias or name for model in models for name, field in model.model_fields.items()}
    assert keys - named == set()
    kinds = re.split(r",\s+", section.split("`kind`\\* (")[1].split(")")[0])
    assert set(kinds) == set(source.DutySource.model_fields["kind"].annotation.__args__)  # type: ignore[union-attr]  # a Literal


@pytest.mark.parametrize("block", blocks("console"))
def test_each_command_prints_what_is_shown(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("river-valley.yaml").write_text(WORKED)
    Path("slip.yaml").write_text(WORKED.replace("when: flag danger now", "when: flag danger soon"))
    Path("newer.yaml").write_text(
        WORKED.replace("version: 2026-03", "version: 2027-01").replace("limit: 10 days", "limit: 10 working days")
    )
    Path("events.json").write_text(blocks("json")[0])
    command, _, shown = block.partition("\n")
    words = [one.strip('"') for one in re.findall(r'"[^"]*"|\S+', command)]
    assert words[:3] == ["$", "flask", "policy"]
    lines = CliRunner().invoke(commands, words[3:]).output.splitlines()
    expected = shown.strip().splitlines()
    if expected[-1] == "…":
        expected = expected[:-1]
        lines = lines[: len(expected)]
    assert lines == expected


def test_the_python_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    given: dict[str, Any] = {"text": WORKED}
    exec(blocks("python")[0], given)  # the guide's own example
    assert capsys.readouterr().out.strip() == "['1/talk']"


def test_every_module_of_the_room_is_in_the_map() -> None:
    section = README.split("\n## For programmers\n")[1]
    for folder in ("parts", "language", "evaluating", "trying"):
        row = next(line for line in section.splitlines() if line.startswith(f"| `{folder}/`"))
        for file in Path(policies.__file__).with_name(folder).glob("*.py"):
            assert file.stem == "__init__" or f"`{file.stem}`" in row, f"{folder}: {file.stem}"
