"""Which forms there are, and that a version that was used keeps its meaning."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import forms
from forms import library

WAIVE = "id: waive\nversion: {version}\ntitle: {title}\nfields:\n  - {{name: why, kind: long, label: Why?, missing: Say why}}\n"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Path]:
    """A deployment's folder of definitions; forgotten afterwards."""
    yield tmp_path
    library._added.clear()


def test_a_deployment_adds_a_version_and_submissions_keep_theirs(own: Path) -> None:
    before = forms.get("waive")
    (own / "waive.2.yaml").write_text(WAIVE.format(version=2, title="Ours"))
    forms.use(own)
    assert forms.versions("waive") == (1, 2)
    assert forms.get("waive").title == "Ours"
    assert forms.get("waive", 1) is before
    assert forms.ids().count("waive") == 1
    forms.use(own)


def test_a_version_that_is_taken_is_refused_and_nothing_changes(own: Path) -> None:
    (own / "waive.yaml").write_text(WAIVE.format(version=1, title="Another"))
    with pytest.raises(forms.FormError, match="Version 1 of 'waive' is taken"):
        forms.use(own)
    assert forms.get("waive").title == "Set something aside"


def test_a_mistake_in_a_deployments_form_is_told(own: Path) -> None:
    (own / "waive.2.yaml").write_text(WAIVE.format(version=2, title="Ours").replace("long", "lang"))
    with pytest.raises(forms.FormError, match=r"waive\.2\.yaml:5: fields why, kind"):
        forms.use(own)


def test_two_files_of_one_version_and_a_file_with_another_name_are_refused(own: Path) -> None:
    (own / "waive.2.yaml").write_text(WAIVE.format(version=2, title="Ours"))
    (own / "waive.3.yaml").write_text(WAIVE.format(version=2, title="Ours too"))
    with pytest.raises(forms.FormError, match="in another file already"):
        forms.use(own)
    library.load.cache_clear()
    (own / "waive.3.yaml").rename(own / "wave.yaml")
    (own / "waive.2.yaml").unlink()
    with pytest.raises(forms.FormError, match="the file's name must begin with it"):
        forms.use(own)


def test_a_form_nobody_knows_is_a_key_error() -> None:
    for version in (None, 1):
        with pytest.raises(KeyError):
            forms.get("nothing", version)
    with pytest.raises(KeyError):
        forms.get("waive", 99)
    assert forms.versions("nothing") == ()
