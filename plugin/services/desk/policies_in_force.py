"""A policy put in force at the desk: a partnership's first one, or in the place of another; who may, what they must have looked at first,
and that it is on record who did.

What lives here: these use cases. What does not: storing a pack (`services.case.policies`), what a new text changes
(`services.case.policy_changes`), addresses (`services.desk.contacts`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

import policies
from plugin.models import Partnership, PolicyVersion, begin_writing
from plugin.models.scope import Desk
from plugin.services.case import policies as kept
from plugin.services.case import references
from plugin.services.desk import accounts, contacts
from plugin.services.desk.contacts import ContactError
from policies import Policy


class MissingAcceptedError(ValueError):
    """The text names things that it does not give, and not each of them was filled in or accepted; `missing` are their ids."""

    def __init__(self, missing: Collection[str]) -> None:
        super().__init__("not every open reference was filled in or accepted")
        self.missing = tuple(missing)


@dataclass(frozen=True, slots=True)
class Answers:
    """What was said of the references that a text does not give, by their ids: what is meant, or that it is known to be missing."""

    given: Mapping[str, str] = field(default_factory=dict)
    accepted: Collection[str] = ()


def partnership_of(session: Session, who: Desk, digest: str, now: datetime) -> str:
    """The partnership for which this policy is in force, or will be, where the desk may replace it: the owner's any, a coordinator's own.

    Raises LookupError.
    """
    found = session.scalar(select(PolicyVersion.partnership_id).where(PolicyVersion.hash == digest, kept.live(now)))
    if found is None or not contacts.may_change(who, found):
        raise LookupError(digest)
    return str(found)


def put_in_force(
    session: Session, who: Desk, digest: str, text: str, said: Answers, now: datetime, machine_now: datetime, forms: Collection[str]
) -> Policy:
    """Puts `text` in force in place of the policy of that hash, from the text's own first day where that is still to come.

    Raises policies.PackError, MissingAcceptedError, ValueError where it is another partnership's text, LookupError where the desk may not.
    Commits. `now` is business time.
    """
    partnership_id = partnership_of(session, who, digest, now)
    new = policies.load(text, source="line", forms=forms)
    _look_at_missing(new, said)
    begin_writing(session)
    return _put(session, who, partnership_id, new, text, said, now, machine_now, forms)


def put_first(
    session: Session,
    who: Desk,
    text: str,
    typed: Mapping[str, str],
    said: Answers,
    now: datetime,
    machine_now: datetime,
    forms: Collection[str],
) -> Policy:
    """Sets up the partnership that a pack names, with its own mailboxes and areas as `typed` (`contacts.own_of`), and puts the pack in
    force. For an owner. One that is there without a policy, since its first was taken back, gets these mailboxes and areas.

    Raises policies.PackError, MissingAcceptedError, ContactError, PermissionError, ValueError where it has a policy already.
    Commits.
    """
    if who.role != "owner":
        raise PermissionError("only an owner sets up a partnership")
    new = policies.load(text, source="line", forms=forms)
    if session.scalar(select(PolicyVersion.hash).where(PolicyVersion.partnership_id == new.id, kept.live(now)).limit(1)):
        raise ValueError(
            f"There is a partnership with the id “{new.id}” already. If this is its new text, open its policy under Policies and try the "
            "text beside it. If it is another partnership, give the text another id, in its line “id:”."
        )
    if faults := contacts.own_faults({"coordinator_email": "", **typed}):
        raise ContactError(faults)
    _look_at_missing(new, said)
    begin_writing(session)
    own = contacts.own_of(typed)
    contacts.refuse_taken(session, new.id, own)
    session.merge(Partnership(id=new.id, title=new.partnership, **own))
    session.flush()
    return _put(session, who, new.id, new, text, said, now, machine_now, forms)


def withdraw(session: Session, who: Desk, digest: str, now: datetime, machine_now: datetime) -> None:
    """Takes back a policy that is not in force yet. LookupError where it is none such, or the desk may not. Commits."""
    partnership_id = partnership_of(session, who, digest, now)
    begin_writing(session)
    kept.withdraw(session, partnership_id, digest, now)
    accounts.note(session, who.account_id, who.agency_id, "policy withdrawn", partnership_id, digest[:12], machine_now)
    session.commit()


def _look_at_missing(new: Policy, said: Answers) -> None:
    if missing := [one.id for one in new.unresolved if not said.given.get(one.id, "").strip() and one.id not in said.accepted]:
        raise MissingAcceptedError(missing)


def _put(
    session: Session,
    who: Desk,
    partnership_id: str,
    new: Policy,
    text: str,
    said: Answers,
    now: datetime,
    machine_now: datetime,
    forms: Collection[str],
) -> Policy:
    given = {one.id: words for one in new.unresolved if (words := " ".join(said.given.get(one.id, "").split()))}
    for name, words in given.items():
        contacts.put(session, partnership_id, references.named(name), (words, ""), now)
    left = len(new.unresolved) - len(given)
    noted = f"{new.version}; open references accepted: {left}" if left else new.version
    accounts.note(session, who.account_id, who.agency_id, "policy in force", partnership_id, noted, machine_now)
    return kept.activate(session, partnership_id, text, now, forms)
