"""A service without its keys says how they are made."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plugin.services.keeping.sealing import Keys


def test_keys_that_are_not_there_are_named_with_the_command_that_makes_them(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"There are no keys at .*none\.json\. .*python -m plugin\.newkeys .*none\.json"):
        Keys.read(str(tmp_path / "none.json"))


@pytest.mark.slow
def test_a_command_tells_it_in_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "policy", "check", "gloucestershire"]
    told = subprocess.run(
        command, env={**os.environ, "ACCORD_SECRETS_FILE": str(tmp_path / "none.json")}, capture_output=True, text=True, check=False
    )
    assert told.returncode == 1
    assert told.stderr.strip().splitlines()[-1].startswith("Error: There are no keys at ") and "Traceback" not in told.stderr
