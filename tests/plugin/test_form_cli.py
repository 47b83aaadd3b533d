"""`flask form check`: every mistake of a definition at once, with its line; good ones are said to be good."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

import forms
from plugin.commands.form import form

HERE = Path(forms.__file__).parent / "definitions"


def test_every_definition_of_the_room_is_good() -> None:
    result = CliRunner().invoke(form, ["check", *map(str, sorted(HERE.glob("*.yaml")))])
    assert result.exit_code == 0, result.output
    assert result.output.count(": good:") == len(forms.ids())


def test_every_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("id: wrong\nversion: one\ntitle: Wrong\nfields:\n  - {name: why, kind: lnog, label: Why?}\n")
    result = CliRunner().invoke(form, ["check", str(wrong)])
    assert result.exit_code == 1
    assert "wrong.yaml:2:" in result.output


def test_a_file_that_is_not_there_is_one_line_and_exit_2(tmp_path: Path) -> None:
    result = CliRunner().invoke(form, ["check", str(tmp_path / "none.yaml")])
    assert result.exit_code == 2
    assert len(result.output.strip().splitlines()) == 1
