"""From page to page. Where a cookie carries the session every page has an address, so that Back and reload work; where none does (a frame
that may keep no cookie) the session travels in the post, and the next page is drawn at once.
"""

from __future__ import annotations

from typing import Any

from flask import current_app, g, redirect, request, url_for

from plugin.web.door import coming_back
from plugin.web.door.gate import FRAME_COOKIE, LINK_COOKIE, TAB_COOKIE, member


def by_cookie() -> bool:
    """Whether the session's cookie came with this request."""
    return member().token in [request.cookies.get(name) for name in (FRAME_COOKIE, TAB_COOKIE, LINK_COOKIE)]


def doing() -> str:
    """What the request is for: open, check, send, …; by its form, or by its address on a page that has one."""
    if g.get("gone_on"):
        return "open"
    return request.form.get("do", "open") if request.method == "POST" else request.args.get("do", "open")


def to_address() -> bool:
    """Whether this post only leads to a page, and that page has an address to be sent to."""
    return request.method == "POST" and doing() in ("open", "change") and not g.get("gone_on") and by_cookie()


def typed() -> Any:
    """What a page of one question was sent: the form; nothing at all ("wrong": told again what is missing); None to draw it fresh."""
    if doing() == "wrong":
        return {}
    return request.form if request.method == "POST" and doing() != "open" else None


def go(endpoint: str, **values: Any) -> Any:
    """On to another page: by its address where a cookie carries the session, else drawn at once."""
    if by_cookie():
        return redirect(url_for(endpoint, **values), 303)
    g.gone_on = True
    coming_back.stands_at(url_for(endpoint, **values))
    return current_app.view_functions[endpoint]()
