"""What every story may ask for."""

from __future__ import annotations

import pytest

from tests.stories.telling import Story
from tests.world import World


@pytest.fixture
def story(world: World) -> Story:
    """The demo's partnership in its policy's office hours, with nothing raised yet."""
    return Story(world)
