"""The desk's first page: what there is to do here, by role."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from plugin.web import gate

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


@blueprint.get("/")
@gate.desk(nav="Overview", place=0)
def index() -> Any:
    """The overview."""
    return render_template("admin/index.html")
