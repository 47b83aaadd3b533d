"""A form in somebody's hands: which questions are asked, what is kept, what is wrong, and that nothing typed is lost."""

from __future__ import annotations

from typing import Any

import pytest
import wtforms

import forms
from forms import gallery
from forms.setting import Setting


def make_bound(id: str = "raise", *, part: str = "", context: dict[str, Any] | None = None, **given: Any) -> forms.Bound:
    definition = forms.get(id)
    context = gallery.context(definition) if context is None else context
    return forms.bind(definition, part=part, choices=gallery.choices(definition), context=context, now=gallery.NOW, **given)


def make_answers(id: str = "raise", part: str = "") -> dict[str, list[str]]:
    definition = forms.get(id)
    return gallery.typed(definition, part, Setting(gallery.choices(definition), gallery.context(definition), {}, gallery.NOW))


def test_a_good_form_validates_and_gives_plain_values() -> None:
    bound = make_bound(data=make_answers())
    assert bound.validate()
    assert bound.errors == []
    assert bound.values()["protective_date"] == "2027-03-23T14:30:00+00:00"
    assert bound.values()["other_person"] == {"name": "Siân O’Neill-Łukasik", "role": "Team manager", "email": "s.oneill@anytown.example"}


def test_it_is_a_real_wtform() -> None:
    bound = make_bound(data=make_answers())
    assert isinstance(bound.wtform, wtforms.Form)
    assert bound.wtform.validate()
    assert bound.wtform.data["agency"] == "hill-school"


def test_an_empty_form_says_of_each_question_what_to_do_in_the_order_of_the_page() -> None:
    bound = make_bound(data={})
    assert not bound.validate()
    assert bound.errors[0] == ("agency", "Choose the organisation you disagree with")
    asked = ["agency", "case_flags", "start", "person", "themes", "about", "unsafe", "change", "impact", "risk", "child_or_adult", "flags"]
    assert [target for target, _ in bound.errors] == asked


def test_a_question_that_is_not_asked_has_no_answer_and_no_error_even_if_something_was_sent() -> None:
    bound = make_bound(data=make_answers() | {"person": ["p1"]})
    assert bound.validate()
    assert "other_person" not in bound.values()


def test_a_question_hidden_by_a_hidden_question_is_not_asked_either() -> None:
    text = """
id: chain
version: 1
title: Chain
fields:
  - {name: a, kind: yes-no, label: A?, missing: Say}
  - {name: b, kind: yes-no, label: B?, missing: Say, when: {field: a, is: "yes"}}
  - {name: c, kind: short, label: C?, missing: Say, when: {field: b, is: "yes"}}
"""
    chain = forms.parse_definition(text, "chain.yaml")
    bound = forms.bind(chain, data={"a": ["no"], "b": ["yes"], "c": [""]})
    assert bound.validate()
    assert bound.values() == {"a": "no"}


def test_the_policy_says_which_flags_need_a_reviewing_officer() -> None:
    sent = make_answers() | {"flags": ["looked after"], "officer-name": ["Dorothea Kaminski"], "officer-email": [""]}
    assert [target for target, _ in validated(make_bound(data=sent)).errors] == ["officer-email"]
    nobody = sent | {"officer-name": [""]}
    assert validated(make_bound(data=nobody)).errors == [], "who does not know the officer can raise it all the same"
    assert validated(make_bound(data=sent, context={"officer flags": ["child protection plan"]})).errors == []
    assert "officer" not in make_bound(data=sent, context={}).values()


def validated(bound: forms.Bound) -> forms.Bound:
    bound.validate()
    return bound


def test_facts_of_the_policy_decide_whether_a_question_exists() -> None:
    assert "file_read" not in [view.name for view in make_bound("response", context={}).fields]
    assert "file_read" in [view.name for view in make_bound("response", context={"owes read file": True}).fields]


def test_a_draft_gives_back_what_was_typed_well_or_not() -> None:
    sent = {
        "unsafe": ["a\r\nb \u202e"],
        "protective_date-day": ["31"],
        "protective_date-month": ["2"],
        "agency": ["nobody"],
        "stray": ["x"],
    }
    draft = make_bound(data=sent).draft()
    assert draft == {name: values for name, values in sent.items() if name != "stray"}
    again = {view.name: view for view in make_bound(data=draft).fields}
    assert again["unsafe"].value == "a\r\nb \u202e"
    assert [box.value for box in again["protective_date"].boxes] == ["31", "2", "", ""]


@pytest.mark.parametrize("id", forms.ids())
def test_kept_values_fill_the_form_again_and_give_the_same_values(id: str) -> None:
    for part in [one.id for one in forms.get(id).parts] or [""]:
        first = make_bound(id, part=part, data=make_answers(id, part))
        assert first.validate(), first.errors
        again = make_bound(id, part=part, values=first.values())
        assert again.validate() or again.errors[0][1] == forms.get(id).unchanged, again.errors
        assert again.values() == first.values()


def test_each_part_asks_its_own_questions_and_knows_the_others_answers() -> None:
    assert [one.name for one in make_bound("monitoring", part="receiving").answers] == ["receiving_manager"]
    assert [one.id for one in forms.get("monitoring").parts] == ["raising", "receiving"]
    with pytest.raises(KeyError):
        make_bound("monitoring", part="nobody")


def test_a_condition_on_another_part_goes_by_its_known_answer() -> None:
    text = """
id: two
version: 1
title: Two
parts: [{id: one, title: One}, {id: other, title: Other}]
fields:
  - {name: a, kind: yes-no, label: A?, missing: Say}
  - {name: b, kind: short, part: other, label: B?, missing: Say, when: {field: a, is: "yes"}}
"""
    two = forms.parse_definition(text, "two.yaml")
    assert [view.name for view in forms.bind(two, part="other", values={"a": "yes"}).fields] == ["b"]
    assert forms.bind(two, part="other", values={"a": "no"}).fields == []


def test_choices_that_were_not_given_are_named() -> None:
    with pytest.raises(KeyError, match=r"the choices for .agencies. were not given"):
        forms.bind(forms.get("raise"), choices={})


def test_adding_and_removing_an_entry_submits_nothing_and_keeps_what_was_typed() -> None:
    sent = make_answers("action-plan")
    more = make_bound("action-plan", data=sent | {"actions-add": ["yes"]})
    assert not more.validate()
    assert more.errors == []
    group = next(view for view in more.fields if view.look == "group")
    assert [entry.title for entry in group.entries] == ["Action 1", "Action 2", "Action 3"]
    assert group.entries[2].fields[0].attributes
    fewer = make_bound("action-plan", data=sent | {"actions-1-who": ["Second"], "actions-remove": ["0"]})
    assert not fewer.validate()
    group = next(view for view in fewer.fields if view.look == "group")
    assert [entry.fields[1].value for entry in group.entries] == ["Second"]


def test_an_entry_with_nothing_in_it_is_left_out_and_a_gap_closes() -> None:
    sent = make_answers("action-plan")
    sent |= {name: [""] for name in sent if name.startswith("actions-0-")}
    bound = make_bound("action-plan", data=sent)
    assert bound.validate(), bound.errors
    assert len(bound.values()["actions"]) == 1


def test_an_error_in_an_entry_lands_on_its_own_box() -> None:
    bound = validated(make_bound("action-plan", data=make_answers("action-plan") | {"actions-1-due-month": ["13"]}))
    assert bound.errors == [("actions-1-due-month", "Check the month: it must be a real one")]
    group = next(view for view in bound.fields if view.look == "group")
    assert group.entries[0].fields[2].error == ""
    assert group.entries[1].fields[2].error == "Check the month: it must be a real one"


def test_a_message_that_stands_twice_says_in_the_list_which_question_it_is_about() -> None:
    sent = make_answers() | {"other_person-name": [""], "officer-name": [""]}
    bound = validated(make_bound(data=sent))
    assert bound.errors == [
        ("other_person-name", "Who is it? Enter the full name"),
        ("officer-name", "Who is the child’s reviewing officer? Enter the full name"),
    ]
    sent = make_answers("action-plan") | {"actions-0-who": [""], "actions-1-who": [""]}
    bound = validated(make_bound("action-plan", data=sent))
    assert [message for _, message in bound.errors] == ["Action 1: Say who will do it", "Action 2: Say who will do it"]


def test_none_of_these_stands_alone_and_tells_the_policy_nothing() -> None:
    sent = make_answers() | {"flags": ["none"]}
    bound = validated(make_bound(data=sent))
    assert bound.errors == []
    assert bound.values()["flags"] == ["none"]
    assert "flags" not in forms.facts(bound.definition, bound.values())
    both = validated(make_bound(data=sent | {"flags": ["none", "looked after"]}))
    assert both.errors == [("flags", "Choose “None of these”, or the others, but not both")]


def test_a_policy_without_flags_asks_for_none() -> None:
    definition = forms.get("raise")
    bound = forms.bind(definition, data={}, choices={**gallery.choices(definition), "flags": []})
    assert "flags" not in [view.name for view in bound.fields]
    assert "flags" not in bound.values()


def test_a_body_of_ten_thousand_fields_is_no_trouble() -> None:
    noise = {f"actions-{number}-what": ["x"] for number in range(5_000)} | {f"noise{number}": ["x"] for number in range(5_000)}
    bound = make_bound("action-plan", data=noise)
    assert not bound.validate()
    assert len(bound.values()["actions"]) <= 20


def test_rows_say_every_answer_in_words_and_what_is_empty() -> None:
    definition = forms.get("raise")
    sent = make_answers() | {"person": ["p1"], "talked_to": [""]}
    bound = validated(make_bound(data=sent))
    rows = forms.rows(definition, bound.values(), gallery.choices(definition))
    said = {row.name: row.text for row in rows}
    assert said["agency"] == "Hill School"
    assert said["themes"] == "Levels of need\nNeed for action\nMoving plans on\nSomething else"
    assert said["talked_to"] == "Not answered"
    assert said["protective_date"] == "Tuesday 23 March 2027, 14:30"
    assert "other_person" not in said


def test_rows_without_choices_show_codes() -> None:
    assert forms.rows(forms.get("raise"), {"agency": "hill-school"})[0].text == "hill-school"


def test_facts_are_codes_and_dates_alone() -> None:
    bound = validated(make_bound(data=make_answers()))
    assert forms.facts(bound.definition, bound.values()) == {
        "agency": "hill-school",
        "person": "someone else",
        "themes": ["levels of need", "need for action", "plans", "other"],
        "about": "decision",
        "flags": ["looked after", "child protection plan"],
        "protective date": "2027-03-23T14:30:00+00:00",
    }
    assert set(forms.statistics(bound.definition, bound.values())) == {"theme", "about"}


def test_a_form_begins_with_what_earlier_forms_and_the_launch_say() -> None:
    sources = {"raise": {"unsafe": "It is unsafe", "change": None}, "launch": {"child_name": "Robin Sample"}}
    assert forms.prefill(forms.get("managers-record"), sources) == {"unsafe": "It is unsafe"}
    assert forms.prefill(forms.get("monitoring"), sources)["child_name"] == "Robin Sample"
    carried = {**sources, "monitoring": {"summary": "Said before", "child_name": "Robin S."}}
    assert forms.prefill(forms.get("monitoring"), carried, "raising") == {"summary": "Said before", "child_name": "Robin S."}


@pytest.mark.parametrize(
    "bad",
    [[], "text", {"unknown": "x"}, {"unsafe": 3}, {"flags": "looked after"}, {"protective_date": "2027-03-22"}, {"officer": {"age": "3"}}],
)
def test_json_of_the_wrong_shape_is_refused_by_name(bad: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        forms.as_data(forms.get("raise"), bad)


def test_a_form_that_only_adds_is_refused_with_nothing_new_in_it() -> None:
    known = {"flags": ["looked after"], "officer": {"name": "Ines Achterberg", "email": "i.achterberg@anytown.example"}}
    same = {"flags": ["looked after"], "officer-name": ["Ines Achterberg"], "officer-email": ["i.achterberg@anytown.example"]}
    assert validated(make_bound("changes", values=known, data=same)).errors == [("more", "Add something. Nothing on this page is new")]
    assert validated(make_bound("changes", values=known, data=same | {"more": ["He moved."]})).errors == []
    assert validated(make_bound("changes", values=known, data={"flags": []})).errors == []  # a flag taken back is something new


def test_where_nobody_was_reached_nothing_else_is_asked_and_it_stays_owed() -> None:
    bound = validated(make_bound("discussion", data={"talked": ["no"], "tried": ["By telephone, twice."], "approved": ["yes"]}))
    assert bound.errors == []
    assert not forms.meets(bound.definition, bound.values())
    assert [row.name for row in forms.rows(bound.definition, bound.values(), gallery.choices(bound.definition))] == [
        "talked",
        "tried",
        "approved",
    ]
    talked = validated(make_bound("discussion", data=make_answers("discussion")))
    assert forms.meets(talked.definition, talked.values())


def test_other_children_are_named_only_by_whoever_adds_one() -> None:
    none = make_bound("raise", part="what")
    group = next(view for view in none.fields if view.name == "siblings")
    assert (group.entries, group.add) == ([], "Add another child")
    one = make_bound("raise", part="what", data=make_answers(part="what") | {"siblings-add": ["yes"]})
    assert not one.validate()
    assert [entry.title for entry in next(view for view in one.fields if view.name == "siblings").entries][-1] == "Other child 3"


def test_more_entries_than_there_is_room_for_are_refused_and_kept_in_the_draft() -> None:
    sent = make_answers("action-plan")
    one = {name.removeprefix("actions-0-"): values for name, values in sent.items() if name.startswith("actions-0-")}
    sent |= {f"actions-{number}-{name}": values for number in range(12) for name, values in one.items()}
    bound = validated(make_bound("action-plan", data=sent))
    assert bound.errors == [("actions-0-what", "Take some away: there can be 10 at most")]
    assert bound.draft()["actions-11-who"] == one["who"]


def test_a_policy_with_no_flags_asks_of_no_child_whether_one_is_true() -> None:
    definition = forms.get("raise")
    choices = {**gallery.choices(definition), "flags": []}
    bound = forms.bind(definition, part="what", data={"siblings-0-name": ["Noah"]}, choices=choices)
    assert [one.name for one in next(v for v in bound.fields if v.name == "siblings").entries[0].fields] == [
        f"siblings-0-{name}" for name in ("name", "born", "nhs_number", "upn", "ref")
    ]
    assert bound.values()["siblings"] == [{"name": "Noah", "born": None, "nhs_number": None, "upn": None, "ref": None}]


OWN = {"personal roles": [("", "reviewing officer"), ("advocate", "advocate")], "personal roles of anybody": [("", "officer")]}


def test_a_question_for_each_is_asked_for_each_by_a_list_of_its_own() -> None:
    definition = forms.get("raise")
    choices, lists = {**gallery.choices(definition), **OWN}, {"officer flags": ["looked after"], "officer flags advocate": True}
    sent = make_answers() | {"flags": ["none"], "officer-name": ["A"], "officer_advocate-name": ["Tamsin Oyelaran"]}
    sent |= {"officer_advocate-email": ["t.oyelaran@voices.example"]}
    bound = validated(forms.bind(definition, part="what", data=sent, choices=choices, context=lists, now=gallery.NOW))
    assert bound.errors == [] and "officer" not in bound.values(), "it goes by a flag that is not chosen"
    said = bound.values()["officer_advocate"]
    assert said == {"name": "Tamsin Oyelaran", "email": "t.oyelaran@voices.example"}, "it is asked whatever is chosen"
    shown = {row.name: row.label for row in forms.rows(definition, bound.values(), choices, "what", lists)}
    assert shown["officer_advocate"] == "Who is the child’s advocate?"
    assert forms.as_data(definition, {"officer_advocate": said}, choices)["officer_advocate-name"] == ["Tamsin Oyelaran"]
    assert "^officer_[a-z0-9_]+$" in forms.json_schema(definition)["patternProperties"], "a machine is told of them"
    assert "patternProperties" not in forms.json_schema(definition, choices=choices), "with the choices it is told of each"


def test_a_question_for_each_of_none_is_not_asked() -> None:
    definition = forms.get("escalate")
    bound = forms.bind(definition, data={}, choices={**gallery.choices(definition), "personal roles of each": []})
    assert not [view for view in bound.fields if view.name.startswith("officer")]
