"""A real Chromium for tests, found or said to be missing; never skipped over in silence."""

from __future__ import annotations

import os
import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Nothing of the browser's own reaches out: the machine has no way out, and tests are about our pages.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    """The path of a Chromium; fails the test where there is none."""
    for name in (os.environ.get("CHROMIUM", ""), *NAMES):
        if name and (path := shutil.which(name)):
            return path
    pytest.fail("No Chromium was found: install the package 'chromium' or set CHROMIUM. These tests need a real browser.")
