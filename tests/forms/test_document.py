"""A document says the same as text, PDF and JSON, holds every character, and takes nothing it is given for markup."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import forms
from forms import document, gallery
from forms.setting import Setting

HOSTILE = [
    "#import \"/etc/passwd\"",
    "#read(\"document.typ\")",
    "$ x^2 $ *bold* _it_ `raw` <label> @ref // comment /* */",
    "= Heading\n- item\n+ item\n/ term: x",
    "\\#panic(\"x\") \\u{41} ~ -- ... 'quote' \"double\"",
    "{{7*7}} {% x %} ${x} %(x)s {0.__class__}",
    "<script>alert(1)</script>&amp;",
    "=HYPERLINK(\"x\")",
]  # fmt: skip
NAMES = [
    "Siân O’Neill-Łukasik",
    "Nguyễn Thị Ánh",
    "Ægir Þórsson",
    "Živilė Ščerbaková",
    "Ayşe Gül Çağrı",
    "Ọláyínká",
    "Ἀθηνᾶ",
    "Щукин",
]


def make_document(*texts: str, title: str = "Outcome") -> document.Document:
    rows = [(f"Question {number}", text) for number, text in enumerate(texts, 1)]
    return document.Document(title, "PD-7F3K-92", "Anytown, settled at stage 2", [document.Section("What was said", rows)], "By Accord")


def read_pdf(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b]", "", text)


@pytest.mark.parametrize("text", HOSTILE + NAMES)
def test_what_was_typed_stands_in_the_pdf_letter_by_letter(text: str) -> None:
    assert squeezed(text) in squeezed(read_pdf(document.as_pdf(make_document(text, title=text))))


@pytest.mark.parametrize("text", HOSTILE + NAMES)
def test_what_was_typed_stands_in_the_text_and_the_json(text: str) -> None:
    doc = make_document(text)
    assert squeezed(text) in squeezed(document.as_text(doc))
    assert document.as_json(doc)["sections"][0]["rows"][0][1] == text
    assert document.from_json(json.loads(json.dumps(document.as_json(doc)))) == document.from_json(document.as_json(doc))


def test_the_pdf_is_tagged_titled_and_in_english() -> None:
    reader = pypdf.PdfReader(io.BytesIO(document.as_pdf(make_document("x"))))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert reader.metadata.title == "Outcome, PD-7F3K-92 (PDF)"
    assert b"pdfuaid:part>1<" in root["/Metadata"].get_data().replace(b" ", b"")


def test_the_same_content_gives_the_same_bytes() -> None:
    assert document.as_pdf(make_document("Łukasz", "x" * 500)) == document.as_pdf(make_document("Łukasz", "x" * 500))
    assert document.fingerprint(document.as_pdf(make_document("a"))) != document.fingerprint(document.as_pdf(make_document("b")))


@pytest.mark.parametrize("text", ["ሀለሐ", "ᓀᐦᐃᔭᐍᐏᐣ", "👩🏽\u200d🎓 and \U0001f9d2", "\U00012000", "𐤀𐤁"])
def test_a_character_no_font_can_draw_stands_as_its_code_and_the_document_says_so(text: str) -> None:
    content = read_pdf(document.as_pdf(make_document(f"Name: {text}.")))
    drawn = squeezed(text) in squeezed(content)
    assert drawn or (f"[U+{ord(text[0]):04X}]" in squeezed(content) and "could not be drawn in this PDF" in content)
    assert text in document.as_text(make_document(text))


def test_empty_parts_say_that_they_are_empty() -> None:
    doc = document.Document("Outcome", "PD-1", sections=[document.Section("Open points")])
    assert "Nothing was recorded here." in document.as_text(doc)
    assert "Nothing was recorded here." in read_pdf(document.as_pdf(doc))


def test_controls_that_hide_words_are_visible_in_every_form() -> None:
    doc = make_document("safe\u202eefas")
    assert "safe[U+202E]efas" in document.as_text(doc)
    assert "safe[U+202E]efas" in read_pdf(document.as_pdf(doc))
    assert "\u202e" not in json.dumps(document.as_json(doc), ensure_ascii=False)


def test_a_long_answer_and_a_long_word_stay_on_the_page() -> None:
    content = document.as_pdf(make_document("word " * 2_000, "y" * 10_000))
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    right: list[float] = []
    for page in pages:
        page.extract_text(visitor_text=lambda text, _cm, tm, _font, size: right.append(tm[4]) if text.strip() else None)
    assert len(pages) > 2
    assert squeezed(read_pdf(content)).count("y") >= 10_000
    assert max(right) < 595
    # No line of 11 point letters may hold more than fits between the margins.
    assert max(len(line) for page in pages for line in page.extract_text().splitlines()) < 130


def test_the_text_has_lines_of_seventy_eight_characters_and_keeps_line_breaks() -> None:
    text = document.as_text(make_document("one\ntwo  three\n\nfour " + "word " * 60))
    assert all(len(line) <= 78 for line in text.splitlines())
    assert "    one\n    two  three\n\n    four word" in text
    assert text.endswith("By Accord\n")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_any_text_at_all_makes_a_document(text: str) -> None:
    doc = make_document(text, title=text)
    assert document.as_pdf(doc).startswith(b"%PDF")
    assert document.as_text(doc)
    assert document.from_json(document.as_json(doc)).title == document.as_json(doc)["title"]


@pytest.mark.parametrize("id", forms.ids())
def test_every_form_makes_a_document(id: str) -> None:
    definition = forms.get(id)
    setting = Setting(gallery.choices(definition), gallery.context(definition), {}, gallery.NOW)
    values: dict[str, Any] = {}
    for part in [one.id for one in definition.parts] or [""]:
        sent = gallery.typed(definition, part, setting)
        bound = forms.bind(definition, part=part, data=sent, choices=setting.choices, context=setting.context, now=gallery.NOW)
        assert bound.validate(), bound.errors
        values |= bound.values()
    rows = [(row.label, row.text) for row in forms.rows(definition, values, setting.choices, context=setting.context)]
    content = squeezed(read_pdf(document.as_pdf(document.Document(definition.title, "PD-1", sections=[document.Section("Form", rows)]))))
    lines = [line for row in rows for text in row for line in text.splitlines()]  # (a page may end between two lines)
    assert [line for line in lines if squeezed(line) not in content] == []


def test_the_two_documents_of_a_file_say_in_their_titles_which_they_are() -> None:
    doc = make_document("x")
    title = pypdf.PdfReader(io.BytesIO(document.as_pdf(doc))).metadata
    assert title is not None and title.title == "Outcome, PD-7F3K-92 (PDF)"
    assert document.as_text(doc).splitlines()[0] == "Outcome (text)"


def test_letters_that_could_not_be_drawn_are_told_of_first_and_stand_in_the_text() -> None:
    doc = make_document("佐藤 is her mother’s name", "አበበ")
    content = read_pdf(document.as_pdf(doc))
    if "could not be drawn" in content:  # (a machine with such fonts draws them, and says nothing)
        assert content.index("could not be drawn") < content.index("What was said")
        assert re.search(r"such as \[U\+[0-9A-F]{4,6}\]", content)
        assert "\ufffd" not in content
    else:
        assert "佐藤" in content
    assert "佐藤 is her mother’s name" in document.as_text(doc)
    assert "አበበ" in json.dumps(document.as_json(doc), ensure_ascii=False)
