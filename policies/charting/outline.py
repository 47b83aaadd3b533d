"""The same chart in words, for who cannot see it or would rather read: a list of the same blocks and cards in the same order.

What lives here: the list. What does not: the policy in full sentences (`policies.plain`).
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.charting.flow import Block, Card, Flow, Link
from policies.plain.writing import Section, Sentence


def outline_of(flow: Flow) -> Section:
    """One section for each block; everything that the drawing says stands in it, and where the arrows lead."""
    titles = {one.key: one.title for one in flow.blocks}
    told = (("edition", f"{flow.edition}."), ("summary", flow.summary), ("legend", flow.legend))
    parts = tuple(_part(one, flow.links, titles) for one in flow.blocks)
    return Section("chart", flow.title, tuple(Sentence(key, text) for key, text in told if text), parts)


def _part(block: Block, links: tuple[Link, ...], titles: dict[str, str]) -> Section:
    says = [Sentence("now", f"{block.now}.")] if block.now else []
    if block.past:
        says.append(Sentence("past", "The case has been here."))
    says += [Sentence(f"note {number}", one) for number, one in enumerate((*block.clocks, *block.notes))]
    says += [Sentence(f"way {one.kind} {one.end}", _way(one, titles)) for one in links if one.start == block.key and one.kind != "next"]
    sides = (("left", block.left_title, block.left), ("right", block.right_title, block.right))
    parts = tuple(Section(name, title or "More", tuple(_cards(cards))) for name, title, cards in sides if cards)
    return Section(block.key, block.title, tuple(says), parts)


def _cards(cards: tuple[Card, ...]) -> Iterator[Sentence]:
    for one in cards:
        title = one.title if one.title.endswith((".", "?", "!")) else f"{one.title}."
        yield Sentence(one.key, " ".join((title, *one.notes, *one.lines)))


def _way(link: Link, titles: dict[str, str]) -> str:
    if link.kind == "tier":
        return "If it is not settled: the same again, one tier of management up."
    if link.kind == "back":
        return f"Or back to: {titles[link.end]}."
    if link.kind == "jump":
        return f"Or straight to: {titles[link.end]}."
    return f"{link.words}: {titles[link.end]}."
