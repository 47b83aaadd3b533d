"""Two policies compared: what changes in words, and what it would change for a case.

    difference(old, new)                    # every sentence that is new, gone or other
    for_case(old, new, events, now)         # stages, dates, obligations and moves that would be other for one case

A running case keeps the version it was raised under; what is said of cases here is what would be so under the other one.
"""

from policies.comparing.cases import CaseChange, for_case, for_cases, for_typical_case
from policies.comparing.texts import Change, difference

__all__ = ["CaseChange", "Change", "difference", "for_case", "for_cases", "for_typical_case"]
