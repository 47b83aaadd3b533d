"""The page of alarms at the desk: what nobody else will see to. References, agencies and roles; each leads to where it can be mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, current_app, render_template, request

from plugin.extensions import db
from plugin.runtime import runtime
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.notices import alarms
from plugin.services.notices.alarms import Alarm
from plugin.web import words
from plugin.web.door import gate

blueprint = Blueprint("alarms", __name__, url_prefix="/admin/alarms")
_OF_CASES = ("organisation left", "nobody reached", "nobody named", "not done")


@blueprint.get("")
@gate.desk("coordinator", "administrator", "owner", nav="Alarms", place=5)
def every() -> Any:
    """Every alarm that is open, the oldest first: those of cases, of one agency where one is chosen; then those of the service itself."""
    here = runtime(current_app)
    found = alarms.open_alarms(db.session, business_now(db.session), machine_now(), here.settings.sweep_seconds)
    of_cases = [one for one in found if one.kind in _OF_CASES]
    agencies = _agencies(of_cases)
    chosen = request.args.get("agency", "")
    if chosen and chosen not in agencies:
        abort(404)
    shown = [one for one in of_cases if not chosen or chosen in dict(one.agencies)]
    kinds = {kind: [one for one in shown if one.kind == kind] for kind in _OF_CASES}
    return render_template(
        "admin/alarms.html",
        kinds=kinds,
        service=[one for one in found if one.kind not in _OF_CASES],
        agencies=agencies,
        chosen=chosen,
        mends=_mends,
        words=words,
    )


def _agencies(found: Sequence[Alarm]) -> dict[str, str]:
    """The agencies that anything is wrong at, with how many alarms each has, by name."""
    names = {agency_id: name for one in found for agency_id, name in one.agencies}
    counts = Counter(agency_id for one in found for agency_id, _name in one.agencies)
    return {agency_id: f"{name} ({counts[agency_id]})" for agency_id, name in sorted(names.items(), key=lambda one: one[1].casefold())}


def _mends(agency_id: str) -> bool:
    """Whether this desk may put the agency's people right: an administrator only their own's."""
    account = gate.member().account
    return account.role != "administrator" or account.agency_id == agency_id
