"""The grammar of conditions: "flag looked after and not resolved" becomes an object that can be asked of a case.

What lives here: reading a condition. What does not: what each kind of it means (`conditions`), limits and parties (`phrases`).

    condition := sentences joined by "and", "or", "not" and brackets; "and" binds more closely than "or"
    sentence  := flag FLAG | CHOICE is OPTION | OBLIGATION done | any of OBLIGATION done | OBLIGATION done in time
               | OBLIGATION done late | OBLIGATION with NAME VALUE | DATE given
               | outcome is OUTCOME | theme is THEME | raising/responding/any agency is TYPE
               | about a child | about an adult | about a theme
               | raised out of hours | raised on a closed day | raised in the school holidays | raised after/before HH:MM
               | raised on WEEKDAY (the same of a DATE)
               | more than N agencies | same agency | raised | resolved | closed | first tier
               | at/reached/left/started at/resolved at stage STAGE | time up at stage STAGE | OBLIGATION overdue | OBLIGATION owed
               (all of "is" and "done" also with "not": "route is not panel", "discuss not done")
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time

from policies.language.meaning import meant_condition
from policies.parts import conditions as c
from policies.parts.conditions_of_time import WEEKDAYS, CameIn
from policies.parts.words import PhraseError, Words, duty, known, no_such_subject


def condition_of(text: str, words: Words) -> c.Condition:
    """The condition in `text`. Raises PhraseError."""
    tokens = re.findall(r"[()]|[^\s()]+", text)
    parser = _ConditionParser(tokens, words)
    found = parser.either()
    if parser.at < len(tokens):
        raise PhraseError(f"'{text}' cannot be read after '{' '.join(tokens[: parser.at])}'.")
    return found


@dataclass(slots=True)
class _ConditionParser:
    """Reads "or" of "and" of "not" of sentences. A sentence is what stands between those words and brackets."""

    tokens: list[str]
    words: Words
    at: int = 0

    def either(self) -> c.Condition:
        parts = [self.both()]
        while self._take("or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else c.Any(tuple(parts))

    def both(self) -> c.Condition:
        parts = [self.single()]
        while self._take("and"):
            parts.append(self.single())
        return parts[0] if len(parts) == 1 else c.All(tuple(parts))

    def single(self) -> c.Condition:
        if self._take("not"):
            return c.Not(self.single())
        if self._take("("):
            inside = self.either()
            if not self._take(")"):
                raise PhraseError("A bracket is opened and not closed.")
            return inside
        start = self.at
        while self.at < len(self.tokens) and self.tokens[self.at] not in ("and", "or", "(", ")"):
            self.at += 1
        sentence = " ".join(self.tokens[start : self.at])
        if not sentence:
            raise PhraseError("A condition ends too early; something is missing after 'and', 'or', 'not' or a bracket.")
        return _sentence(sentence, self.words)

    def _take(self, word: str) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at] == word:
            self.at += 1
            return True
        return False


def _sentence(text: str, words: Words) -> c.Condition:
    try:
        return _read(text, words)
    except PhraseError as fault:
        hint = "" if "Do you mean" in str(fault) else meant_condition(text, lambda one: _read(one.removeprefix("not "), words))
        raise PhraseError(f"{fault}{hint}") from None


def _read(text: str, words: Words) -> c.Condition:
    for pattern, build in _SENTENCES:
        found = pattern.fullmatch(text)
        if found is not None:
            return build(found, words)
    raise PhraseError(
        f"'{text}' is not a condition. Write for example 'flag looked after', 'discuss done', 'reached stage 3', 'route is panel'."
    )


def _is(found: re.Match[str], words: Words) -> c.Condition:
    left, negated, right = found[1], bool(found[2]), found[3]
    made: c.Condition
    if left == "outcome":
        made = c.HasOutcome(known("outcome", right, words.outcomes))
    elif left == "theme":
        made = c.ThemeIs(known("theme", right, words.themes))
    elif left.endswith(" agency") and left.split()[0] in ("raising", "responding", "any"):
        made = c.HasParty(left.split()[0], known("agency type", right, words.types))
    else:
        if left in words.flags and left not in words.choices:
            raise PhraseError(f"'{left}' is a flag, which is noted or not. Write '{'not ' if negated else ''}flag {left}'.")
        options = words.choices[known("choice", left, words.choices)]
        made = c.Answered(left, known(f"option of '{left}'", right, options))
    return c.Not(made) if negated else made


def _about(found: re.Match[str], words: Words) -> c.Condition:
    if found[1] not in words.subjects:
        raise PhraseError(no_such_subject(" or ".join(sorted(words.subjects)), found[1]))
    return c.About(found[1])


def _stage(found: re.Match[str], words: Words) -> c.Condition:
    return c.AtStage(found[1], known("stage", found[2], words.stages))


def _said(found: re.Match[str], words: Words) -> c.Condition:
    return c.Said(duty(found[1], words), found[2], found[3])


def _came_in(found: re.Match[str], words: Words) -> c.Condition:
    date = "" if found[1] == "raised" else known("date", found[1], words.dates)
    how, _, at = found[2].partition(" ")
    if found[2] in ("out of hours", "on a closed day", "in the school holidays"):
        return CameIn(date, found[2])  # type: ignore[arg-type]  # one of the three words
    if how == "on":
        return CameIn(date, "on", at)
    try:
        return CameIn(date, "after" if how == "after" else "before", time.fromisoformat(at))
    except ValueError:
        raise PhraseError(f"'{at}' is not a time of day. Write for example 15:00.") from None


_CAME = rf"out of hours|on a closed day|in the school holidays|(?:after|before) \d\d:\d\d|on (?:{'|'.join(WEEKDAYS)})"

_SENTENCES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Words], c.Condition]], ...] = (
    (re.compile(r"flag (.+)"), lambda found, words: c.HasFlag(known("flag", found[1], words.flags))),
    (re.compile(r"raised"), lambda found, words: c.Raised()),
    (re.compile(rf"(.+) ({_CAME})"), _came_in),
    (re.compile(r"resolved"), lambda found, words: c.HasOutcome()),
    (re.compile(r"closed"), lambda found, words: c.Closed()),
    (re.compile(r"first tier"), lambda found, words: c.FirstTier()),
    (re.compile(r"about (?:a|an) (child|adult|theme)"), _about),
    (re.compile(r"same agency"), lambda found, words: c.SameAgency()),
    (re.compile(r"more than (\d+) agencies"), lambda found, words: c.MoreParties(int(found[1]))),
    (re.compile(r"time up at stage (.+)"), lambda found, words: c.TimeUp(known("stage", found[1], words.stages))),
    (re.compile(r"(at|reached|left|started at|resolved at) stage (.+)"), _stage),
    (re.compile(r"(.+?) is( not)? (.+)"), _is),
    (re.compile(r"(.+?) with (\S+) (.+)"), _said),
    (re.compile(r"any of (.+) done"), lambda found, words: c.Done(duty(found[1], words), every=False)),
    (re.compile(r"(.+) not done"), lambda found, words: c.Not(c.Done(duty(found[1], words)))),
    (re.compile(r"(.+) done (late|in time)"), lambda found, words: c.DoneInTime(duty(found[1], words), late=found[2] == "late")),
    (re.compile(r"(.+) done"), lambda found, words: c.Done(duty(found[1], words))),
    (re.compile(r"(.+) owed"), lambda found, words: c.Owed(duty(found[1], words))),
    (re.compile(r"(.+) overdue"), lambda found, words: c.Overdue(duty(found[1], words))),
    (re.compile(r"(.+) given"), lambda found, words: c.DateGiven(known("date", found[1], words.dates))),
)
