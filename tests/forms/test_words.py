"""What is typed is kept, and nothing in it can hide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.words import one_line, tidy, visible


@pytest.mark.parametrize("hidden", ["\u202e", "\u2066", "\u200b", "\ufeff", "\x1b", "\x7f", "\u061c", "\U000e0041", "\ud800"])
def test_a_control_that_could_hide_or_turn_words_is_written_out(hidden: str) -> None:
    assert visible(f"a{hidden}b") == f"a[U+{ord(hidden):04X}]b"


@pytest.mark.parametrize("kept", ["Siân", "عبد الله", "नमस्ते", "می\u200cخواهم", "👩\u200d🎓", "a\tb", "Nguyễn", "e\u0301"])
def test_what_a_name_can_hold_stays_as_it_is(kept: str) -> None:
    assert visible(kept) == kept


@pytest.mark.parametrize("end", ["\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_every_line_end_becomes_a_line_feed(end: str) -> None:
    assert tidy(f" one{end}two ") == "one\ntwo"


@given(st.text())
def test_making_visible_twice_changes_nothing(text: str) -> None:
    assert visible(visible(text)) == visible(text)
    assert one_line(one_line(text)) == one_line(text)


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    assert "\n" not in one_line(text)
    assert one_line(text) == one_line(text).strip()
