"""What a form folds away: rare options; never a step's method, path and body, nor how a provider is shown who we are."""

from __future__ import annotations

import pytest
from pydantic import BaseModel
from werkzeug.datastructures import MultiDict

from integrations.rest import RestOptions
from integrations.steps.options import Wait
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


def test_a_question_hangs_on_the_first_that_offers_the_word() -> None:
    """Both the kind of proof and the way of an OAuth2 client may be "basic": the user name belongs to the kind."""
    auth = next(one for one in Sheet(RestOptions).filled({"auth": [{}]}).parts if one.field.name == "auth")
    name = next(one for one in auth.entries[0].parts if one.field.name == "username")
    assert name.when == '[["s.auth.0.kind", ["basic"]]]'


@pytest.mark.parametrize(("typed", "value"), [("0.5", 0.5), ("3", 3.0), ("2.0", 2.0)])
def test_a_number_may_have_a_point_in_it(typed: str, value: float) -> None:
    sheet = Sheet(Wait).typed(MultiDict({"s.place": "json:state", "s.done": "DONE", "s.every_seconds": typed, "do": "save"}))
    assert sheet.right and Wait.model_validate(sheet.value).every_seconds == value, sheet.faults


def test_a_number_that_is_none_is_told_as_such() -> None:
    sheet = Sheet(Wait).typed(MultiDict({"s.place": "json:state", "s.done": "DONE", "s.every_seconds": "soon", "do": "save"}))
    assert sheet.faults == {"every_seconds": "Enter a number, for example 2.0."}
    assert (
        next(one.text for one in (*Sheet(Wait).filled({}).parts, *Sheet(Wait).filled({}).folded) if one.field.name == "every_seconds")
        == "2"
    )
