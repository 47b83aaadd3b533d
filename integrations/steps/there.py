"""The answer by which a system says that it holds this already: a 409 that alone means “it is there”, for systems that cannot be searched.

What does not live here: finding an earlier write by a search of ours (`looking`), which says more where a system can be searched.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from pydantic import Field, field_validator, model_validator

from integrations.answer.pointer import NotThere, Pointer
from integrations.contract import Options
from integrations.http import Response
from integrations.steps.ask import Statuses, one_or_several
from integrations.template.language import Template

_OUR_MARKS = frozenset({"key", "file_stem", "document.name", "document.sha256"})  # what is the same for each attempt, and nobody else's
_OF_EACH = frozenset({"document.name", "document.sha256", "document.number"})  # what differs between documents


class There(Options):
    """Which answer says that an earlier attempt is there already."""

    statuses: Statuses = Field(
        default=[409],
        min_length=1,
        title="Statuses",
        description="The statuses by which it may say so. 409 as a rule.",
        examples=[[409]],
    )
    place: str = Field(
        default="",
        title="Where it says so",
        description="Where the answer says that it is there, if that status can mean something else too.",
        examples=["json:error.code"],
    )
    equals: list[str] = Field(
        default=[], title="What it says there", description="What it says there then: any one of these.", examples=[["DUPLICATE"]]
    )
    contains: str = Field(
        default="",
        title="Text it holds",
        description="A text that the answer's body must hold, for answers in plain words.",
        examples=["already exists"],
    )
    found: str = Field(
        default="",
        title="Id for the receipt",
        description="Where that answer names the one that is there, if it does.",
        examples=["json:existing.id", "header:Location"],
    )
    save: dict[str, str] = Field(
        default={},
        title="What is kept",
        description="Name to place: values that later steps need.",
        examples=[{"note": "json:existing.id"}],
    )

    _lists = field_validator("equals", mode="before")(one_or_several)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for text in (*filter(None, (self.place, self.found)), *self.save.values()):
            Pointer.parse(text)
        if bool(self.place) != bool(self.equals):
            raise ValueError("where the answer says that it is there, and what it says there, go together")
        if any(not 200 <= status <= 599 for status in self.statuses):
            raise ValueError("a status is a number from 200 to 599")
        if any(not 400 <= status < 500 for status in self.statuses) and not (self.place or self.contains):
            raise ValueError("a status outside 400 to 499 says too little: name the place or the text that says that it is there")
        return self

    def said_by(self, response: Response) -> bool:
        """Whether this answer says that it is there: by its status, and by what it holds where that is asked for."""
        if response.status not in self.statuses:
            return False
        if self.contains and self.contains.encode() not in response.body:
            return False
        try:
            return not self.place or Pointer.parse(self.place).text(response) in self.equals
        except NotThere:
            return False


def check_marks(templates: Iterable[Template], each_document: bool) -> None:
    """Raises ValueError where the system could not know by anything we send that it holds just this: then “it is there” is another's."""
    named = {place.name for template in templates for place in template.places}
    if not named & _OUR_MARKS:
        raise ValueError("a system can know that it is there already only by something of ours: put {{key}} into path, headers or body")
    if each_document and not named & _OF_EACH:
        raise ValueError("the second document would be taken for the first: put {{document.name}} or {{document.sha256}} into the request")
