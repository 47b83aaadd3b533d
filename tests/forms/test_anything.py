"""Whatever is sent to a form, it answers: nothing raises, what it takes holds against its own schema, what it refuses has a message."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import forms
from forms import gallery
from forms.setting import Setting
from tests.forms.test_definitions import SHIPPED, faults

ODD = [
    "",
    "0",
    "1",
    "31",
    "2",
    "2027",
    "27",
    "14:30",
    "yes",
    "no",
    "other",
    "someone else",
    "a@b.example",
    "\x00",
    "\u202e",
    "looked after",
    "held",
    "given",
    "refused",
    "part",
    "�",
    "²",
    "١٢",
]
TYPED = st.one_of(st.text(max_size=40), st.sampled_from([*ODD, " ", "x" * 10_001, "9434765919"]))


def controls(bound: forms.Bound) -> list[str]:
    """The names of all controls of a form, those of two entries of a group, and some that are none."""
    names = ["stray", "", "actions-99999-what", "actions--1-what", "what", "-day", "actions-0-", "actions-add", "open_points-remove"]
    for field in bound.answers:
        kept = gallery.typed(bound.definition, bound.part, bound.setting)
        names += [name for name in kept if name == field.name or name.startswith(f"{field.name}-")]
    return names


@pytest.mark.parametrize("definition", SHIPPED, ids=lambda one: one.id)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_anything_can_be_sent(definition: forms.Definition, data: st.DataObject) -> None:
    setting = Setting(gallery.choices(definition), gallery.context(definition), {}, gallery.NOW)
    good = {name: sent for part in parts(definition) for name, sent in gallery.typed(definition, part, setting).items()}
    names = controls(bind(definition, {}, setting))
    changed = data.draw(st.dictionaries(st.sampled_from(names), st.lists(TYPED, min_size=1, max_size=3), max_size=8))
    bound = bind(definition, {**(good if data.draw(st.booleans()) else {}), **changed}, setting)
    taken = bound.validate()
    assert all(message and target for target, message in bound.errors)
    assert bound.fields is not None
    assert bound.draft() == bind(definition, bound.draft(), setting).draft()
    if taken:
        assert faults(forms.json_schema(definition, choices=setting.choices), bound.values()) == []
        assert forms.rows(definition, bound.values(), setting.choices)
    else:
        assert bound.errors or bound.changing


def parts(definition: forms.Definition) -> list[str]:
    return [one.id for one in definition.parts] or [""]


def bind(definition: forms.Definition, data: Any, setting: Setting) -> forms.Bound:
    return forms.bind(definition, data=data, choices=setting.choices, context=setting.context, now=setting.now)
