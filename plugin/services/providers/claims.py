"""What a provider's claims mean here, by the settings of the agency: an address that proves a mailbox, a name, roles, a second factor.

What does not live here: whether the token that says it is good (`integrations.launch.openid`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.launch.openid import SignOnRefused

Said = Mapping[str, Any]


def claim(said: Said, name: str) -> Any:
    """A claim by its name; a dot leads into a group, unless a claim is called so. None where there is none."""
    if not name or name in said:
        return said.get(name)
    found: Any = said
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def lacking(said: Said, profile: Said) -> bool:
    """Whether something that is looked for is not there, so that userinfo is worth a question."""
    wanted = [profile["email_claim"], profile["role_claim"], *profile["only"]]
    return any(claim(said, one) is None for one in wanted if one) or not name(said)


def hold(said: Said, profile: Said) -> None:
    """Raises SignOnRefused for somebody whom the settings do not let in: of another organisation at the same provider, or signed in at
    another level than was asked for."""
    for name, value in profile["only"].items():
        if value not in _texts(claim(said, name)):
            raise SignOnRefused("another-organisation", f"The claim “{name}” is not “{value}”.", "permission")
    if profile.get("acr") and said.get("acr") not in profile["acr"].split():
        raise SignOnRefused("level", "They signed in at another level (acr) than the settings ask for.", "permission")


def email(said: Said, profile: Said) -> str:
    """An address that proves a mailbox, in small letters: marked as checked by the provider, or given out by the organisation itself; else
    ""."""
    found = claim(said, profile["email_claim"])
    if not isinstance(found, str) or "@" not in found or len(found) > 254:
        return ""
    checked = profile["email_claim"] == "email" and said.get("email_verified") in (True, "true")
    refused = profile["email_claim"] == "email" and said.get("email_verified") in (False, "false")
    return found.strip().casefold() if checked or (profile["trust_email"] and not refused) else ""


def name(said: Said) -> str:
    """What somebody is called, on one line: `name`, or given and family name; "" where the provider does not say."""
    whole = said.get("name")
    parts = [whole] if isinstance(whole, str) and whole.strip() else [said.get("given_name"), said.get("family_name")]
    return " ".join(" ".join(str(part).split()) for part in parts if isinstance(part, str))[:255]


def roles(said: Said, profile: Said) -> tuple[str, ...]:
    """The roles in the claim that the settings name."""
    return _texts(claim(said, profile["role_claim"])) if profile["role_claim"] else ()


def two_factors(said: Said, profile: Said) -> bool:
    """Whether the provider asked for a second factor: it says so (RFC 8176), the settings asked for a level, or say that it always does."""
    return "mfa" in _texts(said.get("amr")) or bool(profile.get("acr")) or bool(profile.get("two_factors"))


def _texts(value: Any) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    return tuple(str(one) for one in listed if isinstance(one, str | int) and not isinstance(one, bool))[:100]
