"""Sheets: questions made of a typed model, what was typed as the value it takes, and every fault beside the question it belongs to."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, model_validator
from werkzeug.datastructures import MultiDict

from integrations.registry import installed
from plugin.web.sheet import Sheet
from plugin.web.sheet.plain import as_text, read_text
from plugin.web.sheet.view import Question


class Inner(BaseModel):
    """Something within."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["basic", "key header"] = Field(title="Kind", description="Which.")
    which: Literal["", "one"] = Field(default="", title="Which", description="Only if it matters.")
    username: str = Field(default="", title="User name", description="For basic: who we are.")
    header: str = Field(default="X", title="Header", description="For a key header: its name.")


class Outer(BaseModel):
    """Something with everything in it."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, title="Name", description="What it is called", examples=["A name"])
    count: int = Field(default=3, ge=1, le=9, title="How many")
    wide: bool = Field(default=True, title="Wide")
    codes: list[int] = Field(default=[200], title="Codes")
    words: list[str] = Field(default=[], title="Words")
    headers: dict[str, str] = Field(default={}, title="Headers")
    maybe: Inner | None = Field(default=None, title="Perhaps")
    inners: list[Inner] = Field(default=[], max_length=2, title="Inners")

    @model_validator(mode="after")
    def _not_both(self) -> Outer:
        if self.name == "both":
            raise ValueError("this cannot be both")
        return self


def _typed(**given: Any) -> Sheet:
    return Sheet(Outer).typed(MultiDict({f"s.{name.replace('__', '.')}": value for name, value in given.items()}))


def test_what_is_typed_becomes_the_value_the_model_takes() -> None:
    sheet = _typed(
        name=" A ",
        count="7",
        codes="201, 204",
        words="one\r\ntwo\r\n\r\n",
        headers="Accept: a: b\nX-Id: 3",
        maybe___use="yes",
        maybe__kind="basic",
    )
    assert sheet.right, sheet.faults
    assert sheet.value == {
        "name": "A",
        "count": 7,
        "wide": False,
        "codes": [201, 204],
        "words": ["one", "two"],
        "headers": {"Accept": "a: b", "X-Id": "3"},
        "maybe": {"kind": "basic"},
    }


def test_what_is_left_empty_is_the_models_own_default() -> None:
    assert _typed(name="A", wide="yes").value == {"name": "A"}


@pytest.mark.parametrize(
    ("typed", "path", "said"),
    [
        ({}, "name", "Enter the name, for example A name."),
        ({"count": "many"}, "count", "whole number"),
        ({"count": "10"}, "count", "9 or less"),
        ({"codes": "200, x"}, "codes", "whole number"),
        ({"headers": "no colon"}, "headers", "Line 1"),
        ({"maybe___use": "yes"}, "maybe.kind", "Choose an answer"),
        ({"maybe___use": "yes", "maybe__kind": "other"}, "maybe.kind", "Choose one"),
        ({"inners": "0", "inners__0__kind": ""}, "inners.0.kind", "Choose an answer"),
        ({"name": "both"}, "", "This cannot be both."),
    ],
)
def test_a_fault_stands_beside_its_question_in_words(typed: dict[str, str], path: str, said: str) -> None:
    sheet = _typed(**{**({"name": "A"} if path != "name" else {}), **typed})
    assert path in sheet.faults and said in sheet.faults[path], sheet.faults
    assert sheet.summary[0][0].startswith("s-")


def _every(questions: list[Question]) -> list[Question]:
    inner = [_every([*one.parts, *one.folded, *one.entries]) for one in questions]
    return [*questions, *(one for more in inner for one in more)]


def test_what_was_typed_wrong_is_shown_again_as_it_was() -> None:
    sheet = _typed(name="A", count="many", codes="200, x", headers="no colon")
    shown = {one.path: one.text for one in _every([*sheet.parts, *sheet.folded])}
    assert (shown["count"], shown["codes"], shown["headers"]) == ("many", "200, x", "no colon")


def test_entries_are_added_moved_and_taken_out() -> None:
    two = [{"kind": "basic"}, {"kind": "key header"}]
    for do, kinds in (
        ("add inners", ["basic", "key header", None]),
        ("up inners.1", ["key header", "basic"]),
        ("remove inners.0", ["key header"]),
    ):
        form = MultiDict([("do", do), ("s.name", "A"), ("s.inners", "0"), ("s.inners", "1")])
        form.update({f"s.inners.{at}.kind": one["kind"] for at, one in enumerate(two)})
        sheet = Sheet(Outer).typed(form)
        assert [one.get("kind") for one in sheet.raw["inners"]] == kinds and sheet.right


def test_a_question_that_hangs_on_an_answer_says_on_which() -> None:
    sheet = Sheet(Outer).filled({"inners": [{"kind": "basic"}]})
    hung = {one.path: one.when for one in _every([*sheet.parts, *sheet.folded]) if one.when}
    assert {path.rpartition(".")[2] for path in hung} == {"username", "header"}, "and no other question hangs on any"
    assert hung["inners.0.username"] == '[["s.inners.0.kind", ["basic"]]]'
    assert hung["inners.0.header"] == '[["s.inners.0.kind", ["key header"]]]'


@pytest.mark.parametrize("adapter", [one.id for one in installed()])
def test_every_option_of_every_adapter_is_asked_with_a_title_and_its_help(adapter: str) -> None:
    sheet = Sheet(installed().get(adapter).options).filled({"steps": [{}], "auth": [{}]})
    asked = _every([*sheet.parts, *sheet.folded])
    assert asked and not [one.path for one in asked if not one.field.title or "_" in one.field.title]
    assert not [one.path for one in asked if one.field.kind == "raw"], "every kind of option has a question of its own"
    assert not [one.path for one in asked if not one.number and not one.field.help]


def test_text_is_read_back_as_it_was_written_and_bombs_are_refused() -> None:
    models = {"outer": Outer}
    options = {"name": "A\nB", "headers": {"a": "1"}, "inners": [{"kind": "basic"}]}
    read = read_text(as_text("outer", options), models)
    assert (read.faults, read.options) == ({}, options)
    for bomb in ("a: &a [x]\nb: *a", "adapter: !!python/object:os.system x", "[" * 500, "adapter: outer\noptions: 3", "", "\0"):
        assert read_text(bomb, models).faults, bomb[:20]
