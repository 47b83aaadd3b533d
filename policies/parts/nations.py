"""The bank holidays of each nation: on which days they are, and which of them stand for one on a weekend.

What lives here: the table of nations and what the library of holidays knows. What does not: counting, and a policy's own days (`calendars`,
`closures`).
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import holidays

NATIONS: dict[str, tuple[str, str | None, str]] = {
    "England and Wales": ("GB", "ENG", "Europe/London"),
    "England": ("GB", "ENG", "Europe/London"),
    "Wales": ("GB", "WLS", "Europe/London"),
    "Scotland": ("GB", "SCT", "Europe/London"),
    "Northern Ireland": ("GB", "NIR", "Europe/London"),
    "Isle of Man": ("IM", None, "Europe/Isle_of_Man"),
    "Guernsey": ("GG", None, "Europe/Guernsey"),
    "Jersey": ("JE", None, "Europe/Jersey"),
    "Republic of Ireland": ("IE", None, "Europe/Dublin"),
}

_INSTEAD = " (observed)"  # how the table names the day that stands for a bank holiday on a weekend


@lru_cache(maxsize=512)
def bank_holidays(nation: str, year: int) -> frozenset[date]:
    """The bank holidays of `nation` (a key of NATIONS) in `year`, substitutes included."""
    country, part, _ = NATIONS[nation]
    return frozenset(holidays.country_holidays(country, subdiv=part, years=year))


@lru_cache(maxsize=512)
def stand_for(nation: str, year: int) -> dict[date, date]:
    """Of each substitute day in `year`, the bank holiday on a weekend that it stands for."""
    country, part, _ = NATIONS[nation]
    names = holidays.country_holidays(country, subdiv=part, years=year)
    own = {name: day for day, name in names.items()}
    found = {day: own.get(name.removesuffix(_INSTEAD)) for day, name in names.items() if name.endswith(_INSTEAD)}
    return {day: stood for day, stood in found.items() if stood is not None}
