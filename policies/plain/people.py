"""Who acts, in sentences: the roles, the kinds of agency, and the table of who fills a role in each."""

from __future__ import annotations

from collections.abc import Iterator

from policies.parts.model import Policy
from policies.parts.vocabulary import Post, Role
from policies.plain import naming
from policies.plain.naming import quoted
from policies.plain.writing import Section, Sentence

FEW = 3  # so many kinds of agency are named at each stage; more stand in the table alone
_HAS = {"agency": "each agency has one", "partnership": "the partnership has one"}


def who_acts(policy: Policy) -> Section:
    """Roles, agencies and the table."""
    types = tuple(Sentence(one.id, f"{one.title}.", one.rule) for one in policy.agency_types)
    parts = [
        Section("roles", "The roles", tuple(_role(one) for one in policy.roles.values())),
        Section("agency types", "The kinds of agency", types),
        Section("role table", "Who fills a role in each kind of agency", tuple(_table(policy))),
        Section("contacts", "Addresses that are needed", tuple(Sentence(one, f"{naming.raised(one)}.") for one in policy.contacts)),
    ]
    return Section("people", "Who acts", (), tuple(one for one in parts if one.says))


def _role(role: Role) -> Sentence:
    return Sentence(role.id, f"{role.title}: {_HAS.get(role.of, f'each {role.of} may have one')}.", role.rule)


def _table(policy: Policy) -> Iterator[Sentence]:
    titles = {one.id: one.title for one in policy.agency_types}
    for (stage, kind), cell in policy.table.items():
        posts = "; ".join(
            f"{naming.role(policy, role)}: {' or '.join(_post(one, titles) for one in found)}" for role, found in cell.items()
        )
        yield Sentence(f"{kind} {stage}", f"{titles.get(kind, kind)}, stage {stage}. {naming.raised(posts)}.")
    if policy.table:
        yield Sentence("others", "Where the table has nothing, the role's own title holds.")


def who_that_is(policy: Policy, stage: str) -> str:
    """Who acts at a stage, where the table names few enough to say it there: " In “School” that is the head teacher."."""
    titles = {one.id: one.title for one in policy.agency_types}
    rows = {kind: cell for (where, kind), cell in policy.table.items() if where == stage}
    if not 0 < len(rows) <= FEW:
        return ""
    said = (
        f"in {quoted(titles.get(kind, kind))} {naming.listed(' or '.join(_post(one, titles) for one in posts) for posts in cell.values())}"
        for kind, cell in rows.items()
    )
    return f" That is {'; '.join(said)}."


def _post(post: Post, titles: dict[str, str]) -> str:
    lent = f" (lent by {quoted(titles.get(post.of, post.of))})" if post.of else ""
    where = f" (on the {post.side} side)" if post.side else ""
    return f"{post.title}{lent}{where}"
