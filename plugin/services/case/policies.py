"""Policies as the database keeps them: activated packs, compiled once a process and kept by their hash."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

import policies
from plugin.models import Partnership, PolicyVersion, begin_writing


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


def current_policy(session: Session, partnership_id: str) -> policies.Policy:
    """The policy in force for a partnership: the newest one not retired; LookupError where none was activated."""
    digest = session.execute(
        select(PolicyVersion.hash)
        .where(PolicyVersion.partnership_id == partnership_id, PolicyVersion.retired_at.is_(None))
        .order_by(PolicyVersion.activated_at.desc())
    ).scalar()
    if digest is None:
        raise LookupError(f"no policy is active for partnership {partnership_id}")
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


def activate(session: Session, partnership_id: str, text: str, now: datetime, forms: Collection[str]) -> policies.Policy:
    """Stores a pack's text under its hash and makes it the one in force; older ones are retired. One that was replaced may come back.

    Raises policies.PackError, and ValueError where another partnership has this very text. Commits.
    """
    policy = policies.load(text, forms=forms)
    known = session.get(PolicyVersion, policy.hash)
    if known is not None and known.partnership_id != partnership_id:
        raise ValueError(f"This very text is the policy of the partnership '{known.partnership_id}'. Name yours in the pack.")
    for row in session.scalars(
        select(PolicyVersion).where(PolicyVersion.partnership_id == partnership_id, PolicyVersion.retired_at.is_(None))
    ):
        if row.hash == policy.hash:
            session.commit()
            return policy
        row.retired_at = now
    if known is not None:
        known.retired_at, known.activated_at = None, now
        session.commit()
        return policy
    session.add(
        PolicyVersion(
            hash=policy.hash,
            partnership_id=partnership_id,
            pack_id=policy.id,
            version=policy.version,
            language=policy.language,
            text=text,
            activated_at=now,
        )
    )
    session.commit()
    return policy
