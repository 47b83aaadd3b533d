"""Two policies compared: what changes in words, and what it would change for a case.

    difference(old, new)                    # every sentence that is new, gone or other
    for_case(old, new, events, now)         # stages, dates, obligations and moves that would be other for one case
    look_again(old, new, today)             # a version or a date that was likely forgotten

A running case keeps the version it was raised under; what is said of cases here is what would be so under the other one.
"""

from policies.comparing.cases import CaseChange, for_case, for_cases, for_typical_case
from policies.comparing.texts import Change, difference
from policies.comparing.versions import look_again

__all__ = ["CaseChange", "Change", "difference", "for_case", "for_cases", "for_typical_case", "look_again"]
