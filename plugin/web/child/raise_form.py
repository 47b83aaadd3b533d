"""The form by which a disagreement is raised, as the policy and the chosen organisation make it, and sending it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any

from flask import current_app, request, url_for

import forms
from plugin.extensions import db
from plugin.models import Agency, Person
from plugin.runtime import runtime
from plugin.services.acting import advising, casework, raising
from plugin.services.arriving import launching
from plugin.services.case import casefile, children, own_people, staff
from plugin.services.keeping.clock import business_now, machine_now
from plugin.web.case import page as case_pages
from plugin.web.child import policy_questions
from plugin.web.child.kept import kept
from plugin.web.door import steps
from plugin.web.door.gate import member
from plugin.web.door.here import partnership_here, policy_here, whom
from plugin.web.filling import Filled, Filling
from plugin.web.finding import Finding
from policies import Policy


def filling(policy: Policy, agency_id: str, harm: str) -> Filling:
    """The raise form as this policy and the chosen organisation make it."""
    draft = kept()
    you = db.session.get(Person, member().row.person_id)
    born = launching.child_details(member().said).born
    whose, own = own_people.when_raising(policy, children.kind_of(policy, born, "", policy.calendar.local(business_now(db.session)).date()))
    choices = casefile.choices_of(policy) | whose
    other = db.session.get(Agency, agency_id) if agency_id else None
    return Filling(
        forms.get("raise"),
        url_for("raising.disagreement"),
        member().row.child_key,
        {**choices, "agencies": [(other.id, other.name)] if other else []},
        context={
            **casefile.said_in(policy),
            **own,
            "own email": you.email if you else "",
            "mailboxes": staff.mailboxes(db.session, partnership_here()),
            "asks child or adult": policy.subject_word == "person" and not born,
        },
        prefilled=_talked_to(),
        part="what",
        title="Raise a disagreement" + (_with(other) if other else ""),
        warning=_already(other) if other else "",
        send_label="Send and start the policy’s clock",
        back_url=url_for(policy_questions.page_before("raising.disagreement", policy, draft)),
        hidden={"agency": agency_id, "harm": harm},
        before={"agency": agency_id, **policy_questions.start_given(policy, harm, draft)},
        first_rows=_first_rows(policy, harm),
        empty_url=url_for("raising.empty") if draft.get("written for", agency_id) != agency_id else "",
        finding=Finding("person", "people", lambda typed, also: _people(policy, agency_id, typed, also)),
    )


def _people(policy: Policy, agency_id: str, typed: str, also: Collection[str]) -> staff.Found:
    """Who there can be named: those first who act at the policy's first step. Nobody names themselves."""
    found = staff.found(db.session, agency_id, typed, roles=policy.stages[0].acts, also=also)
    return found.without(lambda one: one == member().row.person_id)


def _with(other: Agency) -> str:
    """With whom, in a title."""
    return f" with {other.name}" if other.id != member().row.agency_id else f" inside {other.name}"


def _talked_to() -> dict[str, str]:
    """Who gave advice about this child before, for the question who was talked to."""
    row = member().row
    given = advising.listed(db.session, runtime(current_app).keys, row.agency_id, [row.child_key])
    said = [", ".join(text for text in (one.answers.get("who") or {}).values() if text) for one in reversed(given)]
    return {"talked_to": "\n".join(dict.fromkeys(said))} if said else {}


def _first_rows(policy: Policy, harm: str) -> tuple[tuple[str, str], ...]:
    """What was answered on the pages before, to be looked over with the rest."""
    danger = ((policy.emergency.question, "Yes"),) if policy.emergency and harm == "yes" else ()
    form, given = policy_questions.facts(policy, harm), kept().get("dates")
    dated = tuple((row.label, row.text) for row in forms.rows(form, given)) if form and given else ()
    return (*danger, *dated)


def _already(other: Agency) -> str:
    """A warning where this agency has an open disagreement about this {whom()['child']} with the same organisation; "" else."""
    row = member().row
    found = casework.open_between(db.session, row.agency_id, row.child_key, other.id)
    if not found:
        return ""
    open_now = f"There is an open disagreement about this {whom()['child']}{_with(other)} already: {', '.join(found)}."
    return f"{open_now} Is this about something else?"


def sent_before() -> str | None:
    """The reference of what the page that is sent raised already, whatever has become of the organisation since."""
    return raising.raised_once(db.session, _once(request.form.get("once", ""))) if steps.doing() == "send" else None


def _once(token: str) -> str:
    return hashlib.sha256(f"{member().row.person_id}|{token}".encode()).hexdigest()[:32]


def send(filled: Filled) -> Any:
    """Raises it, once; then its page."""
    here, once = runtime(current_app), _once(filled.once)
    if earlier := raising.raised_once(db.session, once):
        return case_pages.shown(earlier)
    if not filled.answers:
        return steps.go("raising.emergency")
    reference = raising.raise_disagreement(
        db.session, here.keys, _wanted(filled, once, member().said), business_now(db.session), machine_now()
    )
    return case_pages.shown(reference)


def _wanted(filled: Filled, once: str, said: dict[str, Any]) -> raising.Raise:
    answers, facts, row = filled.answers, filled.facts, member().row
    policy = policy_here()
    other = answers.get("other_person")
    someone_else = answers.get("person") == "someone else"
    role = policy.stages[0].acts[0]
    return raising.Raise(
        partnership_id=partnership_here(),
        policy_hash=policy.hash,
        agency_id=row.agency_id,
        person_id=row.person_id,
        child_key=row.child_key,
        child=launching.child_details(said),
        child_ref=said.get("child_ref", ""),
        other_agency=answers["agency"],
        other_person="" if answers["person"] in ("someone else", "not known") else answers["person"],
        other_named=raising.Named(role, other["name"], other["email"], answers["agency"]) if someone_else and other else None,
        themes=facts.get("themes", []),
        answers=answers,
        form=filled.definition.id,
        form_version=filled.definition.version,
        once=once,
        flags=[one for one in facts.get("flags", []) if one in policy.flag_ids],  # "none of these" is an answer, not a flag
        case_flags=policy_questions.flags_said(policy, request.form.get("harm", ""), answers),
        start=answers.get("start", ""),
        dates=policy_questions.dates_given(policy, kept().get("dates", {})),
        choices=policy_questions.choices_given(policy, request.form.get("harm", ""), kept().get("dates", {})),
        protective=facts.get("protective date", ""),
        own_people=_own_people(answers, policy),
        siblings=[_sibling(one, policy) for one in answers.get("siblings") or ()],
        facts={"about": facts.get("about", "")},
        draft=filled.draft,
        kind=answers.get("child_or_adult") or "",
    )


def _own_people(said: dict[str, Any], policy: Policy) -> list[raising.Named]:
    return [raising.Named(role, one["name"], one["email"]) for role, one in own_people.said_raising(policy, said)]


def _sibling(said: dict[str, Any], policy: Policy) -> raising.Sibling:
    numbers = (("nhs-number", said.get("nhs_number")), ("upn", said.get("upn")))
    return raising.Sibling(
        said["name"],
        said.get("born") or "",
        tuple((system, value) for system, value in numbers if value),
        said.get("ref") or "",
        [one for one in said.get("flags") or () if one in policy.flag_ids],
        _own_people(said, policy),
        said.get("child_or_adult") or "",
    )
