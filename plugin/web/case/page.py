"""The page of a disagreement; the same for a worker in a frame and for somebody with a link. What is done from it is in `acting`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from flask import Blueprint, current_app, redirect, render_template, request, url_for

from plugin.extensions import db
from plugin.models import Invitation
from plugin.runtime import runtime
from plugin.services.acting import actors, casework, rights
from plugin.services.acting.actors import Member
from plugin.services.acting.casework import Done
from plugin.services.acting.rights import Actor
from plugin.services.case import casefile, cases, children, own_people
from plugin.services.case.casefile import CaseFile
from plugin.services.case.cases import Case, NotFoundError
from plugin.services.case.directory import Directory
from plugin.services.keeping import access
from plugin.services.keeping.clock import machine_now
from plugin.web import words
from plugin.web.case import case_rows, receipts
from plugin.web.door import coming_back, here
from plugin.web.door.gate import member
from plugin.web.door.steps import by_cookie
from policies import Side, State, Viewer

COORDINATOR = "coordinator"
blueprint = Blueprint("case", __name__, url_prefix="/case")


@blueprint.route("/<reference>", methods=["GET", "POST"])
def page(reference: str) -> Any:
    """What happens next, who, by when and why; then what was said; then where it lies on file."""
    file, actor = opened(reference)
    access.note(db.session, actor.person_id, actor.agency_id, "read", file.case.id, "ok", machine_now())
    return _drawn(file, actor, done="done" in request.args)


def shown(reference: str, done: Done | None = None) -> Any:
    """The case's page after something was done: by a redirect where a cookie carries the session, else at once, from what came of it."""
    if by_cookie():
        return redirect(url_for("case.page", reference=reference, done=1), 303)
    coming_back.stands_at(url_for("case.page", reference=reference))
    file, actor = _seen(done.case, done.state, done.directory) if done else opened(reference)
    return _drawn(file, actor, done=True)


def opened(reference: str) -> tuple[CaseFile, Actor]:
    """The case as the present member may see it, and who they are in it. Raises NotFoundError."""
    case = cases.open_whole(db.session, runtime(current_app).keys, reference)
    return _seen(case, case.state(here.now()), Directory(db.session, case))


def _seen(case: Case, state: State, directory: Directory) -> tuple[CaseFile, Actor]:
    here.go_by(case.policy)
    actor = actor_in(case, directory)
    coordinator = actor.person_id == COORDINATOR
    viewer = Viewer(actor.agency_id, cast(Side, actor.side or "none"), coordinator)
    file = casefile.read(db.session, case, state, viewer, directory=directory)
    if not actor.invitation or rights.reads_all(case.policy, state, actor):
        return file, actor
    own = own_people.theirs(case.events, actor.person_id)  # (none left: they were named by mistake, and are told of nobody)
    return casefile.steps_alone(file, not coordinator and own != set(), own or ()), actor


def actor_in(case: Case, directory: Directory) -> Actor:
    """Who the present member is in this case: the agency's staff with their roles, or one role at one stage for a link."""
    row = member().row
    if row.kind == "link":
        invited = db.session.get(Invitation, row.invitation_id)
        if invited is None or invited.disagreement_id != case.id:
            raise NotFoundError(case.reference)
        return actors.of_link(case, invited, row.person_id, directory)
    keys = member().child_keys
    ours = {seat.child_key for seat in directory.seats if seat.agency_id == row.agency_id}
    about = bool(ours & set(keys)) or children.is_about(db.session, case.id, row.agency_id, keys)
    if not about and not casework.is_of_person(db.session, case.id, row.person_id):
        raise NotFoundError(case.reference)  # our agency's, but about another child than the one on screen, and nothing of this person's
    actor = actors.of_staff(db.session, case, Member(row.person_id, row.agency_id, member().roles), directory)
    return actor if member().may_act else replace(actor, roles=frozenset(), for_agency=False)


def _drawn(file: CaseFile, actor: Actor, done: bool) -> Any:
    state = file.state
    listed, mails = receipts.of_case(file, actor), case_rows.mails(file)
    to_file = {one.row.obligation for one in listed if one.mine}  # said above what happens next, with its button
    over = state.status == "closed"
    ahead = [one for one in rights.next_for(file.case.policy, state, actor) if one.after_closing or not over]
    owed = [one for one in ahead if one.key not in to_file and file.concerns(one.child)]
    rows = [case_rows.step(file, actor, one) for one in owed]
    removed = file.case.key is None
    moves = [] if removed else [one for one in state.moves if rights.may_move(actor, one)]
    return render_template(
        "case/page.html",
        file=file,
        state=state,
        actor=actor,
        acts=rights.acts(actor),
        removed=removed,
        says="done" if done else "",
        news=case_rows.news(file, mails) if done else (),
        quiet=done and case_rows.quiet(file, mails),
        mine=[one for one in rows if one["mine"]],
        unnamed=[one for one in rows if one["unnamed"] and state.status != "closed"],
        steps=[one for one in rows if not one["mine"] and not one["weak"] and not one["unnamed"]],
        also=[one for one in rows if not one["mine"] and one["weak"]],
        moves=[one for one in moves if one.open],
        shut=[one for one in moves if not one.open and one.kind not in ("resolve", "withdraw", "unmake", "close")],
        correctable=set() if removed else {event.seq for event in file.case.events if rights.may_correct(actor, event)},
        raised=next((one for one in file.entries if one.kind == "raised"), None),
        other_side="; ".join(casefile.side_words(file, "responding")),
        speaks_for=casefile.speaks_for(file, actor.agency_id, actor.side),
        sides=casefile.both_sides(file) if actors.must_say_side(actor) else (),
        about=file.about if member().row.kind == "link" else (),
        answered=_answered(),
        overdue=state.status == "open" and state.due is not None and state.due.at < state.now,
        cautions=case_rows.two_in_one(file),
        receipts=listed,
        gone={seat.agency_id: seat.name for seat in file.directory.seats if seat.left},
        receipts_summary=receipts.summary(listed),
        asked=case_rows.asked(file, mails),
        words=words,
    )


def _answered() -> Any:
    """When somebody with a link answered, if they have."""
    row = member().row
    invited = db.session.get(Invitation, row.invitation_id) if row.kind == "link" else None
    return invited.answered_at if invited else None
