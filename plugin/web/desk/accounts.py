"""Accounts of the desk: who may sign in, made and switched off by whoever may. The link for a new password is shown once."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from sqlalchemy import select

from plugin.extensions import db
from plugin.models import Account, Agency, Partnership
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.desk import accounts
from plugin.services.desk.accounts import AccountError, Wanted
from plugin.services.keeping.clock import machine_now
from plugin.web import words
from plugin.web.door import gate

blueprint = Blueprint("accounts", __name__, url_prefix="/admin/accounts")


@blueprint.get("")
@gate.desk("owner", "administrator", nav="Accounts", place=90)
def every() -> Any:
    """An owner sees all accounts, an administrator those of their agency."""
    rows = list(db.session.scalars(select(Account).order_by(Account.active.desc(), Account.name)))
    names = {row.id: row.name for row in db.session.execute(select(Agency.id, Agency.name))}
    titles = {row.id: row.title for row in db.session.execute(select(Partnership.id, Partnership.title))}
    return render_template("admin/accounts.html", rows=rows, names=names, titles=titles, roles=accounts.ROLES, words=words)


@blueprint.route("/new", methods=["GET", "POST"])
@gate.desk("owner", "administrator")
def new() -> Any:
    """A new account; an administrator makes further administrators of their own agency."""
    me = gate.member().account
    typed = {name: request.form.get(name, "") for name in ("name", "email", "role", "agency", "partnership")}
    if me.role == "administrator":
        typed |= {"role": "administrator", "agency": me.agency_id or ""}
    problem: AccountError | None = None
    if request.method == "POST":
        bind(db.session, System("account"))
        try:
            wanted = Wanted(typed["email"], typed["name"], typed["role"], typed["agency"], typed["partnership"])
            _id, token = accounts.create(db.session, wanted, machine_now(), by=me.id)
            return _link(wanted.name, wanted.email, token)
        except AccountError as wrong:
            db.session.rollback()
            problem = wrong
    agencies = db.session.execute(select(Agency.id, Agency.name).order_by(Agency.name)).all()
    bodies = db.session.execute(select(Partnership.id, Partnership.title).order_by(Partnership.title)).all()
    page = render_template(
        "admin/account.html", typed=typed, problem=problem, agencies=agencies, bodies=bodies, roles=accounts.ROLES, whole=me.role == "owner"
    )
    return page, 422 if problem else 200


@blueprint.post("/<account_id>/link")
@gate.desk("owner", "administrator")
def link(account_id: str) -> Any:
    """A fresh link for somebody who forgot their password, or lost their telephone."""
    row, me = _theirs(account_id), gate.member().account
    name, email, lost = row.name, row.email, request.form.get("lost") == "app"
    if lost and request.form.get("sure") != "yes":
        what = f"{name}’s password, app and recovery codes are forgotten and their sessions end. They set all of it up anew by the link."
        return _ask("Begin this account anew?", what, "Begin anew", lost="app")
    bind(db.session, System("account"))
    return _link(name, email, accounts.new_link(db.session, account_id, machine_now(), by=me.id, forget_app=lost))


@blueprint.post("/<account_id>/switch")
@gate.desk("owner", "administrator")
def switch(account_id: str) -> Any:
    """Switches an account off or on; asks first."""
    row, me = _theirs(account_id), gate.member().account
    off = row.active
    if off and request.form.get("sure") != "yes":
        return _ask(f"Switch off {row.name}’s account?", "They are signed out at once and cannot sign in any more.", "Switch off")
    bind(db.session, System("account"))
    try:
        accounts.set_active(db.session, account_id, not off, machine_now(), by=me.id)
    except AccountError as wrong:
        db.session.rollback()
        return _ask("This account stays", wrong.text, ""), 422
    return redirect(url_for("accounts.every"), 303)


def _theirs(account_id: str) -> Account:
    """The account, if this desk may change it: never one's own, which nobody else would notice."""
    me = gate.member().account
    found = db.session.get(Account, account_id)
    return found if found is not None and found.id != me.id else abort(404)


def _link(name: str, email: str, token: str) -> str:
    address = f"{runtime(current_app).settings.public_url}/admin/welcome/{token}"
    return render_template("admin/account_link.html", name=name, email=email, address=address, days=accounts.SETUP_LIFE.days)


def _ask(question: str, what: str, button: str, **fields: str) -> str:
    cancel = url_for("accounts.every")
    return render_template(
        "admin/confirm.html", question=question, what=what, button_text=button, fields=fields, cancel=cancel, warning_button=True
    )
