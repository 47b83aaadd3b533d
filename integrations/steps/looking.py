"""Which hit of a search is our earlier write: searches may be sloppy, so a hit must say itself that it is ours.

What does not live here: making the search (`run`).
"""

from __future__ import annotations

from collections.abc import Mapping

from integrations.answer.pointer import NotThere, Pointer, Unreadable
from integrations.answer.verdict import Stopped
from integrations.contract import Refused
from integrations.http import Response
from integrations.steps.ask import Look
from integrations.template.language import Template, Value


def hit_in(look: Look, response: Response, values: Mapping[str, Value]) -> Response | None:
    """The hit (as an answer of its own) that matches, or None. Raises `Stopped` for an answer that is not what it should be."""
    matching = [hit for hit in _hits(look, response) if _matches(look, hit, values)]
    return matching[0] if matching else None


def _hits(look: Look, response: Response) -> list[Response]:
    if not look.among:
        return [response]
    try:
        return Pointer.parse(look.among).all(response)
    except NotThere as error:
        raise Stopped(Refused(f"The answer to the search is not what it should be: {error}.")) from None


def _matches(look: Look, hit: Response, values: Mapping[str, Value]) -> bool:
    try:
        Pointer.parse(look.found).text(hit)
        return all(Pointer.parse(place).text(hit) == Template.parse(text).fill(values, str) for place, text in look.matches.items())
    except Unreadable as error:
        raise Stopped(Refused(f"The answer to the search is not what it should be: {error}.")) from None
    except NotThere:
        return False
