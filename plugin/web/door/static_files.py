"""Static files as they travel: compressed once a process, by the browser's word, and kept for a year, since their address carries a hash.

Pages themselves are never compressed: they hold a session's token beside what somebody typed (BREACH). What address a file has is in
`plugin.app`; which headers every answer gets, in `gate`.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.security import safe_join

_TEXT = ("text/", "image/svg+xml", "application/json")
_LEVEL = 9  # once a file and process: time is no matter


def install(app: Flask) -> None:
    """Puts this in the place of Flask's own view of static files; the endpoint, and all that refers to it, stays."""
    plain = app.view_functions["static"]
    folder = str(app.static_folder)

    def static(filename: str) -> ResponseReturnValue:
        path, kind = safe_join(folder, filename), mimetypes.guess_type(filename)[0] or ""
        if path is None or not kind.startswith(_TEXT) or not Path(path).is_file():
            return plain(filename=filename)
        return _text(app, Path(path), kind)

    app.view_functions["static"] = static


def _text(app: Flask, path: Path, kind: str) -> Response:
    squeezed = request.accept_encodings["gzip"] > 0
    body, tag = _body(str(path), path.stat().st_mtime_ns, squeezed)
    answer = Response(body, mimetype=kind)
    answer.set_etag(tag)
    answer.vary.add("Accept-Encoding")
    if squeezed:
        answer.headers["Content-Encoding"] = "gzip"
    if request.args.get("v"):
        answer.cache_control.public = answer.cache_control.immutable = True
        answer.cache_control.max_age = app.config["SEND_FILE_MAX_AGE_DEFAULT"]
    else:
        answer.cache_control.no_cache = True  # may be kept, and is asked for again
    answer.make_conditional(request)
    return answer


@lru_cache(maxsize=64)
def _body(path: str, _modified: int, squeezed: bool) -> tuple[bytes, str]:
    """The file as it travels, and its tag: each encoding has one of its own (RFC 9110 section 8.8.3)."""
    body = Path(path).read_bytes()
    body = gzip.compress(body, _LEVEL, mtime=0) if squeezed else body
    return body, hashlib.sha256(body).hexdigest()[:20]
