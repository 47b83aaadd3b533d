"""Settings: each is explained, read from the environment, and in the README's table."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from plugin.config import Settings

README = Path(__file__).resolve().parents[2] / "README.md"
NAMES = [f"ACCORD_{one.name.upper()}" for one in fields(Settings)]


def test_every_setting_is_in_the_readmes_table_with_its_default_and_no_other_is() -> None:
    rows = re.findall(r"^\|\s*`(ACCORD_[A-Z_]+)`", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(NAMES)


def test_every_setting_says_what_it_means() -> None:
    assert [one.name for one in fields(Settings) if len(one.metadata["text"]) < 20] == []


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.read({}) == Settings()


def test_settings_are_read_by_their_kind() -> None:
    read = Settings.read(
        {"ACCORD_DEMO": "1", "ACCORD_LEASE_SECONDS": "7", "ACCORD_OUTBOUND_HOSTS": "a.example, b.example", "ACCORD_RETRY_SECONDS": "1,2"}
    )
    assert (read.demo, read.lease_seconds, read.outbound_hosts, read.retry_seconds) == (True, 7, ("a.example", "b.example"), (1, 2))


@pytest.mark.parametrize(("name", "value"), [("ACCORD_DEMO", "yes"), ("ACCORD_LEASE_SECONDS", "soon"), ("ACCORD_RETRY_SECONDS", "1,x")])
def test_a_value_that_cannot_be_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        Settings.read({name: value})
