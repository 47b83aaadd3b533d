"""A service without its keys says how they are made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from plugin.newkeys import main as newkeys
from plugin.services.keeping.sealing import Keys


def test_keys_that_are_not_there_are_named_with_the_command_that_makes_them(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"There are no keys at .*none\.json\. .*python -m plugin\.newkeys .*none\.json"):
        Keys.read(str(tmp_path / "none.json"))


def _flask(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command in a folder that holds neither keys nor a database."""
    given = {"ACCORD_SECRETS_FILE": str(folder / "none.json"), "ACCORD_DATABASE_URL": f"sqlite:///{folder / 'none.db'}"}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    return subprocess.run(command, env={**os.environ, **given}, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("words", [("secrets", "check"), ("run", "--port", "1")])
def test_a_command_that_needs_them_tells_it_in_one_line(tmp_path: Path, words: tuple[str, ...]) -> None:
    told = _flask(tmp_path, *words)
    assert told.returncode == 1
    assert told.stderr.strip().splitlines()[-1].startswith("Error: There are no keys at ") and "Traceback" not in told.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ("policy", "check", "policies/packs/gloucestershire.yaml"),
        ("policy", "chart", "gloucestershire"),
        ("form", "check", "forms/definitions/raise.yaml"),
    ],
)
def test_writing_a_policy_or_a_form_needs_none(tmp_path: Path, words: tuple[str, ...]) -> None:
    told = _flask(tmp_path, *words)
    assert told.returncode == 0, told.stderr
    assert not (tmp_path / "none.db").exists()


def test_an_older_keys_file_is_given_what_it_lacks_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "keys.json"
    newkeys(str(file))
    whole = json.loads(file.read_text())
    file.write_text(json.dumps({name: value for name, value in whole.items() if name != "checkpoint"}))
    assert newkeys(str(file)) == 0 and "had no checkpoint yet: added" in capsys.readouterr().out
    now = json.loads(file.read_text())
    assert now.pop("checkpoint")["crv"] == "Ed25519" and now == {name: value for name, value in whole.items() if name != "checkpoint"}
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    assert newkeys(str(file)) == 1 and "never written over" in capsys.readouterr().err
