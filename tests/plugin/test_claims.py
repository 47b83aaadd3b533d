"""What claims mean: addresses that count, names, roles in groups, a second factor; and who is kept out."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.launch.openid import SignOnRefused
from plugin.services.providers import claims
from plugin.services.providers.oidc_profiles import SmartProfile, SsoProfile


def profile(**more: Any) -> dict[str, Any]:
    return SsoProfile(issuer="https://idp.example", client_id="us", **more).model_dump()


@pytest.mark.parametrize(
    ("said", "settings", "email"),
    [
        ({"email": "Ada@X.example ", "email_verified": True}, {}, "ada@x.example"),
        ({"email": "ada@x.example", "email_verified": "true"}, {}, "ada@x.example"),
        ({"email": "ada@x.example"}, {}, ""),
        ({"email": "ada@x.example"}, {"trust_email": True}, "ada@x.example"),
        ({"email": "ada@x.example", "email_verified": False}, {"trust_email": True}, ""),
        ({"upn": "ada@x.example", "email_verified": True}, {"email_claim": "upn"}, ""),
        ({"upn": "ada@x.example"}, {"email_claim": "upn", "trust_email": True}, "ada@x.example"),
        ({"email": ["ada@x.example"], "email_verified": True}, {}, ""),
        ({"email": "ada", "email_verified": True}, {}, ""),
        ({}, {"trust_email": True}, ""),
    ],
)
def test_an_address_counts_only_if_somebody_answers_for_it(said: dict[str, Any], settings: dict[str, Any], email: str) -> None:
    assert claims.email(said, profile(**settings)) == email


def test_names_and_roles_are_found_where_they_are() -> None:
    assert claims.name({"name": " Ada  Okafor "}) == "Ada Okafor"
    assert claims.name({"given_name": "Ada", "family_name": "Okafor"}) == "Ada Okafor"
    assert claims.name({"name": 7}) == ""
    grouped = {"realm_access": {"roles": ["boss", 7, True, None]}, "a.b": "one"}
    assert claims.roles(grouped, profile(role_claim="realm_access.roles")) == ("boss", "7")
    assert claims.roles(grouped, profile(role_claim="a.b")) == ("one",)
    assert claims.roles(grouped, profile(role_claim="realm_access.roles.deeper")) == ()
    assert claims.roles(grouped, profile()) == ()


def test_a_second_factor_is_believed_only_from_who_says_so() -> None:
    assert not claims.two_factors({"amr": ["pwd"]}, profile())
    assert claims.two_factors({"amr": ["pwd", "mfa"]}, profile())
    assert claims.two_factors({}, profile(two_factors=True))
    assert claims.two_factors({}, profile(acr="high"))


def test_who_lacks_what_is_asked_for_is_kept_out() -> None:
    claims.hold({"org": ["A", "B"], "acr": "high"}, profile(only={"org": "B"}, acr="higher high"))
    for said, settings in (
        ({}, {"only": {"org": "B"}}),
        ({"org": "BB"}, {"only": {"org": "B"}}),
        ({"acr": "low"}, {"acr": "high"}),
        ({}, {"acr": "high"}),
    ):
        with pytest.raises(SignOnRefused):
            claims.hold(said, profile(**settings))


def test_settings_that_could_not_work_are_told() -> None:
    with pytest.raises(ValueError, match="openid must be among the scopes"):
        profile(scope="email")
    fhir = {"fhir": "https://fhir.example/r4", "client_id": "us"}
    with pytest.raises(ValueError, match="openid and launch must be among"):
        SmartProfile(**fhir, scope="openid patient/Patient.read")
    with pytest.raises(ValueError, match="write nhs-number, upn or local"):
        SmartProfile(**fhir, systems={"urn:x": "passport"})
    with pytest.raises(ValueError, match="small letters, nothing after the name"):
        SmartProfile(**fhir, origins=["https://EHR.example/app"])
