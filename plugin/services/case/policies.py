"""Policies as the database keeps them: activated packs, compiled once a process and kept by their hash."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, time
from functools import lru_cache

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

import policies
from plugin.models import Partnership, PolicyVersion, begin_writing
from plugin.services.keeping.clock import business_now, machine_now


@lru_cache(maxsize=64)
def _compiled(digest: str, text: str) -> policies.Policy:
    return policies.load(text, source=digest[:12])


def policy_of(session: Session, digest: str) -> policies.Policy:
    """The policy stored under this hash; KeyError where there is none."""
    known = _by_hash.get(digest)
    if known is None:
        text = session.execute(select(PolicyVersion.text).where(PolicyVersion.hash == digest)).scalar()
        if text is None:
            raise KeyError(digest)
        known = _by_hash[digest] = _compiled(digest, text)
    return known


# Published versions never change, so what was compiled under a hash holds for the life of the process.
_by_hash: dict[str, policies.Policy] = {}


class NoPolicyError(LookupError):
    """No policy is in force for a partnership: none was put in, or its first day is still to come."""


def current_policy(session: Session, partnership_id: str) -> policies.Policy:
    """The policy in force for a partnership now. Raises NoPolicyError."""
    machine = machine_now()
    rows = session.execute(
        select(PolicyVersion.hash, PolicyVersion.activated_at, PolicyVersion.retired_at)
        .where(PolicyVersion.partnership_id == partnership_id, or_(PolicyVersion.retired_at.is_(None), PolicyVersion.retired_at > machine))
        .order_by(PolicyVersion.activated_at.desc())
    ).all()
    # Business time is never behind the machine's; only where something begins or ends later is it asked for.
    ahead = any(row.retired_at is not None or row.activated_at > machine for row in rows)
    now = business_now(session) if ahead else machine
    for row in rows:
        if row.activated_at <= now and (row.retired_at is None or row.retired_at > now):
            return policy_of(session, row.hash)
    raise NoPolicyError(f"no policy is in force for partnership {partnership_id}")


def newest_policy(session: Session, partnership_id: str) -> policies.Policy:
    """The one that was put in last, whether it is in force or only planned; LookupError where none ever was."""
    mine = select(PolicyVersion.hash).where(PolicyVersion.partnership_id == partnership_id)
    digest = session.execute(mine.order_by(PolicyVersion.activated_at.desc())).scalar()
    if digest is None:
        raise LookupError(f"no policy was put in for partnership {partnership_id}")
    return policy_of(session, digest)


def partnership_for(session: Session, own: str, area: str) -> str:
    """The partnership whose policy holds for a child: the one whose area it is, else the agency's own (a worker across a border)."""
    if area:
        for partnership_id, areas in session.execute(select(Partnership.id, Partnership.areas).order_by(Partnership.id)):
            if area in areas:
                return str(partnership_id)
    return own


def establish(session: Session, partnership_id: str, title: str, areas: Collection[str], contacts: Mapping[str, str]) -> None:
    """Sets up a partnership where there is none of that id, and renews its title; areas and contacts (`coordinator_email`,
    `duty_desk_email`) that are not given stay as they are. Commits nothing: `activate` does, once its text is found good."""
    begin_writing(session)
    row = session.get(Partnership, partnership_id)
    if row is None:
        row = Partnership(id=partnership_id, title=title)
        session.add(row)
    row.title = title
    if areas:
        row.areas = sorted(areas)
    for name, address in contacts.items():
        if address:
            setattr(row, name, address)
    session.flush()


def live(now: datetime) -> ColumnElement[bool]:
    """Of the versions those that are in force at a moment, or will be: one that was taken back before its first day (`withdraw`) is not."""
    return or_(
        PolicyVersion.retired_at.is_(None), and_(PolicyVersion.retired_at > now, PolicyVersion.retired_at != PolicyVersion.activated_at)
    )


def begins(policy: policies.Policy, now: datetime) -> datetime:
    """From when a policy would be in force, put in now: its own first day, or now where that has passed. Aware UTC."""
    if policy.effective_from is None:
        return now
    return max(now, datetime.combine(policy.effective_from, time.min, policy.zone).astimezone(UTC))


def activate(session: Session, partnership_id: str, text: str, now: datetime, forms: Collection[str]) -> policies.Policy:
    """Stores a pack's text under its hash and puts it in force, from its own first day where that is still to come: the one that is in
    force then ends then, and a later one that is planned stays planned. One that was replaced may come back.

    Raises policies.PackError, and ValueError where another partnership has this very text. Commits.
    """
    policy = policies.load(text, forms=forms)
    row = session.get(PolicyVersion, policy.hash)
    if row is not None and row.partnership_id != partnership_id:
        raise ValueError(f"This very text is the policy of the partnership '{row.partnership_id}'. Name yours in the pack.")
    at = begins(policy, now)
    if row is not None and row.activated_at <= at and (row.retired_at is None or row.retired_at > at):
        session.commit()
        return policy
    after = _end_others(session, partnership_id, policy.hash, at)
    if row is None:
        named = {"partnership_id": partnership_id, "pack_id": policy.id, "version": policy.version, "language": policy.language}
        row = PolicyVersion(hash=policy.hash, text=text, **named)
        session.add(row)
    row.activated_at, row.retired_at = at, after
    session.commit()
    return policy


def _end_others(session: Session, partnership_id: str, digest: str, at: datetime) -> datetime | None:
    """Whatever would be in force at that moment ends then; when the next one that is planned for later begins, if any does."""
    mine = PolicyVersion.partnership_id == partnership_id, PolicyVersion.hash != digest
    others = list(session.scalars(select(PolicyVersion).where(*mine, live(at))))
    for one in others:
        if one.activated_at <= at:
            one.retired_at = at
    return min((one.activated_at for one in others if one.activated_at > at), default=None)


def withdraw(session: Session, partnership_id: str, digest: str, now: datetime) -> None:
    """Takes back a policy that is put in but not in force yet: the one before it goes on. LookupError where it is none such.

    Commits nothing: its caller does.
    """
    row = session.get(PolicyVersion, digest)
    if row is None or row.partnership_id != partnership_id or row.activated_at <= now or row.retired_at == row.activated_at:
        raise LookupError(digest)
    before = PolicyVersion.partnership_id == partnership_id, PolicyVersion.hash != digest, PolicyVersion.retired_at == row.activated_at
    for one in session.scalars(select(PolicyVersion).where(*before, PolicyVersion.activated_at < row.activated_at)):
        one.retired_at = row.retired_at
    row.retired_at = row.activated_at
