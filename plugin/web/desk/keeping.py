"""How long closed disagreements are kept, at the coordinator's desk: the rule, what goes when, what is held. References and dates alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for

from plugin.extensions import db
from plugin.models import Partnership
from plugin.runtime import runtime
from plugin.services.desk import holds, retention
from plugin.services.desk.holds import RetentionError
from plugin.services.keeping.clock import business_now, machine_now
from plugin.web import words
from plugin.web.door import gate

blueprint = Blueprint("keeping", __name__, url_prefix="/admin/keeping")
_TAGS = {"goes": ("Goes", "orange"), "held": ("Held", "blue"), "waits": ("Waits", "yellow"), "removed": ("Removed", "grey")}


@blueprint.get("")
@gate.desk("coordinator", nav="Keeping and removing", place=60)
def page() -> Any:
    """The rule, and the list."""
    return _page()


@blueprint.post("")
@gate.desk("coordinator")
def change() -> Any:
    """One thing said: the rule, a case to be held or let go, a hold to be lifted."""
    use_case = _DO.get(request.form.get("what", "")) or abort(404)
    try:
        asked = use_case()
    except RetentionError as wrong:
        db.session.rollback()
        return _page({wrong.field: wrong.text}), 422
    except LookupError:
        abort(404)
    return asked or redirect(url_for("keeping.page", done=request.form["what"]), 303)


def _page(wrong: dict[str, str] | None = None) -> str:
    mine = gate.member().account.partnership_id or ""
    rule = db.session.get(Partnership, mine) or abort(404)
    rows = retention.listed(db.session, runtime(current_app).keys, mine, business_now(db.session))
    return render_template(
        "admin/keeping.html",
        rule=rule,
        notice=retention.NOTICE.days,
        ahead=retention.AHEAD.days,
        going=[one for one in rows if one.state != "removed"],
        removed=[one for one in rows if one.state == "removed"],
        tags=_TAGS,
        wrong=wrong or {},
        typed=request.form,
        done=request.args.get("done", ""),
        words=words,
    )


def _rule() -> Any:
    years = request.form.get("years", "")
    mine = gate.member().account.partnership_id or ""
    retention.checked(years)
    if request.form.get("sure") != "yes":
        return _sure(years.strip())
    retention.set_rule(db.session, mine, years, business_now(db.session), machine_now(), by=gate.member().account.id)
    return None


def _sure(years: str) -> str:
    """Asks before the rule is changed: what is removed cannot be brought back."""
    kept = years in ("", "0")
    count = f"{years} {'year' if years == '1' else 'years'}"
    return render_template(
        "admin/confirm.html",
        question="Keep every disagreement for good?" if kept else f"Remove disagreements {count} after they were closed?",
        what="Nothing is removed any more. What is removed already cannot be brought back."
        if kept
        else "What was said in them, who they are about and the mails go then, and cannot be brought back. "
        f"Nothing goes in the first {retention.NOTICE.days} days. Look at the list before that.",
        button_text="Keep everything" if kept else f"Keep them for {count}",
        fields={"what": "rule", "years": years},
        cancel=url_for("keeping.page"),
        warning_button=not kept,
    )


def _said(use_case: Callable[..., None]) -> Callable[[], None]:
    def say() -> None:
        reference, reason = request.form.get("reference", ""), request.form.get("reason", "")
        by = gate.member().account.id
        use_case(db.session, runtime(current_app).keys, reference, reason, business_now(db.session), machine_now(), by=by)

    return say


def _lift() -> None:
    holds.lift(db.session, request.form.get("hold", ""), business_now(db.session), machine_now(), by=gate.member().account.id)


_DO: dict[str, Callable[[], Any]] = {
    "rule": _rule,
    "hold": _said(holds.hold),
    "release": _said(holds.release),
    "lift": _lift,
}
