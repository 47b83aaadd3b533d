"""A service without its keys says how they are made."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugin.services.sealing import Keys


def test_keys_that_are_not_there_are_named_with_the_command_that_makes_them(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"There are no keys at .*none\.json\. .*python -m plugin\.newkeys .*none\.json"):
        Keys.read(str(tmp_path / "none.json"))
