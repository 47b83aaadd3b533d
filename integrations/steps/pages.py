"""A search whose answer comes in pages: each is asked for until what is looked for is found, or there are no more.

What does not live here: which hit is ours (`looking`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urljoin

from integrations.answer.pointer import NotThere, Pointer
from integrations.answer.verdict import Stopped
from integrations.contract import Refused
from integrations.http import Response
from integrations.steps.ask import Look
from integrations.steps.exchange import Exchange
from integrations.template.bodies import fill_url
from integrations.template.language import Template, Value

_LINK = re.compile(r'<([^<>]*)>[^,<]*;\s*rel="?next"?')


def each_page(exchange: Exchange, look: Look, values: Mapping[str, Value]) -> Iterator[Response]:
    """The answers to a search, page by page; one alone where it has no pages. Raises `Stopped`: also where there are more than we look at,
    or the next one is somewhere else, for then nobody knows that nothing is there."""
    if look.pages is None:
        yield exchange.send(look, values, writes=False)
        return
    asked: Look = look
    known: dict[str, Value] = {**values}
    for number in range(1, look.pages.at_most + 1):
        response = exchange.send(asked, {**known, "page": str(number)}, writes=False)
        yield response
        if look.pages.next:
            address = _next(look, response, exchange, {**values, "page": str(number)})
            if not address:
                return
            asked, known = look.model_copy(update={"path": "", "address": "{{step.page.next}}"}), {**values, "step.page.next": address}
        elif not _hits(look, response):
            return
    raise Stopped(
        Refused(f"The search has more than {look.pages.at_most} pages; nothing was written. Let it be narrower, or look at more.")
    )


def _next(look: Look, response: Response, exchange: Exchange, values: Mapping[str, Value]) -> str:
    """The whole address of the next page; "" where this is the last."""
    assert look.pages is not None
    try:
        said = Pointer.parse(look.pages.next).text(response).strip()
    except NotThere:
        return ""
    if said.startswith("<"):  # a header Link (RFC 8288) names several, each with what it is
        found = _LINK.search(said)
        said = found.group(1) if found else ""
    if not said:
        return ""
    address = urljoin(exchange.peer.options.base_url + fill_url(Template.parse(look.path), values), said)
    if not exchange.peer.is_home(address):
        raise Stopped(Refused("The search says that its next page is on another host. Nothing was written."))
    return address


def _hits(look: Look, response: Response) -> list[Response]:
    try:
        return Pointer.parse(look.among).all(response)
    except NotThere:
        return []
