"""Connections at the desk: all of them at a glance, one with what there is to do, its test, and its switch."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from sqlalchemy import select

from plugin.extensions import db
from plugin.models import Access, Agency, Connection
from plugin.runtime import runtime
from plugin.services.desk import ways
from plugin.services.desk.ways import Standing
from plugin.services.keeping.clock import machine_now
from plugin.services.write_back import checks
from plugin.web import words
from plugin.web.door import gate

blueprint = Blueprint("connections", __name__, url_prefix="/admin/connections")
TAGS = {
    "never tested": ("Never tested", "yellow"),
    "working": ("Working", "green"),
    "failing": ("Failing", "red"),
    "paused": ("Paused", "orange"),
    "retired": ("Retired", "grey"),
    "not set up": ("Not set up", "grey"),
}


def way_or_404(connection_id: str) -> Connection:
    """The connection, if this desk may see it; to anybody else it is not there."""
    return db.session.get(Connection, connection_id) or abort(404)


def said_of(standing: Standing) -> dict[str, str]:
    """A standing as a page says it: tag, colour, since when, why."""
    tag, colour = TAGS[standing.look]
    return {"tag": tag, "colour": colour, "since": f"since {words.at(standing.since)}" if standing.since else "", "why": standing.why}


@blueprint.get("")
@gate.desk(nav="Connections", place=10)
def every() -> Any:
    """Every connection this desk may see, with how it stands; and the agencies that have none."""
    now = machine_now()
    rows = checks.all_of(db.session)
    shown = [{"way": way, "agency": name, **said_of(ways.standing(way, circuit, now))} for way, name, circuit in rows]
    connected = {way.agency_id for way, _name, _circuit in rows}
    account = gate.member().account
    mine = select(Agency).where(Agency.id == account.agency_id) if account.agency_id else select(Agency)
    without = [one for one in db.session.scalars(mine.order_by(Agency.name)) if one.id not in connected]
    if account.partnership_id:
        without = [one for one in without if one.partnership_id == account.partnership_id]
    return render_template("admin/connections.html", rows=shown, without=without, words=words, changes=account.role != "coordinator")


@blueprint.post("/test")
@gate.desk("owner")
def test_all() -> Any:
    """Tests every connection now."""
    here = runtime(current_app)
    checks.run_all(db.session, here.keys, here.adapters, here.http, machine_now())
    return redirect(url_for("connections.every"), 303)


@blueprint.post("")
@gate.desk("administrator", "owner")
def make() -> Any:
    """An empty connection for an agency that has none."""
    account = gate.member().account
    agency = db.session.get(Agency, request.form.get("agency", "")) or abort(404)
    if account.agency_id not in (None, agency.id):
        abort(404)
    made = ways.create(db.session, agency.id, f"{agency.name}: record system", machine_now(), by=account.id)
    return redirect(url_for("connections.one", connection_id=made), 303)


@blueprint.get("/<connection_id>")
@gate.desk("administrator", "owner")
def one(connection_id: str) -> Any:
    """How a connection stands, what its last test found, and the pages on which it is set up."""
    way = way_or_404(connection_id)
    here, now = runtime(current_app), machine_now()
    agency = db.session.get_one(Agency, way.agency_id)
    return render_template(
        "admin/connection.html",
        way=way,
        agency=agency,
        standing=said_of(ways.standing(way, ways.circuit_of(db.session, way.id), now)),
        advice=checks.ADVICE,
        adapter=next((one for one in here.adapters if one.id == way.adapter), None),
        secrets=ways.secrets_of(db.session, way.id),
        refused=refusals(way.id),
        launch_url=f"{here.settings.public_url}/launch/{way.id}",
        words=words,
    )


def refusals(connection_id: str, at_most: int = 5) -> list[Access]:
    """The newest launches by this connection that were refused."""
    wanted = select(Access).where(Access.subject == connection_id, Access.action == "launch", Access.result != "accepted")
    return list(db.session.scalars(wanted.order_by(Access.at.desc()).limit(at_most)))


@blueprint.post("/<connection_id>/test")
@gate.desk("administrator", "owner")
def test(connection_id: str) -> Any:
    """Tests it now, and shows what was found."""
    way_or_404(connection_id)
    here = runtime(current_app)
    checks.run(db.session, here.keys, here.adapters, here.http, connection_id, machine_now(), by=gate.member().account.id)
    return redirect(url_for("connections.one", connection_id=connection_id) + "#test", 303)


@blueprint.post("/<connection_id>/switch")
@gate.desk("administrator", "owner")
def switch(connection_id: str) -> Any:
    """Pauses a connection, or lets it go on, after asking."""
    way = way_or_404(connection_id)
    off = way.enabled
    if not off and db.session.get_one(Agency, way.agency_id).off_since is not None:
        abort(409)  # it goes on when its agency is back; the page has no such button
    if request.form.get("sure") != "yes":
        return ask(
            "Pause this connection?" if off else "Let this connection go on?",
            "Nobody can come in by it, and nothing is sent. What should be sent waits and is not lost."
            if off
            else "People can come in again, and what waited is sent.",
            "Pause" if off else "Go on",
            connection_id,
            warning=off,
        )
    did = "paused" if off else "resumed"
    ways.change(db.session, connection_id, did, machine_now(), by=gate.member().account.id, enabled=not off, retired_at=None)
    return redirect(url_for("connections.one", connection_id=connection_id), 303)


@blueprint.post("/<connection_id>/retire")
@gate.desk("administrator", "owner")
def retire(connection_id: str) -> Any:
    """Ends a connection, after asking: its sender is told to stop. What it should have carried is filed by hand."""
    way_or_404(connection_id)
    if request.form.get("sure") != "yes":
        what = (
            "For a record system that is given up. Nobody comes in by it any more, its server is told to stop sending, "
            "and what should be sent waits until somebody files it by hand. Everything that is filled in stays here."
        )
        return ask("Retire this connection?", what, "Retire it", connection_id)
    now = machine_now()
    ways.change(db.session, connection_id, "retired", now, by=gate.member().account.id, enabled=False, retired_at=now)
    return redirect(url_for("connections.one", connection_id=connection_id), 303)


@blueprint.post("/<connection_id>/name")
@gate.desk("administrator", "owner")
def rename(connection_id: str) -> Any:
    """What people call it."""
    way_or_404(connection_id)
    title = " ".join(request.form.get("title", "").split())[:120]
    if title:
        ways.change(db.session, connection_id, "renamed", machine_now(), by=gate.member().account.id, title=title)
    return redirect(url_for("connections.one", connection_id=connection_id), 303)


def ask(question: str, what: str, button: str, connection_id: str, *, warning: bool = True, **fields: str) -> str:
    """The page that asks whether somebody is sure; its button posts to the same address."""
    back = url_for("connections.one", connection_id=connection_id)
    return render_template(
        "admin/confirm.html", question=question, what=what, button_text=button, fields=fields, cancel=back, warning_button=warning
    )
