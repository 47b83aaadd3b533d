"""A gunicorn worker that handles one request at a time, like its sync worker, but waits for none that has not begun.

A browser opens connections ahead of time and says nothing on them; two of those and both sync workers wait for a minute. A proxy in
front takes care of that; the demo has none. Here a connection is handled when its request begins to arrive, and not before.
"""

from __future__ import annotations

import os
import selectors
import socket
import time
from contextlib import suppress
from typing import Any

from gunicorn.workers.sync import SyncWorker

SILENCE = 75.0  # seconds after which a connection that says nothing is closed; browsers close theirs after a minute
PATIENCE = 20.0  # seconds within which a request that has begun must go on
TICK = 1.0


class PatientWorker(SyncWorker):  # type: ignore[misc]  # gunicorn has no types
    """One thread, so that SQLite sees one writer a process."""

    def run(self) -> None:
        """The worker's life, until the arbiter ends it or is gone."""
        with selectors.DefaultSelector() as ready:
            for listener in self.sockets:
                listener.setblocking(False)
                ready.register(listener, selectors.EVENT_READ)
            ready.register(self.PIPE[0], selectors.EVENT_READ)
            while self.alive and self.is_parent_alive():
                self.notify()
                self._turn(ready, [key for key, _ in ready.select(TICK)])
                self._close_silent(ready)

    def _turn(self, ready: selectors.BaseSelector, keys: list[selectors.SelectorKey]) -> None:
        """Handles the requests that have begun; takes a new connection only if there is none, so that an idle worker may have it."""
        begun = [key for key in keys if key.data is not None]
        for key in begun:
            ready.unregister(key.fileobj)
            listener, address, _ = key.data
            self.handle(listener, key.fileobj, address)
        for key in keys if not begun else ():
            if key.fileobj == self.PIPE[0]:
                os.read(self.PIPE[0], 1)
            else:
                with suppress(BlockingIOError, ConnectionAbortedError):  # another worker was faster; the browser thought better of it
                    self._take(ready, key.fileobj)

    def _take(self, ready: selectors.BaseSelector, listener: Any) -> None:
        client, address = listener.accept()
        client.settimeout(PATIENCE)
        ready.register(client, selectors.EVENT_READ, (listener, address, time.monotonic() + SILENCE))

    def _close_silent(self, ready: selectors.BaseSelector) -> None:
        now = time.monotonic()
        silent = [key.fileobj for key in ready.get_map().values() if key.data is not None and key.data[2] < now]
        for client in silent:
            ready.unregister(client)
            if isinstance(client, socket.socket):
                client.close()
