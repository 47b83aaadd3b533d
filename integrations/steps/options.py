"""What an administrator says about the steps of a templated exchange, and everything that can be found wrong with one on saving.

What does not live here: the request itself (`ask`), the running of steps (`run`), faults between steps (`names`).
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from integrations.answer.pointer import Pointer
from integrations.contract import Options
from integrations.steps.ask import Ask, Look, Slices, Statuses, Wait, one_or_several
from integrations.steps.there import There, check_marks
from integrations.template.language import Template

__all__ = ["Ask", "Look", "Slices", "Statuses", "Step", "There", "Wait"]


class _Named(Options):
    id: str = Field(
        pattern=r"^[a-z][a-z0-9_-]{0,30}$",
        title="Short name",
        description="A short name; later steps call its values step.<id>.<name>.",
        examples=["note"],
    )
    does: Literal["sign in", "look up", "create", "attach", "sign out"] = Field(
        title="What it does",
        description="Create and attach write; the others must not. Sign out is done at the end, whatever happened before.",
        examples=["create"],
    )


# pydantic takes the fields of the last base first: what a step is called and does stands at the top of a form.
class Step(Ask, _Named):
    """One step: what it does, what it asks, when that is a success, what is kept of the answer."""

    each_document: bool = Field(
        default=False, title="For each document", description="Once for each document, instead of once.", examples=[True]
    )
    keyed: bool = Field(
        default=False,
        title="Keeps keys",
        description="The system writes once however often the same Idempotency-Key comes.",
        examples=[True],
    )
    key_header: str = Field(
        default="Idempotency-Key",
        pattern=r"^[A-Za-z0-9-]+$",
        title="Header of the key",
        description="The name of that header.",
        examples=["X-Request-Key"],
    )
    success_place: str = Field(
        default="",
        title="Where it says that it worked",
        description="Where the answer says whether it worked, if it does.",
        examples=["json:success"],
    )
    success_equals: list[str] = Field(
        default=[], title="What it says then", description="What it says there when it did: any one of these.", examples=[["true"]]
    )
    success_contains: str = Field(
        default="",
        title="Text of success",
        description="A text that the answer's body must hold, for answers in plain words.",
        examples=["OK"],
    )
    success_body: Literal["any", "empty", "not empty"] = Field(
        default="any", title="Body", description="What the body must be.", examples=["empty"]
    )
    failure_place: str = Field(
        default="",
        title="Where it says what went wrong",
        description="Where the answer says what went wrong; if anything stands there, it failed.",
        examples=["json:error", "xml:Body/Fault"],
    )
    failure_contains: str = Field(
        default="", title="Text of failure", description="A text in the answer's body that means that it failed.", examples=["ERROR"]
    )
    later_place: str = Field(
        default="",
        title="Where it says: not now",
        description="Where the answer says that it was busy and wrote nothing.",
        examples=["json:error.code"],
    )
    later_equals: list[str] = Field(
        default=[],
        title="What it says then",
        description="What it says there when it was busy: any one of these.",
        examples=[["BUSY", "LOCKED"]],
    )
    not_written: Statuses = Field(
        default=[],
        title="Statuses of “not now”",
        description="Error statuses by which this system says that it wrote nothing and may be asked again.",
        examples=[[502, 504]],
    )
    only_one: str = Field(
        default="",
        title="Exactly one",
        description="A list that must hold exactly one entry (whoever it is about), or we stop. In XML: the name of one entry.",
        examples=["json:people", "xml:Body/FindResponse/Person"],
    )
    confirm: dict[str, str] = Field(
        default={},
        title="What must agree",
        description="Place to template: what must agree (surname, date of birth), or we stop.",
        examples=[{"json:people.0.born|date": "{{field.child_born|date}}"}],
    )
    save: dict[str, str] = Field(
        default={},
        title="What is kept",
        description="Name to place: values that later steps need.",
        examples=[{"person": "json:people.0.id"}],
    )
    remote_id: str = Field(
        default="",
        title="Id for the receipt",
        description="Where the answer has the id that the receipt shows.",
        examples=["json:id", "header:Location"],
    )
    look: Look | None = Field(
        default=None,
        title="Finding an earlier write",
        description="How to find that this step was done before.",
        examples=[{"path": "/notes?ref={{key}}", "among": "json:items", "found": "json:id"}],
    )
    there: There | None = Field(
        default=None,
        title="When it is there already",
        description="The answer by which it refuses a second copy of the same (409, say). It counts as delivered; no person is asked.",
        examples=[{"statuses": [409]}],
    )
    wait: Wait | None = Field(
        default=None,
        title="Waiting until it is done",
        description="For systems that take a write and do it later: how they are asked whether it is done.",
        examples=[{"path": "/jobs/{{step.note.job}}", "place": "json:status", "done": ["complete"], "failed": ["failed"]}],
    )
    slices: Slices | None = Field(
        default=None,
        title="In slices",
        description="For large files: the file goes in slices, each a PUT with Content-Range.",
        examples=[{}],
    )

    _lists = field_validator("success_equals", "later_equals", mode="before")(one_or_several)

    @property
    def writes(self) -> bool:
        """Whether it changes something at the peer."""
        return self.does in ("create", "attach")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        pointers = (self.success_place, self.failure_place, self.later_place, self.only_one, self.remote_id)
        for text in (*filter(None, pointers), *self.confirm, *self.save.values()):
            Pointer.parse(text)
        if bool(self.success_place) != bool(self.success_equals):
            raise ValueError("where the answer says whether it worked, and what it says there, go together")
        if bool(self.later_place) != bool(self.later_equals):
            raise ValueError("where the answer says that it was busy, and what it says there, go together")
        if set(self.not_written) & set(self.refused_statuses):
            raise ValueError("a status means “not now” or “never”, not both")
        self._check_writing()
        return self

    def _check_writing(self) -> None:
        if (self.look or self.wait) and not self.writes:
            raise ValueError("only a step that writes can have been done before, or be waited for")
        if self.there:
            self._check_there(self.there)
        if self.slices and (self.body_format != "file" or self.method != "PUT"):
            raise ValueError("slices are for a file that is PUT")

    def _check_there(self, there: There) -> None:
        if not self.writes:
            raise ValueError("only a step that writes can be there already")
        if set(there.statuses) & set(self.success_statuses) and not (there.place or there.contains):
            raise ValueError("a status means success or “it is there already”, not both")
        if not self.keyed:
            check_marks((*self.places(), *self.templates()), self.each_document)

    def sayings(self) -> list[Template]:
        """See `Ask.sayings`."""
        return [*super().sayings(), *map(Template.parse, self.confirm.values())]
