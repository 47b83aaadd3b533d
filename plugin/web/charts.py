"""A policy's flow chart as pictures with addresses of their own, so that a case's page stays light and a frame without cookies shows them.

What lives here: the pictures, and what a page needs to show them. What does not: what a chart says (`policies.charting`). A picture shows
the policy, which is a published document, and at most which of its steps is marked: nothing of any case. It never changes, since its
address holds the hash of the policy's text; so it is sent compressed and may be kept.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, abort, request, url_for

import policies
from plugin.extensions import db
from plugin.models.scope import System, bind
from plugin.services.case.policies import policy_of
from plugin.web.door.gate import public
from policies import Drawing, Policy, State
from policies.charting import place_of

blueprint = Blueprint("charts", __name__, url_prefix="/policies")
_NONE = "-"


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: its address, and its size in pixels."""

    url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Pictures:
    """A chart for a page: `wide` ones stand below each other and fit on a sheet of paper each; `narrow` is for small screens."""

    alt: str
    wide: tuple[Picture, ...]
    narrow: Picture


def pictures(policy: Policy, state: State | None = None, endpoint: str = "charts.picture") -> Pictures:
    """The pictures of a policy, with the present step of a case marked."""
    at = place_of(state) if state is not None else ""
    wide, narrow = _drawn(policy, at, False), _drawn(policy, at, True)
    name = {"policy": policy.id if endpoint == "dev_policies.picture" else policy.hash, "at": at or _NONE}
    parts = tuple(
        Picture(url_for(endpoint, **name, name=f"wide-{number}"), round(wide.width), round(height))
        for number, height in enumerate(wide.heights(), 1)
    )
    column = Picture(url_for(endpoint, **name, name="narrow"), round(narrow.width), round(narrow.height))
    return Pictures(wide.summary, parts, column)


@blueprint.app_context_processor
def _for_pages() -> dict[str, Any]:
    """Lets any page show a policy's chart."""
    return {"policy_pictures": pictures}


@blueprint.get("/<policy>/<at>/<name>.svg")
@public  # a published policy and the name of one of its steps; a frame without cookies could not show it otherwise
def picture(policy: str, at: str, name: str) -> Any:
    """One picture of the policy whose text has this hash."""
    bind(db.session, System("charts"))
    try:
        return answer(policy_of(db.session, policy), at, name)
    except KeyError:
        abort(404)


def answer(policy: Policy, at: str, name: str) -> Response:
    """The picture of that name. Raises KeyError where there is none."""
    squeezed = request.accept_encodings["gzip"] > 0
    body = _body(policy, "" if at == _NONE else at, name)
    found = Response(body if squeezed else gzip.decompress(body), mimetype="image/svg+xml")
    if squeezed:
        found.headers["Content-Encoding"] = "gzip"
    found.vary.add("Accept-Encoding")
    found.cache_control.public = found.cache_control.immutable = True
    found.cache_control.max_age = 31_536_000
    return found


@lru_cache(maxsize=256)
def _body(policy: Policy, at: str, name: str) -> bytes:
    """One picture, compressed. Raises KeyError for a step or a name there is not."""
    if name == "narrow":
        svg = _drawn(policy, at, True).svg
    else:
        svg = {f"wide-{number}": piece for number, piece in enumerate(_drawn(policy, at, False).pieces(), 1)}[name]
    return gzip.compress(svg.encode(), 9, mtime=0)


@lru_cache(maxsize=64)
def _drawn(policy: Policy, at: str, narrow: bool) -> Drawing:
    return policies.chart(policy, at=at, narrow=narrow)
