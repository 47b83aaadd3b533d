"""Back and reload in a frame that may keep no cookie: there a page is the answer to a post, and no address leads to it.

With script such a page gives its place in the browser's history an address that says nothing (`/again/CONNECTION`) and leaves beside it,
in that place's own state, which post asks for the page anew: codes of the step and the session's field, never anything typed. Going back
asks for that address, and its page posts. Without script the browser does what it does with posts.
"""

from __future__ import annotations

import json

from flask import Blueprint, Flask, g, render_template, request, url_for

from plugin.web.door import gate
from plugin.web.door.known import known

blueprint = Blueprint("coming_back", __name__)
_WHICH = "what"  # the field that says which page it is; all others hold answers


@blueprint.get("/again/<connection_id>")
@gate.public  # it says nothing; what it posts is let in by the session's field like any other post
def again(connection_id: str) -> str:
    """Comes back to a page of a frame: its script posts for it; without one it says how to open it again."""
    gate.frame_by(connection_id)
    return render_template("frame/again.html")


def stands_at(url: str, do: str = "open") -> None:
    """The page now drawn can be asked for again at `url` with `do`, whatever post it is the answer to."""
    g.stands_at = url, do


def install(app: Flask) -> None:
    """Lets the layout of pages ask how to come back to them."""
    app.context_processor(lambda: {"come_back": come_back})


def come_back() -> dict[str, str]:
    """Where the page now drawn stands in the history, and which post asks for it anew; {} wherever a cookie does that already."""
    who = known()
    if who is None or who.row.kind != "frame" or request.method != "POST" or who.token == request.cookies.get(gate.FRAME_COOKIE):
        return {}
    url, do = g.get("stands_at") or (request.path, "open")
    which = {_WHICH: request.form[_WHICH]} if url == request.path and _WHICH in request.form else {}
    asks = {"url": url, "fields": {**which, "do": do, "_fs": who.fs}}
    return {"at": url_for("coming_back.again", connection_id=who.row.connection_id), "asks": json.dumps(asks)}
