"""The launch doctor's page: paste a launch that was refused, see which check it did not pass."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from flask import Blueprint, current_app, render_template, request

from integrations.launch.context import LaunchRefused
from plugin.extensions import db
from plugin.runtime import runtime
from plugin.services.arriving import doctor
from plugin.services.keeping.clock import machine_now
from plugin.services.providers.sign_on_reasons import REASONS
from plugin.web.arriving.launch import fetched, settings_of
from plugin.web.desk.connections import refusals, way_or_404
from plugin.web.door import gate
from plugin.web.words import at

blueprint = Blueprint("doctor", __name__, url_prefix="/admin/connections/<connection_id>")


@blueprint.route("/doctor", methods=["GET", "POST"])
@gate.desk("administrator", "owner")
def examine(connection_id: str) -> Any:
    """Nothing that is pasted is kept, shown again or logged: it may say who a child is."""
    way, here = way_or_404(connection_id), runtime(current_app)
    found = None
    origin = request.form.get("origin", "").strip()[:300]
    token = _token(request.form.get("token", "").strip())
    problem = ""
    if request.method == "POST" and not token:
        problem = "Paste the launch: the long text that was posted in the field launch_token."
    elif request.method == "POST":
        try:
            settings = settings_of(way, here.settings.public_url, here.keys, fetched(way, token))
        except LaunchRefused:
            settings = None
        found = doctor.examine(db.session, way, settings, token, origin, machine_now())
    page = render_template(
        "admin/doctor.html", way=way, found=found, origin=origin, problem=problem, refused=refusals(way.id, 10), at=at, codes=_codes()
    )
    return page, 422 if problem else 200


def _token(pasted: str) -> str:
    """The token itself, where somebody pasted the whole body of the post."""
    return parse_qs(pasted).get("launch_token", [pasted])[0] if pasted.startswith("launch_token=") else pasted


def _codes() -> dict[str, str]:
    by_provider = {f"sign-in: {code}": f"sign-in by your provider: {text}." for code, text in REASONS.items()}
    return {code: what for what, codes in doctor.CHECKS for code in codes} | by_provider
