"""What an administrator says about the steps of a templated exchange, and everything that can be found wrong with it on saving.

What does not live here: the running of steps (`run`), the placeholder language (`template.language`).
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from integrations.answer.pointer import Pointer
from integrations.contract import Options
from integrations.template.bodies import Format, templates_in
from integrations.template.language import Template

Statuses = list[int]
_SUCCESS: Statuses = [200, 201, 202, 204]


class Ask(Options):
    """One request: what is sent. Every text may hold placeholders; each is escaped by the place it stands in."""

    method: Literal["GET", "POST", "PUT", "PATCH"] = "POST"
    path: str = Field(default="", description="The path behind the base address, beginning with /; with ? and parameters if need be.")
    headers: dict[str, str] = Field(default={}, description="Further headers.")
    body_format: Format = Field(default="none", description="How the body is written.")
    body: str = Field(default="", description="The body's template: JSON for json, form and multipart; XML for xml.")
    success_statuses: Statuses = Field(default=_SUCCESS, description="The statuses that mean success.")

    @model_validator(mode="after")
    def _speakable(self) -> Self:
        if self.path and not self.path.startswith("/"):
            raise ValueError("a path begins with /")
        # Old web systems answer a good sign-in with a redirect; it may be named as the success it is, and is not followed.
        if not self.success_statuses or any(not 200 <= status < 400 for status in self.success_statuses):
            raise ValueError("success is a status from 200 to 399")
        self.templates()
        return self

    def templates(self) -> list[Template]:
        """Every template in it. Raises ValueError for one that cannot be read."""
        return [Template.parse(self.path), *map(Template.parse, self.headers.values()), *templates_in(self.body_format, self.body)]


class Look(Ask):
    """How an earlier write is found: a request that changes nothing, and where its answer names what it found."""

    method: Literal["GET", "POST"] = "GET"
    absent_statuses: Statuses = Field(default=[404], description="The statuses that mean: nothing there.")
    among: str = Field(default="", description="Where the list of hits is (json:…); empty if the answer is the thing itself.")
    found: str = Field(description="Where the remote id is, within a hit or within the answer.")
    matches: dict[str, str] = Field(default={}, description="Place to template: what a hit must say to be ours; for example its reference.")
    save: dict[str, str] = Field(default={}, description="Name to place: values that later steps need.")

    @model_validator(mode="after")
    def _pointers(self) -> Self:
        pointers = [Pointer.parse(text) for text in (self.found, *self.matches, *self.save.values())]
        if self.among and (Pointer.parse(self.among).kind != "json" or any(pointer.kind != "json" for pointer in pointers)):
            raise ValueError("among hits, every place is one in JSON")
        return self

    def templates(self) -> list[Template]:
        """See `Ask.templates`."""
        return [*super().templates(), *map(Template.parse, self.matches.values())]


class Step(Ask):
    """One step: what it does, what it asks, when that is a success, what is kept of the answer."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,30}$", description="A short name; later steps call its values step.<id>.<name>.")
    does: Literal["sign in", "look up", "create", "attach"] = Field(description="Create and attach write; the others must not.")
    each_document: bool = Field(default=False, description="Once for each document, instead of once.")
    keyed: bool = Field(default=False, description="The system writes once however often the same Idempotency-Key comes.")
    key_header: str = Field(default="Idempotency-Key", pattern=r"^[A-Za-z0-9-]+$", description="The name of that header.")
    success_place: str = Field(default="", description="Where the answer says whether it worked, if it does.")
    success_equals: str = Field(default="", description="What it says there when it did.")
    failure_place: str = Field(default="", description="Where the answer says what went wrong; if anything stands there, it failed.")
    success_body: Literal["any", "empty", "not empty"] = Field(default="any", description="What the body must be.")
    not_written: Statuses = Field(default=[], description="Error statuses by which this system says that it wrote nothing.")
    only_one: str = Field(default="", description="A list that must hold exactly one entry (the child), or we stop.")
    confirm: dict[str, str] = Field(default={}, description="Place to template: what must agree (surname, date of birth), or we stop.")
    save: dict[str, str] = Field(default={}, description="Name to place: values that later steps need.")
    remote_id: str = Field(default="", description="Where the answer has the id that the receipt shows.")
    look: Look | None = Field(default=None, description="How to find that this step was done before.")

    @property
    def writes(self) -> bool:
        """Whether it changes something at the peer."""
        return self.does in ("create", "attach")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for text in (self.success_place, self.failure_place, self.only_one, self.remote_id, *self.confirm, *self.save.values()):
            if text:
                Pointer.parse(text)
        if bool(self.success_place) != bool(self.success_equals):
            raise ValueError("where the answer says whether it worked, and what it says there, go together")
        if self.look and not self.writes:
            raise ValueError("only a step that writes can have been done before")
        if self.look and set(self.save) - set(self.look.save) - {"id"}:
            raise ValueError("what a step keeps, its look must keep too: the step may be found done")
        return self

    def templates(self) -> list[Template]:
        """See `Ask.templates`."""
        return [*super().templates(), *map(Template.parse, self.confirm.values())]
