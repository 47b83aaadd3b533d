"""Who acts: the role table looked up for a stage, a side and a type of agency.

What lives here: roles in the abstract. What does not: named people (a directory's business), and which agencies stand on a side (`cases`).
"""

from __future__ import annotations

from policies.parts.model import SIDES, Policy
from policies.parts.schema import Party, Side
from policies.parts.vocabulary import Post


def posts(policy: Policy, stage_id: str, role: str, agency_type: str, side: str) -> tuple[Post, ...]:
    """The alternatives that fill `role` at this stage in an agency of this type on this side ("both": on either).

    The role's own title where the table has no cell, or none for this side.
    """
    cell = policy.table.get((stage_id, agency_type), {})
    found = tuple(one for one in cell.get(role, ()) if one.side in ("", side) or side not in SIDES)
    return found or (Post(policy.roles[role].title),)


def post(policy: Policy, stage_id: str, role: str, agency_type: str, side: str) -> tuple[str, str]:
    """Who fills `role` there, in one title; and the agency type that lends them ("" for its own)."""
    stage = _table_stage(policy, stage_id, role)
    key = (stage, role, agency_type if (stage, agency_type) in policy.table else "", side)
    known = policy.posts.get(key)
    if known is None:
        found = posts(policy, stage, role, agency_type, side)
        known = policy.posts[key] = (" or ".join(one.title for one in found), found[0].of)
    return known


def _table_stage(policy: Policy, stage: str, role: str) -> str:
    """The stage whose row of the table tells who holds `role`: this one, else the first where the role acts."""
    stages = policy.stage_by_id
    if stage in stages and role in stages[stage].acts:
        return stage
    return next((one.id for one in policy.stages if role in one.acts), stage)


def people(policy: Policy, stage_id: str, side: Side, agency_type: str) -> tuple[Party, ...]:
    """Who acts for an agency of this type at this stage, in the order of the policy's table.

    Parties with the same `role` are alternatives (either will do); parties with different roles are a pair. `of` names the agency type
    that lends the person. Raises KeyError for a stage that the policy does not have.
    """
    stage = policy.stage_by_id[stage_id]
    return tuple(
        Party(side, role, post.title, of=post.of) for role in stage.acts for post in posts(policy, stage_id, role, agency_type, side)
    )
