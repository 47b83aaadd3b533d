"""What may be the value of one key of a pack: an id, a text, yes or no, a number, a day, a list; and the base of every part.

What lives here: the kinds of values, each with what is said of a wrong one. What does not: which key has which (`source`).
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from policies.parts.nations import NATIONS
from policies.parts.words import KEPT_WORDS

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*( [A-Za-z0-9-]+)*")


def _check_name(value: str) -> str:
    if not _ID.fullmatch(value) or len(value) > 48:
        raise ValueError("an id is letters, digits, hyphens and single spaces, 48 at most, such as 'looked after' or 3a")
    return value


def _check_id(value: str) -> str:
    _check_name(value)
    kept = KEPT_WORDS.intersection(value.split())
    if kept:
        raise ValueError(f"the word '{sorted(kept)[0]}' belongs to the language; choose another for this id")
    return value


def _subject(value: str) -> str:
    words = value.split(" or ")
    if not set(words) <= {"child", "adult", "theme"} or len(set(words)) < len(words):
        raise ValueError("write child, adult or theme, or several with 'or' between, such as 'child or adult', 'child or theme'")
    return value


def _yes_no(value: Any) -> Any:
    if value in ("yes", "no"):
        return value == "yes"
    raise ValueError("write yes or no")


def _number(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"\d{1,4}", value):
        return int(value)
    raise ValueError("write a whole number")


def _day(value: Any) -> Any:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("write a date as 2026-11-22") from None


def _list(value: Any) -> Any:
    """One phrase may stand where several may."""
    return [value] if isinstance(value, str) else value


def _commas(value: Any) -> Any:
    """A text with commas may stand for a list, so that one value of an area can hold several."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Id = Annotated[str, AfterValidator(_check_id)]
Name = Annotated[str, AfterValidator(_check_name)]  # an id that no phrase speaks of
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Phrase = Annotated[str, Field(max_length=2000)]  # "" is none
YesNo = Annotated[bool, BeforeValidator(_yes_no)]
Number = Annotated[int, BeforeValidator(_number)]
Day = Annotated[date, BeforeValidator(_day)]
Listed = Annotated[list[Text], BeforeValidator(_commas)]
Phrases = Annotated[list[Text], BeforeValidator(_list)]
_Nation: Any = Literal[tuple(NATIONS)]  # the table of nations is the list of words
Nations = Annotated[list[_Nation], BeforeValidator(_commas), Field(min_length=1)]
Subject = Annotated[str, AfterValidator(_subject)]
Strength = Literal["must", "should", "may", "guide"]


class Part(BaseModel):
    """Base of every part of a pack: unknown keys refused, keys written with spaces."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, alias_generator=lambda name: name.rstrip("_").replace("_", " "))
