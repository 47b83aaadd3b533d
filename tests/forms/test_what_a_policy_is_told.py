"""What a policy may say of each form, and that the bundled policies say nothing else."""

from __future__ import annotations

import pytest

from forms import ids, known
from policies import load, pack_ids, pack_text


def test_each_form_tells_its_parts_and_the_codes_a_condition_may_ask_for() -> None:
    forms = known()
    assert set(forms) == set(ids())
    assert forms["monitoring"].parts == {"raising", "receiving"}
    assert forms["discussion"].facts["result"] == {"agreed", "part", "understood", "not agreed"}
    assert forms["discussion"].facts["mode"] == frozenset()  # the policy's own ways of talking: any
    assert forms["discussion"].facts["held at"] == frozenset()
    assert (forms["done"].parts, forms["done"].facts) == (frozenset(), {})


@pytest.mark.parametrize("name", pack_ids())
def test_a_bundled_policy_asks_no_form_for_what_it_does_not_say(name: str) -> None:
    assert load(pack_text(name), forms=known()).id == name
