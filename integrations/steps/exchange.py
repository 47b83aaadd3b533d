"""One request of a step and its answer: with the session's cookies, after a 401 once more with a fresh session, large files in slices.

What does not live here: which step comes when (`run`), proof that every request carries (`auth.peer`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from integrations.answer.pointer import cookies_of
from integrations.auth.peer import Peer
from integrations.contract import Document
from integrations.http import Response
from integrations.steps.ask import Ask
from integrations.steps.options import Step
from integrations.steps.request import Request, request_of
from integrations.template.language import Value
from integrations.template.values import request_values


@dataclass
class Exchange:
    """The requests of one write. `jar` is the session; it is not shown in a repr and goes to the base address's host alone.

    `sign_in_again` signs in anew and gives the values that this brought, or None where there is nothing to sign in to.
    """

    peer: Peer
    documents: Sequence[Document] = field(repr=False)
    cookies: bool
    jar: dict[str, str] = field(default_factory=dict, repr=False)
    sign_in_again: Callable[[], Mapping[str, Value] | None] = lambda: None

    def send(self, ask: Ask, values: Mapping[str, Value], *, writes: bool, again: bool = True) -> Response:
        """The answer, whatever its status. `again`: whether a 401 may be answered with a fresh session.

        Raises `Stopped` where no answer came, `TemplateFault` where a value is not there.
        """
        response = self._once(ask, values, writes)
        if response.status == 401 and again:
            self.jar.clear()
            fresh = self.sign_in_again()
            if fresh is not None:
                response = self._once(ask, {**values, **fresh}, writes)
        return response

    def _once(self, ask: Ask, values: Mapping[str, Value], writes: bool) -> Response:
        request = request_of(ask, {**values, **request_values(self.peer.http.clock())}, self.documents)
        if isinstance(ask, Step) and ask.slices and len(request.body) > ask.slices.bytes_each:
            return self._in_slices(request, ask.slices.bytes_each, ask.slices.more_statuses)
        return self._ask(request, request.headers, request.body, writes)

    def _in_slices(self, request: Request, size: int, more: Sequence[int]) -> Response:
        """The answer to the last slice, or to the first that is not asked for more."""
        whole = len(request.body)
        for start in range(0, whole, size):
            part = request.body[start : start + size]
            headers = {**request.headers, "Content-Range": f"bytes {start}-{start + len(part) - 1}/{whole}"}
            response = self._ask(request, headers, part, writes=True)
            if response.status not in more:
                break
        return response

    def _ask(self, request: Request, headers: Mapping[str, str], body: bytes, writes: bool) -> Response:
        at_home = not request.address or self.peer.is_home(request.address)
        session = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.jar.items())} if self.jar and at_home else {}
        address = request.address
        response = self.peer.send(request.method, request.path, {**headers, **session}, body, writes=writes, address=address)
        if self.cookies and at_home:
            self.jar |= cookies_of(response)
        return response
