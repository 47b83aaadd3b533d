"""The policies that are drawn and put into words in tests: those that come with the engine, the guide's pack with each of its pieces, and
every pack that lies in a folder of the tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from policies import Policy, load, pack, pack_ids
from tests.policies.small import small
from tests.policies.test_readme import PIECES, WORKED, with_piece


@cache
def drawn() -> dict[str, Policy]:
    """Every policy by a name for the test."""
    files = sorted(Path(__file__).parent.rglob("*.yaml"))
    return {
        **{name: pack(name) for name in pack_ids()},
        "small": small(),
        "guide": load(WORKED),
        **{f"guide piece {number}": load(with_piece(piece)) for number, piece in enumerate(PIECES, 1)},
        **{file.stem: load(file.read_text(encoding="utf-8"), source=file.name) for file in files},
        "branching": branching(),
    }


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
