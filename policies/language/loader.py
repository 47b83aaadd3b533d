"""From the text of a pack to a policy, or to its mistakes: all that can be found at once, in its keys, its phrases and between them.

What lives here: the order of the steps. What does not: any of the steps (`reading`, `local_values`, `key_problems`, `compiling`,
`checks`), and what one step's mistakes leave in doubt for the next (`findings`).
"""

from __future__ import annotations

from collections.abc import Collection

from policies.language import checks, compiling, key_problems, local_values
from policies.language.findings import Findings
from policies.language.problems import PackError
from policies.language.reading import read_on
from policies.parts.model import Policy


def load(text: str, *, source: str = "pack", forms: Collection[str] | None = None) -> Policy:
    """The policy written in `text`.

    `source` is the file's name for messages. `forms` are the ids of the forms that exist; of a mapping from ids to FormWords
    their parts and answers are checked too; with None, nothing is.
    Raises PackError with every problem that can be found at once: file, line, key, and what would be right.
    """
    document, twice = read_on(text, source)
    found = Findings(document, problems=twice)
    found.lose(document.lost)
    found.add(local_values.put_in(document))
    pack = key_problems.parse(document, found)
    if pack is not None:
        policy, problems = compiling.compile_pack(pack, text, document)
        found.add(problems)
        found.problems += found.sure(checks.check(policy, pack, document, forms, found))
    if pack is None or found.problems:
        raise PackError(found.problems)
    return policy
