"""What an administrator says about one request: what is sent, and when the answer is a success.

What does not live here: what a step is for and what is kept of its answer (`options`), the placeholder language (`template.language`).
"""

from __future__ import annotations

import re
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from integrations.answer.pointer import Pointer
from integrations.contract import Options
from integrations.template.bodies import Format, templates_in
from integrations.template.language import Template

Statuses = list[int]
_SUCCESS: Statuses = [200, 201, 202, 204]
_COMMON: dict[str, Any] = {"common": True}  # a form shows it at once: few requests do without
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Ask(Options):
    """One request: what is sent. Every text may hold placeholders; each is escaped by the place it stands in."""

    method: Literal["GET", "POST", "PUT", "PATCH"] = Field(
        default="POST", title="Method", description="The HTTP method.", examples=["PUT"], json_schema_extra=_COMMON
    )
    path: str = Field(
        default="",
        title="Path",
        description="The path behind the base address, beginning with /; with ? and parameters if need be.",
        examples=["/people/{{step.child.person}}/notes?notify=false"],
        json_schema_extra=_COMMON,
    )
    address: str = Field(
        default="",
        title="Whole address",
        description="Instead of a path: a whole address that an earlier answer gave. Its host must be one that the deployment allows.",
        examples=["{{step.session.upload_address}}"],
    )
    headers: dict[str, str] = Field(
        default={}, title="Headers", description="Further headers.", examples=[{"X-Request-ID": "{{request_id}}"}]
    )
    body_format: Format = Field(
        default="none", title="Kind of body", description="How the body is written.", examples=["json"], json_schema_extra=_COMMON
    )
    body: str = Field(
        default="",
        title="Body",
        description="The body's template: JSON for json, form and multipart; XML for xml; any text for text.",
        examples=['{"reference": "{{key}}", "file": "{{document.content|base64}}"}'],
        json_schema_extra={"when": {"body_format": ["json", "form", "multipart", "xml", "text"]}, "rows": 8},
    )
    success_statuses: Statuses = Field(
        default=_SUCCESS, title="Statuses of success", description="The statuses that mean success.", examples=[[201]]
    )

    refused_statuses: Statuses = Field(
        default=[],
        title="Statuses of “never”",
        description="Error statuses by which this system says that it wrote nothing and never will (500 with a fault, in SOAP).",
        examples=[[500]],
    )

    @model_validator(mode="after")
    def _speakable(self) -> Self:
        if self.path and not self.path.startswith("/"):
            raise ValueError("a path begins with /")
        if self.path and self.address:
            raise ValueError("a request has a path or a whole address, not both")
        if self.address and not re.fullmatch(r"\{\{\s*step\.[^{}|]+\}\}", self.address):
            raise ValueError("a whole address is one that an earlier step kept, such as {{step.session.upload_address}}")
        # Old web systems answer a good sign-in with a redirect; it may be named as the success it is, and is not followed.
        if not self.success_statuses or any(not 200 <= status < 400 for status in self.success_statuses):
            raise ValueError("success is a status from 200 to 399")
        for name in self.headers:
            if not _HEADER.fullmatch(name):
                raise ValueError(f"{name!r} cannot be the name of a header")
        self.templates()
        return self

    def places(self) -> list[Template]:
        """The templates that become the address, which every machine on the way may write down: no secret may stand there."""
        return [Template.parse(self.path), Template.parse(self.address)]

    def templates(self) -> list[Template]:
        """The templates of headers and body. Raises ValueError for one that cannot be read."""
        return [*map(Template.parse, self.headers.values()), *templates_in(self.body_format, self.body)]

    def sayings(self) -> list[Template]:
        """The templates that are compared with what an answer says."""
        return []


class Pages(Options):
    """How the pages behind the first are asked for: by an address that each names, or by counting."""

    next: str = Field(
        default="",
        title="Where it names the next page",
        description="Where the answer has the address of the next page. Empty: we count, and {{page}} stands for 1, then 2, and so on.",
        examples=["json:links.next", "address:Link"],
        json_schema_extra=_COMMON,
    )
    at_most: int = Field(
        default=10,
        ge=2,
        le=50,
        title="At most",
        description="So many pages are looked at; where there are more, a person looks.",
        examples=[10],
    )


class Look(Ask):
    """How an earlier write is found: a request that changes nothing, and where its answer names what it found."""

    method: Literal["GET", "POST"] = Field(
        default="GET",
        title="Method",
        description="The HTTP method; POST for searches with a body.",
        examples=["POST"],
        json_schema_extra=_COMMON,
    )
    absent_statuses: Statuses = Field(
        default=[404], title="Statuses of absence", description="The statuses that mean: nothing there.", examples=[[404, 410]]
    )
    absent_contains: str = Field(
        default="", title="Text of absence", description="A text in the answer's body that means: nothing there.", examples=["NONE"]
    )
    among: str = Field(
        default="",
        title="List of hits",
        description="Where the list of hits is; empty if the answer is the thing itself. In XML: the name of one hit.",
        examples=["json:items", "xml:Body/SearchResponse/Hit"],
    )
    pages: Pages | None = Field(
        default=None,
        title="In pages",
        description="For a search that answers with some hits at a time.",
        examples=[{"next": "json:links.next"}],
    )
    found: str = Field(title="Id of a hit", description="Where the remote id is, within a hit or within the answer.", examples=["json:id"])
    matches: dict[str, str] = Field(
        default={},
        title="What must agree",
        description="Place to template: what a hit must say to be ours; for example its reference.",
        examples=[{"json:reference": "{{key}}"}],
    )
    save: dict[str, str] = Field(
        default={},
        title="What is kept",
        description="Name to place: values that later steps need.",
        examples=[{"revision": "json:revisionId"}],
    )

    @model_validator(mode="after")
    def _pointers(self) -> Self:
        pointers = [Pointer.parse(text) for text in (self.found, *self.matches, *self.save.values())]
        if self.pages:
            self._check_pages(self.pages)
        if self.among:
            kinds = {Pointer.parse(self.among).kind, *(pointer.kind for pointer in pointers)}
            if len(kinds) != 1 or not kinds <= {"json", "xml"}:
                raise ValueError("among hits, every place is one in JSON, or every place one in XML")
            if kinds == {"xml"} and len(Pointer.parse(self.among).steps) < 2:
                raise ValueError(
                    "name what stands around the hits too, so that another answer is not taken for an empty list; where it is the whole "
                    "answer, begin with a slash: xml:/documents/document"
                )
        return self

    def _check_pages(self, pages: Pages) -> None:
        counted = any(place.name == "page" for template in (*self.places(), *self.templates()) for place in template.places)
        if pages.next:
            Pointer.parse(pages.next)
        elif not counted:
            raise ValueError("pages are counted: put {{page}} into the path or the body, or say where the next page is named")
        if not self.among or not self.matches:
            raise ValueError("a search in pages needs the list of hits, and what a hit must say to be ours")

    def sayings(self) -> list[Template]:
        """See `Ask.sayings`."""
        return [*map(Template.parse, self.matches.values())]


class Wait(Ask):
    """For systems that take a write and do it later: how they are asked whether it is done."""

    method: Literal["GET", "POST"] = Field(
        default="GET", title="Method", description="The HTTP method.", examples=["GET"], json_schema_extra=_COMMON
    )
    place: str = Field(title="Where it says so", description="Where the answer says how far it is.", examples=["json:data.status"])
    done: list[str] = Field(min_length=1, title="Done", description="What it says there when it is done.", examples=[["complete"]])
    failed: list[str] = Field(
        default=[], title="Failed", description="What it says there when it has failed for good.", examples=[["failed", "rejected"]]
    )
    every_seconds: float = Field(
        default=2.0, ge=0.05, le=30, title="Every", description="Seconds between one question and the next.", examples=[2.0]
    )
    at_most_seconds: float = Field(
        default=20.0, ge=0.1, le=60, title="At most", description="Seconds after which we ask no more.", examples=[20.0]
    )
    late: Literal["look", "arrived"] = Field(
        default="look",
        title="When it takes longer",
        description="look: it counts as not known, and is looked for later. arrived: it counts as arrived and not yet on file.",
        examples=["arrived"],
    )
    remote_id: str = Field(
        default="", title="Id for the receipt", description="Where the answer has the id that the receipt shows.", examples=["json:data.id"]
    )

    _lists = field_validator("done", "failed", mode="before")(lambda value: [value] if isinstance(value, str) else value)

    @model_validator(mode="after")
    def _pointers(self) -> Self:
        for text in filter(None, (self.place, self.remote_id)):
            Pointer.parse(text)
        return self


class Slices(Options):
    """For large files that go in slices (PUT with Content-Range) to an address that an earlier step was given."""

    bytes_each: int = Field(
        default=3_276_800,
        ge=1_000,
        title="Size",
        description="Bytes of each slice; some systems want a multiple of 327,680.",
        examples=[3_276_800],
    )
    more_statuses: Statuses = Field(
        default=[202, 308], title="More, please", description="The statuses that mean: the next slice, please.", examples=[[202]]
    )


def one_or_several(value: Any) -> Any:
    """A text where a list of texts may stand is a list of one."""
    return [value] if isinstance(value, str) and value else [] if value == "" else value
