"""The placeholder language: what can be said, what is refused when it is saved, and that no value escapes its place."""

from __future__ import annotations

import email
import email.policy
import json
import xml.etree.ElementTree as ET
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.contract import Identifier
from integrations.template.bodies import Format, fill_body, fill_header, fill_url, templates_in
from integrations.template.language import Template, TemplateFault
from integrations.template.values import check_names, document_values, record_values
from tests.integrations.samples import make_record

HOSTILE = [
    '"',
    "\\",
    "'",
    "<b>&amp;</b>",
    "]]>",
    "{{key}}",
    "a\r\nX: y",
    "../..",
    "?&=#",
    "é – 児",
    "\x00\x0b\ud7ff",
    "%0d%0a",
    "${x}",
    "{% x %}",
]


def fill(text: str, **values: Any) -> str:
    return Template.parse(text).fill(values, str)


def test_values_stand_where_they_are_named() -> None:
    assert fill("a {{key}} b {{ title|limit:4 }} {{gone|optional}}.", key="K", title="Outcome") == "a K b Outc ."


@pytest.mark.parametrize(
    ("text", "value", "filled"),
    [
        ("{{v|base64}}", "é", "w6k="),
        ("{{v|base64}}", b"\xff", "/w=="),
        ("{{v|number}}", "-42", "-42"),
        ("{{v|date}}", "2026-11-20T14:03:00+00:00", "2026-11-20"),
        ("{{v|ukdate}}", "2026-11-20T14:03:00+00:00", "20/11/2026"),
        ("{{v|digits}}", "943 476-5919", "9434765919"),
        ("{{v|limit:3|upper}}", "abcdef", "ABC"),
        ("{{v|lower}}", "ABC", "abc"),
        ("{{v|file}}", "PD-7F3K-92/v1: the *end*", "PD-7F3K-92-v1-the-end"),
        ("{{v|file}}", "../../etc", "etc"),
        ("{{v|file}}", "///", "x"),
    ],
)
def test_filters(text: str, value: Any, filled: str) -> None:
    assert fill(text, v=value) == filled


@pytest.mark.parametrize(
    "text",
    [
        "{{",
        "}}",
        "{{}}",
        "{{a b}}",
        "{{key|nonsense}}",
        "{{key|limit}}",
        "{{key|limit:x}}",
        "{{key|upper:3}}",
        "{{key}",
        "{{7*7}}",
        "{{key.__class__}}",
        "{{a.b.c.d}}",
    ],
)
def test_templates_that_cannot_be_read(text: str) -> None:
    with pytest.raises(TemplateFault):
        Template.parse(text)


@pytest.mark.parametrize(
    ("text", "value"), [("{{gone}}", "x"), ("{{v|number}}", "4a"), ("{{v|number}}", "007"), ("{{v|date}}", "tomorrow"), ("{{v}}", b"x")]
)
def test_values_that_are_not_there_or_do_not_fit(text: str, value: Any) -> None:
    with pytest.raises(TemplateFault) as raised:
        fill(text, v=value)
    assert "tomorrow" not in str(raised.value) and "4a" not in str(raised.value)


def test_names_that_can_never_be_known_are_refused_on_saving() -> None:
    check_names(Template.parse("{{key}} {{child.upn}} {{field.anything}}"), ["key"])
    for text in ("{{kye}}", "{{secret.password}}", "{{child}}", "{{step.note.id}}"):
        with pytest.raises(TemplateFault):
            check_names(Template.parse(text), ["key"])


def test_two_identifiers_of_one_system_name_nobody() -> None:
    values = record_values(make_record(child=(Identifier("local", "1"), Identifier("local", "2"), Identifier("upn", "3"))))
    assert "child.local" not in values and values["child.upn"] == "3" and values["file_stem"] == "PD-7F3K-92-v1"


# --- each place escapes in its own way ----------------------------------------------------------------------------------------------


@given(st.text())
def test_json_says_exactly_the_value(value: str) -> None:
    body, kind = fill_body("json", '{"a": "<{{v}}>", "n": [1, true, null, "{{v}}"], "inner": {"$text": {"b": "{{v}}"}}}', {"v": value})
    said = json.loads(body.decode("utf-8", "surrogatepass"))
    assert kind == "application/json"
    assert said["a"] == f"<{value}>" and said["n"] == [1, True, None, value] and json.loads(said["inner"]) == {"b": value}


@given(st.text())
def test_json_inside_a_part_of_a_form_says_exactly_the_value(value: str) -> None:
    text = '{"meta": {"$text": {"a": "{{v}}", "n": [1]}}, "b": "x"}'
    said = parse_qs(fill_body("form", text, {"v": value})[0].decode())
    assert json.loads(said["meta"][0]) == {"a": value, "n": [1]} and said["b"] == ["x"]
    assert json.dumps({"a": value, "n": [1]}).encode() in fill_body("multipart", text, {"v": value})[0]
    assert len(templates_in("multipart", text)) == 2


def test_a_number_is_one() -> None:
    assert json.loads(fill_body("json", '{"id": "{{v|number}}", "t": "no {{v|number}}"}', {"v": "17"})[0]) == {"id": 17, "t": "no 17"}


@given(st.text())
def test_a_form_says_exactly_the_value(value: str) -> None:
    try:
        body, kind = fill_body("form", '{"a": "{{v}}", "b": "1"}', {"v": value})
    except UnicodeEncodeError:
        return
    assert parse_qs(body.decode(), keep_blank_values=True) == {"a": [value], "b": ["1"]}
    assert kind == "application/x-www-form-urlencoded"


@pytest.mark.parametrize("value", HOSTILE)
def test_a_url_has_the_parts_that_the_template_has(value: str) -> None:
    filled = fill_url(Template.parse("/children/{{v}}/notes?q={{v}}"), {"v": value})
    parts = urlsplit(filled)
    assert parts.path.count("/") == 3 and parse_qs(parts.query) == {"q": [value]} and not parts.fragment and not parts.netloc
    assert filled.isascii() and all(32 < ord(letter) < 127 for letter in filled)


@pytest.mark.parametrize("value", [".", ".."])
def test_a_url_does_not_climb(value: str) -> None:
    with pytest.raises(TemplateFault):
        fill_url(Template.parse("/children/{{v}}/notes"), {"v": value})


@pytest.mark.parametrize("value", HOSTILE)
def test_a_header_is_one_line_of_plain_letters_or_refused(value: str) -> None:
    if value.isascii() and value.isprintable():
        assert fill_header(Template.parse("k {{v}}"), {"v": value}) == f"k {value}"
    else:
        with pytest.raises(TemplateFault):
            fill_header(Template.parse("k {{v}}"), {"v": value})


@pytest.mark.parametrize("value", HOSTILE)
def test_xml_has_the_elements_that_the_template_has(value: str) -> None:
    body, _kind = fill_body("xml", '<?xml version="1.0"?><n t="{{v}}"><a>{{v}}</a></n>', {"v": value})
    root = ET.fromstring(body)
    readable = value.replace("\x00", "\ufffd").replace("\x0b", "\ufffd")
    assert [child.tag for child in root] == ["a"] and len(root[0]) == 0
    assert root[0].text is not None and root[0].text.replace("\n", "\r\n" if "\r" in value else "\n") == readable


@pytest.mark.parametrize(
    "text",
    [
        "<a>",
        "no xml",
        "<a><!-- {{key}} --></a>",
        "<a><![CDATA[{{key}}]]></a>",
        '<!DOCTYPE a [<!ENTITY x "y">]><a>{{key}}</a>',
        "<{{key}}/>",
        "<a {{key}}='1'/>",
        "<a b={{key}}/>",
        "<a><?php {{key}} ?></a>",
    ],
)
def test_xml_where_escaping_would_not_be_enough_is_refused_on_saving(text: str) -> None:
    with pytest.raises(TemplateFault):
        templates_in("xml", text)


@pytest.mark.parametrize("value", [value for value in HOSTILE if "\x00" not in value])
def test_multipart_has_the_parts_that_the_template_has(value: str) -> None:
    values = {"v": value, **document_values(make_record().documents[0], 1), "document.name": value}
    body, kind = fill_body("multipart", '{"title": "{{v}}", "file": "{{document.content}}"}', values)
    message = email.message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body, policy=email.policy.HTTP)
    title, file = list(message.iter_parts())  # type: ignore[attr-defined]  # the HTTP policy gives an EmailMessage
    assert title.get_payload(decode=True) == value.encode()
    assert file.get_payload(decode=True) == make_record().documents[0].content and file.get_content_type() == "application/pdf"


def test_a_bare_file() -> None:
    values = document_values(make_record().documents[0], 1)
    assert fill_body("file", "", values) == (make_record().documents[0].content, "application/pdf")
    with pytest.raises(TemplateFault):
        fill_body("file", "", {})


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ("json", "{"),
        ("json", '{"a": "{{"}'),
        ("json", '{"{{key}}": 1}'),
        ("json", '{"a": 1, "a": 2}'),
        ("form", "{"),
        ("multipart", "[1"),
        ("xml", ""),
    ],
)
def test_bodies_of_the_wrong_shape_are_refused_on_saving(shape: Format, text: str) -> None:
    with pytest.raises(TemplateFault):
        templates_in(shape, text)


@pytest.mark.parametrize("text", ["[]", '{"a": 1}', '"a"', '{"a": {"b": "c"}}'])
def test_a_form_is_names_and_texts(text: str) -> None:
    with pytest.raises(TemplateFault):
        fill_body("form", text, {})


def test_code_in_a_value_stays_text() -> None:
    for value in ("{{7*7}}", "{% raw %}", "${7*7}", "%(x)s", "{0.__class__}", "{{secret.password}}"):
        assert fill("{{v}}", v=value) == value


def test_in_plain_text_a_value_stays_on_its_line() -> None:
    raw, kind = fill_body("text", "MSH|{{a}}\rPID|{{b}}", {"a": "x\r\nPID|evil", "b": "y\u2028z\x00"})
    assert raw.decode() == "MSH|x PID|evil\rPID|y z " and kind.startswith("text/plain")


@pytest.mark.parametrize("shape", ["json", "form", "multipart"])
def test_a_member_without_a_value_is_left_out_and_an_empty_one_is_not(shape: Any) -> None:
    raw, _kind = fill_body(shape, '{"a": "{{a|omit}}", "b": "{{b|optional}}", "c": "{{c|omit}}"}', {"c": "C"})
    text = raw.decode()
    assert "C" in text and '"a"' not in text and "a=" not in text and ('"b"' in text or "b=" in text)


def test_ids_made_of_a_text_are_the_same_for_ever() -> None:
    made = Template.parse("{{key|uuid}}").fill({"key": "PD-7F3K-92/v1"}, str)
    assert made == Template.parse("{{key|uuid}}").fill({"key": "PD-7F3K-92/v1"}, str) == "fb503f69-1ebf-5dec-8160-f0f0f228f65f"
    assert made != Template.parse("{{key|uuid}}").fill({"key": "PD-7F3K-92/v2"}, str)


def test_a_missing_number_of_a_child_is_named_in_words_for_whoever_files() -> None:
    with pytest.raises(TemplateFault, match=r"^the person’s unique pupil number is needed, and nobody has given it to us$"):
        fill("/pupils/{{child.upn}}")
    with pytest.raises(TemplateFault, match=r"^the person’s number of the kind “mosaic” is needed"):
        fill("/people/{{child.mosaic}}")
