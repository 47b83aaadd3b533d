"""What an administrator says of a FHIR server: its identifier systems, how the document is called, and whether each goes by itself.

What does not live here: the adapter and the resource it makes (`fhir`).
"""

from __future__ import annotations

from pydantic import Field, field_validator

from integrations.auth.options import PeerOptions
from integrations.contract import Options
from integrations.limits import Limits


class Coding(Options):
    """A code of a code system."""

    system: str = Field(title="Code system", examples=["http://snomed.info/sct"], description="The code system's URL.")
    code: str = Field(title="Code", examples=["734163000"], description="The code.")
    display: str = Field(default="", title="Meaning", examples=["Care plan"], description="What it means, in words.")


class FhirOptions(PeerOptions):
    """The server, the identifier systems, how the document is called."""

    identifier_system: str = Field(
        title="Our identifier system",
        examples=["https://accord.example.org/outcome"],
        description="The system (a URL) under which our own identifiers stand.",
    )
    patient_system: str = Field(
        default="https://fhir.nhs.uk/Id/nhs-number",
        title="Their identifier system",
        examples=["https://fhir.nhs.uk/Id/nhs-number"],
        description="The system of the person's identifier there.",
    )
    child_identifier: str = Field(
        default="nhs-number",
        title="Our identifier of the person",
        examples=["nhs-number"],
        description="Which of the identifiers of whoever it is about it is here.",
    )
    look_up_patient: bool = Field(
        default=True,
        title="Find the patient first",
        examples=[True],
        description="Find the patient first, and stop unless there is exactly one.",
    )
    confirm_born: bool = Field(
        default=False,
        title="Compare the date of birth",
        examples=[True],
        description="Stop unless the patient's date of birth is the field child_born.",
    )
    type: Coding | None = Field(
        default=None,
        title="Kind of document",
        examples=[{"system": "http://snomed.info/sct", "code": "734163000"}],
        description="The kind of document.",
    )
    category: Coding | None = Field(
        default=None,
        title="Category of document",
        examples=[{"system": "http://loinc.org", "code": "11488-4"}],
        description="The category of the document.",
    )
    custodian: str = Field(
        default="",
        title="Keeper",
        examples=["Organization/123"],
        description="Reference of the organisation that keeps the document, such as Organization/123.",
    )
    apart: bool = Field(
        default=False,
        title="Each document by itself",
        examples=[True],
        description="A resource of its own for each document, for servers that take one file in each. Otherwise one resource holds them "
        "all, as the same document in several formats.",
    )
    on_file: bool = Field(
        default=True, title="On file at once", examples=[True], description="What is created lies on the person's record at once."
    )
    check_path: str = Field(
        default="/metadata",
        title="Path for testing",
        examples=["/metadata"],
        description="A path that can be read without changing anything.",
    )
    limits: Limits = Field(
        default=Limits(largest_bytes=700_000),
        title="Documents",
        examples=[{"largest_bytes": 500000}],
        description="What documents it takes (they travel inside the resource).",
    )

    @field_validator("identifier_system", "patient_system")
    @classmethod
    def _system(cls, value: str) -> str:
        if not value or any(letter in value for letter in "|, \r\n"):
            raise ValueError("a URL without spaces, commas and bars")
        return value
