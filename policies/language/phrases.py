"""The grammar of a pack's short phrases: limits, starting points, and who acts.

What lives here: turning "5 working days from decision received or raised" and "raising manager" into the objects of `model`. What does
not: conditions (`condition_phrases`), when a phrase is read (`compiling`) and what it does (`clocks`, `duties`).

    limit      := LENGTH [by HH:MM] [from START | before POINT] [when CONDITION | otherwise]
    LENGTH     := N working days | N days | N calendar days | N school days | N working weeks | N weeks | N months
                | N hours | N minutes | N working hours | N service hours | N hours on working days | N hours on weekdays
                | next working day | same working day | same day | at once (or immediately, or without delay)
              | next DAY [by HH:MM] [from START] | LENGTH before/from next DAY [from START]
    DAY        := Monday … Sunday | first/second/third/fourth/last WEEKDAY of the month
    START      := POINT [or POINT …] | earlier of POINT and POINT | later of POINT and POINT
    POINT      := raised | entry | entering STAGE | end of stage STAGE | unresolved | resolved | closed | owed
                | flag FLAG | DATE | OBLIGATION | CHOICE
    who        := SIDE [ROLE] [and SIDE ROLE …]
    SIDE       := raising | responding | both (or either) | each | every | partnership | own | other
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time
from difflib import get_close_matches

from policies.language.condition_phrases import condition_of
from policies.language.meaning import meant_limit
from policies.parts.calendars import TIMED, Unit
from policies.parts.conditions import Condition
from policies.parts.recurring import PATTERN, recurring
from policies.parts.terms import Anchor, Limit, PartyRef
from policies.parts.words import PhraseError, Words, known, meant

_LENGTH = re.compile(
    r"(?:(?P<n>\d{1,3}) (?P<unit>working day|working week|calendar day|school day|working hour|service hour|minute"
    r"|hours? on working day|hours? on weekday|hour|week|month|day)s?"
    r"|(?P<words>next working day|same working day|same day|at once|immediately|without delay))(?: by (?P<by>\d\d:\d\d))?"
)
_COMING = re.compile(
    rf"(?:(?P<length>.+?) (?P<joint>before|from) )?next (?P<day>{PATTERN})(?: by (?P<by>\d\d:\d\d))?(?: from (?P<point>.+))?"
)
_UNITS: Mapping[str, tuple[Unit, int]] = {
    "working day": ("working days", 1),
    "working week": ("working days", 5),
    "calendar day": ("calendar days", 1),
    "school day": ("school days", 1),
    "week": ("calendar days", 7),
    "month": ("months", 1),
    "day": ("days", 1),
    "hour": ("hours", 1),
    "working hour": ("working hours", 1),
    "service hour": ("service hours", 1),
    "hour on working day": ("hours on working days", 1),
    "hour on weekday": ("hours on weekdays", 1),
    "minute": ("minutes", 1),
}
_IN_WORDS: Mapping[str, tuple[int, Unit]] = {
    "next working day": (1, "working days"),
    "same working day": (0, "same working day"),
    "same day": (0, "calendar days"),
    "at once": (0, "at once"),
    "immediately": (0, "at once"),
    "without delay": (0, "at once"),
}
PERSONAL = frozenset({"child", "adult", "person"})
_SIDES = ("raising", "responding", "both", "partnership", "each", "every", "own", "other")


# --- limits -----------------------------------------------------------------------------------------------------------------------


def limit(text: str, words: Words, start: str) -> Limit:
    """The limit in `text`; `start` is the point it runs from when none is said. Raises PhraseError, with what was probably meant."""
    text = text.removesuffix(" otherwise")
    try:
        return _limit(text, words, start)
    except PhraseError as fault:
        raise PhraseError(f"{fault}{meant_limit(text, lambda one: _limit(one, words, start))}") from None


def _limit(text: str, words: Words, start: str) -> Limit:
    phrase, _, condition = text.partition(" when ")
    phrase = phrase.strip()
    when = condition_of(condition, words) if condition.strip() else None
    if coming := _COMING.fullmatch(phrase):
        return _by_the_day(coming, text, words, start, when)
    length, joint, point = _split(phrase)
    found = _LENGTH.fullmatch(length)
    if found is None:
        raise PhraseError(
            f"'{text}' is not a limit. Write for example '5 working days', '24 hours from raised', 'next Wednesday', 'at once'."
        )
    count, unit = _length(found)
    if joint == "before":
        count = _back(count, unit)
    by = _clock_time(found["by"]) if found["by"] else None
    says = f"{length} before a date" if joint == "before" else length
    return Limit(count, unit, anchor(point or start, words), says, by, when)


def _by_the_day(found: re.Match[str], text: str, words: Words, start: str, when: Condition | None) -> Limit:
    """A limit that goes by a day that comes again: on the next one, or so long before or after it."""
    length = _LENGTH.fullmatch(found["length"] or "same day")
    if length is None:
        raise PhraseError(f"'{text}' is not a limit. Write for example 'next Wednesday', '2 working days before next Wednesday'.")
    count, unit = _length(length)
    by = length["by"] or found["by"]
    if unit in TIMED or unit == "at once" or (count == 0 and found["length"]) or (found["length"] and found["by"]):
        raise PhraseError("Only days, weeks and months are counted from such a day ('2 working days by 12:00 before next Wednesday').")
    if found["joint"] == "before":
        count = _back(count, unit)
    at = _clock_time(by) if by else None
    says = found[0].removesuffix(f" from {found['point']}")
    return Limit(count, unit, anchor(found["point"] or start, words), says, at, when, recurring(found["day"]))


def _split(phrase: str) -> tuple[str, str, str]:
    for joint in ("from", "before"):
        length, found, point = phrase.partition(f" {joint} ")
        if found:
            return length.strip(), joint, point
    return phrase, "", ""


def _back(count: int, unit: Unit) -> int:
    """A limit that ends before a point is counted backwards from it."""
    if count == 0 or unit == "months" or unit in TIMED - {"hours", "minutes"}:
        raise PhraseError("Only days, weeks, hours and minutes can be counted back from a point ('2 working days before conference').")
    return -count


def _length(found: re.Match[str]) -> tuple[int, Unit]:
    if found["words"]:
        return _IN_WORDS[found["words"]]
    count = int(found["n"])
    if count == 0:
        raise PhraseError("A limit must be at least 1. Write 'at once' or 'same working day' where no time may pass.")
    unit, times = _UNITS[found["unit"].replace("hours on", "hour on")]
    if found["by"] and unit in TIMED:
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
    for picks in ("earlier", "later"):
        if text.startswith(f"{picks} of "):
            parts = text.removeprefix(f"{picks} of ").split(" and ")
            return Anchor(tuple(_point(part.strip(), words) for part in parts), text, picks)
    return Anchor(tuple(_point(part.strip(), words) for part in text.split(" or ")), text)


def _point(word: str, words: Words) -> tuple[str, str]:
    if word in ("raised", "entry", "unresolved", "resolved", "closed", "owed"):
        return word, ""
    if word.startswith("entering "):
        return "entering", known("stage", word.removeprefix("entering ").removeprefix("stage "), words.stages)
    if word.startswith("end of stage "):
        return "ending", known("stage", word.removeprefix("end of stage "), words.stages)
    if word.startswith("flag "):
        return "flag", known("flag", word.removeprefix("flag "), words.flags)
    if word in words.dates:
        return "date", word
    if word in words.duties:
        return "done", words.duties[word]
    if word in words.choices:
        return "chosen", word
    named = sorted({"raised", "entry", "unresolved", "resolved", "closed", "owed", *words.dates, *words.duties, *words.choices})
    raise PhraseError(
        f"'{word}' is not a point in time of this pack.{meant(word, named)} There are: {', '.join(named)}, 'entering STAGE', 'flag FLAG'."
    )


# --- who --------------------------------------------------------------------------------------------------------------------------


def who(text: str, words: Words, acting: str) -> tuple[PartyRef, ...]:
    """The parties in `text`; `acting` is the role meant where a side stands alone. Raises PhraseError."""
    return tuple(_one(part.strip(), words, acting) for part in re.split(r" and |, ", text))


def _one(text: str, words: Words, acting: str) -> PartyRef:
    if text in ("reviewing officer", "reviewing officers") or words.roles.get(text) in PERSONAL:
        return PartyRef("officer", "reviewing officer" if text == "reviewing officers" else text)
    if kind := _kind(text, words):
        return _of_kind(text, kind, words, acting)
    side, _, role = text.partition(" ")
    side = "both" if side == "either" else side
    if side not in _SIDES:
        own = [name for name, held in words.roles.items() if held in PERSONAL]
        more = f", or name a role of one person: {', '.join(own)}" if own else ""
        if (named := text.removeprefix("the ")) in ("child", "adult", "person", "family", "young person"):
            raise PhraseError(
                f"The {named} has no mailbox here. For what somebody tells or asks them write 'kind: feedback' or "
                "'kind: consideration', without this line."
            )
        near = _with_a_side(text, words) or meant(side, _SIDES)
        more += f", or with a kind of agency: {', '.join(sorted(words.types))}" if words.types else ""
        raise PhraseError(f"'{text}' does not begin with a side.{near} Begin with one of: {', '.join(_SIDES)}{more}.")
    role = role.strip() or acting
    if not role:
        raise PhraseError(f"'{text}' names no role. Write for example '{text} manager'.")
    held = words.roles.get(known("role", role, words.roles))
    if (held == "partnership") != (side == "partnership"):
        raise PhraseError(f"The role '{role}' belongs to the {held}; '{text}' puts it elsewhere.")
    return PartyRef(side, role)  # type: ignore[arg-type]  # `side` was just looked up in _SIDES


def _kind(text: str, words: Words) -> str:
    """The kind of agency that `text` begins with, the longest of several; "" for a side or for none."""
    if text.partition(" ")[0] in (*_SIDES, "either"):
        return ""
    return max((one for one in words.types if text == one or text.startswith(f"{one} ")), key=len, default="")


def _of_kind(text: str, kind: str, words: Words, acting: str) -> PartyRef:
    """A role in each agency of one kind, whichever side it stands on: "council manager"."""
    role = text.removeprefix(kind).strip() or acting
    if not role:
        raise PhraseError(f"'{text}' names no role. Write for example '{text} manager'.")
    held = words.roles.get(known("role", role, words.roles))
    if held != "agency":
        raise PhraseError(f"The role '{role}' belongs to the {held}; '{text}' puts it elsewhere.")
    return PartyRef("every", role, kind)


def _with_a_side(role: str, words: Words) -> str:
    """What was meant where a role stands without a side; "" where it is like no role of this pack."""
    role = next(iter(get_close_matches(role, list(words.roles), 1, 0.8)), "")
    if not role:
        return ""
    if words.roles[role] == "partnership":
        return f" Do you mean 'partnership {role}'?"
    return f" Do you mean 'raising {role}' or 'responding {role}'?"
