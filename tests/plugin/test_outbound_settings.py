"""Where the service may go is the deployment's to say, and reaches the one way out; a place that is none stops the start."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugin.config import Settings
from plugin.runtime import start


def make_settings(secrets_file: Path, **told: str) -> Settings:
    return Settings.read(
        {"ACCORD_SECRETS_FILE": str(secrets_file), **{f"ACCORD_OUTBOUND_{name.upper()}": text for name, text in told.items()}}
    )


def test_the_settings_reach_the_one_way_out(secrets_file: Path, tmp_path: Path) -> None:
    told = {"hosts": "records.example,sftp.example:22", "local": "10.0.0.5:8443"}
    rules = start(make_settings(secrets_file, mail_to="@school.example", folders=f"{tmp_path}", **told)).http.allowed
    assert rules.allows("records.example", 443) and rules.allows("sftp.example", 22) and not rules.allows("sftp.example", 443)
    assert rules.is_private("10.0.0.5", 8443)
    assert rules.allows_mail_to("dsl@school.example") and not rules.allows_mail_to("dsl@other.example")
    assert rules.allows_folder(tmp_path / "inbox") and not rules.allows_folder(tmp_path.parent)


def test_nothing_is_allowed_until_it_is_said(secrets_file: Path, tmp_path: Path) -> None:
    rules = start(make_settings(secrets_file)).http.allowed
    assert not (rules.public or rules.private or rules.mail_to or rules.folders) and not rules.allows_folder(tmp_path)


@pytest.mark.parametrize("text", ["https://records.example", "records.example:port", "a b"])
def test_a_place_that_is_none_is_told_at_the_start(secrets_file: Path, text: str) -> None:
    with pytest.raises(ValueError, match="not a host"):
        start(make_settings(secrets_file, hosts=text))
