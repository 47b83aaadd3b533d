"""Where a disagreement starts, for policies that may let it start at a later step: what else is true, then the step and why.

Both pages are passed over where the policy leaves nothing to choose. The pages before and after them are in `raising`.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, url_for

import forms
from plugin.services.case import casefile
from plugin.web.child import policy_questions
from plugin.web.child.kept import asked_again, keep, kept, typed
from plugin.web.child.raising import who_may_act
from plugin.web.door import steps
from plugin.web.door.here import policy_here

blueprint = Blueprint("starting", __name__, url_prefix="/frame/raise")
blueprint.before_request(who_may_act)


@blueprint.route("/also", methods=["GET", "POST"])
def also() -> Any:
    """What else is true of the case, where that decides at which step it may start."""
    return _page("also", "starting.start")


@blueprint.route("/start", methods=["GET", "POST"])
def start() -> Any:
    """At which step it starts and, for a later one, why it cannot wait."""
    return _page("start", "raising.disagreement")


def _page(part: str, after: str) -> Any:
    endpoint, policy, draft = f"starting.{part}", policy_here(), kept()
    if endpoint not in policy_questions.pages(policy, draft):
        return steps.go(after)
    if steps.to_address():
        return steps.go(endpoint)
    open_now = policy_questions.starts(policy, draft.get("emergency", ""), draft)
    bound = forms.bind(
        forms.get("raise"),
        part=part,
        data=typed(),
        values=draft.get(part),
        choices={**casefile.choices_of(policy), "starts": open_now},
        context={**casefile.said_in(policy), **policy_questions.beginning(policy)},
    )
    if typed() is None or not bound.validate():
        back = url_for(policy_questions.page_before(endpoint, policy, draft))
        return asked_again(endpoint, "frame/raise_start.html", bound, back)
    keep({**draft, part: bound.values()})
    return steps.go(after)
