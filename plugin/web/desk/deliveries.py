"""Deliveries at the desk: what needs a person, what waits and why, and one delivery with the log of its tries and what can be done.

No page here says who a child is or what was said. The documents are for those who file, in their own pages (`filing`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from sqlalchemy import ColumnElement, Select, func, select

import forms
from forms import Bound
from plugin.extensions import db
from plugin.models import Account, Agency, Attempt, Circuit, Connection, Delivery, DeliveryAct, Person
from plugin.runtime import runtime
from plugin.services.acting.casework import Sent
from plugin.services.case.cases import NoLongerOpenError
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.write_back import filing
from plugin.services.write_back.filing import By, NoWayError
from plugin.web import words
from plugin.web.door import gate

blueprint = Blueprint("deliveries", __name__, url_prefix="/admin/deliveries")
_SHOWN: dict[str, ColumnElement[bool]] = {
    "open": Delivery.asked_at.is_not(None) & Delivery.state.in_(filing.OPEN),
    "waiting": Delivery.state.in_(("due", "claimed")),
    "arrived": (Delivery.state == "arrived") & Delivery.asked_at.is_(None),
    "done": Delivery.state.in_(("on file", "given up")),
}
_FORMS = {"filed": "filed", "arrived": "arrived", "not-filed": "not-filed"}
_DID = {
    "sent again": "Sent again",
    "put right": "A number was put right, and it was sent again",
    "filed": "Somebody said where it lies",
    "gave up": "Somebody said that it will not be filed",
    "fetched": "The documents were fetched",
    "seen": "Looked for, and seen there",
    "gone": "Looked for, and not there any more",
}
_LIMIT = 200


@blueprint.get("")
@gate.desk("administrator", "coordinator", nav="Deliveries", place=20)
def every() -> Any:
    """The deliveries of one kind, and the connections that are paused."""
    show = request.args.get("show", "open")
    if show not in _SHOWN:
        abort(404)
    counts = {name: db.session.scalar(select(func.count()).select_from(Delivery).where(wanted)) or 0 for name, wanted in _SHOWN.items()}
    rows = db.session.execute(_listed(_SHOWN[show])).all()
    paused = (
        select(Circuit, Connection.title, Agency.name)
        .join(Connection, Connection.id == Circuit.connection_id)
        .join(Agency, Agency.id == Connection.agency_id)
        .where(Circuit.open_until > machine_now())
    )
    stopped = db.session.execute(paused.order_by(Agency.name)).all()
    return render_template(
        "admin/deliveries.html", rows=rows, counts=counts, show=show, stopped=stopped, words=words, limit=_LIMIT, tags=words.DELIVERY
    )


def _listed(wanted: ColumnElement[bool]) -> Select[Any]:
    """Those that have waited longest for somebody first, then the newest."""
    listed = (
        select(Delivery, Agency.name, Connection.title, Connection.enabled, Circuit.open_until, Agency.off_since)
        .join(Agency, Agency.id == Delivery.agency_id)
        .outerjoin(Connection, Connection.id == Delivery.connection_id)
        .outerjoin(Circuit, Circuit.connection_id == Delivery.connection_id)
    )
    return listed.where(wanted).order_by(Delivery.asked_at, Delivery.created_at.desc()).limit(_LIMIT)


@blueprint.post("/try/<connection_id>")
@gate.desk("administrator", "coordinator")
def try_now(connection_id: str) -> Any:
    """Ends a connection's pause: what waits is tried now."""
    if db.session.get(Connection, connection_id) is None:
        abort(404)
    filing.end_pause(db.session, connection_id, machine_now())
    return redirect(url_for("deliveries.every", show="waiting"), 303)


@blueprint.get("/<delivery_id>")
@gate.desk("administrator", "coordinator")
def one(delivery_id: str) -> Any:
    """One delivery: how it stands, its tries, what was done about it, what can be done."""
    return _page(delivery_id)


@blueprint.post("/<delivery_id>")
@gate.desk("administrator", "coordinator")
def do(delivery_id: str) -> Any:
    """One thing done about it: again, filed, arrived, not-filed."""
    what = request.form.get("what", "")
    if what == "again":
        return _sending(delivery_id)
    if what not in _FORMS:
        abort(404)
    bound = _bound(what, request.form if request.form.get("do") == "send" else None)
    if request.form.get("do") != "send" or not bound.validate():
        return _page(delivery_id, what, bound)
    return _DO[what](delivery_id, bound)


def _page(delivery_id: str, what: str = "", bound: Bound | None = None, problem: str = "") -> Any:
    row = db.session.execute(_listed(Delivery.id == delivery_id)).first() or abort(404)
    tries = list(db.session.scalars(select(Attempt).where(Attempt.delivery_id == delivery_id).order_by(Attempt.number.desc()).limit(100)))
    acts = list(db.session.scalars(select(DeliveryAct).where(DeliveryAct.delivery_id == delivery_id).order_by(DeliveryAct.at.desc())))
    page = render_template(
        "admin/delivery.html",
        row=row[0],
        agency=row.name,
        system=row.title,
        held=filing.is_held(db.session, row[0].connection_id, machine_now()) if row[0].state == "due" else "",
        paused_until=row.open_until,
        tries=tries,
        acts=[{"at": words.at(act.at), "what": _DID.get(act.what, act.what), "who": _name(act.actor)} for act in acts],
        tag=words.DELIVERY[row[0].state],
        what=what,
        bound=bound,
        problem=problem,
        open=row[0].state in filing.OPEN,
        words=words,
    )
    return (page, 422) if problem or (bound is not None and bound.errors) else page


def _name(actor: str) -> str:
    """Whoever this desk may know by name; else which kind of person it was."""
    if actor == "system":
        return "Accord"
    account, person = db.session.get(Account, actor), db.session.get(Person, actor)
    return account.name if account else person.name if person else "Somebody who takes part"


def _bound(what: str, data: Any) -> Bound:
    return forms.bind(forms.get(_FORMS[what]), data=data, now=business_now(db.session))


def _sending(delivery_id: str, **how: Any) -> Any:
    try:
        filing.send_again(db.session, runtime(current_app).keys, delivery_id, _by(), business_now(db.session), machine_now(), **how)
    except NoWayError:
        return _page(delivery_id, problem="This agency has no connection that is switched on. Connect it first, or have it filed by hand.")
    except NoLongerOpenError:
        return _page(delivery_id, problem="Somebody else has seen to it already.")
    return redirect(url_for("deliveries.one", delivery_id=delivery_id), 303)


def _settling(use_case: Callable[..., None]) -> Callable[[str, Bound], Any]:
    def settle(delivery_id: str, bound: Bound) -> Any:
        definition = bound.definition
        sent = Sent(definition.id, definition.version, bound.values(), forms.facts(definition, bound.values()))
        try:
            use_case(db.session, runtime(current_app).keys, delivery_id, _by(), sent, business_now(db.session), machine_now())
        except NoLongerOpenError:
            return _page(delivery_id, problem="Somebody else has seen to it already.")
        return redirect(url_for("deliveries.one", delivery_id=delivery_id), 303)

    return settle


def _arrived(delivery_id: str, bound: Bound) -> Any:
    if bound.values().get("there") == "yes":
        return _settling(filing.say_filed)(delivery_id, bound)
    return _sending(delivery_id, not_there=True)


def _by() -> By:
    return By(gate.member().account.id)


_DO: dict[str, Callable[[str, Bound], Any]] = {
    "filed": _settling(filing.say_filed),
    "not-filed": _settling(filing.give_up),
    "arrived": _arrived,
}
