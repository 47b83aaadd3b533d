"""What is said where a record system was asked for a person and did not name the one who is meant.

It is for whoever files: what is not right, and who can put it right. Nothing that was sent or found is repeated. How a person is looked
for is the adapter's.
"""

from __future__ import annotations

from integrations.answer.verdict import Stopped
from integrations.contract import Refused


def not_one(count: int) -> Stopped:
    """Nobody was found, or more than one; `count` is how many."""
    if not count:
        return Stopped(
            Refused(
                "We asked the record system for this person, and it found nobody. Nothing was written. Look them up there: if a number or "
                "date of birth that we have is wrong, put it right here and send it again. If theirs is, or the person is not there, ask "
                "whoever looks after that record system."
            )
        )
    return Stopped(
        Refused(
            f"We asked the record system for this person, and it found {count} people. Nothing was written. Ask whoever looks after that "
            "record system which of them is right, or whether they are the same person twice. Then send it again."
        )
    )


def not_surely(compared: str) -> Stopped:
    """Somebody was found of whom something is not as we know it; `compared` names it, never its value."""
    return Stopped(
        Refused(
            f"The record system found a person, but {compared} is not the same there as here. It may be somebody else. Nothing was "
            "written. Look them up there: if ours is wrong, put it right here and send it again. If theirs is, ask whoever looks after "
            "that record system."
        )
    )
