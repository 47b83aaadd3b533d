"""What holds for every definition that ships, and so for one that is added."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import forms
from forms import gallery
from forms.definition import Definition, Field
from forms.kinds import KINDS
from forms.setting import Setting

SHIPPED = [forms.get(id, version) for id in forms.ids() for version in forms.versions(id)]
each = pytest.mark.parametrize("definition", SHIPPED, ids=lambda one: f"{one.id}-{one.version}")

# What the five policies ask to be written down, by the rule that asks.
ASKED = {
    "raise": ["GSCB-12", "GSCB-1", "HSCP-1", "BSCP-11"],
    "discussion": ["GSCB-11", "BSCP-7", "BSCP-33", "HSCP-8"],
    "response": ["GSCB-12", "BSCP-12"],
    "managers-record": ["GSCB-16", "GSCB-19"],
    "professionals-meeting": ["GSCB-17", "GSCB-22"],
    "action-plan": ["GSCB-26"],
    "business-manager-record": ["GSCB-24"],
    "board-members": ["GSCB-28"],
    "chair-referral": ["GSCB-29", "SGCP-24", "HSCP-14", "BSCP-25"],
    "panel": ["GSCB-31", "SGCP-28", "HSCP-15"],
    "mediation": ["SGCP-27"],
    "monitoring": ["SGCP-31"],
    "notification": ["WSCB-12", "WSCB-13"],
    "confirmation": ["GSCB-35", "SGCP-6", "WSCB-10", "BSCP-29"],
    "hand-off": ["SGCP-9"],
    "debrief": ["GSCB-36", "SGCP-8", "WSCB-11", "BSCP-28"],
    "policy-gap": ["SGCP-2", "WSCB-2", "BSCP-4"],
    "feedback": ["SGCP-31"],
    "representation": ["BSCP-26"],
    "directors-letter": ["BSCP-23"],
    "chair-decision": ["BSCP-27", "WSCB-9"],
    "advice": ["HSCP-6", "WSCB-5"],
    "safe-meanwhile": ["SGCP-35", "WSCB-16"],
}


def all_fields(fields: tuple[Field, ...]) -> Iterator[Field]:
    for one in fields:
        yield one
        yield from all_fields(one.fields)


def setting_of(definition: Definition) -> Setting:
    return Setting(gallery.choices(definition), gallery.context(definition), {}, gallery.NOW)


def filled(definition: Definition) -> dict[str, Any]:
    """Good values of all parts."""
    setting, values = setting_of(definition), {}
    for part in [one.id for one in definition.parts] or [""]:
        sent = gallery.typed(definition, part, setting)
        bound = forms.bind(definition, part=part, data=sent, choices=setting.choices, context=setting.context, now=setting.now)
        assert bound.validate(), bound.errors
        values |= bound.values()
    return values


@pytest.mark.parametrize("id", ASKED)
def test_every_form_that_a_policy_asks_for_is_there_and_names_its_rule(id: str) -> None:
    assert set(ASKED[id]) <= set(forms.get(id).rules)


def test_the_monitoring_form_has_the_fields_of_its_source_in_their_order() -> None:
    fields = [field.name for field in forms.get("monitoring").fields]
    assert fields == ["child_name", "summary", "outcomes", "initiating_manager", "receiving_manager", "stage", "days", "policy"]


def test_the_notification_says_that_its_source_supplies_no_fields() -> None:
    assert "does not say" in forms.get("notification").note


def test_the_way_of_talking_comes_from_the_policy_so_that_email_is_offered_only_where_it_may_be() -> None:
    mode = forms.get("discussion").field("mode")
    assert mode.from_ == "modes"
    assert mode.options == ()


@each
def test_it_fills_from_the_gallery_in_every_state(definition: Definition) -> None:
    mine = [one for one in gallery.specimens() if (one.id, one.version) == (definition.id, definition.version)]
    assert len(mine) == 3 * max(1, len(definition.parts))
    for specimen in mine:
        bound = gallery.shown(specimen)
        assert bool(bound.errors) == (specimen.state == "in error"), specimen


@each
def test_its_answers_hold_against_its_json_schema_and_come_back_through_json(definition: Definition) -> None:
    values = json.loads(json.dumps(filled(definition)))
    schema = forms.json_schema(definition, choices=setting_of(definition).choices)
    assert faults(schema, values) == []
    assert faults(schema, {**values, "stray": 1}) == ["unknown stray"]
    setting = setting_of(definition)
    sent = forms.as_data(definition, values, setting.choices)
    bound = forms.bind(definition, data=sent, choices=setting.choices, context=setting.context, now=setting.now)
    assert bound.validate(), bound.errors
    assert bound.values() == values


@each
def test_an_empty_optional_answer_holds_against_its_json_schema(definition: Definition) -> None:
    schema = forms.json_schema(definition)
    empty = {one.name: [] if one.kind in {"several", "group"} else None for one in definition.fields if not one.required}
    assert [fault for fault in faults(schema, empty) if not fault.startswith("missing")] == []


@each
def test_what_it_takes_over_comes_from_a_question_of_the_same_kind(definition: Definition) -> None:
    for one in definition.fields:
        for place in one.prefill:
            form, _, name = place.partition(".")
            if form != "launch":
                assert forms.get(form).field(name).kind == one.kind, place


@each
def test_its_facts_and_statistics_hold_no_words_that_were_typed(definition: Definition) -> None:
    values = filled(definition)
    for told in (forms.facts(definition, values), forms.statistics(definition, values)):
        assert "hungry" not in json.dumps(told)
        assert "Łukasik" not in json.dumps(told, ensure_ascii=False)


@each
def test_its_words_are_plain(definition: Definition) -> None:
    said = [definition.title, definition.lead, definition.note]
    for one in all_fields(definition.fields):
        said += [one.label, one.hint, one.missing, *(option.label for option in one.options)]
    for text in said:
        assert not re.search(r"\bdisputes?\b|\bplease\b|\butili[sz]e|\bpursuant\b|\bherein\b", text, re.IGNORECASE), text
        assert "  " not in text
        assert "'" not in text, f"write ’ for {text!r}"
        sentences = re.split(r"[.?!:] ", text)
        assert max(len(sentence.split()) for sentence in sentences) <= 26, text


@each
def test_each_message_for_an_empty_answer_says_what_to_do(definition: Definition) -> None:
    for one in all_fields(definition.fields):
        assert not one.missing or re.match(r"(Choose|Say|Enter|Give|Tick|Read|Add|Talk)\b", one.missing), one.missing


def faults(schema: dict[str, Any], value: Any, at: str = "") -> list[str]:
    """What breaks a schema, for the few words of JSON Schema that forms use; an unknown word is a fault of the test."""
    known = {"$schema", "$id", "title", "type", "properties", "required", "additionalProperties", "items", "uniqueItems", "maxItems"}
    known |= {"enum", "minLength", "maxLength", "minimum", "maximum", "pattern", "format", "anyOf", "patternProperties"}
    assert set(schema) <= known, set(schema) - known
    if "anyOf" in schema:
        return [] if any(not faults(one, value, at) for one in schema["anyOf"]) else [f"none of anyOf {at}"]
    types = {"string": str, "integer": int, "array": list, "object": dict, "null": type(None)}
    if not isinstance(value, types[schema["type"]]):
        return [f"not {schema['type']} {at}"]
    return [*_of_text(schema, value, at), *_of_parts(schema, value, at)]


def _of_text(schema: dict[str, Any], value: Any, at: str) -> list[str]:
    checks = [
        "enum" not in schema or value in schema["enum"],
        "minLength" not in schema or len(value) >= schema["minLength"],
        "maxLength" not in schema or len(value) <= schema["maxLength"],
        "minimum" not in schema or schema["minimum"] <= value <= schema["maximum"],
        "pattern" not in schema or bool(re.search(schema["pattern"], value)),
        "maxItems" not in schema or len(value) <= schema["maxItems"],
    ]
    return [] if all(checks) else [f"bad {at}"]


def _of_parts(schema: dict[str, Any], value: Any, at: str) -> list[str]:
    if isinstance(value, list):
        return [fault for one in value for fault in faults(schema["items"], one, at)]
    if not isinstance(value, dict):
        return []
    found = [f"missing {name}" for name in schema["required"] if name not in value]
    further = schema.get("patternProperties", {}).items()
    of = {name: schema["properties"].get(name) or next((one for at, one in further if re.search(at, name)), None) for name in value}
    found += [f"unknown {name}" for name, known in of.items() if known is None]
    return found + [fault for name, known in of.items() if known is not None for fault in faults(known, value[name], name)]


def test_the_readme_tells_of_every_kind_and_every_setting() -> None:
    readme = (Path(forms.__file__).parent / "README.md").read_text()
    for kind in KINDS.values():
        row = next((line for line in readme.splitlines() if line.startswith(f"| `{kind.id}`")), "")
        assert row, kind.id
        assert all(f"`{setting}`" in row for setting in kind.settings), kind.id
    for name, setting in Field.model_fields.items():
        assert f"`{setting.alias or name}`" in readme, name
