"""What the page of a disagreement lists, as rows: what happens next, who was just written to, who was asked before.

Words and tags for people; what is owed and who may do it is worked out in `policies` and `services.acting.rights`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from plugin.extensions import db
from plugin.services.acting import rights
from plugin.services.acting.rights import Actor
from plugin.services.case import own_people
from plugin.services.case.casefile import CaseFile
from plugin.services.case.directory import Recipient
from plugin.services.notices import asked as services_asked
from plugin.services.notices.rows import ANSWERED
from plugin.web import words
from plugin.web.case import mail_words
from policies import Obligation, Party
from policies.evaluating.ladders import duty_of
from policies.parts.schema import Side
from policies.plain.naming import lowered

_ON_ITS_WAY = ("waiting", "queued", "claimed", "deferred", "sent")
_SAID = ("ask", "tell", ANSWERED)
_BY_ITSELF = {
    "notice": "Accord writes to them by itself.",
    "record": "Accord does this by itself. Where it cannot, it asks somebody.",
}


def step(file: CaseFile, actor: Actor, one: Obligation) -> dict[str, Any]:
    """One line of what happens next: what, who, by when, and why that date unless it is the step's own."""
    mine = rights.may_fulfil(file.case.policy, actor, one)
    same = file.state.due is not None and one.due is not None and one.due.at == file.state.due.at
    late = one.status == "overdue"
    return {
        "key": one.key,
        "title": file.title_of(one),
        "who": _who(file, one.owner),
        "when": _by_when(one),
        "why": _by_itself(file, actor, one) or ("" if same else one.binds_because),
        "state": "late" if late else "now" if mine else "",
        "tag": "Overdue" if late else "For you" if mine else "Then" if one.kind == "decision" else "Waiting",
        "late": late,
        "mine": mine,
        "yours": _ends_with_a_move(file, actor, one),
        "unnamed": rights.acts(actor) and rights.speaks_for(actor, one.owner.side) and _waits_for_a_name(file, one),
        "aside": rights.may_set_aside(file.case.policy, actor, one),
        "weak": one.strength in ("may", "guide"),
    }


def _who(file: CaseFile, owner: Party) -> str:
    """Whose it is, by name, with each one's own job where it is known, else what they are in the policy."""
    people = [] if owner.side == "none" else file.directory.recipients(owner)
    found = {who.name: _as_what(who, owner) for who in people}
    return ", ".join(f"{name} ({what})" if what else name for name, what in found.items()) or owner.title


def _as_what(who: Recipient, owner: Party) -> str:
    if who.key.startswith(("duty:", "coordinator")):
        return f"in place of: {lowered(owner.title)}"
    return "" if who.title == who.name else lowered(who.title or owner.title)


def _by_itself(file: CaseFile, actor: Actor, one: Obligation) -> str:
    """How a thing gets done that has no button of its own and looks as if it waited for somebody; "" where somebody must act on it."""
    if _waits_for_a_name(file, one):
        return "Nobody has said who it is. Once somebody does, Accord writes to them."
    if one.automatic and one.status != "overdue":
        return _BY_ITSELF.get(one.kind, "")
    if _ends_with_a_move(file, actor, one):
        return "This is yours too. You do it with a button under “Where it can go from here”."
    return ""


def _waits_for_a_name(file: CaseFile, one: Obligation) -> bool:
    """Whether it is a notice to somebody whom one person has for themselves, and nobody has said who that is."""
    nobody = own_people.is_of_nobody_known(one.key)  # (whom a notice of another agency is for is not shown: the key still says that)
    return one.automatic and nobody and any(file.directory.unnamed(party) for party in one.to)


def _ends_with_a_move(file: CaseFile, actor: Actor, one: Obligation) -> bool:
    """Whether it is the actor's, and what meets it is a way on that they can take now."""
    if not rights.owns(actor, one) or duty_of(file.case.policy, one).done_by is None:
        return False
    return any(rights.may_move(actor, move) and move.open for move in file.state.moves)


def _by_when(one: Obligation) -> str:
    when = words.by_when(one.due) or ("at once" if one.at_once else "no date is set by the policy")
    return when[:1].upper() + when[1:]


def mails(file: CaseFile) -> list[Any]:
    """Every mail of the case, as rows: `news`, `quiet` and `asked` go by them."""
    return services_asked.mails(db.session, file.case)


def news(file: CaseFile, mails: Sequence[Any]) -> list[dict[str, str]]:
    """Who is written to because of what a person did last: what they must do and by when, or that they are told; one line a person."""
    done, owed = _done_last(file), {one.key: one for one in file.state.obligations}
    sent: dict[str, list[tuple[Any, Obligation]]] = {}
    for row in mails:
        going = row.created_at == done and row.rung in _SAID and row.state in _ON_ITS_WAY
        if going and row.obligation in owed and _name(file, row.recipient):
            sent.setdefault(row.recipient, []).append((row, owed[row.obligation]))
    return [_written_to(_name(file, recipient), rows) for recipient, rows in sent.items()]


def quiet(file: CaseFile, mails: Sequence[Any]) -> bool:
    """Whether no mail at all goes out because of what a person did last: then nobody hears of it unless they look, or are called."""
    done = _done_last(file)
    return not any(row.created_at >= done and row.state in _ON_ITS_WAY for row in mails)


def _done_last(file: CaseFile) -> datetime:
    """When a person did something last."""
    return next(event.recorded_at for event in reversed(file.case.events) if event.actor != "system")


def _written_to(who: str, rows: list[tuple[Any, Obligation]]) -> dict[str, str]:
    """One person's line. Whoever is asked to do something reads first what that is; the duty behind a mere notice is somebody else's."""
    asked = [one for row, one in rows if row.rung == "ask"]
    dates = [one.due for one in asked if one.due]
    waits = [row.send_at for row, _ in rows if row.state == "waiting" and row.send_at]
    return {
        "who": who,
        "what": f"asked to: {'; '.join(one.title for one in asked)}" if asked else "told about this",
        "when": words.by_when(min(dates, key=lambda due: due.at)) if dates else "",
        "later": words.at(min(waits)) if waits else "",
    }


def two_in_one(file: CaseFile) -> list[str]:
    """Where both roles that a step has are one person's at an agency: the step then brings no second pair of eyes (SGCP-X8)."""
    stage = file.case.policy.stage_by_id[file.state.stage]
    if len(stage.acts) < 2 or file.state.status != "open":
        return []
    told = []
    for seat in file.directory.seats:
        parties = [Party(cast(Side, seat.side), role, "", seat.agency_id) for role in stage.acts]
        known = [{one.key: one.name for one in file.directory.recipients(party) if not one.key.startswith("duty:")} for party in parties]
        both = set.intersection(*(set(names) for names in known)) - {"coordinator"}
        if both:
            roles = " and ".join(file.case.policy.roles[role].title for role in stage.acts)
            told.append(f"At {seat.name} one person, {known[0][both.pop()]}, is both: {roles}. Somebody else there should look at it too.")
    return told


def asked(file: CaseFile, mails: Sequence[Any]) -> list[dict[str, str]]:
    """Who was written to, for what, and what became of it: only about what the reader may see."""
    seen = {one.key for one in file.state.obligations}
    return mail_words.lines(services_asked.listed(mails, file.case, file.state, file.directory, seen))


def _name(file: CaseFile, key: str) -> str:
    try:
        return file.directory.named(key).name
    except LookupError:
        return ""
