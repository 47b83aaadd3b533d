"""Our own note of what was dropped, for folders whose importer takes files away: then the files themselves tell nothing.

Two marks for a key: begun (set before the first file) and ended (after the last). Begun and not ended means: nobody knows.
"""

from __future__ import annotations

import re
from pathlib import Path


class Journal:
    """The marks of one record's key in a folder of ours; without a folder it notes nothing."""

    def __init__(self, folder: str, key: str) -> None:
        self._folder = Path(folder) if folder else None
        self._stem = re.sub(r"[^A-Za-z0-9._-]+", "-", key)

    @property
    def kept(self) -> bool:
        """Whether there is a journal at all."""
        return self._folder is not None

    @property
    def begun(self) -> bool:
        """Whether a drop was begun."""
        return self._has("begun")

    @property
    def ended(self) -> bool:
        """Whether a drop came to its end."""
        return self._has("ended")

    def begin(self) -> None:
        """Raises OSError."""
        self._mark("begun")

    def end(self) -> None:
        """Raises OSError."""
        self._mark("ended")

    def _has(self, state: str) -> bool:
        return self._folder is not None and (self._folder / f"{self._stem}.{state}").exists()

    def _mark(self, state: str) -> None:
        if self._folder is not None:
            (self._folder / f"{self._stem}.{state}").touch()
