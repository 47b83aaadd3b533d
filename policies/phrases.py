"""The grammar of a pack's short phrases: limits, starting points, conditions, and who acts.

What lives here: turning "5 working days from decision received or raised", "flag looked after and not resolved" and "raising manager"
into the objects of `model` and `conditions`. What does not: when a phrase is read (`compiling`) and what it does (`clocks`, `cases`).

    limit      := LENGTH [by HH:MM] [from START] [when CONDITION | otherwise]
    LENGTH     := N working days | N days | N calendar days | N working weeks | N weeks | N hours | N working hours
                | same working day | at once
    START      := POINT [or POINT …] | earlier of POINT and POINT
    POINT      := raised | entry | entering STAGE | unresolved | resolved | closed | owed | flag FLAG | DATE | OBLIGATION | CHOICE
    condition  := and / or / not / ( ) over the sentences listed in `_ConditionParser`
    who        := SIDE [ROLE] [and SIDE ROLE …]
    SIDE       := raising | responding | both | each | every | partnership | own | other
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time

from policies import conditions as c
from policies.calendars import Unit
from policies.model import Anchor, Limit, PartyRef

KEPT_WORDS = frozenset({"and", "or", "not", "is", "with", "when", "from", "otherwise", "done", "given", "flag", "stage"})

_LENGTH = re.compile(
    r"(?:(?P<n>\d{1,3}) (?P<unit>working day|working week|calendar day|working hour|service hour|hour|week|day)s?"
    r"|(?P<same>same working day)|(?P<once>at once))(?: by (?P<by>\d\d:\d\d))?"
)
_UNITS: Mapping[str, tuple[Unit, int]] = {
    "working day": ("working days", 1),
    "working week": ("working days", 5),
    "calendar day": ("calendar days", 1),
    "week": ("calendar days", 7),
    "day": ("days", 1),
    "hour": ("hours", 1),
    "working hour": ("working hours", 1),
    "service hour": ("working hours", 1),
}
_SIDES = ("raising", "responding", "both", "partnership", "each", "every", "own", "other")


class PhraseError(ValueError):
    """A phrase that cannot be read; the text says what would be right."""


@dataclass(frozen=True, slots=True)
class Words:
    """The ids a pack has declared, which its phrases may use.

    `duties` gives the place ("2/discuss", "case/record") of each name an obligation may be called by where the phrase stands: its place,
    or its id alone where that is clear.
    """

    stages: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    dates: frozenset[str] = frozenset()
    duties: Mapping[str, str] = field(default_factory=dict)
    outcomes: frozenset[str] = frozenset()
    themes: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    roles: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, frozenset[str]] = field(default_factory=dict)


def _known(kind: str, word: str, among: frozenset[str] | Mapping[str, object]) -> str:
    if word in among:
        return word
    listed = ", ".join(sorted(among)) or "none is declared"
    raise PhraseError(f"'{word}' is not {'an' if kind[0] in 'aeiou' else 'a'} {kind} of this pack. There are: {listed}.")


# --- limits -----------------------------------------------------------------------------------------------------------------------


def limit(text: str, words: Words, start: str) -> Limit:
    """The limit in `text`; `start` is the point it runs from when none is said. Raises PhraseError."""
    phrase, _, condition = text.partition(" when ")
    phrase = phrase.removesuffix(" otherwise").strip()
    length, _, point = phrase.partition(" from ")
    found = _LENGTH.fullmatch(length.strip())
    if found is None:
        raise PhraseError(f"'{text}' is not a limit. Write for example '5 working days', '24 hours from raised', 'at once'.")
    count, unit = _length(found)
    by = _clock_time(found["by"]) if found["by"] else None
    when = condition_of(condition, words) if condition.strip() else None
    return Limit(count, unit, anchor(point or start, words), text, by, when)


def _length(found: re.Match[str]) -> tuple[int, Unit]:
    if found["same"]:
        return 0, "same working day"
    if found["once"]:
        return 0, "at once"
    count = int(found["n"])
    if count == 0:
        raise PhraseError("A limit must be at least 1. Write 'at once' or 'same working day' where no time may pass.")
    unit, times = _UNITS[found["unit"]]
    if found["by"] and unit in ("hours", "working hours"):
        raise PhraseError("'by' a time of day goes with days, not with hours.")
    return count * times, unit


def _clock_time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise PhraseError(f"'{text}' is not a time of day. Write for example 12:00.") from None


def anchor(text: str, words: Words) -> Anchor:
    """The starting point in `text`. Raises PhraseError."""
    text = text.strip()
    if text.startswith("earlier of "):
        parts = text.removeprefix("earlier of ").split(" and ")
        return Anchor(tuple(_point(part.strip(), words) for part in parts), text, earliest=True)
    return Anchor(tuple(_point(part.strip(), words) for part in text.split(" or ")), text)


def _point(word: str, words: Words) -> tuple[str, str]:
    if word in ("raised", "entry", "unresolved", "resolved", "closed", "owed"):
        return word, ""
    if word.startswith("entering "):
        return "entering", _known("stage", word.removeprefix("entering ").removeprefix("stage "), words.stages)
    if word.startswith("flag "):
        return "flag", _known("flag", word.removeprefix("flag "), words.flags)
    if word in words.dates:
        return "date", word
    if word in words.duties:
        return "done", words.duties[word]
    if word in words.choices:
        return "chosen", word
    known = sorted({"raised", "entry", "unresolved", "resolved", "closed", "owed", *words.dates, *words.duties, *words.choices})
    raise PhraseError(f"'{word}' is not a point in time of this pack. There are: {', '.join(known)}, 'entering STAGE', 'flag FLAG'.")


# --- who --------------------------------------------------------------------------------------------------------------------------


def who(text: str, words: Words, acting: str) -> tuple[PartyRef, ...]:
    """The parties in `text`; `acting` is the role meant where a side stands alone. Raises PhraseError."""
    return tuple(_one(part.strip(), words, acting) for part in re.split(r" and |, ", text))


def _one(text: str, words: Words, acting: str) -> PartyRef:
    if text in ("reviewing officer", "reviewing officers"):
        return PartyRef("officer", "reviewing officer")
    side, _, role = text.partition(" ")
    if side not in _SIDES:
        raise PhraseError(f"'{text}' does not begin with a side. Begin with one of: {', '.join(_SIDES)}, or say 'reviewing officer'.")
    role = role.strip() or acting
    if not role:
        raise PhraseError(f"'{text}' names no role. Write for example '{text} manager'.")
    held = words.roles.get(_known("role", role, words.roles))
    if (held == "partnership") != (side == "partnership"):
        raise PhraseError(f"The role '{role}' belongs to the {held}; '{text}' puts it elsewhere.")
    return PartyRef(side, role)  # type: ignore[arg-type]  # `side` was just looked up in _SIDES


# --- conditions -------------------------------------------------------------------------------------------------------------------


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
        made = c.HasOutcome(_known("outcome", right, words.outcomes))
    elif left == "theme":
        made = c.ThemeIs(_known("theme", right, words.themes))
    elif left.endswith(" agency") and left.split()[0] in ("raising", "responding", "any"):
        made = c.HasParty(left.split()[0], _known("agency type", right, words.types))
    else:
        options = words.choices[_known("choice", left, words.choices)]
        made = c.Answered(left, _known(f"'{left}' option", right, options))
    return c.Not(made) if negated else made


def _stage(found: re.Match[str], words: Words) -> c.Condition:
    return c.AtStage(found[1], _known("stage", found[2], words.stages))


def _said(found: re.Match[str], words: Words) -> c.Condition:
    return c.Said(duty(found[1], words), found[2], found[3])


def duty(name: str, words: Words) -> str:
    """The place of the obligation called `name`. Raises PhraseError."""
    return words.duties[_known("obligation", name, words.duties)]


_SENTENCES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Words], c.Condition]], ...] = (
    (re.compile(r"flag (.+)"), lambda found, words: c.HasFlag(_known("flag", found[1], words.flags))),
    (re.compile(r"raised"), lambda found, words: c.Raised()),
    (re.compile(r"resolved"), lambda found, words: c.HasOutcome()),
    (re.compile(r"closed"), lambda found, words: c.Closed()),
    (re.compile(r"first tier"), lambda found, words: c.FirstTier()),
    (re.compile(r"same agency"), lambda found, words: c.SameAgency()),
    (re.compile(r"more than (\d+) agencies"), lambda found, words: c.MoreParties(int(found[1]))),
    (re.compile(r"time up at stage (.+)"), lambda found, words: c.TimeUp(_known("stage", found[1], words.stages))),
    (re.compile(r"(at|reached|left|started at|resolved at) stage (.+)"), _stage),
    (re.compile(r"(.+?) is( not)? (.+)"), _is),
    (re.compile(r"(.+?) with (\S+) (.+)"), _said),
    (re.compile(r"any of (.+) done"), lambda found, words: c.Done(duty(found[1], words), every=False)),
    (re.compile(r"(.+) not done"), lambda found, words: c.Not(c.Done(duty(found[1], words)))),
    (re.compile(r"(.+) done"), lambda found, words: c.Done(duty(found[1], words))),
    (re.compile(r"(.+) given"), lambda found, words: c.DateGiven(_known("date", found[1], words.dates))),
)
