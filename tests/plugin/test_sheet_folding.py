"""What a form folds away: rare options; never a step's method, path and body, nor how a provider is shown who we are."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from integrations.rest import RestOptions
from plugin.services.providers.oidc_profiles import SmartProfile, SsoProfile
from plugin.web.sheet import Sheet
from plugin.web.sheet.view import Question


def names(parts: list[Question]) -> set[str]:
    return {one.field.name for one in parts}


def test_a_step_that_was_just_added_asks_for_method_path_and_body() -> None:
    steps = next(one for one in Sheet(RestOptions).filled({"steps": [{}]}).parts if one.field.name == "steps")
    step = steps.entries[0]
    assert {"id", "does", "method", "path", "body_format", "body"} <= names(step.parts)
    assert {"headers", "refused_statuses", "there", "wait"} <= names(step.folded)
    body = next(one for one in step.parts if one.field.name == "body")
    assert "s.steps.0.body_format" in body.when, "the body's template is asked for where there is one"


@pytest.mark.parametrize("model", [SsoProfile, SmartProfile])
def test_the_proof_of_the_client_stands_open(model: type[BaseModel]) -> None:
    assert {"client_id", "client_auth", "trust_email"} <= names(Sheet(model).filled({}).parts)
