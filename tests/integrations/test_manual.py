"""The pack for filing by hand: complete, checkable, the same at every attempt."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from integrations.contract import Delivered, Document, Refused
from integrations.http import OutboundRules
from integrations.manual import ManualAdapter, ManualOptions
from integrations.pack import csv_of
from tests.integrations.clients import guarded
from tests.integrations.samples import make_record

HTTP = guarded(OutboundRules())
OPTIONS = ManualOptions(system="the pupil file", place="Safeguarding", instructions="Tell the head.")


def opened(record: Any) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(ManualAdapter().pack(record, OPTIONS).content))


def test_a_pack_holds_everything_and_its_sums_agree() -> None:
    archive = opened(make_record())
    assert sorted(archive.namelist()) == ["PD-7F3K-92-v1.pdf", "READ ME FIRST.txt", "SHA256SUMS.txt", "record.csv", "record.json"]
    for line in archive.read("SHA256SUMS.txt").decode().splitlines():
        told, name = line.split("  ")
        assert hashlib.sha256(archive.read(name)).hexdigest() == told
    assert json.loads(archive.read("record.json"))["key"] == "PD-7F3K-92/v1"
    words = archive.read("READ ME FIRST.txt").decode()
    assert "the pupil file" in words and "Where: Safeguarding" in words and "Tell the head." in words


def test_a_pack_is_the_same_at_every_attempt() -> None:
    assert ManualAdapter().pack(make_record(), OPTIONS) == ManualAdapter().pack(make_record(), OPTIONS)


def test_the_pack_is_ready_and_not_on_file() -> None:
    assert ManualAdapter().write(make_record(), OPTIONS, {}, HTTP) == Delivered("PD-7F3K-92-v1.zip", on_file=False)
    assert ManualAdapter().find(make_record(), OPTIONS, {}, HTTP) is None
    assert isinstance(ManualAdapter().write(make_record(documents=(Document("a.exe", "x/y", b"x"),)), OPTIONS, {}, HTTP), Refused)


def test_a_check_asks_where_the_documents_belong() -> None:
    assert [finding.ok for finding in ManualAdapter().check(ManualOptions(), {}, HTTP)] == [False]
    assert [finding.ok for finding in ManualAdapter().check(OPTIONS, {}, HTTP)] == [True]


CELLS = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]))


@given(st.lists(st.lists(CELLS, min_size=1, max_size=3), max_size=3))
def test_cells_come_back_and_none_begins_a_formula(rows: list[list[str]]) -> None:
    back = list(csv.reader(io.StringIO(csv_of(rows))))
    assert len(back) == len(rows)
    for there, here in zip((cell for row in back for cell in row), (cell for row in rows for cell in row), strict=True):
        assert there in (here, "'" + here) and not there.startswith(("=", "+", "-", "@", "\t", "＝"))
