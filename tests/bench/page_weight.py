"""Bytes of the framed page over the wire: the first time, with all it asks for, and again with what a browser has kept.

Heads and bodies of the answers are counted, as a browser that takes gzip asks. A file is asked for again unless it was marked to be kept.
"""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from urllib.parse import urlencode

from tests.bench.figures import Figure
from tests.bench.seeding import seed
from tests.bench.stage import Stage, service

TITLE = "Bytes of the framed page"
_FILES = re.compile(r'(?:href|src)="(/static/[^"]+)"')
Answer = tuple[int, dict[str, str], bytes]


def measure(stage: Stage) -> Iterator[Figure]:
    """The page of an open case in the frame."""
    url = stage.database("sqlite", "weight")
    seeded = seed(stage.app(url), stage.sink_port, 1, 1)
    with service(stage, url) as where:
        size, _, page = _ask(where.port, "POST", f"/case/{seeded.cases[0]}", urlencode({"_fs": seeded.sessions[0]}))
        files = list(dict.fromkeys(_FILES.findall(page.decode().replace("&amp;", "&"))))
        answers = {path: _ask(where.port, "GET", path) for path in files}
    kept = [path for path, (_, headers, _) in answers.items() if "immutable" in headers.get("cache-control", "")]
    again = size + sum(weight for path, (weight, _, _) in answers.items() if path not in kept)
    yield Figure("first", size + sum(weight for weight, _, _ in answers.values()), "bytes", f"{1 + len(files)} answers; aim 60,000")
    yield Figure("repeat", again, "bytes", f"{1 + len(files) - len(kept)} answers; aim 15,000")
    yield Figure("the page itself", len(page), "bytes", "not compressed: it holds a session's token beside reflected text (BREACH)")


def _ask(port: int, method: str, path: str, body: str = "") -> Answer:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Host": f"accord.localhost:{port}", "Sec-Fetch-Site": "same-origin", "Accept-Encoding": "gzip, deflate, br, zstd"}
    if body:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    line.request(method, path, body or None, headers)
    answer = line.getresponse()
    content = answer.read()
    line.close()
    if answer.status != 200:
        raise RuntimeError(f"{path} was answered {answer.status}")
    head = 17 + sum(len(name) + len(value) + 4 for name, value in answer.getheaders())
    return head + len(content), {name.lower(): value for name, value in answer.getheaders()}, content
