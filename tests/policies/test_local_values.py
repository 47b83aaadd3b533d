"""One regional text whose areas differ by how many local holidays, school holidays or files they have: a value may be a list."""

from __future__ import annotations

import pytest

from policies import PackError, load
from policies.language.local_values import with_values
from tests.policies.making import make_case
from tests.policies.small import COUNCIL, SCHOOL, small_text

CALENDAR = """calendar:
  nation: <nation>
  closures: [Easter Monday, <local holidays>, 24 December]
  school holidays: <school holidays>
values:
  nation: Scotland
  local holidays: []
  school holidays: [2026-10-12 to 2026-10-23]
"""


def due(text: str, when: str) -> str:
    return make_case(load(text), when, (SCHOOL, COUNCIL)).due()


def test_each_area_has_as_many_local_holidays_as_it_has() -> None:
    text = small_text(more=CALENDAR)
    north = with_values(text, {"local holidays": ["third Monday of September", "2026-09-18"]})
    south = with_values(text, {"local holidays": "third Monday of September"})
    assert due(text, "2026-09-14 10:00") == "2026-09-21"
    assert due(south, "2026-09-14 10:00") == "2026-09-22"
    assert due(north, "2026-09-14 10:00") == "2026-09-23"
    assert due(north, "2026-12-21 10:00") == "2026-12-31"  # 22, 23, 29, 30, 31: what stands after the local ones is still there


def test_a_list_stands_for_a_whole_list() -> None:
    school = small_text(("    limit: 5 working days\n    rule: R-1", "    limit: 2 school days\n    rule: R-1"), more=CALENDAR)
    assert due(school, "2026-10-09 10:00") == "2026-10-27"
    other = with_values(school, {"school holidays": ["2026-10-12 to 2026-10-16", "2026-10-19"]})
    assert due(other, "2026-10-09 10:00") == "2026-10-21"
    assert due(with_values(school, {"school holidays": []}), "2026-10-09 10:00") == "2026-10-13"


@pytest.mark.parametrize(
    ("slip", "says"),
    [
        ("partnership: Somewhere of <nation>\nversion: <local holidays>x", "is a list: it must stand alone"),
        ("partnership: Somewhere of <nations>\nversion: 1", "<nations> has no value. Do you mean 'nation'?"),
    ],
)
def test_a_list_in_the_middle_of_a_text_and_a_name_without_a_value_are_slips(slip: str, says: str) -> None:
    with pytest.raises(PackError, match="<") as found:
        load(small_text(("partnership: Somewhere\nversion: 1", slip), more=CALENDAR))
    assert any(says in str(one) for one in found.value.problems)


def test_a_slip_after_a_list_is_told_with_its_own_line() -> None:
    text = small_text(
        more=CALENDAR.replace("[Easter Monday, <local holidays>, 24 December]", "[\n    <local holidays>,\n    Eastr Monday]")
    )
    line = text.splitlines().index("    Eastr Monday]") + 1
    with pytest.raises(PackError, match="Eastr Monday") as found:
        load(with_values(text, {"local holidays": ["1 March", "2 March"]}))
    assert [one.line for one in found.value.problems] == [line]


def test_a_list_of_anything_but_texts_is_no_value() -> None:
    with pytest.raises(PackError, match=r"\[text, text\]"):
        load(small_text(more="values:\n  a: [{b: c}]\n"))
