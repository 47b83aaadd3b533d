"""FHIR R4: one DocumentReference with the documents in it, or one for each, created only if none with our identifier is there
(If-None-Exist).

The patient is named by identifier, or looked up and confirmed first. What does not live here: proof of who we are (`auth`; SMART
backend services are OAuth2 with private_key_jwt), Binary, Flag and Task: a document in the resource itself needs one request, which
is either done or not.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import quote

from integrations.answer.person import not_one, not_surely
from integrations.answer.pointer import NotThere, json_of
from integrations.answer.verdict import Stopped, of_status
from integrations.auth.oauth import Tokens
from integrations.auth.options import HTTP_SECRETS
from integrations.auth.peer import Peer
from integrations.contract import Delivered, Finding, Outcome, Record, Refused, Unknown
from integrations.fhir_options import Coding, FhirOptions
from integrations.http import GuardedClient, Response
from integrations.limits import fault_in

_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")  # what FHIR allows an id to be
_JSON = {"Content-Type": "application/fhir+json", "Accept": "application/fhir+json"}


class FhirAdapter:
    """The adapter. Sending again is safe: the server creates nothing where our identifier is there already."""

    id: ClassVar[str] = "fhir"
    title: ClassVar[str] = "FHIR R4 (DocumentReference)"
    options: ClassVar[type[FhirOptions]] = FhirOptions
    secret_names: ClassVar[tuple[str, ...]] = HTTP_SECRETS
    searchable: ClassVar[bool] = True
    needs_documents: ClassVar[bool] = True

    def __init__(self) -> None:
        self._tokens = Tokens()

    def check(self, options: FhirOptions, secrets: Mapping[str, str], http: GuardedClient) -> list[Finding]:
        """By the server's statement of what it can do, or another path that changes nothing."""
        return Peer(options, secrets, http, self._tokens).check({"Accept": "application/fhir+json"})

    def preview(self, record: Record, options: FhirOptions) -> str:
        """The request; a patient that is looked up stands as ‹patient›."""
        fault = fault_in(record, options.limits) or (None if _number(record, options) else "the person's identifier is not known")
        if fault:
            return f"This record would not be sent: {fault}."
        subject = {"reference": "‹patient›"} if options.look_up_patient else _logical(record, options)
        return "\n\n".join(_previewed(one, options, subject) for one in _parts(record, options))

    def write(self, record: Record, options: FhirOptions, secrets: Mapping[str, str], http: GuardedClient) -> Outcome:
        """The patient, then the conditional create of each part: 201 made, 200 there before, 412 there more than once."""
        fault = fault_in(record, options.limits) or (None if _number(record, options) else "the person's identifier is not known")
        if fault:
            return Refused(f"Nothing was sent: {fault}.")
        peer = Peer(options, secrets, http, self._tokens)
        first: Delivered | None = None
        try:
            subject = self._patient(peer, record, options) if options.look_up_patient else _logical(record, options)
            for one in _parts(record, options):
                outcome = _create(peer, one, options, subject)
                if not isinstance(outcome, Delivered):
                    return _behind(first, outcome)
                first = first or outcome
        except Stopped as stopped:
            return _behind(first, stopped.outcome)
        return first or Refused("Nothing was sent: there is no document.")

    def reads_back(self, options: FhirOptions) -> bool:
        """Always: the server is asked by our identifier."""
        return True

    def find(self, record: Record, options: FhirOptions, secrets: Mapping[str, str], http: GuardedClient) -> Delivered | Unknown | None:
        """By our identifier: there if every part is. Sending again is safe where one is missing."""
        peer = Peer(options, secrets, http, self._tokens)
        first = ""
        try:
            for one in _parts(record, options):
                hits = _search(peer, f"/DocumentReference?identifier={quote(_token(one, options), safe='')}", "DocumentReference")
                if not hits:
                    return None
                first = first or str(hits[0].get("id", ""))
        except Stopped as stopped:
            return Unknown(getattr(stopped.outcome, "reason", "The server could not be asked."))
        return Delivered(first, options.on_file)

    def _patient(self, peer: Peer, record: Record, options: FhirOptions) -> dict[str, Any]:
        token = quote(f"{options.patient_system}|{_number(record, options)}", safe="")
        hits = _search(peer, f"/Patient?identifier={token}", "Patient")
        if len(hits) != 1:
            raise not_one(len(hits))
        born = record.fields.get("child_born", "")[:10]
        if options.confirm_born and (not born or hits[0].get("birthDate") != born):
            raise not_surely("the date of birth")
        return {"reference": f"Patient/{hits[0].get('id')}"}


def _parts(record: Record, options: FhirOptions) -> list[Record]:
    """The record as it is, or one for each document: the first under the record's own key, the others with their number behind it."""
    if not options.apart or len(record.documents) < 2:
        return [record]
    keys = [record.key, *(f"{record.key}/{number}" for number in range(2, len(record.documents) + 1))]
    return [replace(record, key=key, documents=(one,)) for key, one in zip(keys, record.documents, strict=True)]


def _previewed(record: Record, options: FhirOptions, subject: Mapping[str, Any]) -> str:
    headers = [f"{name}: {value}" for name, value in _headers(record, options).items()]
    body = json.dumps(resource(record, options, subject), indent=2, ensure_ascii=False)
    return "\n".join([f"POST {options.base_url}/DocumentReference", *headers, "", body])


def _create(peer: Peer, record: Record, options: FhirOptions, subject: Mapping[str, Any]) -> Outcome:
    body = json.dumps(resource(record, options, subject)).encode()
    response = peer.send("POST", "/DocumentReference", _headers(record, options), body, writes=True)
    if response.status in (200, 201):
        return _created(response, options)
    if response.status == 412:
        return Refused("The server answered 412: it holds this document more than once already.")
    return of_status(response, writes=True)


def _behind(first: Delivered | None, outcome: Outcome) -> Outcome:
    """What became of a later document, told with the first in mind: "not now" is no longer "nothing was written"."""
    if first is None or isinstance(outcome, Delivered):
        return outcome
    said = f"The first document is there (its number {first.remote_id}). Then: {outcome.reason}"
    return Refused(said, outcome.where) if isinstance(outcome, Refused) else Unknown(said, outcome.where)


def resource(record: Record, options: FhirOptions, subject: Mapping[str, Any]) -> dict[str, Any]:
    """The DocumentReference of a record, as FHIR R4 has it."""
    made: dict[str, Any] = {
        "resourceType": "DocumentReference",
        "masterIdentifier": {"system": options.identifier_system, "value": record.key},
        "identifier": [{"system": options.identifier_system, "value": record.key}],
        "status": "current",
        "docStatus": "final",
        "subject": dict(subject),
        "date": record.written_at.isoformat(),
        "description": record.title,
        "content": [{"attachment": _attachment(document.media_type, document.name, document.content)} for document in record.documents],
    }
    if options.type:
        made["type"] = {"coding": [_coding(options.type)]}
    if options.category:
        made["category"] = [{"coding": [_coding(options.category)]}]
    if options.custodian:
        made["custodian"] = {"reference": options.custodian}
    return made


def _attachment(media_type: str, name: str, content: bytes) -> dict[str, Any]:
    digest = hashlib.sha1(content, usedforsecurity=False).digest()  # what the standard asks for: a check, not a protection
    data, check = (base64.b64encode(raw).decode("ascii") for raw in (content, digest))
    return {"contentType": media_type, "title": name, "size": len(content), "hash": check, "data": data}


def _coding(coding: Coding) -> dict[str, str]:
    return {name: value for name, value in coding.model_dump().items() if value}


def _number(record: Record, options: FhirOptions) -> str:
    known = [one.value for one in record.child if one.system == options.child_identifier]
    return known[0].replace(" ", "") if len(known) == 1 else ""


def _logical(record: Record, options: FhirOptions) -> dict[str, Any]:
    return {"identifier": {"system": options.patient_system, "value": _number(record, options)}}


def _token(record: Record, options: FhirOptions) -> str:
    return f"{options.identifier_system}|{record.key}"


def _headers(record: Record, options: FhirOptions) -> dict[str, str]:
    condition = f"identifier={quote(_token(record, options), safe='')}"
    return {**_JSON, "If-None-Exist": condition, "Prefer": "return=minimal"}


def _search(peer: Peer, path: str, kind: str) -> list[dict[str, Any]]:
    response = peer.send("GET", path, {"Accept": "application/fhir+json"}, writes=False)
    if response.status != 200:
        raise Stopped(of_status(response, writes=False))
    try:
        bundle = json_of(response)
    except NotThere:
        bundle = None
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle" or not isinstance(bundle.get("entry", []), list):
        raise Stopped(Refused("The server's answer to a search is not a FHIR Bundle. Nothing was written."))
    found = [entry.get("resource") for entry in bundle.get("entry", []) if isinstance(entry, dict)]
    return [one for one in found if isinstance(one, dict) and one.get("resourceType") == kind and _is_id(one.get("id"))]


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _created(response: Response, options: FhirOptions) -> Outcome:
    """The id from Location, or from the resource itself; a 200 with neither has said nothing."""
    parts = response.header("Location").split("/")
    if "DocumentReference" in parts[:-1] and _is_id(parts[parts.index("DocumentReference") + 1]):
        return Delivered(parts[parts.index("DocumentReference") + 1], options.on_file)
    try:
        said = json_of(response)
    except NotThere:
        said = None
    if isinstance(said, dict) and said.get("resourceType") == "DocumentReference" and _is_id(said.get("id")):
        return Delivered(str(said["id"]), options.on_file)
    return Unknown("The server's answer is not what it should be: it names no document.")
