"""What a record system may send by its own server: the shapes of its messages, held to strictly. Unknown fields are refused.

What does not live here: who may send (`inbound`), what a message does (`told`). The OpenAPI document is made of these models.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

_TEXT = 255


class Strict(BaseModel):
    """Base of every message."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Staff(Strict):
    """Whoever did it in the record system. `id` is the system's own opaque id, the same as in its launches."""

    id: str = Field(min_length=1, max_length=_TEXT, description="The record system's own id of this member of staff.")
    name: str = Field(default="", max_length=_TEXT, description="Their name, for people it is not known of yet.")
    roles: list[str] = Field(default=[], max_length=50, description="Their roles in the record system.")


class Child(Strict):
    """Whoever it is about, a child or an adult, as the record system knows them."""

    ref: str = Field(min_length=1, max_length=_TEXT, description="The record system's own id of whoever it is about.")
    name: str = Field(default="", max_length=_TEXT)
    born: str = Field(default="", max_length=40, description="Date of birth, year-month-day.")
    identifiers: dict[str, str] = Field(default={}, max_length=20, description="Numbers by system: nhs-number, upn.")


class With(Strict):
    """With whom: an agency by its id here, and somebody there by their work email."""

    agency: str = Field(min_length=1, max_length=_TEXT, description="The agency's id in this service.")
    email: str = Field(min_length=3, max_length=254, description="The work email of whoever made the decision, or should have acted.")
    name: str = Field(default="", max_length=_TEXT, description="Their name, where they are in no directory.")


class RaiseMessage(Strict):
    """Raise a disagreement. `answers` are those of the form “raise”, by its names; agency and person stand in `with`."""

    type: Literal["disagreement.raise"]
    staff: Staff
    child: Child
    other: With = Field(alias="with")
    answers: dict[str, Any] = Field(description="The answers of the form “raise”.")
    danger: bool = Field(default=False, description="Whether they are in danger now. It skips nothing.")
    dates: dict[str, AwareDatetime] = Field(default={}, strict=False, description="Dates the policy's clocks count from, by its own ids.")
    area: str = Field(default="", max_length=40, description="The code of the area they live in.")


_SIDE = "For which side they speak: needed where both are one organisation and it is not known of this member of staff."


class AddMessage(Strict):
    """Add information to a disagreement: the answers of the form “changes”."""

    type: Literal["disagreement.add"]
    staff: Staff
    reference: str = Field(min_length=1, max_length=40, description="The disagreement's reference.")
    answers: dict[str, Any]
    side: Literal["", "raising", "responding"] = Field(default="", description=_SIDE)


class CloseMessage(Strict):
    """Close a disagreement that is settled: the answers of the form “close”."""

    type: Literal["disagreement.close"]
    staff: Staff
    reference: str = Field(min_length=1, max_length=40, description="The disagreement's reference.")
    answers: dict[str, Any] = Field(default={})
    side: Literal["", "raising", "responding"] = Field(default="", description=_SIDE)


class SessionMessage(Strict):
    """Ask for an address that opens Accord once, for one member of staff and one record."""

    staff: Staff
    child: Child
    session: str = Field(min_length=1, max_length=_TEXT, description="The record system's own session, for signing out together.")
    area: str = Field(default="", max_length=40, description="The code of the area they live in.")


class EndMessage(Strict):
    """Somebody signed out of the record system: what they have open here ends, too, on whatever screen it was left."""

    session: str = Field(min_length=1, max_length=_TEXT, description="The record system's own session, as the launch named it.")


Message = RaiseMessage | AddMessage | CloseMessage
KINDS: dict[str, type[Message]] = {
    "disagreement.raise": RaiseMessage,
    "disagreement.add": AddMessage,
    "disagreement.close": CloseMessage,
}
