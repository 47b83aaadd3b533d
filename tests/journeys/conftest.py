"""The demo, started once as `make run` starts it. Host pages and the service are on sites of their own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.people import Demo


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs a browser."""
    for item in items:
        if "/journeys/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    """The whole stack on free ports, with data of its own; quick to give up a lease and to sweep."""
    folder = Path(tempfile.mkdtemp(prefix="accd-"))
    port = _free_block()
    quick = {"ACCORD_SWEEP_SECONDS": "1", "ACCORD_LEASE_SECONDS": "6", "ACCORD_RETRY_SECONDS": "1,1,2,2,5,5,5,5,5,5"}
    environ = {**os.environ, **quick, "ACCORD_DEMO_DATA": str(folder)}
    log = (folder / "demo.log").open("w")
    command = [sys.executable, "-m", "plugin.demo", "--port", str(port)]
    process = subprocess.Popen(command, env=environ, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        _wait_until_ready(process, folder / "demo.log")
        yield Demo(port, folder)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if "\nready" in log.read_text():
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    pytest.fail("the demo did not get ready:\n" + log.read_text()[-3000:])


def _free_block() -> int:
    """Three free ports in a row."""
    for port in range(9300, 9900, 3):
        try:
            for offset in range(3):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port + offset))
            return port
        except OSError:
            continue
    raise RuntimeError("no three free ports in a row")
