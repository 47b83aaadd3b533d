"""What a writer probably meant: phrases as people say them, put as the language says them.

What lives here: suggestions for a phrase that cannot be read. What does not: reading (`phrases`, `condition_phrases`), which asks for a
suggestion only after it failed and offers one only if that can be read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from policies.parts.words import PhraseError

_NUMBERS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty"
)
_IN_DIGITS = {word: str(number) for number, word in enumerate(_NUMBERS.split(), 1)} | {"a": "1", "an": "1", "thirty": "30"}
_WEEKDAYS = {day.lower(): day for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")}
_WORDS = [*_WEEKDAYS, "working", "calendar", "school", "service", "next", "same", "from", "before", "otherwise"]
_WORDS += [word for one in ("minute", "hour", "day", "week", "month", "weekday") for word in (one, f"{one}s")]
_LEAVING_OUT = r",? \(?(?:not counting|not including|excluding|except(?: for)?|without) "
_LIMIT_SAID: tuple[tuple[str, str], ...] = (
    (rf"{_LEAVING_OUT}weekends? (?:and|or) (?:bank |public )?holidays\)?", " on working days"),
    (rf"{_LEAVING_OUT}weekends?\)?", " on weekdays"),
    (r"\b(?:noon|midday)\b", "12:00"),
    (r"^by (?:the )?next ", "next "),
    (r"^by (\d\d:\d\d) (?:on |of )?(?:the )?(?:following|next) day$", r"1 calendar day by \1"),
    (r"^by (\d\d:\d\d) (?:on |of )?(?:the )?(.+)$", r"\2 by \1"),
    (r"'s meeting\b", ""),
    (r"\bfollowing (?=working day)", "next "),
    (r"^(?:on|by) (?:the )?", ""),
    (r"^(first|second|third|fourth|last) (\w+day) (?:of|in) (?:the|each|every) month", r"next \1 \2 of the month"),
    (r"^(?=[MTWFS]\w+day\b)", "next "),
    (r"^(?:within|in|not later than|no later than|up to|at most|max(?:imum)?) ", ""),
    (r"\b(?:business|work|weekday) ?(day|hour|week)", r"working \1"),
    (r"\bworkingday", "working day"),
    (r"\b(working|calendar|school)-", r"\1 "),
    (r"^the (?=same |next )", ""),
    (r"\b(same|next) (working )?day (?:at )?(\d\d:\d\d)$", r"\1 \2day by \3"),
    (r"^(?:the )?(?:end of (?:the )?(?:same |working )*day|close of (?:business|play))$", "same working day"),
    (r"\b\d+ ?(?:-|–|to) ?(?=\d)", ""),
    (r"^(?:the )?same (?:working )?day$", "same working day"),
    (r"^(?:the )?next day$", "next working day"),
    (r"^(?:asap|as soon as possible|straight away|now|urgently|immediate)$", "at once"),
    (r" (?:of|after|since|following|starting|counted from|from the) (?:being |the |when )?", " from "),
    (r" from (?:being|the|when) ", " from "),
    (r" if ", " when "),
    (r"\bhrs?\b", "hours"),
    (r"\bmins?\b", "minutes"),
)
_CONDITION_SAID: tuple[tuple[str, str], ...] = (
    (r"^(?:if|when|where|once) ", ""),
    (r"\b(?:outside|out of|after) (?:the )?(?:(?:office|working|normal) )*hours$", "out of hours"),
    (r"\b(?:at|on|during) (?:a |the )?(?:weekend|weekends|bank holiday|holiday)$", "on a closed day"),
    (r"^(?:it (?:is|was) )?(?:raised )?(out of hours|on a closed day)$", r"raised \1"),
    (r"\b(?:yet|already|the case is|it is|has been|was|been) ", ""),
    (r"\bunresolved\b", "not resolved"),
    (r"\bstage (\S+) (?:is )?(reached|left)\b", r"\2 stage \1"),
    (r"\b(.+) is (?:done|complete|completed|finished)\b", r"\1 done"),
    (r"\b(.+) is (overdue|owed|given)\b", r"\1 \2"),
    (r"^(.+?)(?: is)? late$", r"\1 overdue"),
    (r"\b(?:child|adult|person|case) is (.+)", r"flag \1"),
    (r"^(.+)$", r"flag \1"),
)


def meant_limit(text: str, reads: Callable[[str], Any]) -> str:
    """ " Do you mean '…'?" for a limit said otherwise, else nothing. `reads` raises PhraseError for what cannot be read."""
    words = re.sub(r"\b[a-z]+\b", lambda found: _IN_DIGITS.get(found[0], found[0]), text.lower())
    words = re.sub(r"\b(\d{1,2})(?:[:.](\d\d))? ?(am|pm)\b", _by_the_clock, words)
    spelt = re.sub(r"\b[a-z]{4,}\b", _spelt, words)
    tries = [way for one in (_named(words), _named(spelt)) for way in (one, *_changed(one, _LIMIT_SAID))]
    return _first_read([one for one in tries if one != text], reads)


def meant_condition(text: str, reads: Callable[[str], Any]) -> str:
    """The same for a sentence of a condition."""
    return _first_read(_changed(text, _CONDITION_SAID), reads)


def _named(words: str) -> str:
    """With the days of the week as names."""
    return re.sub(r"\b[a-z]+day\b", lambda found: _WEEKDAYS.get(found[0], found[0]), words)


def _spelt(found: re.Match[str]) -> str:
    """A word of the language, where this is nearly one: "wroking" is "working"."""
    near = get_close_matches(found[0], _WORDS, 1, 0.75)
    return near[0] if near else found[0]


def _by_the_clock(found: re.Match[str]) -> str:
    """5 pm as 17:00."""
    hour = int(found[1]) % 12 + (12 if found[3] == "pm" else 0)
    return f"{hour:02}:{found[2] or '00'}"


def _changed(text: str, said: tuple[tuple[str, str], ...]) -> list[str]:
    """The text after each change that fits, one upon the other."""
    found = []
    for pattern, instead in said:
        text = re.sub(pattern, instead, text)
        found.append(text)
    return found


def _first_read(tries: Any, reads: Callable[[str], Any]) -> str:
    for one in dict.fromkeys(tries):
        try:
            if one:
                reads(one)
                return f" Do you mean '{one}'?"
        except PhraseError:
            continue
    return ""
