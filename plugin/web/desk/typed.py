"""What was typed into a long form of the desk and not saved: kept sealed for whoever typed it, so that a session's end loses nothing.

A page sends it as somebody types (`data-accord-draft`, do=draft) and whenever a button is pressed. Secrets and passwords are never among
it. What does not live here: the questions (`plugin.web.sheet`), keeping (`services.keeping.drafts`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import current_app, redirect, request
from werkzeug.datastructures import MultiDict

from plugin.extensions import db
from plugin.runtime import runtime
from plugin.services.keeping import drafts
from plugin.services.keeping.clock import machine_now
from plugin.web import words
from plugin.web.door import gate
from plugin.web.sheet import Sheet

_PLAIN = ("adapter", "text", "partnership")  # what a form says beside the questions of its sheet


def shown(sheet: Sheet, value: Mapping[str, Any]) -> Sheet:
    """The sheet as the page shows it: with what this person typed here and did not save, else with `value`."""
    kept = again()
    return sheet.again(kept, kept_at()) if kept else sheet.filled(value)


def first() -> Any:
    """To be asked first at every post: keeps what was sent. The answer, where keeping or forgetting is all that was wanted; else None."""
    if request.form.get("do") == "forget":
        drafts.forget(db.session, _owner())
        return redirect(request.path, 303)
    fields = [(name, text) for name, text in request.form.items(multi=True) if name.startswith("s.") or name in _PLAIN]
    content = {"at": machine_now().isoformat(), "fields": fields}
    drafts.save(db.session, runtime(current_app).keys, _owner(), content, machine_now())
    return ("", 204) if request.form.get("do") == "draft" else None


def forget(path: str = "") -> None:
    """It is saved, or belongs to something that is no more. `path`: of another page's form."""
    drafts.forget(db.session, _owner(path))


def again(path: str = "") -> MultiDict[str, str]:
    """The fields as they were typed on this page (or at another `path`); empty where nothing is kept."""
    return MultiDict((str(name), str(text)) for name, text in _kept(path).get("fields", ()))


def kept_at() -> str:
    """When they were typed, in words."""
    kept = _kept()
    return words.at(datetime.fromisoformat(kept["at"])) if kept else ""


def _kept(path: str = "") -> dict[str, Any]:
    return drafts.load(db.session, runtime(current_app).keys, _owner(path))


def _owner(path: str = "") -> str:
    return drafts.owner(gate.member().account.id, path or request.path, "desk")
