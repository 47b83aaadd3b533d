"""A file in base64 is named, by what it is where we know it; everything else of a preview stays as it is."""

from __future__ import annotations

import base64
from dataclasses import replace
from urllib.parse import quote

from integrations.contract import Document
from integrations.sample import SAMPLE_RECORD
from plugin.services.write_back.legible import legible

PDF = Document("a.pdf", "application/pdf", bytes(range(256)) * 133)
RECORD = replace(SAMPLE_RECORD, documents=(PDF,))
BASE64 = base64.b64encode(PDF.content).decode()


def test_a_document_is_named_with_its_size_wherever_it_stands() -> None:
    for text in (BASE64, quote(BASE64, safe="")):
        assert legible(f'{{"file": "{text}"}}', RECORD) == '{"file": "(the document a.pdf, 34 KB in base64)"}'


def test_what_we_do_not_know_is_a_file() -> None:
    other = base64.b64encode(b"x" * 300).decode()
    assert legible(f"<f>{other}</f>", RECORD) == "<f>(a file, 300 bytes in base64)</f>"


def test_words_addresses_and_hashes_stay() -> None:
    text = f"POST https://records.example/{'a-long-path/' * 30}?x={'f' * 64}\n{'words ' * 200}"
    assert legible(text, RECORD) == text
