"""How wide a line of text is, and where it breaks.

What lives here: the widths of letters, in thousandths of the size, of the common sans-serif faces (Arial, Helvetica, Liberation Sans and
Arimo agree on them). What does not: where lines stand (`placing`). A letter that is not listed counts as a wide one, so that no text is
ever wider than it was taken to be.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

SPARE = 0.96  # lines are filled to this part of their room: faces differ a little from one machine to the next
_WIDE = 1000

_REGULAR = {
    "'": 191, "ijl‘’": 222, "|": 260, " !,./:;I[\\]ft·": 278, "()-`r“”{}": 334, '"': 355, "*": 389, "^": 469, "Jcksvxyz": 500,
    "#$0123456789?L_abdeghnopqu–": 556, "+<=>~": 584, "FTZ": 611, "&ABEKPSVXY": 667, "CDHNRUw": 722, "GOQ": 778, "Mm": 833, "%": 889,
    "W": 944, "@—…→": 1015,
}  # fmt: skip
_BOLD = {
    "'": 238, "ijl |‘’,./I\\": 278, "!()-:;[]ft`·": 333, "*{}r": 389, '"': 500, "“”z": 500,
    "#$0123456789J_aceksvxy–": 556, "^+<=>~": 584, "FLTZbdghnopqu?": 611, "EPSVXY": 667, "&ABCDHKNRU": 722, "GOQw": 778, "M": 833,
    "m%": 889, "W": 944, "@—…→": 1000,
}  # fmt: skip
_WIDTHS = tuple({letter: width for letters, width in table.items() for letter in letters} for table in (_REGULAR, _BOLD))


@lru_cache(maxsize=8192)
def width_of(text: str, size: float, bold: bool = False) -> float:
    """The width of `text` in the units of `size` (the height of the letters)."""
    widths = _WIDTHS[bold]
    return size * sum(widths[one] if one in widths else _other(one, widths) for one in text) / 1000


def _other(letter: str, widths: dict[str, int]) -> int:
    """An accented letter is as wide as its base; a mark that joins the letter before takes no room; anything else may be wide."""
    if unicodedata.combining(letter):
        return 0
    return widths.get(unicodedata.normalize("NFD", letter)[0], _WIDE)


@lru_cache(maxsize=8192)
def lines_of(text: str, room: float, size: float, bold: bool = False) -> tuple[str, ...]:
    """`text` broken into lines that are no wider than `room`; a word that is wider than a line is broken too."""
    room *= SPARE
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if width_of(longer, size, bold) <= room:
            line = longer
            continue
        if line:
            lines.append(line)
        while width_of(word, size, bold) > room and len(word) > 1:
            cut = _fits(word, room, size, bold)
            lines.append(word[:cut])
            word = word[cut:]
        line = word
    return (*lines, line) if line else tuple(lines)


def _fits(word: str, room: float, size: float, bold: bool) -> int:
    """How many letters of a word go on one line; one at least."""
    return next((count - 1 for count in range(2, len(word)) if width_of(word[:count], size, bold) > room), len(word) - 1)
