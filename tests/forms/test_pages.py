"""Every page of the gallery is valid HTML that a policy of "no inline anything" can serve, and nothing typed becomes part of it."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import html5lib
import pytest
from flask import Flask, get_template_attribute

import forms
from forms import gallery
from tests.forms.conftest import POLICY

SPECIMENS = gallery.specimens()
each = pytest.mark.parametrize("specimen", SPECIMENS, ids=lambda one: one.name)
HOSTILE = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' autofocus onfocus=alert(1) x='",
    "</textarea><script>alert(1)</script>",
    "</title><svg onload=alert(1)>",
    "{{7*7}}{% raw %}${7*7}#{7*7}",
    "javascript:alert(1)",
    "<!-- -->]]><![CDATA[",
    "&lt;b&gt; &amp; &#x3c;",
    "\u202egnp.exe\u2066",
]  # fmt: skip

ONE_QUESTION = """
id: one
version: 1
title: One
fields: [{name: who, kind: choice, from: people, label: Who?, missing: Say who}]
"""


def parse(html: str) -> Any:
    """The page by a strict parser: a page that is not valid raises."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)


def get(pages: Flask, specimen: gallery.Specimen) -> str:
    return pages.test_client().get(f"/{specimen.name}").get_data(as_text=True)


@each
def test_a_page_is_valid_titled_and_in_english(pages: Flask, specimen: gallery.Specimen) -> None:
    page = parse(get(pages, specimen))
    assert page.get("lang") == "en"
    title = page.find(".//title").text
    assert title.endswith(" - Accord")
    assert title.startswith("Error: ") == (specimen.state == "in error")
    assert len(page.findall(".//h1")) == 1


@each
def test_ids_are_unique_and_everything_that_points_points_at_something(pages: Flask, specimen: gallery.Specimen) -> None:
    page = parse(get(pages, specimen))
    ids = Counter(one.get("id") for one in page.iter() if one.get("id"))
    assert [id for id, count in ids.items() if count > 1] == []
    for one in page.iter():
        for pointed in (one.get("aria-describedby") or one.get("for") or one.get("aria-labelledby") or "").split():
            assert pointed in ids
        if one.tag == "a" and (one.get("href") or "").startswith("#"):
            assert one.get("href")[1:] in ids


@each
def test_every_control_has_a_label_and_every_error_leads_to_a_control(pages: Flask, specimen: gallery.Specimen) -> None:
    page = parse(get(pages, specimen))
    labelled = {one.get("for") for one in page.iter("label")}
    controls = [one for tag in ("input", "textarea", "select") for one in page.iter(tag)]
    assert all(one.get("id") in labelled for one in controls)
    targets = {one.get("id") for one in controls}
    bound = gallery.shown(specimen)
    assert all(target in targets for target, _ in bound.errors)
    said = [one.text for one in page.findall(".//ul[@class='govuk-list govuk-error-summary__list']/li/a")]
    assert said == [message for _, message in bound.errors]
    beside = [" ".join("".join(one.itertext()).split()) for one in page.iter("p") if one.get("class") == "govuk-error-message"]
    assert len(set(said)) == len(said)
    assert all(any(message.endswith(one.removeprefix("Error: ")) for one in beside) for message in said)


@each
def test_nothing_is_inline_and_nothing_is_fetched_from_elsewhere(pages: Flask, specimen: gallery.Specimen) -> None:
    html = get(pages, specimen)
    page = parse(html)
    assert "script-src 'self'" in POLICY
    assert not re.search(r"<[^>]+\s(on[a-z]+|style)\s*=", html)
    assert all(one.get("src") and not (one.text or "").strip() for one in page.iter("script"))
    assert list(page.iter("style")) == []
    addresses = [one.get("src") or one.get("href") for one in page.iter() if one.get("src") or one.get("href")]
    assert all(address.startswith(("/", "#")) for address in addresses)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("id", ["raise", "action-plan", "confirmation", "policy-gap"])
def test_what_is_typed_comes_back_as_typed_and_makes_no_element(pages: Flask, id: str, text: str) -> None:
    specimen = next(one for one in SPECIMENS if one.id == id and answers(one, text))
    plain, typed = (parse(post(pages, specimen, words)) for words in ("words", text))
    assert Counter(one.tag for one in typed.iter()) == Counter(one.tag for one in plain.iter())
    assert Counter(name for one in typed.iter() for name in one.attrib) == Counter(name for one in plain.iter() for name in one.attrib)
    kept = [one.text or "" for one in typed.iter("textarea")] + [one.get("value") or "" for one in typed.iter("input")]
    assert text in kept


def post(pages: Flask, specimen: gallery.Specimen, text: str) -> str:
    response = pages.test_client().post(f"/{specimen.name}", data=answers(specimen, text))
    assert response.status_code == 200
    return response.get_data(as_text=True)


def answers(specimen: gallery.Specimen, text: str) -> dict[str, list[str]]:
    """The text in every box of free text; what has to be chosen stays empty, so that the page comes back."""
    return {
        control: [text]
        for view in gallery.shown(specimen).fields
        for control in [view.name, *(box.name for box in view.boxes), *(one.name for entry in view.entries for one in entry.fields)]
        if view.look not in {"radios", "inline", "select", "checkboxes", "attestation"}
    }


def test_an_answer_that_begins_with_an_empty_line_keeps_it(pages: Flask) -> None:
    page = parse(pages.test_client().post("/waive-1-empty", data={"why": "\n\nx\x00"}).get_data(as_text=True))
    assert page.find(".//textarea").text == "\n\nx\ufffd"


TWO_QUESTIONS = ONE_QUESTION.replace("}]", "}, {name: why, kind: long, label: Why?, missing: Say why}]")


def test_a_form_is_drawn_once_for_each_shape_of_its_answers_and_never_with_anybodys_words() -> None:
    definition = forms.parse_definition(TWO_QUESTIONS, "two.yaml")
    calls: list[Any] = []

    def draw(views: Any) -> str:
        calls.append(views)
        return "".join(f"{[one.value for one in view.items]}{view.chosen}{'' if view.items else view.value};" for view in views)

    def page(*options: str, data: dict[str, list[str]] | None = None, values: dict[str, str] | None = None) -> str:
        choices = {"people": [(option, option.upper()) for option in options]}
        return str(forms.bind(definition, data=data, values=values, choices=choices).drawn(draw)).replace("\n", "")

    assert page("a") == page("a") == "['a'][];[][];"
    assert len(calls) == 1
    assert page("b") == "['b'][];[][];"
    assert page("a", values={"who": "a", "why": "<b>Ann</b>"}) == "['a']['a'];[][]&lt;b&gt;Ann&lt;/b&gt;;"
    before = len(calls)
    assert page("a", data={"who": ["a"], "why": ["Bola\ue0001\x00"]}) == "['a']['a'];[][]Bola\ue0001\ufffd;"
    assert len(calls) == before
    assert not [one for one in calls if "Ann" in str(one) or "Bola" in str(one)]
    assert page("a", data={"who": ["made up"]}) == "['a']['made up'];[][];"
    assert len(calls) == before + 2
    wrong = forms.bind(definition, data={}, choices={"people": [("a", "A")]})
    wrong.validate()
    wrong.drawn(draw)
    assert len(calls) == before + 3


@each
def test_the_pieces_put_together_are_the_page_drawn_at_once(specimen: gallery.Specimen, pages: Flask) -> None:
    if specimen.state == "in error":
        return  # (drawn each time)
    with pages.test_request_context():
        macro = get_template_attribute("forms/form.html", "questions")
        bound = gallery.shown(specimen)
        whole, first, again = macro(bound.fields), bound.drawn(macro), bound.drawn(macro)
    assert first == again
    assert "".join(str(whole).split()) == "".join(str(first).split())


def test_an_oversized_answer_comes_back_whole_with_a_message(pages: Flask) -> None:
    text = "x" * 60_000
    page = parse(pages.test_client().post("/waive-1-empty", data={"why": text}).get_data(as_text=True))
    assert page.find(".//textarea").text == text
    assert "Shorten this answer" in "".join(page.find(".//p[@id='why-error']").itertext())


def test_questions_that_one_answer_opens_say_once_when_they_are_to_be_answered() -> None:
    views = forms.bind(forms.get("discussion"), choices={"modes": [("call", "A call")]}).fields
    opened = [view for view in views if view.why or view.why_said]
    assert len(opened) > 4 and [bool(view.why) for view in opened] == [True] + [False] * (len(opened) - 1)
    assert opened[0].why.startswith(f"Answer the next {len(opened)} questions only if you chose “")
