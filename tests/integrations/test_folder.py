"""Dropping in a folder: order, names, conflicts, being cut off, importers that take files away."""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import json
import os
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from integrations.contract import Delivered, Document, Identifier, Outcome, Refused, Unknown
from integrations.drop import files
from integrations.folder import FolderAdapter, FolderOptions
from integrations.http import OutboundRules
from tests.integrations.clients import guarded
from tests.integrations.samples import make_record

STEM = "PD-7F3K-92-v1"
PDF = f"{STEM}-1-{STEM}.pdf"


def make_options(folder: Path | str, **changes: Any) -> FolderOptions:
    return FolderOptions.model_validate({"folder": str(folder), **changes})


def write(folder: Path, record: Any = None, allowed: Path | None = None, **changes: Any) -> Outcome:
    http = guarded(OutboundRules.parse(folders=[allowed or folder]))
    return FolderAdapter().write(record or make_record(), make_options(folder, **changes), {}, http)


def find(folder: Path, **changes: Any) -> Any:
    return FolderAdapter().find(make_record(), make_options(folder, **changes), {}, guarded(OutboundRules()))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_document_then_a_control_file_that_names_it(tmp_path: Path) -> None:
    assert write(tmp_path) == Delivered(f"{STEM}.csv", on_file=False)
    assert names(tmp_path) == [PDF, f"{STEM}.csv"]
    assert (tmp_path / PDF).read_bytes() == make_record().documents[0].content
    rows = list(csv.DictReader(io.StringIO((tmp_path / f"{STEM}.csv").read_text())))
    assert rows == [{"Reference": "PD-7F3K-92/v1", "Title": make_record().title, "Person": "44710099", "File": PDF}]


def test_the_control_file_is_laid_down_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    real = Path.hardlink_to

    def seen(self: Path, target: Path) -> None:
        order.append(self.name)
        real(self, target)

    monkeypatch.setattr(Path, "hardlink_to", seen)
    write(tmp_path)
    assert order == [PDF, f"{STEM}.csv"]


def test_writing_again_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path)
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert isinstance(write(tmp_path), Delivered)
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("name", [PDF, f"{STEM}.csv"])
def test_another_file_of_that_name_is_never_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"somebody's own")
    outcome = write(tmp_path)
    assert isinstance(outcome, Refused) and (tmp_path / name).read_bytes() == b"somebody's own"


def test_a_name_that_is_taken_while_we_write_is_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.hardlink_to

    def late(self: Path, target: Path) -> None:
        self.write_bytes(b"somebody's own")
        real(self, target)

    monkeypatch.setattr(Path, "hardlink_to", late)
    assert isinstance(write(tmp_path), Refused)
    assert (tmp_path / PDF).read_bytes() == b"somebody's own" and names(tmp_path) == [PDF]


def test_a_share_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(self: Path, _target: Path) -> None:
        raise OSError(errno.EOPNOTSUPP, "no links here")

    monkeypatch.setattr(Path, "hardlink_to", none)
    assert isinstance(write(tmp_path), Delivered) and names(tmp_path) == [PDF, f"{STEM}.csv"]
    (tmp_path / PDF).write_bytes(b"changed")
    assert isinstance(write(tmp_path), Refused)


def test_a_full_disk_in_the_middle_is_unknown_and_taken_up_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, left = os.fsync, [1]

    def full(handle: int) -> None:
        if not left:
            raise OSError(errno.ENOSPC, "No space left on device")
        left.pop()
        real(handle)

    with monkeypatch.context() as patched:
        patched.setattr(files.os, "fsync", full)
        outcome = write(tmp_path, keeps_files=True)
    assert isinstance(outcome, Unknown) and "No space left" in outcome.reason
    assert names(tmp_path) == [PDF] and find(tmp_path, keeps_files=True) is None
    assert isinstance(write(tmp_path, keeps_files=True), Delivered) and names(tmp_path) == [PDF, f"{STEM}.csv"]


def test_an_importer_that_takes_the_files_away(tmp_path: Path) -> None:
    drop, journal = tmp_path / "drop", tmp_path / "journal"
    drop.mkdir()
    journal.mkdir()
    assert find(drop, journal_folder=str(journal)) is None
    assert isinstance(write(drop, allowed=tmp_path, journal_folder=str(journal)), Delivered)
    for path in drop.iterdir():
        path.unlink()
    assert isinstance(find(drop, journal_folder=str(journal)), Delivered)
    assert isinstance(find(drop), Unknown)
    (journal / f"{STEM}.ended").unlink()
    assert isinstance(find(drop, journal_folder=str(journal)), Unknown)


def test_control_files_in_other_shapes(tmp_path: Path) -> None:
    record = make_record(
        title='A & B <c> "d"', documents=(Document("a.pdf", "application/pdf", b"one"), Document("b.txt", "text/plain", b"two"))
    )
    control = "<DTSControl><Subject>{{title}}</Subject><LocalId>{{document.sha256}}</LocalId></DTSControl>"
    mesh = {"document_name": "{{file_stem}}-{{document.number}}.dat", "control_name": "{{file_stem}}-{{document.number}}.ctl"}
    assert isinstance(write(tmp_path, record, control_format="xml", control=control, control_each=True, **mesh), Delivered)
    assert names(tmp_path) == [f"{STEM}-{number}.{ending}" for number in (1, 2) for ending in ("ctl", "dat")]
    root = ET.fromstring((tmp_path / f"{STEM}-2.ctl").read_text())
    assert root.findtext("Subject") == record.title and root.findtext("LocalId") == hashlib.sha256(b"two").hexdigest()
    other = tmp_path / "json"
    other.mkdir()
    told = {"control_format": "json", "control_name": "{{file_stem}}.json", "control": '{"t": "{{title}}", "files": "{{file_names}}"}'}
    write(other, record, **told)
    assert json.loads((other / f"{STEM}.json").read_text()) == {"t": record.title, "files": f"{STEM}-1-a.pdf;{STEM}-2-b.txt"}
    bare = tmp_path / "none"
    bare.mkdir()
    assert isinstance(write(bare, control_format="none"), Delivered) and names(bare) == [PDF]


def test_a_cell_that_a_spreadsheet_would_run(tmp_path: Path) -> None:
    write(tmp_path, make_record(title="=cmd|' /C calc'!A0", child=(Identifier("local", "+44"),)))
    row = next(csv.DictReader(io.StringIO((tmp_path / f"{STEM}.csv").read_text())))
    assert row["Title"] == "'=cmd|' /C calc'!A0" and row["Person"] == "'+44"


@pytest.mark.parametrize("name", ["{{title}}", "../{{key}}.pdf", "{{key}}", ".{{reference}}", "{{title|limit:90}}{{summary}}.pdf"])
def test_names_that_are_none(tmp_path: Path, name: str) -> None:
    record = make_record(title="a/b", summary="x" * 90)
    assert isinstance(write(tmp_path, record, document_name=name), Refused) and names(tmp_path) == []


def test_only_folders_that_the_deployment_allows(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (inside / "link").symlink_to(outside)
    for folder in (outside, inside / "link", inside / ".." / "out"):
        assert isinstance(write(folder, allowed=inside), Refused)
    assert names(outside) == [] and isinstance(write(inside / "gone", allowed=inside), Refused)
    (inside / "deep").mkdir()
    assert isinstance(write(inside / "deep", allowed=inside), Delivered)
    assert isinstance(FolderAdapter().write(make_record(), make_options(inside), {}, guarded(OutboundRules())), Refused)


def test_a_check_writes_nothing(tmp_path: Path) -> None:
    http = guarded(OutboundRules.parse(folders=[tmp_path]))
    assert [finding.ok for finding in FolderAdapter().check(make_options(tmp_path), {}, http)] == [True]
    assert [finding.ok for finding in FolderAdapter().check(make_options(tmp_path / "gone"), {}, http)] == [False]
    assert [finding.ok for finding in FolderAdapter().check(make_options("/etc"), {}, http)] == [False]
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    "changes",
    [{"folder": "drop"}, {"control": "[1"}, {"control": '{"a": "{{kye}}"}'}, {"document_name": "{{secret.x}}"}, {"control_format": "yaml"}],
)
def test_settings_that_cannot_work(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        make_options(**{"folder": "/srv/drop", **changes})
