"""The policies that are drawn and put into words in tests: those that come with the engine, the guide's pack with each of its pieces, and
every pack that lies in a folder of the tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from policies import Policy, load, pack, pack_ids
from tests.policies.small import small
from tests.policies.test_readme import PIECES, WORKED, with_piece

_FILES = {one.stem: one for one in sorted(Path(__file__).parent.rglob("*.yaml"))}
_PIECES = {f"guide piece {number}": piece for number, piece in enumerate(PIECES, 1)}
OWN = ("small", "branching", "guide")
DRAWN = (*pack_ids(), *OWN, *_FILES)
PIECE_NAMES = tuple(_PIECES)


@cache
def drawn(name: str) -> Policy:
    """The policy of that name, loaded once."""
    if name in pack_ids():
        return pack(name)
    if name in _FILES:
        return load(_FILES[name].read_text(encoding="utf-8"), source=_FILES[name].name)
    if name in _PIECES:
        return load(with_piece(_PIECES[name]))
    return {"small": small, "branching": branching, "guide": lambda: load(WORKED)}[name]()


def branching() -> Policy:
    """Stages that are passed by, jumped to, repeated and never followed, with long words and no panel: the ways a chart can go."""
    return small(
        ("    rule: R-1\n", "    rule: R-1\n    next: 3\n    tiers: yes\n    time up: opens\n"),
        ("    rule: R-3\n", "    rule: R-3\n    next: none\n    may start here: raised\n    judged by: raising\n"),
        more="""  - id: 3
    title: Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft third
    acts: boss
    opened by: raising
    may start here: same agency
    rule: R-5
    enter:
      - {id: said, needs: 1/talk done or time up at stage 1, text: Talk first., strength: must, rule: R-6}
      - {id: more, needs: more than 2 agencies, text: Better with three., strength: should, rule: R-7}
""",
    )
