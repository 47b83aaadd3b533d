"""What of raising a disagreement was answered on the pages so far: one draft for a person and a child."""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template, request, url_for

import forms
from plugin.extensions import db
from plugin.runtime import runtime
from plugin.services.keeping import drafts
from plugin.services.keeping.clock import machine_now
from plugin.web.door import coming_back, steps
from plugin.web.door.gate import member


def kept() -> dict[str, Any]:
    """What of a disagreement about this child was answered and not sent."""
    return drafts.load(db.session, runtime(current_app).keys, owner())


def keep(content: dict[str, Any]) -> None:
    """Keeps that draft."""
    drafts.save(db.session, runtime(current_app).keys, owner(), content, machine_now())


def owner() -> str:
    """The key of that draft."""
    return drafts.owner(member().row.person_id, member().row.child_key, "raise")


def asked_again(endpoint: str, template: str, bound: forms.Bound, back: str = "", **more: Any) -> Any:
    """A page of questions, told what is wrong if something is; by its address where a cookie allows, so that Back works."""
    if request.method == "POST" and bound.errors:
        keep({**kept(), "wrong": bound.draft()})
        if steps.by_cookie():
            return steps.go(endpoint, do="wrong")
        coming_back.stands_at(url_for(endpoint), "wrong")
    return render_template(template, bound=bound, back=back, **more), 422 if request.method == "POST" and bound.errors else 200


def typed() -> Any:
    """What this page was sent; on the page that tells what was wrong, what was sent before it, so that nobody types it again."""
    return kept().get("wrong", {}) if steps.doing() == "wrong" else steps.typed()
