"""Keeping a session open while somebody reads or thinks, and taking a frame into a tab of its own, where there is more room."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request

from plugin.extensions import db
from plugin.models.scope import System, bind
from plugin.services.arriving import handoffs, launching
from plugin.services.keeping.clock import machine_now
from plugin.web.door import gate
from plugin.web.door.gate import member

blueprint = Blueprint("session", __name__)
_PAGES = re.compile(r"/frame/home|/frame/raise(/[a-z]+)?|/case/PD-\w{4}-\w{4}")


@blueprint.post("/session/extend")
def extend() -> Any:
    """Starts the idle time anew; the longest a session lasts stays as it was."""
    launching.note_use(db.session, member().row, machine_now())
    return "", 204


@blueprint.post("/session/tab")
def tab() -> Any:
    """Says what a tab of its own means, with the button that opens it: good for a minute, once."""
    who = member()
    if who.row.kind != "frame":
        abort(404)
    code = handoffs.mint(db.session, who.row, machine_now())
    return render_template("frame/tab.html", code=code, to=_page(request.form.get("to", "")))


@blueprint.post("/continue")
@gate.public  # the code is what lets somebody in: 256 bits, one minute, once
def go_on() -> Any:
    """The frame's session goes on in this tab, under a token and a cookie of its own; the frame's has ended."""
    bind(db.session, System("continue"))
    own = request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
    token = handoffs.spend(db.session, request.form.get("code", ""), machine_now()) if own else None
    if token is None:
        return render_template("frame/tab_too_late.html"), 403
    answer = redirect(_page(request.form.get("to", "")), 303)
    gate.sign_in(answer, gate.TAB_COOKIE, token)
    return answer


def _page(path: str) -> str:
    """Where the tab begins: the page the frame was at, if it is one that has an address; else the list."""
    found = _PAGES.match(path)
    return found.group() if found else "/frame/home"
