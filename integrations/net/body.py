"""Reading an answer's body: bounded after decompression too, and whole or not at all.

What does not live here: the exchange around it (`http`).
"""

from __future__ import annotations

import http.client
import zlib

MAX_BODY = 1024 * 1024
_PIECE = 16 * 1024


class BodyFault(Exception):
    """The answer is too large, cut short, or in a coding that we did not ask for. The text says which and quotes nothing."""


def read_body(answer: http.client.HTTPResponse, limit: int = MAX_BODY) -> bytes:
    """The body, `limit` bytes at most, decompressed. Raises `BodyFault`; the socket's own faults pass through."""
    coding = (answer.getheader("Content-Encoding") or "identity").strip().lower()
    if coding not in ("identity", "gzip", "deflate"):
        raise BodyFault("answered in a coding that was not asked for")
    raw = _read_raw(answer, limit)
    return raw if coding == "identity" else _unpack(raw, limit)


def _read_raw(answer: http.client.HTTPResponse, limit: int) -> bytes:
    pieces, size = [], 0
    while piece := answer.read(_PIECE):
        size += len(piece)
        if size > limit:
            raise BodyFault("answered with more than is read here")
        pieces.append(piece)
    # http.client says nothing when a body ends before its length; what is left of the length does.
    if answer.length:
        raise BodyFault("broke its answer off")
    return b"".join(pieces)


def _unpack(raw: bytes, limit: int) -> bytes:
    unpacker = zlib.decompressobj(wbits=47)  # 32 + 15: gzip or zlib, as the header says
    try:
        plain = unpacker.decompress(raw, limit + 1)
    except zlib.error:
        raise BodyFault("answered in a coding that cannot be read") from None
    if len(plain) > limit:
        raise BodyFault("answered with more than is read here")
    if not unpacker.eof:
        raise BodyFault("broke its answer off")
    return plain
