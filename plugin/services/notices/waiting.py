"""Who waits for what was done just now: the policy says which side and role (`policies.who_waits`), the directory who that is.

What does not live here: whether they are mailed (`asking`), since whoever is asked for what comes next needs no second mail.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

import policies
from plugin.services.case.cases import Case
from plugin.services.case.directory import Directory, Recipient
from policies import Obligation, Party, State

# People: a duty desk that stands in for a role nobody holds waits for nothing.
_PEOPLE = ("person:", "contact:")


def waiting(
    case: Case, state: State, directory: Directory, fresh: Collection[str], now: datetime
) -> Iterator[tuple[Obligation, Party, Recipient]]:
    """For each obligation of `fresh` (keys) that somebody did: who waits for it, and as what. `now` is business time."""
    for one in state.obligations:
        if one.key not in fresh or one.done_seq is None:
            continue
        for party in policies.who_waits(case.policy, one, case.events[one.done_seq - 1].side, state.stage):
            for who in directory.recipients(party, "owner", now):
                if who.key.startswith(_PEOPLE):
                    yield one, party, who
