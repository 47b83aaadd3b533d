"""What a SMART launch brings from the FHIR server it came from, read with the access token: the child, and who the member of staff is.

What does not live here: signing in (`oidc_flow`), the FHIR adapter that writes (`integrations.fhir`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from integrations.http import GuardedClient
from integrations.launch.context import ChildDetails
from integrations.launch.oidc_provider import fetch, json_of
from integrations.launch.openid import SignOnRefused

_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")  # FHIR R4, data type id


def patient(http: GuardedClient, fhir: str, patient_id: str, access_token: str, systems: Mapping[str, str]) -> ChildDetails:
    """The child of a SMART launch, read from their own server. `systems`: identifier system to our word for it. Raises SignOnRefused."""
    if not _ID.fullmatch(patient_id):
        raise SignOnRefused("patient", "The launch names a patient whose id cannot be one.", "answer")
    said = _read(http, fhir, f"Patient/{patient_id}", access_token)
    if said.get("resourceType") != "Patient" or said.get("id", patient_id) != patient_id:
        raise SignOnRefused("patient", "What the FHIR server gave is not the patient of the launch.", "answer")
    numbers = [one for one in _dicts(said.get("identifier")) if one.get("system") in systems and one.get("use") != "old"]
    found = tuple((systems[one["system"]], "".join(str(one["value"]).split())[:80]) for one in numbers if one.get("value"))
    return ChildDetails(name_of(said), str(said.get("birthDate") or "")[:40], found)


def practitioner(http: GuardedClient, fhir: str, who: Any, access_token: str) -> str:
    """The name of the member of staff whom `fhirUser` points at ("Practitioner/ada", or the same below the server's address); "" where it
    cannot be read, for a launch must not fail over a name."""
    path = str(who or "").removeprefix(fhir.rstrip("/") + "/")
    kind, _, row = path.partition("/")
    if kind not in ("Practitioner", "PractitionerRole", "Person", "RelatedPerson") or not _ID.fullmatch(row):
        return ""
    try:
        said = _read(http, fhir, path, access_token)
    except SignOnRefused:
        return ""
    return name_of(said) or str((said.get("practitioner") or {}).get("display") or "")[:255]


def name_of(said: Mapping[str, Any]) -> str:
    """A FHIR resource's name for people: the official or usual one, else the first that is not an old one."""
    names = [one for one in _dicts(said.get("name")) if one.get("use") != "old"]
    by_use = {str(one.get("use")): one for one in reversed(names)}
    chosen = by_use.get("usual") or by_use.get("official") or (names[0] if names else {})
    given = [str(one) for one in chosen.get("given") or () if isinstance(one, str)]
    whole = " ".join(part for part in (*given, str(chosen.get("family") or "")) if part)
    return (str(chosen.get("text") or "") or whole)[:255]


def _dicts(listed: Any) -> list[dict[str, Any]]:
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _read(http: GuardedClient, fhir: str, path: str, access_token: str) -> dict[str, Any]:
    if not access_token.isascii() or any(letter <= " " for letter in access_token):
        raise SignOnRefused("no-access", "The provider's access token cannot be sent.", "answer")
    headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/fhir+json"}
    return json_of(fetch(http, f"{fhir.rstrip('/')}/{path}", headers))
