"""No text of a stranger's keeps a worker busy: what patterns are held against is short, or takes time that grows as its length does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from time import process_time

import pytest
from werkzeug.datastructures import MultiDict

import forms
from plugin.services.desk.people import EMAIL
from policies import PackError, load
from tests.policies.small import small_text

NOW = datetime(2027, 3, 19, 18, 10, tzinfo=UTC)
LONG = 60_000
# A tenth of what any of these took where the time grew as the square of the length; on a busy machine ten times what they take now.
SECONDS = 1.0


def _a_moment(text: str) -> None:
    sent = {"protective_date-day": "1", "protective_date-month": "4", "protective_date-year": "2027", "protective_date-time": text}
    bound = forms.bind(forms.get("changes"), data=MultiDict(sent), choices={"flags": [], "dates": []}, now=NOW)
    assert not bound.validate()


def _an_address(text: str) -> None:
    assert EMAIL.fullmatch(text) is None


def _a_condition(text: str) -> None:
    said = f'  - {{id: settled, title: Settled, when: "{text}"}}'
    with pytest.raises(PackError):
        load(small_text().replace("  - {id: settled, title: Settled}", said))


TEXTS: list[tuple[Callable[[str], None], str]] = [
    (_a_moment, "1" + " " * LONG + "x"),
    (_a_moment, "1" + "\t" * LONG + "GMT x"),
    (_an_address, "a@" + "." * LONG + " "),
    (_an_address, "a@" + "a." * LONG + "@"),
    (_a_condition, "a is " * (LONG // 5)),
    (_a_condition, "a done " * (LONG // 7)),
    (_a_condition, "next " * (LONG // 5)),
]


@pytest.mark.parametrize(("read", "text"), TEXTS, ids=[f"{read.__name__[1:]} {number}" for number, (read, _text) in enumerate(TEXTS)])
def test_a_long_text_is_refused_at_once(read: Callable[[str], None], text: str) -> None:
    began = process_time()
    read(text)
    assert process_time() - began < SECONDS
