"""Every policy drawn and in plain English, in the demo alone."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template

import policies
from plugin.web import charts
from plugin.web.case.case_policy import told
from plugin.web.door.gate import public

DEMO_ONLY = True
blueprint = Blueprint("dev_policies", __name__, url_prefix="/dev/policies")


@blueprint.get("")
@public  # policies alone
def all_policies() -> Any:
    """The policies that come with the service."""
    return render_template("dev/policies.html", policies=[policies.pack(one) for one in policies.pack_ids()])


@blueprint.get("/<name>")
@public  # as above
def one_policy(name: str) -> Any:
    """One of them: drawn, and in words."""
    policy = _pack(name)
    drawn = charts.pictures(policy, endpoint="dev_policies.picture")
    return render_template("dev/policy.html", policy=policy, chart=drawn, told=told(policy))


@blueprint.get("/<policy>/<at>/<name>.svg")
@public  # as above
def picture(policy: str, at: str, name: str) -> Any:
    """A picture of a policy that may be in force nowhere."""
    try:
        return charts.answer(_pack(policy), at, name)
    except KeyError:
        abort(404)


def _pack(name: str) -> policies.Policy:
    if name not in policies.pack_ids():
        abort(404)
    return policies.pack(name)
