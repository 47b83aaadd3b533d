"""What is looked at before anything is sent."""

from __future__ import annotations

import pytest

from integrations.contract import Document, Identifier
from integrations.limits import Limits, fault_in, nhs_number_is_good, upn_is_good
from tests.integrations.samples import make_record


@pytest.mark.parametrize("number", ["9990000557", "943 476 5919", "943-476-5919", "9990000565"])
def test_nhs_numbers(number: str) -> None:
    assert nhs_number_is_good(number)


@pytest.mark.parametrize("number", ["9990000558", "943476591", "99900005570", "", "abcdefghij", "９４３４７６５９１９", "1234567890"])
def test_what_is_no_nhs_number(number: str) -> None:
    assert not nhs_number_is_good(number)


def test_every_other_last_digit_is_wrong() -> None:
    assert sum(nhs_number_is_good(f"943476591{digit}") for digit in range(10)) == 1


def test_pupil_numbers() -> None:
    """The check letter by hand: 8·2 + 1·4 + 2·5 + 1·9 + 1·12 + 1·13 = 64, and 64 mod 23 = 18, which is the letter V."""
    assert upn_is_good("V801200010011"[:1] + "801200010011")
    assert sum(upn_is_good(letter + "801200010011") for letter in "ABCDEFGHJKLMNPQRTUVWXYZ") == 1
    assert not any(upn_is_good(text) for text in ("", "V80120001001", "I801200010011", "V8012000100111", "V80120001001I", "8801200010011"))


def test_a_temporary_pupil_number_ends_with_a_letter() -> None:
    good = [letter for letter in "ABCDEFGHJKLMNPQRTUVWXYZ" if upn_is_good(f"{letter}80120001001A")]
    assert good == ["F"]  # the sum above without its last term is 51, the letter A counts nothing, and 51 mod 23 = 5


@pytest.mark.parametrize(
    ("document", "word"),
    [
        (Document("a.pdf", "application/pdf", b""), "empty"),
        (Document("a.exe", "application/pdf", b"x"), "takes no"),
        (Document("a", "application/pdf", b"x"), "name"),
        (Document("../a.pdf", "application/pdf", b"x"), "name"),
        (Document("a\r\nb.pdf", "application/pdf", b"x"), "name"),
        (Document("x" * 77 + ".pdf", "application/pdf", b"x"), "name"),
        (Document("a.pdf", "application/pdf", b"x" * 101), "bytes"),
    ],
)
def test_documents_that_a_system_would_not_take(document: Document, word: str) -> None:
    fault = fault_in(make_record(documents=(document,)), Limits(largest_bytes=100))
    assert fault is not None and word in fault


def test_identifiers_that_cannot_be_right() -> None:
    for one in (Identifier("nhs-number", "9990000558"), Identifier("upn", "B000000000000")):
        fault = fault_in(make_record(child=(one,)), Limits())
        assert fault is not None and "check" in fault and one.value not in fault
    assert fault_in(make_record(child=(Identifier("local", " "),)), Limits()) == "the number of the scheme local is empty"


def test_a_good_record() -> None:
    assert fault_in(make_record(), Limits()) is None
    assert fault_in(make_record(key=" "), Limits()) == "the record has no key"
