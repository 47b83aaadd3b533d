"""What is looked at before anything is sent: the documents against an agency's limits, and numbers that carry their own check.

What does not live here: the sending. A record that fails here is refused with a reason and no peer hears of it.
"""

from __future__ import annotations

import re

from pydantic import Field

from integrations.contract import Document, Identifier, Options, Record

LONGEST_NAME = 80
_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"  # 23 letters: I, O and S are left out, being too like digits
_NAME = re.compile(r"[^/\\\x00-\x1f<>:\"|?*]+\.[A-Za-z0-9]{1,8}")


class Limits(Options):
    """What documents this agency's system takes."""

    largest_bytes: int = Field(
        default=20_000_000, ge=1, title="Largest document", examples=[20000000], description="The largest document it takes, in bytes."
    )
    extensions: list[str] = Field(
        default=["pdf", "txt"],
        title="Kinds of file",
        examples=[["pdf", "txt"]],
        description="The kinds of file it takes, by their endings.",
    )
    longest_name: int = Field(
        default=LONGEST_NAME, ge=12, le=255, title="Longest name", examples=[80], description="The longest file name it takes, in letters."
    )


def fault_in(record: Record, limits: Limits) -> str | None:
    """Why this record cannot be sent as it is, for the person who must look; None if all is well. Quotes no number of a child."""
    if not record.key.strip():
        return "the record has no key"
    faults = [_in_document(document, limits) for document in record.documents] + [_in_identifier(one) for one in record.child]
    return next((fault for fault in faults if fault), None)


def nhs_number_is_good(value: str) -> bool:
    """Ten digits whose last is the modulus-11 check digit of the others; spaces and dashes between are allowed."""
    digits = re.sub(r"[ -]", "", value)
    if not re.fullmatch(r"[0-9]{10}", digits):
        return False
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return check != 10 and int(digits[9]) == check % 11


def upn_is_good(value: str) -> bool:
    """A unique pupil number: a check letter, eleven digits, and a digit or (temporary numbers) a letter."""
    upn = value.strip().upper()
    if not re.fullmatch(r"[A-Z][0-9]{11}[0-9A-Z]", upn) or (upn[12] not in _UPN_LETTERS and not upn[12].isdigit()):
        return False
    last = int(upn[12]) if upn[12].isdigit() else _UPN_LETTERS.index(upn[12])
    total = sum(int(digit) * weight for weight, digit in enumerate(upn[1:12], start=2)) + last * 13
    return upn[0] == _UPN_LETTERS[total % 23]


def _in_document(document: Document, limits: Limits) -> str | None:
    name = document.name
    if not document.content:
        return f"the document {name!r} is empty"
    if len(name) > limits.longest_name or not _NAME.fullmatch(name):
        return "a document's name is too long, has no ending or holds a letter that names may not"
    if name.rpartition(".")[2].lower() not in [one.lower().lstrip(".") for one in limits.extensions]:
        return f"this system takes no .{name.rpartition('.')[2]} documents"
    if len(document.content) > limits.largest_bytes:
        return f"a document has {len(document.content):,} bytes and this system takes {limits.largest_bytes:,} at most"
    return None


def _in_identifier(one: Identifier) -> str | None:
    if one.system == "nhs-number" and not nhs_number_is_good(one.value):
        return "the NHS number fails its check digit"
    if one.system == "upn" and not upn_is_good(one.value):
        return "the unique pupil number fails its check letter"
    return None if one.value.strip() else f"the number of the scheme {one.system} is empty"
