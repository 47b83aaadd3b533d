"""A case that was raised by mistake: about the wrong child, with the wrong organisation. It ends at once, and asks nothing of anybody.

What lives here: everything that is still to do lapses; where a record lies on a file already, a last one is owed there, which says so. What
does not: which outcome means that (`language.compiling`), and that nothing new begins while it holds (`wanted`).
"""

from __future__ import annotations

from datetime import datetime

from policies.evaluating.cases import Case
from policies.evaluating.clocks import clocks_of, stage_clocks
from policies.evaluating.duties import take_up
from policies.evaluating.lives import Live, Wanted

_WHY = "It was raised by mistake."


def unmake(case: Case, at: datetime) -> None:
    """Settles the case at `at` as raised by mistake; nothing keeps it from being closed. Opening it again undoes this."""
    case.resolutions += 1
    case.spell.clocks = stage_clocks(case, case.spell)
    if case.spell.left is None:
        case.spell.left, case.spell.how = at, "resolved"
    case.resolved = at
    case.unmade = True
    for live in case.lives:
        if not live.met and not live.ended:
            live.clocks, live.ended = clocks_of(case, live), _WHY
    for mine in case.lives.of.values():
        mine.open.clear()
        mine.left_late.clear()
        mine.asked = None
    case.turn += 1
    set_right(case, at)


def set_right(case: Case, at: datetime) -> None:
    """In a case that is unmade: where the service wrote a record onto a file, also one that was under way meanwhile, one more is owed."""
    for live in tuple(case.lives):
        if _is_on_file(live):
            tail = live.base.split("/", 2)[2:]
            key = "/".join([f"case({case.resolutions})", live.duty.id, *tail])
            if key != live.base and key not in case.lives.by_key:
                side = live.owner.side
                take_up(
                    case,
                    live.duty,
                    case.lives.of[live.duty.place],
                    Wanted(key, case.resolutions, side, live.owner.agency, live.child, ""),
                    at,
                )


def _is_on_file(live: Live) -> bool:
    return live.duty.kind == "record" and live.duty.automatic and live.done_at is not None
