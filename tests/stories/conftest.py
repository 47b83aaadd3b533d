"""What every story may ask for. Stories run on SQLite; those in which two act at one moment, on PostgreSQL too (`test_an_outage`)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.stories.telling import Story
from tests.world import World


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """An empty database with its tables."""
    shutil.copyfile(sqlite_template, tmp_path / "accord.db")
    return f"sqlite:///{tmp_path / 'accord.db'}"


@pytest.fixture
def story(world: World) -> Story:
    """The demo's partnership in its policy's office hours, with nothing raised yet."""
    return Story(world)
