"""The page of a disagreement; the same for a worker in a frame and for somebody with a link. What is done from it is in `acting`."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from sqlalchemy import bindparam, select

from plugin.extensions import db
from plugin.models import Delivery, Invitation, MailRow, Participant
from plugin.models.scope import fixed
from plugin.runtime import runtime
from plugin.services import access, casefile, cases, casework, children
from plugin.services.casefile import CaseFile
from plugin.services.cases import Case, NotFoundError
from plugin.services.casework import Actor
from plugin.services.clock import business_now, machine_now
from plugin.web import words
from plugin.web.gate import member
from plugin.web.steps import by_cookie
from policies import Obligation, Viewer

_SEAT = fixed(
    select(Participant.side, Participant.child_key).where(
        Participant.disagreement_id == bindparam("case"), Participant.agency_id == bindparam("agency")
    )
)
blueprint = Blueprint("case", __name__, url_prefix="/case")


@blueprint.route("/<reference>", methods=["GET", "POST"])
def page(reference: str) -> Any:
    """What happens next, who, by when and why; then what was said; then where it lies on file."""
    return _page(reference)


def shown(reference: str, notice: str = "") -> Any:
    """The case's page after something was done: by a redirect where a cookie carries the session, else at once."""
    if by_cookie():
        return redirect(url_for("case.page", reference=reference, done=1), 303)
    return _page(reference, notice)


def opened(reference: str) -> tuple[CaseFile, Actor]:
    """The case as the present member may see it, and who they are in it. Raises NotFoundError."""
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
    seat = db.session.execute(_SEAT, {"case": case.id, "agency": row.agency_id}).one()
    keys = member().child_keys
    about = seat.child_key in keys or children.is_about(db.session, case.id, row.agency_id, keys)
    if not about and not casework.is_of_person(db.session, case.id, row.person_id):
        raise NotFoundError(case.reference)  # our agency's, but about another child than the one on screen, and nothing of this person's
    if not member().may_act:
        return Actor(row.person_id, row.agency_id, seat.side, frozenset())
    roles = frozenset((*case.policy.stages[0].acts[:1], *member().roles))
    return Actor(row.person_id, row.agency_id, seat.side, roles, for_agency=True)


def _page(reference: str, notice: str = "") -> Any:
    file, actor = opened(reference)
    if not notice:  # (the page drawn at once after something was done: that is in the case's own chain already)
        access.note(db.session, actor.person_id, actor.agency_id, "read", file.case.id, "ok", machine_now())
        notice = "Done. It is recorded." if request.args.get("done") else ""
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
        shut=[one for one in moves if not one.open and one.kind not in ("resolve", "withdraw", "close")],
        correctable={event.seq for event in file.case.events if casework.may_correct(actor, event)},
        about=file.about if actor.roles and member().row.kind == "link" else (),
        overdue=state.status == "open" and state.due is not None and state.due.at < state.now,
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
        "tag": "Overdue" if late else "For you" if mine else "Then" if one.kind == "decision" else "Waiting",
        "mine": mine,
    }


def _receipts(file: CaseFile) -> list[dict[str, str]]:
    agencies = {seat.agency_id: seat.name for seat in file.directory.seats}
    rows = db.session.scalars(select(Delivery).where(Delivery.disagreement_id == file.case.id).order_by(Delivery.created_at))
    listed = []
    for row in rows:
        tag, colour = words.DELIVERY[row.state]
        detail = f"Document {row.remote_id}, {words.at(row.done_at)}" if row.done_at and row.remote_id else ""
        if row.state in ("due", "claimed") and row.attempt and row.next_try_at:
            detail = f"It could not be filed yet. We try again by ourselves, next at {words.at(row.next_try_at)}."
        elif row.state in ("needs a person", "given up"):
            detail = row.reason
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
        opened = f", opened {words.at(invited.opened_at)}" if invited.opened_at and invited.opened_at >= mailed.created_at else ""
        when = f" {words.at(mailed.created_at)}" if mailed.sent_at else ""
        listed.append(
            {"who": who.name, "what": words.RUNGS.get(mailed.rung, mailed.rung), "state": words.MAIL[mailed.state] + when + opened}
        )
    return listed
