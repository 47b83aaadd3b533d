"""The page of a disagreement, and what can be done from it; the same for a worker in a frame and for somebody with a link."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from sqlalchemy import select

import forms
from plugin.extensions import db
from plugin.models import Delivery, Invitation, MailRow, Participant
from plugin.runtime import runtime
from plugin.services import access, casefile, cases, casework, directory
from plugin.services.casefile import CaseFile
from plugin.services.cases import Case, NotFoundError
from plugin.services.casework import Actor, Sent
from plugin.services.clock import business_now, machine_now
from plugin.web import gate, words
from plugin.web.filling import Filled, Filling, fill
from plugin.web.gate import member
from policies import Move, Obligation, Viewer

blueprint = Blueprint("case", __name__, url_prefix="/case")


@blueprint.route("/<reference>", methods=["GET", "POST"])
def page(reference: str) -> Any:
    """What happens next, who, by when and why; then what was said; then where it lies on file."""
    return _page(reference)


def shown(reference: str, notice: str = "") -> Any:
    """The case's page after something was done: by a redirect where a cookie carries the session, else at once."""
    if any(request.cookies.get(name) for name in (gate.FRAME_COOKIE, gate.LINK_COOKIE)):
        return redirect(url_for("case.page", reference=reference, done=1), 303)
    return _page(reference, notice)


@blueprint.route("/<reference>/do", methods=["GET", "POST"])
def act(reference: str) -> Any:
    """One thing done to the case: `what` is "fulfil KEY", "escalate STAGE", "resolve", "close" or "fact ID"."""
    if request.method == "GET":
        return _page(reference)
    file, actor = _open(reference)
    kind, _, about = request.form.get("what", "").partition(" ")
    doing = _DOING.get(kind)
    if doing is None:
        raise NotFoundError(reference)
    return doing(file, actor, about)


def _open(reference: str) -> tuple[CaseFile, Actor]:
    here = runtime(current_app)
    case = cases.open_case(db.session, here.keys, reference=reference)
    actor = actor_in(case)
    file = casefile.read(db.session, case, case.state(business_now(db.session)), Viewer(actor.agency_id, actor.side))
    return file, actor


def actor_in(case: Case) -> Actor:
    """Who the present member is in this case: the agency's staff with their roles, or one role at one stage for a link."""
    row = member().row
    if row.kind == "link":
        invited = db.session.get(Invitation, row.invitation_id)
        if invited is None or invited.disagreement_id != case.id:
            raise NotFoundError(case.reference)
        roles = frozenset({invited.role}) if invited.ended_at is None else frozenset[str]()
        return Actor(row.person_id, invited.agency_id, invited.side, roles, invited.stage)
    side = db.session.execute(
        select(Participant.side).where(Participant.disagreement_id == case.id, Participant.agency_id == row.agency_id)
    ).scalar_one()
    first = case.policy.stages[0].acts[:1]
    held = directory.roles_of(db.session, row.person_id)
    return Actor(row.person_id, row.agency_id, side, frozenset((*first, *held)), for_agency=True)


def _page(reference: str, notice: str = "") -> Any:
    file, actor = _open(reference)
    if request.args.get("done") and not notice:
        notice = "Done. It is recorded."
    access.note(db.session, actor.person_id, actor.agency_id, "read", file.case.id, "ok", machine_now())
    state = file.state
    steps = casework.next_for(file.case.policy, state, actor)
    moves = [one for one in state.moves if casework.may_move(actor, one)]
    return render_template(
        "case/page.html",
        file=file,
        state=state,
        actor=actor,
        notice=notice,
        steps=[_step(file, actor, one) for one in steps if one.strength in ("must", "should")],
        also=[_step(file, actor, one) for one in steps if one.strength in ("may", "guide")],
        moves=[one for one in moves if one.open],
        closed_moves=[one for one in moves if not one.open],
        receipts=_receipts(file),
        asked=_asked(file),
        words=words,
    )


def _step(file: CaseFile, actor: Actor, one: Obligation) -> dict[str, Any]:
    """One line of what happens next: what, who, by when, and why that date unless it is the step's own."""
    people = [] if one.owner.side == "none" else file.directory.recipients(one.owner)
    names = ", ".join(dict.fromkeys(who.name for who in people)) or one.owner.title
    mine = casework.may_fulfil(file.case.policy, actor, one)
    when = words.by_when(one.due) or ("at once" if one.at_once else "no date is set by the policy")
    same = file.state.due is not None and one.due is not None and one.due.at == file.state.due.at
    late = one.status == "overdue"
    return {
        "key": one.key,
        "title": one.title,
        "who": f"{names} ({one.owner.title[:1].lower()}{one.owner.title[1:]})",
        "when": when[:1].upper() + when[1:],
        "why": "" if same else one.binds_because,
        "state": "late" if late else "now" if mine else "",
        "tag": "Overdue" if late else "For you" if mine else "Waiting",
        "mine": mine,
    }


def _receipts(file: CaseFile) -> list[dict[str, str]]:
    agencies = {seat.agency_id: seat.name for seat in file.directory.seats}
    rows = db.session.scalars(select(Delivery).where(Delivery.disagreement_id == file.case.id).order_by(Delivery.created_at))
    listed = []
    for row in rows:
        tag, colour = words.DELIVERY[row.state]
        detail = f"Document {row.remote_id}, {words.at(row.done_at)}" if row.done_at and row.remote_id else row.reason
        listed.append({"place": agencies.get(row.agency_id, ""), "tag": tag, "colour": colour, "detail": detail})
    return listed


def _asked(file: CaseFile) -> list[dict[str, str]]:
    """Who was written to, when, and whether they opened it."""
    rows = db.session.execute(
        select(MailRow, Invitation)
        .join(Invitation, Invitation.id == MailRow.invitation_id)
        .where(MailRow.disagreement_id == file.case.id, MailRow.state != "in another mail")
        .order_by(MailRow.created_at)
    )
    listed = []
    for mailed, invited in rows:
        try:
            who = file.directory.named(mailed.recipient)
        except LookupError:
            continue
        opened = f", opened {words.at(invited.opened_at)}" if invited.opened_at else ""
        when = f" {words.at(mailed.created_at)}" if mailed.sent_at else ""
        listed.append(
            {"who": who.name, "what": words.RUNGS.get(mailed.rung, mailed.rung), "state": words.MAIL[mailed.state] + when + opened}
        )
    return listed


def _filling(file: CaseFile, form: str, what: str, title: str, **more: Any) -> Filling:
    definition = forms.get(form)
    choices = casefile.choices_of(file.case.policy)
    return Filling(
        definition,
        url_for("case.act", reference=file.case.reference),
        file.case.id + what,
        {**choices, **more.pop("choices", {})},
        context={"officer flags": casework.officer_flags(file.case.policy), **more.pop("context", {})},
        prefilled=casefile.prefill(definition, file),
        hidden={"what": what},
        title=title,
        back_url=url_for("case.page", reference=file.case.reference),
        **more,
    )


def _sent(filled: Filled) -> Sent:
    return Sent(filled.definition.id, filled.definition.version, filled.answers, filled.facts, filled.once, filled.draft)


def _fulfil(file: CaseFile, actor: Actor, key: str) -> Any:
    one = next((one for one in file.state.obligations if one.key == key), None)
    if one is None:
        raise NotFoundError(key)
    filling = _filling(file, one.form or "done", f"fulfil {key}", one.title)

    def send(filled: Filled) -> Any:
        here = runtime(current_app)
        casework.fulfil(db.session, here.keys, file.case.reference, key, actor, _sent(filled), business_now(db.session), machine_now())
        return shown(file.case.reference, "Sent. It is recorded.")

    return fill(filling, send)


def _escalate(file: CaseFile, actor: Actor, to: str) -> Any:
    move = _move(file, "escalate", to)
    stage = next(stage for stage in file.case.policy.stages if stage.id == to)
    seat = next(seat for seat in file.directory.seats if seat.side == actor.side)
    people = [
        (one.id, f"{one.name}, {one.job_title}" if one.job_title else one.name) for one in casework.could_act(db.session, seat, stage)
    ]
    filling = _filling(file, "escalate", f"escalate {to}", move.title, choices={"people": people}, send_label="Send")

    def send(filled: Filled) -> Any:
        here = runtime(current_app)
        casework.escalate(db.session, here.keys, file.case.reference, to, actor, _sent(filled), business_now(db.session), machine_now())
        return shown(file.case.reference, "The disagreement is at the next step. The people of that step are being asked.")

    return fill(filling, send)


def _resolve(file: CaseFile, actor: Actor, _about: str) -> Any:
    outcomes = [
        (one.to, one.title)
        for one in file.state.moves
        if one.kind in ("resolve", "withdraw") and one.open and casework.may_move(actor, one)
    ]
    filling = _filling(file, "resolve", "resolve", "Settle the disagreement", choices={"outcomes": outcomes})

    def send(filled: Filled) -> Any:
        here = runtime(current_app)
        outcome = str(filled.facts.get("outcome", ""))
        casework.resolve(db.session, here.keys, file.case.reference, outcome, actor, _sent(filled), business_now(db.session), machine_now())
        return shown(file.case.reference, "It is settled. What must follow is listed below.")

    return fill(filling, send)


def _close(file: CaseFile, actor: Actor, _about: str) -> Any:
    here = runtime(current_app)
    once = request.form.get("once", "")
    casework.close(db.session, here.keys, file.case.reference, actor, once, business_now(db.session), machine_now())
    return shown(file.case.reference, "The disagreement is closed.")


def _move(file: CaseFile, kind: str, to: str) -> Move:
    found = next((one for one in file.state.moves if one.kind == kind and one.to == to), None)
    if found is None:
        raise NotFoundError(to)
    return found


_DOING: dict[str, Callable[[CaseFile, Actor, str], Any]] = {
    "fulfil": _fulfil,
    "escalate": _escalate,
    "resolve": _resolve,
    "close": _close,
}
