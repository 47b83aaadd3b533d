"""Places for everything a chart shows: boxes, lines of text and arrows, in units of one pixel at full size.

What lives here: a sheet's measures, and placing blocks one below the other with the cards in them. What does not: the ways between the
blocks (`routing`), what they say (`flow`), how they look (`svg`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from policies.charting.flow import Block, Card, Flow
from policies.charting.letters import lines_of, width_of


@dataclass(frozen=True, slots=True)
class Sheet:
    """The measures of one layout: widths and distances, and the sizes of the letters of notes, card titles and block titles."""

    width: float
    columns: int
    note: float
    title: float
    head: float
    pad: float = 8
    gap: float = 7
    lane: float = 14
    between: float = 30

    def leading(self, size: float) -> float:
        """From one line of text to the next."""
        return round(size * 1.28, 1)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle (an "ask" is drawn as a hexagon in it). `inside` is the key of the box it stands in, "" for none."""

    key: str
    kind: str
    x: float
    y: float
    width: float
    height: float
    inside: str = ""
    mark: str = ""
    now: bool = False

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class Label:
    """One line of text that starts at `x` on the base line `y`. `box` is the key of the box it belongs to, "" for none."""

    x: float
    y: float
    text: str
    size: float
    bold: bool
    tone: str
    box: str = ""

    @property
    def width(self) -> float:
        return width_of(self.text, self.size, self.bold)


@dataclass(frozen=True, slots=True)
class Arrow:
    """A way: the points it goes through; the head is at the last."""

    kind: str
    points: tuple[tuple[float, float], ...]


@dataclass(slots=True)
class Plan:
    """All that is drawn."""

    width: float
    height: float = 0
    boxes: list[Box] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)

    def box(self, key: str) -> Box:
        """The box of that key; KeyError where there is none."""
        for one in self.boxes:
            if one.key == key:
                return one
        raise KeyError(key)


def place(flow: Flow, sheet: Sheet, left: float, right: float) -> Plan:
    """Every block below the one before, between `left` and `right`; the block it all ends in reaches to the sheet's edge."""
    placer = _Placer(sheet, Plan(sheet.width))
    y = placer.text((flow.title,), 1, 3, sheet.head + 2, sheet.width - 2, bold=True, tone="head")
    y = placer.text((flow.edition, flow.legend), 1, y, sheet.note, sheet.width - 2, tone="soft") + sheet.gap
    for block in flow.blocks:
        if block.kind == "ask":
            y = placer.ask(block, y, left, right)
        else:
            y = placer.block(block, y, left, sheet.width - 1 if block.kind in ("settled", "closed") else right)
        y += sheet.between
    placer.plan.height = round(y - sheet.between + 2, 1)
    return placer.plan


@dataclass(slots=True)
class _Placer:
    sheet: Sheet
    plan: Plan

    def text(
        self, texts: Sequence[str], x: float, y: float, size: float, room: float, *, bold: bool = False, tone: str = "text", box: str = ""
    ) -> float:
        """Lines of text from `y` (the top) down; gives where they end."""
        leading = self.sheet.leading(size)
        for text in texts:
            for line in lines_of(text, room, size, bold):
                self.plan.labels.append(Label(round(x, 1), round(y + size, 1), line, size, bold, tone, box))
                y += leading
        return y

    def block(self, block: Block, y: float, left: float, right: float) -> float:
        """A block with its title, notes and cards; gives its bottom."""
        sheet, top = self.sheet, y
        x, room = left + sheet.pad, right - left - 2 * sheet.pad
        at = len(self.plan.boxes)
        y += sheet.pad
        if block.now:
            y = self._tag(block, x, y, room) + sheet.gap
        title = f"{block.title} (the case has been here)" if block.past else block.title
        y = self.text((title,), x, y, sheet.head, room, bold=True, tone="head", box=block.key)
        y = self.text(block.clocks, x, y + 2, sheet.title, room, bold=True, box=block.key)
        y = self.text(block.notes, x, y + 1, sheet.note, room, box=block.key)
        y = self._cards(block, x, y, room)
        height = round(y + sheet.pad - top, 1)
        self.plan.boxes.insert(at, Box(block.key, block.kind, left, round(top, 1), right - left, height, now=bool(block.now)))
        return top + height

    def _tag(self, block: Block, x: float, y: float, room: float) -> float:
        """What is said of the case that stands here, on a dark ground."""
        sheet, key = self.sheet, f"now {block.key}"
        bottom = self.text((block.now,), x + 6, y + 4, sheet.title, room - 12, bold=True, tone="light", box=key) + 4
        self.plan.boxes.append(Box(key, "tag", x, round(y, 1), room, round(bottom - y, 1), block.key))
        return bottom

    def _cards(self, block: Block, x: float, y: float, room: float) -> float:
        sides = [(title, cards) for title, cards in ((block.left_title, block.left), (block.right_title, block.right)) if cards]
        if not sides:
            return y
        y += self.sheet.gap
        if self.sheet.columns == 1:
            for title, cards in sides:
                y = self._column(block.key, title, cards, x, y, room) + self.sheet.gap
            return y - self.sheet.gap
        width = (room - self.sheet.gap) / 2
        if len(sides) == 1:
            return self._spread(block.key, *sides[0], x, y, width)
        first = self._column(block.key, *sides[0], x, y, width)
        second = self._column(block.key, *sides[1], x + width + self.sheet.gap, y, width)
        return max(first, second)

    def _column(self, inside: str, title: str, cards: Sequence[Card], x: float, y: float, width: float) -> float:
        y = self._column_title(inside, title, x, y, width)
        for card in cards:
            y = self._card(card, inside, x, y, width) + self.sheet.gap
        return y - self.sheet.gap

    def _spread(self, inside: str, title: str, cards: Sequence[Card], x: float, y: float, width: float) -> float:
        """One list of cards over two columns, each card in the shorter one."""
        y = self._column_title(inside, title, x, y, 2 * width)
        if len(cards) == 1:
            return self._card(cards[0], inside, x, y, 2 * width + self.sheet.gap)
        ends = [y, y]
        for card in cards:
            place = int(ends[1] < ends[0])
            ends[place] = self._card(card, inside, x + place * (width + self.sheet.gap), ends[place], width) + self.sheet.gap
        return max(ends) - self.sheet.gap

    def _column_title(self, inside: str, title: str, x: float, y: float, width: float) -> float:
        return self.text((title,), x, y, self.sheet.note, width, bold=True, tone="soft", box=inside) + 3 if title else y

    def _card(self, card: Card, inside: str, x: float, y: float, width: float) -> float:
        """One card; gives its bottom."""
        sheet, key = self.sheet, f"{inside} / {card.key}"
        start, room = x + sheet.pad + 3, width - 2 * sheet.pad - 3
        bottom = self.text((card.title,), start, y + 5, sheet.title, room, bold=True, box=key)
        bottom = self.text((" ".join(card.notes), *card.lines), start, bottom + 1, sheet.note, room, box=key) + 5
        self.plan.boxes.append(Box(key, "card", round(x, 1), round(y, 1), round(width, 1), round(bottom - y, 1), inside, card.mark))
        return bottom

    def ask(self, block: Block, y: float, left: float, right: float) -> float:
        """A question between two stages, narrower than they are so that its ways out have room."""
        sheet = self.sheet
        widest = right - left - 2 * (width_of("Yes", sheet.title, True) + 14)
        point = 14.0
        needed = max(width_of(block.title, sheet.title, True), *(width_of(one, sheet.note) for one in block.notes), 0) / 0.95 + 2 * point
        width = min(widest, needed + 8)
        x = (left + right - width) / 2
        bottom = self.text((block.title,), x + point, y + 7, sheet.title, width - 2 * point, bold=True, box=block.key)
        bottom = self.text(block.notes, x + point, bottom + 1, sheet.note, width - 2 * point, box=block.key) + 7
        self.plan.boxes.append(Box(block.key, "ask", round(x, 1), round(y, 1), round(width, 1), round(bottom - y, 1)))
        return bottom
