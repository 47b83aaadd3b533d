"""The trial adapter does as told, counts copies, and is seen from other processes where it has a folder."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from integrations.contract import Deferred, Delivered, Refused, Unknown
from integrations.http import OutboundRules
from integrations.trial import TrialAdapter, TrialOptions
from tests.integrations.clients import guarded
from tests.integrations.samples import make_record

HTTP = guarded(OutboundRules())


def write(adapter: TrialAdapter, **options: Any) -> Any:
    return adapter.write(make_record(), TrialOptions(**options), {}, HTTP)


def find(adapter: TrialAdapter, **options: Any) -> Any:
    return adapter.find(make_record(), TrialOptions(**options), {}, HTTP)


def test_it_does_as_told() -> None:
    assert isinstance(write(TrialAdapter()), Delivered)
    assert write(TrialAdapter(), on_file=False) == Delivered("PD-7F3K-92-v1.1", on_file=False)
    assert isinstance(write(TrialAdapter(), behaviour="refuse"), Refused)
    assert write(TrialAdapter(), behaviour="defer", wait_seconds=9) == Deferred("The trial system is busy.", timedelta(seconds=9))
    with pytest.raises(RuntimeError):
        write(TrialAdapter(), behaviour="crash")


def test_silent_after_writing_can_be_found_and_silent_before_cannot() -> None:
    after, before = TrialAdapter(), TrialAdapter()
    assert isinstance(write(after, behaviour="silent after writing"), Unknown) and isinstance(find(after), Delivered)
    assert isinstance(write(before, behaviour="silent before writing"), Unknown) and find(before) is None
    assert isinstance(find(after, can_be_searched=False), Unknown)


def test_misbehaving_for_a_while() -> None:
    adapter = TrialAdapter()
    kinds = [type(write(adapter, behaviour="defer", times=2)) for _ in range(4)]
    assert kinds == [Deferred, Deferred, Delivered, Delivered]
    assert len(adapter.copies(make_record().key, TrialOptions())) == 2


def test_a_folder_is_seen_by_others(tmp_path: Path) -> None:
    options = {"folder": str(tmp_path), "behaviour": "silent after writing", "times": 1}
    write(TrialAdapter(), **options)
    assert isinstance(find(TrialAdapter(), **options), Delivered)
    assert isinstance(write(TrialAdapter(), **options), Delivered)
    assert len(TrialAdapter().copies(make_record().key, TrialOptions(folder=str(tmp_path)))) == 2


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    findings = TrialAdapter().check(TrialOptions(folder=str(tmp_path / "gone")), {}, HTTP)
    assert [finding.ok for finding in findings] == [False]
