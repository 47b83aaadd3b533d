"""What a form costs: its page beside a view that answers with the same bytes, a checked answer beside a parsed one.
Requests to both sides are made in turn, so that a busy machine is busy for both.
"""

from __future__ import annotations

import http.client
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlencode

from tests.bench import form_app
from tests.bench.figures import Figure, middle, percentile
from tests.bench.stage import Process, Stage, answers, free_port

TITLE = "Forms"
TIMES = 300


def measure(stage: Stage) -> Iterator[Figure]:
    """Times in ms, over HTTP with one gunicorn worker."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-w", "1", "-b", f"127.0.0.1:{port}", "--log-level", "error", "tests.bench.form_app:app"]
    server = Process(command, stage.folder / "forms.log", {})
    server.start()
    try:
        answers(port)
        yield from _pair(port, "empty form", ("GET", "/form"), ("GET", "/floor"))
        yield from _pair(port, "form with kept answers", ("GET", "/draft"), ("GET", "/floor-draft"))
        yield from _pair(port, "answers checked", ("POST", "/form"), ("POST", "/floor"))
    finally:
        server.stop()


def _pair(port: int, name: str, ours: tuple[str, str], floor: tuple[str, str]) -> Iterator[Figure]:
    times: dict[str, list[float]] = {ours[1]: [], floor[1]: []}
    for _ in range(TIMES):
        for method, path in (ours, floor):
            times[path].append(_ask(port, method, path))
    mine, bare = middle(times[ours[1]]), middle(times[floor[1]])
    yield Figure(f"{name}, median", mine, "ms", f"p95 {percentile(times[ours[1]], 95):.1f}")
    yield Figure(f"{name}, times the floor", mine / bare, "x", f"floor {bare:.1f} ms")


def _ask(port: int, method: str, path: str) -> float:
    body = urlencode([(name, one) for name, sent in form_app.GOOD.items() for one in sent]) if method == "POST" else None
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request(method, path, body, {"Content-Type": "application/x-www-form-urlencoded"} if body else {})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{method} {path}: {answer.status}")
    return (time.perf_counter() - began) * 1000
