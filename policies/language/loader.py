"""From the text of a pack to a policy, or to its mistakes: all in its keys; if they are right, in its phrases; then all between them.

What lives here: the order of the steps. What does not: any of the steps (`reading`, `key_problems`, `compiling`, `checks`).
"""

from __future__ import annotations

from collections.abc import Collection

from policies.language import checks, compiling, key_problems, local_values
from policies.language.problems import PackError
from policies.language.reading import read
from policies.parts.model import Policy


def load(text: str, *, source: str = "pack", forms: Collection[str] | None = None) -> Policy:
    """The policy written in `text`.

    `source` is the file's name for messages. `forms` are the ids of the forms that exist; of a mapping from ids to FormWords
    their parts and answers are checked too; with None, nothing is.
    Raises PackError with every problem of the first step that found one: file, line, key, and what would be right.
    """
    document = read(text, source)
    local_values.put_in(document)
    pack, problems = key_problems.parse(document)
    if pack is None:
        raise PackError(problems)
    policy, problems = compiling.compile_pack(pack, text, document)
    if policy is not None:
        problems = [*problems, *checks.check(policy, pack, document, forms)]
    if policy is None or problems:
        raise PackError(problems)
    return policy
