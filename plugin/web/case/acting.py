"""What can be done to a disagreement: meet what is owed, move it, go past a guard, add information. One form each, looked over and sent.

`what` says which: "fulfil KEY", "aside KEY" (set aside with a reason), "move KEY", "settle" (choose among the outcomes open),
"override KEY", "add", "handover", "correct SEQ", "side".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, render_template, request, url_for

import forms
from forms.prefill import prefill
from plugin.extensions import db
from plugin.runtime import runtime
from plugin.services.acting import actors, casework, handing, moving, rights
from plugin.services.acting.casework import Sent
from plugin.services.acting.rights import Actor
from plugin.services.case import casefile, children, own_people, staff, standing
from plugin.services.case.casefile import CaseFile
from plugin.services.case.cases import NotFoundError
from plugin.services.keeping.clock import machine_now
from plugin.web.case import receipts
from plugin.web.case.page import opened, shown
from plugin.web.door.gate import member
from plugin.web.filling import Filled, Filling, fill
from plugin.web.finding import Finding
from policies import Move

blueprint = Blueprint("acting", __name__, url_prefix="/case")


@blueprint.route("/<reference>/do", methods=["GET", "POST"])
def act(reference: str) -> Any:
    """One thing done to the case."""
    file, actor = opened(reference)
    kind, _, about = (request.form if request.method == "POST" else request.args).get("what", "").partition(" ")
    doing = _DOING.get(kind)
    if doing is None or not (rights.acts(actor) or kind == "side"):
        raise NotFoundError(reference)
    return doing(file, actor, about)


def _fulfil(file: CaseFile, actor: Actor, key: str) -> Any:
    one = next((one for one in file.state.obligations if one.key == key), None)
    if one is None:
        raise NotFoundError(key)
    filling = replace(_filling(file, one.form or "done", f"fulfil {key}", file.title_of(one)), part=one.part)
    filling = replace(filling, prefilled={**_signature(file, actor, filling), **filling.prefilled})
    return fill(filling, _then(file, actor, casework.fulfil, key))


def _set_aside(file: CaseFile, actor: Actor, key: str) -> Any:
    one = next((one for one in file.state.obligations if one.key == key), None)
    if one is None:
        raise NotFoundError(key)
    return fill(_filling(file, "waive", f"aside {key}", f"Set aside: {file.title_of(one)}"), _then(file, actor, casework.set_aside, key))


def _move(file: CaseFile, actor: Actor, key: str) -> Any:
    move = _found(file, key)
    form = moving.FORMS.get(move.kind, moving.FORM_OF_OTHERS)
    choices = {"outcomes": [(move.to, move.title)], "people": _people(file, actor, move)}
    filling = _filling(file, form, f"move {key}", _TITLES.get(move.kind, move.title), choices)
    if move.kind == "withdraw":
        filling = replace(filling, warning=_WITHDRAWN.format(**casefile.whom(file.case.policy)))
    if move.kind == "unmake":
        filling = replace(filling, warning=receipts.if_mistaken(file))
    return fill(filling, _then(file, actor, moving.make_move, key))


def _settle(file: CaseFile, actor: Actor, _about: str) -> Any:
    able = [one for one in file.state.moves if one.kind == "resolve" and one.open and rights.may_move(actor, one)]
    choices = {"outcomes": [(one.to, one.title) for one in able]}

    def send(filled: Filled) -> Any:
        return _then(file, actor, moving.make_move, f"resolve/{filled.facts.get('outcome', '')}")(filled)

    return fill(_filling(file, "resolve", "settle", "Settle the disagreement", choices), send)


def _override(file: CaseFile, actor: Actor, key: str) -> Any:
    move = _found(file, key)
    return fill(
        _filling(file, "override", f"override {key}", f"Go ahead all the same: {move.title}"), _then(file, actor, moving.override, key)
    )


def _add(file: CaseFile, actor: Actor, _about: str) -> Any:
    filling = _filling(file, "changes", "add", "Add information")

    def send(filled: Filled) -> Any:
        here = runtime(current_app)
        done = casework.add_information(db.session, here.keys, file.case.reference, actor, _sent(file, filled), *_times(file))
        return shown(file.case.reference, done)

    return fill(filling, send)


def _say_side(file: CaseFile, actor: Actor, _about: str) -> Any:
    """For somebody of an organisation on both sides who stands on neither."""
    if not actors.must_say_side(actor):
        raise NotFoundError(file.case.reference)
    sides = [(side, f"{title}: {who}") for side, (title, who) in zip(standing.SIDES, casefile.both_sides(file), strict=True)]
    filling = _filling(file, "side", "side", "Say for which side you speak", {"sides": sides})

    def send(filled: Filled) -> Any:
        here = runtime(current_app)
        done = actors.say_side(db.session, here.keys, file.case.reference, actor, _sent(file, filled), *_times(file))
        return shown(file.case.reference, done)

    return fill(filling, send)


def _correct(file: CaseFile, actor: Actor, seq: str) -> Any:
    entry = next((one for one in file.entries if str(one.seq) == seq), None)
    if entry is None:
        raise NotFoundError(seq)
    filling = _filling(file, "correction", f"correct {seq}", f"This was a mistake: {entry.title}")
    stated = {one.seq for event in file.case.events if event.seq == entry.seq for one in casework.stated_with(file.case, event)}
    if gone := "; ".join(one.title for one in file.entries if one.seq in stated):
        filling = replace(filling, warning=f"This is taken back with it: {gone}. If it still holds, add it again.")
    return fill(filling, _then(file, actor, casework.correct, seq))


def _hand_over(file: CaseFile, actor: Actor, _about: str) -> Any:
    """For somebody of an agency with a link alone: another person of it answers instead. (A chair, an officer has no colleagues here.)"""
    row = member().row
    if row.kind != "link" or not actor.agency_id:
        raise NotFoundError(file.case.reference)
    filling = _filling(file, "hand-over", "handover", "Somebody else should answer this")
    finding = Finding("person", "colleagues", lambda typed, also: handing.colleagues(db.session, file.case, actor, typed, also))
    filling = replace(filling, finding=finding, prefilled={**filling.prefilled, "person": handing.deputy_of(db.session, actor)})

    def send(filled: Filled) -> Any:
        here = runtime(current_app)
        handing.hand_over(db.session, here.keys, file.case.reference, row.invitation_id, actor, _sent(file, filled), *_times(file))
        to = str(filled.answers.get("person"))
        name = staff.names(db.session, [to]).get(to, "Your duty desk")
        return render_template("respond/handed.html", name=name)

    return fill(filling, send)


def _filling(file: CaseFile, form: str, what: str, title: str, choices: Mapping[str, Any] | None = None) -> Filling:
    definition, policy = forms.get(form), file.case.policy
    flags = children.flag_choices(policy, file.children)
    own, asked_for = own_people.lacking(policy, file.children, file.case.events, casefile.whom(policy)["child"])
    told: dict[str, Mapping[str, Any]] = {**file.answers, "launch": {"child_name": file.child.get("name", "")}}
    return Filling(
        definition,
        url_for("acting.act", reference=file.case.reference),
        file.case.id + what,
        {**casefile.choices_of(policy), "people": [], "agencies": [], "flags": flags, "personal roles of each": own, **(choices or {})},
        context={
            **casefile.said_in(policy),
            **asked_for,
            "moments": casefile.moments_of(file.case),
            "mailboxes": staff.mailboxes(db.session, file.case.partnership_id) if form == "escalate" else None,
        },
        prefilled={**prefill(definition, told), "flags": children.flags_now(file.state)},
        hidden={"what": what},
        title=title,
        caption=f"{file.case.reference}: {', '.join(one.name for one in file.children if one.name)}".rstrip(": "),
        read_first=(*file.about, *_said_last(file)) if what.startswith("fulfil") else (),
        back_url=url_for("case.page", reference=file.case.reference),
    )


def _said_last(file: CaseFile) -> tuple[tuple[str, str], ...]:
    """What the other side said last, as one thing more to be read before an answer."""
    view = file.other_view
    said = "\n".join(text for _label, text in view.answered) if view else ""
    return ((f"What {view.agency or 'the other side'} said last", said),) if view else ()


def _signature(file: CaseFile, actor: Actor, filling: Filling) -> dict[str, Any]:
    """The first signature that is asked for, with what is known of whoever is here: nobody types their own name twice."""
    asked = [one.name for one in filling.definition.asked(filling.part) if one.kind == "signature"]
    key = actor.person_id if ":" in actor.person_id else f"person:{actor.person_id}"
    if not asked or not key.startswith(("person:", "contact:")):
        return {}
    who = file.directory.named(key)
    place = next((seat.name for seat in file.directory.seats if seat.agency_id == actor.agency_id), "")
    said = {"name": who.name, "role": who.title, "organisation": place}
    return {asked[0]: {name: text for name, text in said.items() if text}}


def _then(file: CaseFile, actor: Actor, use_case: Callable[..., casework.Done], key: str) -> Callable[[Filled], Any]:
    """What sending does: the use case, then the case's page."""

    def send(filled: Filled) -> Any:
        here = runtime(current_app)
        done = use_case(db.session, here.keys, file.case.reference, key, actor, _sent(file, filled), *_times(file))
        return shown(file.case.reference, done)

    return send


def _times(file: CaseFile) -> tuple[datetime, datetime]:
    return file.state.now, machine_now()


def _sent(file: CaseFile, filled: Filled) -> Sent:
    said = filled.answers, filled.facts, filled.once, filled.draft, filled.part
    return Sent(filled.definition.id, filled.definition.version, *said, seen=file.case)


def _found(file: CaseFile, key: str) -> Move:
    for move in file.state.moves:
        if move.key == key:
            return move
    raise NotFoundError(key)


def _people(file: CaseFile, actor: Actor, move: Move) -> list[tuple[str, str]]:
    """Who could take it on for the actor's side at the stage a move leads to."""
    stage = next((stage for stage in file.case.policy.stages if stage.id == move.to), None)
    seat = next((seat for seat in file.directory.seats if actor.side in (seat.side, "both")), None)
    if stage is None or seat is None:
        return []
    able = [one for one in casework.could_act(db.session, seat, stage) if actor.side == "both" or not file.directory.opposes(seat, one.id)]
    return [(one.id, f"{one.name}, {one.job_title}" if one.job_title else one.name) for one in able]


# Whoever raised it about the wrong one would not think of the file that it still goes on.
_WITHDRAWN = (
    "What was said still goes on the {child}’s file where the policy asks for it. If it was raised about the wrong {child}, or with the "
    "wrong organisation, go back and say that it was raised by mistake instead."
)
# Moves whose own title is the name of what comes of them, not of what is done.
_TITLES = {"withdraw": "Withdraw the disagreement", "unmake": "Say that it was raised by mistake"}
_DOING: dict[str, Callable[[CaseFile, Actor, str], Any]] = {
    "fulfil": _fulfil,
    "aside": _set_aside,
    "move": _move,
    "settle": _settle,
    "override": _override,
    "add": _add,
    "handover": _hand_over,
    "correct": _correct,
    "side": _say_side,
}
