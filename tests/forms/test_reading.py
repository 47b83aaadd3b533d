"""A definition with a mistake is refused, all its mistakes at once, each with file, line, key and what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

import forms
from forms.library import FOLDER

GOOD = """\
id: tea
version: 1
title: Tea
fields:
  - name: sort
    kind: choice
    label: Which tea?
    missing: Choose a tea
    options:
      - {value: black, label: Black}
      - {value: green, label: Green}
  - name: why
    kind: long
    label: Why green?
    required: no
    when: {field: sort, is: green}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(forms.FormError) as refused:
        forms.parse_definition(text, "tea.yaml")
    return [str(one) for one in refused.value.problems]


def test_a_good_definition_is_read() -> None:
    tea = forms.parse_definition(GOOD, "tea.yaml")
    assert [field.name for field in tea.fields] == ["sort", "why"]
    assert tea.field("why").required is False
    with pytest.raises(KeyError):
        tea.field("milk")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    kind: long", "    kind: longer", "tea.yaml:13: fields why, kind: no kind is called 'longer' (did you mean 'long'?)"),
        ("title: Tea", "title: Tea\ncolour: red", "tea.yaml:4: colour: Unknown setting"),
        ("    label: Which tea?", "    lable: Which tea?", "tea.yaml:7: fields sort, lable: Unknown setting (did you mean 'label'?)."),
        ("    missing: Choose a tea\n", "", "tea.yaml:5: fields sort: 'sort' must be answered, so add `missing:`"),
        ("is: green", "is: white", "tea.yaml:16: fields why, when, is: 'white' is no option of 'sort'"),
        ("field: sort,", "field: sirt,", "no earlier field is called 'sirt'"),
        ("{value: green, label: Green}", "{value: green, label: Green, alone: yes}", "only where several can be chosen"),
        ("{value: green, label: Green}", "{value: black, label: Green}", "two options have the same value"),
        ("    required: no", "    required: maybe", "tea.yaml:15: fields why, required: Write yes or no."),
        ("    required: no", "    scheme: upn", "means nothing for the kind 'long'"),
        ("    required: no", "    required: no\n    fact: reason", "only codes, numbers and dates may be one"),
        ("label: Which tea?", "label: Which {leaf}?", "{leaf} is used in a text and has no words here"),
        ("name: why", "name: sort", "'sort' is the name of an earlier field"),
        ("name: why", "name: Why not", "fields Why not, name: Use small letters and digits"),
        ("    required: no", "    required: no\n    prefill: raise", "say the form (or launch) and its field"),
        ("id: tea", "id: tea\nid: coffee", "tea.yaml:2"),
        ("version: 1", "version: one", "tea.yaml:2: version: Write a whole number."),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_would_be_right(old: str, new: str, said: str) -> None:
    assert old in GOOD
    assert any(said in one for one in problems(GOOD.replace(old, new, 1)))


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    found = problems(GOOD.replace("Choose a tea", "").replace("kind: long", "kind: log").replace("is: green", "is: white"))
    lines = [int(one.split(":")[1]) for one in found]
    assert len(found) >= 2
    assert lines == sorted(lines)


@pytest.mark.parametrize(
    "bad",
    [
        "a: &a [x]\nb: [*a, *a, *a]",
        "id: !!python/object/apply:os.system ['true']",
        "id: tea\nid: tea",
        "[" * 10_000,
        "x: " + "y" * 300_000,
        "id: 'unfinished",
        "- just\n- a list",
        "",
        "id: \x00",
        "{" * 30 + "}" * 30,
    ],
)
def test_a_hostile_file_is_refused_with_a_line(bad: str) -> None:
    assert all(one.startswith("tea.yaml:") for one in problems(bad))


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tea.yaml"
    path.write_bytes(b"id: \xff\xfe")
    assert [one.text for one in forms.check(path)] == ["The file is not UTF-8 text. Save it as UTF-8."]


def test_check_tells_the_mistakes_of_a_file_and_nothing_of_a_good_one(tmp_path: Path) -> None:
    path = tmp_path / "tea.yaml"
    path.write_text(GOOD)
    assert forms.check(path) == []
    path.write_text(GOOD.replace("kind: long", "kind: log"))
    assert [one.line for one in forms.check(path)] == [13]
    (tmp_path / "milk.yaml").write_text(GOOD)
    assert [one.key for one in forms.check(tmp_path / "milk.yaml")] == ["id"]


def test_a_policys_own_words_replace_placeholders_and_nothing_else() -> None:
    text = GOOD.replace("label: Which tea?", "label: Which {leaf}?").replace("title: Tea", "title: Tea\nwords: {leaf: tea leaf}")
    tea = forms.parse_definition(text, "tea.yaml")
    assert tea.said({}).field("sort").label == "Which tea leaf?"
    assert tea.said({"leaf": "{title} {{7*7}}"}).field("sort").label == "Which {title} {{7*7}}?"


def check(folder: Path, name: str, text: str) -> list[str]:
    (folder / name).write_text(text)
    return [str(one) for one in forms.check(folder / name)]


def test_what_a_definition_says_of_other_forms_is_checked_too(tmp_path: Path) -> None:
    sources = "raise.unsafee, rase.unsafe, launch.childname, tea.sorts, milk.fat"
    text = GOOD.replace("    required: no", f"    required: no\n    prefill: [{sources}]")
    (tmp_path / "milk.yaml").write_text(GOOD.replace("id: tea", "id: milk").replace("name: why", "name: fat"))
    assert check(tmp_path, "tea.yaml", text) == [
        "tea.yaml:16: fields why, prefill 1: The form 'raise' asks no 'unsafee': did you mean 'unsafe'?",
        "tea.yaml:16: fields why, prefill 2: No form is called 'rase': did you mean 'raise'?",
        "tea.yaml:16: fields why, prefill 3: The form 'launch' asks no 'childname': did you mean 'child_name'?",
        "tea.yaml:16: fields why, prefill 4: The form 'tea' asks no 'sorts': did you mean 'sort'?",
    ]


def test_a_version_that_is_taken_and_choices_that_nobody_has_are_told_before_it_is_put_in(tmp_path: Path) -> None:
    text = "id: waive\nversion: 1\ntitle: Ours\nfields:\n  - {name: who, kind: choice, from: agency, label: Who?, missing: Say who}\n"
    assert check(tmp_path, "waive.yaml", text) == [
        "waive.yaml:2: version: Version 1 of 'waive' is taken. Give it version 2, in a file waive.2.yaml.",
        "waive.yaml:5: fields who, from: No choices are called 'agency': did you mean 'agencies'?",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    required: no", "    must be: soon", "fields why, must be: Write past or future."),
        ("label: Why green?", "label: {why}", "fields why, label: Here belongs text. Put it in quotes if it begins with { or [."),
        ("label: Green}", "label: Green, of course}", "If it belongs to the text before it, put that text in quotes: it has a comma."),
        ("{value: green, label: Green}", "green", "such as {value: yes, label: Yes}"),
        ("is: green", "is: yes, among: x", "say which answers make it hold"),
    ],
)
def test_what_an_administrator_writes_first_is_answered_with_what_to_write(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert said in "\n".join(check(tmp_path, "tea.yaml", GOOD.replace(old, new)))


def test_a_condition_on_a_yes_or_no_question_knows_its_answers(tmp_path: Path) -> None:
    text = GOOD.replace("kind: choice", "kind: yes-no").replace(
        "      - {value: black, label: Black}\n      - {value: green, label: Green}\n", ""
    )
    text = text.replace("    options:\n", "")
    assert "'green' is no option of 'sort'" in "\n".join(check(tmp_path, "tea.yaml", text))


def test_every_definition_that_ships_passes_the_same_check() -> None:
    assert [str(one) for path in sorted(FOLDER.glob("*.yaml")) for one in forms.check(path)] == []
