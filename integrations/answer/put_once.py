"""Putting a file under a name that nothing has yet (If-None-Match: *), and knowing our own file again. For WebDAV and S3.

What does not live here: proof of who we are, and how a name becomes a path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from integrations.answer.verdict import Stopped, of_status
from integrations.contract import Document, Refused, Unknown
from integrations.http import Response
from integrations.net.body import MAX_BODY

_TAKEN = (409, 412)


class Send(Protocol):
    """One request to the store: method, path, headers, body; raises `Stopped` where no answer comes."""

    def __call__(self, method: str, path: str, headers: Mapping[str, str], body: bytes, *, writes: bool, limit: int) -> Response: ...


def put_once(send: Send, path: str, document: Document, make_folder: Callable[[], bool] = lambda: False) -> None:
    """The document lies at `path` afterwards, or `Stopped` is raised. Nothing else is ever overwritten.

    It looks first, for stores that take no notice of the condition. `make_folder` is called once where the store says that the folder
    is missing (409); it tells whether it made one.
    """
    if is_done(send, path, document):
        return
    response = _put(send, path, document)
    if response.status == 409 and make_folder():
        response = _put(send, path, document)
    if response.status in (200, 201, 204):
        _read_back(send, path, document)
        return
    if response.status in _TAKEN and lies_there(send, path, document):
        return
    raise Stopped(of_status(response, writes=True))


def lies_there(send: Send, path: str, document: Document) -> bool | None:
    """True: exactly this file; False: another; None: none. Raises `Stopped` where the store cannot be asked."""
    response = send("GET", path, {}, b"", writes=False, limit=len(document.content) + MAX_BODY)
    if response.status == 404:
        return None
    if response.status != 200:
        raise Stopped(of_status(response, writes=False))
    return response.body == document.content


def is_done(send: Send, path: str, document: Document) -> bool:
    """Whether exactly this file lies there; `Stopped` is raised where another does, or where the store cannot be asked."""
    there = lies_there(send, path, document)
    if there is False:
        raise Stopped(Refused(f"Another file is there already with the name {document.name}."))
    return bool(there)


def _read_back(send: Send, path: str, document: Document) -> None:
    """A status is a word; the file is the proof."""
    try:
        there = lies_there(send, path, document)
    except Stopped:
        there = None
    if not there:
        raise Stopped(Unknown("The store said that it has the file, and the file could not be read back."))


def _put(send: Send, path: str, document: Document) -> Response:
    headers = {"Content-Type": document.media_type, "If-None-Match": "*"}
    return send("PUT", path, headers, document.content, writes=True, limit=MAX_BODY)
