"""The table of who acts, compiled: agency type by stage, alternatives and pairs, and people lent by another organisation.

    role table:
      school:
        2: line manager; head teacher           # a pair, in the order of the stage's `acts`
      early years:
        2: owner or early years lead of local authority   # alternatives; the second is lent by the local authority
      local authority:
        1: raising reviewing officer or responding team manager   # one for each side

What does not live here: looking it up for a case (`people`).
"""

from __future__ import annotations

from dataclasses import replace

from policies.language.compiler import Compiler
from policies.parts.model import SIDES
from policies.parts.vocabulary import Cell, Post, Role
from policies.parts.words import meant


def role_table(maker: Compiler, roles: dict[str, Role]) -> dict[tuple[str, str], Cell]:
    """Cells by (stage id, agency type)."""
    types = {one.id: one.title for one in maker.pack.agency_types}
    acts = {one.id: one.acts for one in maker.pack.stages}
    table: dict[tuple[str, str], Cell] = {}
    for agency_type, row in maker.pack.role_table.items():
        if agency_type not in types:
            maker.fault(
                ("role table", agency_type),
                f"'{agency_type}' is not an agency type of this pack.{meant(agency_type, types)} There are: {', '.join(types)}.",
            )
        for stage, text in row.items():
            path = ("role table", agency_type, stage)
            if stage not in acts:
                maker.fault(path, f"'{stage}' is not a stage of this pack.{meant(stage, acts)} There are: {', '.join(acts)}.")
                continue
            parts = [part.strip() for part in text.split(";")]
            if len(parts) != len(acts[stage]):
                maker.fault(
                    path, f"At stage {stage} act {'; '.join(acts[stage])}: {len(acts[stage])} with ';' between. This cell has {len(parts)}."
                )
                continue
            table[(stage, agency_type)] = {role: _posts(part, types) for role, part in zip(acts[stage], parts, strict=True)}
    return table


def _posts(text: str, types: dict[str, str]) -> tuple[Post, ...]:
    return tuple(_post(part.strip(), types) for part in text.split(" or "))


def _post(text: str, types: dict[str, str]) -> Post:
    for side in SIDES:
        if text.startswith(f"{side} "):
            return replace(_post(text.removeprefix(f"{side} "), types), side=side)
    for agency_type in types:
        if text.endswith(f" of {agency_type}"):
            return Post(text.removesuffix(f" of {agency_type}"), agency_type)
    return Post(text)
