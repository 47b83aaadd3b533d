"""Filing by hand, and what else people do about a record that the service could not file: the tray, one delivery's page, its documents.

`what` says which, on /case/REF/filing: "see ID" (also without it: all of the case), "filed ID", "arrived ID", "numbers ID",
"not-filed ID", "again ID". Documents are fetched by a post of the session's own page, never by an address.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any, cast

from flask import Blueprint, current_app, render_template, request, send_file, url_for

import forms
from integrations.manual import ManualAdapter, ManualOptions
from plugin.extensions import db
from plugin.models import Connection
from plugin.models.scope import System, bind, principal
from plugin.runtime import runtime
from plugin.services.acting.casework import Sent
from plugin.services.acting.rights import Actor
from plugin.services.case import recording
from plugin.services.case.casefile import CaseFile
from plugin.services.case.cases import NoLongerOpenError, NotFoundError
from plugin.services.keeping import access
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.write_back import deliveries, filing, records
from plugin.services.write_back.filing import By, NoWayError
from plugin.web import words
from plugin.web.case import receipts
from plugin.web.case.page import opened, shown
from plugin.web.case.receipts import Receipt
from plugin.web.door import steps
from plugin.web.door.gate import member
from plugin.web.filling import Filled, Filling, fill
from policies.parts.schema import Side

blueprint = Blueprint("filing", __name__)
_FORMS = {"filed": "filed", "arrived": "arrived", "numbers": "record-numbers", "not-filed": "not-filed"}


@blueprint.route("/filing", methods=["GET", "POST"])
def tray() -> Any:
    """What waits to be filed by this person, of every case they were asked about."""
    if steps.to_address():
        return steps.go("filing.tray")
    return render_template("filing/tray.html", waiting=waiting(), words=words)


def waiting() -> list[Any]:
    """What lies in the present member's tray; a link's is its one case."""
    row = member().row
    return filing.tray(db.session, row.agency_id, row.person_id if row.kind != "link" else "")


@blueprint.route("/case/<reference>/filing", methods=["GET", "POST"])
def page(reference: str) -> Any:
    """One delivery, or one thing done about it."""
    file, actor = opened(reference)
    what = (request.form if request.method == "POST" else request.args).get("what", "")
    kind, _, delivery_id = what.partition(" ")
    listed = receipts.of_case(file, actor)
    if kind in ("", "see"):
        if steps.to_address():
            return steps.go("filing.page", reference=reference, what=what)
        return _see(file, actor, [one for one in listed if not delivery_id or one.id == delivery_id])
    one = next((one for one in listed if one.id == delivery_id), None)
    if one is None or not one.mine:
        raise NotFoundError(reference)
    if kind == "again":
        return _again(file, actor, one)
    if kind not in _FORMS:
        raise NotFoundError(reference)
    return fill(_filling(file, one, kind), _SENT[kind](file, actor, one))


@blueprint.post("/case/<reference>/filing/documents")
def documents(reference: str) -> Any:
    """The documents as one file to put on the child's file, for who may file them. Its name is the record's own and says nothing."""
    file, actor = opened(reference)
    one = next((one for one in receipts.of_case(file, actor) if one.id == request.form.get("delivery") and one.mine), None)
    if one is None:
        raise NotFoundError(reference)
    here, by = runtime(current_app), _by(actor)
    who = principal(db.session)
    bind(db.session, System("pack"))  # a link's principal may not read connections; whose delivery it is was asked above
    try:
        claimed = deliveries.as_read(db.session, one.id, machine_now())
        record = records.record_for(db.session, here.keys, claimed)
        made = ManualAdapter().pack(record, _options(claimed.adapter, claimed.options))
    finally:
        bind(db.session, who)
    filing.note_fetched(db.session, here.keys, one.id, by, machine_now())
    access.note(db.session, actor.person_id, actor.agency_id, "fetched", file.case.id, "ok", machine_now())
    return send_file(BytesIO(made.content), made.media_type, as_attachment=True, download_name=made.name)


def _options(adapter: str, options: Any) -> ManualOptions:
    return ManualOptions.model_validate(options) if adapter == ManualAdapter.id else ManualOptions()


def _see(file: CaseFile, actor: Actor, listed: list[Receipt], problem: str = "") -> Any:
    if not listed:
        raise NotFoundError(file.case.reference)
    way = {one.id: db.session.get(Connection, one.row.connection_id) for one in listed if one.mine and one.row.connection_id}
    hows = {one: _options(row.adapter, row.options) for one, row in way.items() if row is not None}
    page = render_template(
        "filing/page.html",
        file=file,
        listed=listed,
        hows=hows,
        children={one.id: one for one in file.children},
        sendable=bool(recording.way_to(db.session, actor.agency_id)) if any(one.mine for one in listed) else False,
        words=words,
        problem=problem,
    )
    return (page, 422) if problem else page


def _filling(file: CaseFile, one: Receipt, kind: str) -> Filling:
    return Filling(
        forms.get(_FORMS[kind]),
        url_for("filing.page", reference=file.case.reference),
        f"{file.case.id}{kind}{one.id}",
        {},
        hidden={"what": f"{kind} {one.id}"},
        first_rows=(("Record", one.record), ("Agency", one.place)),
        back_url=url_for("filing.page", reference=file.case.reference, what=f"see {one.id}"),
    )


def _filed(file: CaseFile, actor: Actor, one: Receipt) -> Callable[[Filled], Any]:
    def send(filled: Filled) -> Any:
        filing.say_filed(db.session, runtime(current_app).keys, one.id, _by(actor), _sent(filled), *_times())
        return shown(file.case.reference)

    return send


def _not_filed(file: CaseFile, actor: Actor, one: Receipt) -> Callable[[Filled], Any]:
    def send(filled: Filled) -> Any:
        filing.give_up(db.session, runtime(current_app).keys, one.id, _by(actor), _sent(filled), *_times())
        return shown(file.case.reference)

    return send


def _arrived(file: CaseFile, actor: Actor, one: Receipt) -> Callable[[Filled], Any]:
    def send(filled: Filled) -> Any:
        if not filled.answers:
            raise NoLongerOpenError
        if filled.answers.get("there") == "yes":
            return _filed(file, actor, one)(filled)
        return _sending(file, actor, one, not_there=True)

    return send


def _numbers(file: CaseFile, actor: Actor, one: Receipt) -> Callable[[Filled], Any]:
    def send(filled: Filled) -> Any:
        right = {system: filled.answers.get("nhs" if system == "nhs-number" else system) for system in filled.answers.get("wrong", ())}
        if not right:
            raise NoLongerOpenError
        return _sending(file, actor, one, right={system: str(value) for system, value in right.items()})

    return send


def _again(file: CaseFile, actor: Actor, one: Receipt) -> Any:
    if request.method != "POST":
        raise NotFoundError(file.case.reference)
    return _sending(file, actor, one)


def _sending(file: CaseFile, actor: Actor, one: Receipt, **how: Any) -> Any:
    try:
        filing.send_again(db.session, runtime(current_app).keys, one.id, _by(actor), *_times(), **how)
    except NoWayError:
        return _see(file, actor, [one], "There is no way to send this: no record system is connected. File it by hand.")
    return shown(file.case.reference)


def _by(actor: Actor) -> By:
    return By(actor.person_id, actor.agency_id, cast("Side", actor.side or "none"))


def _sent(filled: Filled) -> Sent:
    return Sent(filled.definition.id, filled.definition.version, filled.answers, filled.facts, filled.once, filled.draft)


def _times() -> tuple[Any, Any]:
    return business_now(db.session), machine_now()


_SENT: dict[str, Callable[[CaseFile, Actor, Receipt], Callable[[Filled], Any]]] = {
    "filed": _filed,
    "arrived": _arrived,
    "numbers": _numbers,
    "not-filed": _not_filed,
}
