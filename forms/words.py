"""What people type, made safe to keep and to show: line ends, control characters, marks that turn text around.

What does not live here: escaping for HTML, typst or CSV. Each of those is done where text is written out, by what writes it.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
SHORT = 200
LONG = 10_000

# Line ends of every system, of word processors (vertical tab, form feed) and of Unicode.
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Left-to-right and right-to-left marks, embeddings, overrides and isolates; marks with no width; the byte-order mark; other controls;
# halves of a character. Joiners (U+200C, U+200D) stay: Persian, Indic names and emoji need them.
_HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufff9-\ufffb\U000e0000-\U000e007f]"
)

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def printable(text: str) -> str:
    """The text with what no page can hold (controls other than line ends and tabs, halves of characters, non-characters) as U+FFFD.

    For showing what was typed in its box again; what was typed is kept elsewhere as it was.
    """
    return _UNPRINTABLE.sub("\ufffd", text)


def has_nul(text: str) -> bool:
    """Whether the text holds the NUL character, which no database and no file format keeps faithfully. It is refused."""
    return "\x00" in text


def visible(text: str) -> str:
    """The text with every hidden control written out, as in "[U+202E]", and every line end a single line feed.

    A character that turns text around could make a reader see other words than were typed. Doing it twice changes nothing.
    """
    return _HIDDEN.sub(lambda found: f"[U+{ord(found.group()):04X}]", _LINE_ENDS.sub("\n", text))


def tidy(text: str) -> str:
    """`visible`, without white space at the ends: what is kept of an answer. Inner space and line breaks stay as typed."""
    return visible(text).strip()


def one_line(text: str) -> str:
    """`tidy` for an answer of one line: line breaks and tabs become spaces, and letters with marks take their usual form (NFC)."""
    return unicodedata.normalize("NFC", " ".join(tidy(text).split()))


def thousands(number: int) -> str:
    """10000 as "10,000"."""
    return f"{number:,}"


def say_date(day: date) -> str:
    """Friday 19 March 2027."""
    return f"{day:%A} {day.day} {MONTHS[day.month - 1]} {day.year}"
