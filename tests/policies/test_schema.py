"""The JSON of events, states and runs: documented, stable, the same there and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from policies import EVENTS, STATE, canonical, pack_ids
from policies.trying.schema_file import FILE, text
from tests.policies.making import at, make_case


def test_the_schema_file_is_as_the_code_says() -> None:
    assert FILE.read_text(encoding="utf-8") == text(), "write it anew: python -m policies.schema_file"


@pytest.mark.parametrize("pack_id", pack_ids())
def test_events_and_state_survive_a_trip_through_json(pack_id: str) -> None:
    case = make_case(pack_id, "2027-03-19 18:10").resolved("2027-03-22")
    assert EVENTS.validate_json(EVENTS.dump_json(case.events)) == case.events
    state = case.state()
    assert STATE.validate_json(STATE.dump_json(state)) == state


def test_the_canonical_form_is_stable() -> None:
    event = make_case("havering", "2027-03-29 10:00").events[0]
    same = replace(event, at=event.at.astimezone(timezone(timedelta(hours=5))), facts=dict(reversed(list(event.facts.items()))))
    assert canonical(event) == canonical(same)
    assert canonical(event).startswith(b'{"about":"","actor":"","agency":"","at":"2027-03-29T09:00:00.000000Z","facts":')
    assert canonical(event) != canonical(replace(event, seq=2))


def test_an_instant_without_a_zone_is_refused() -> None:
    event = make_case("havering", "2027-03-29 10:00").events[0]
    with pytest.raises(ValueError, match="time zone"):
        canonical(replace(event, at=at("2027-03-29 10:00").replace(tzinfo=None)))
