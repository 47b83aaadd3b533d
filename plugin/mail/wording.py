"""The wording of mails: a small text format with fixed placeholders, filled by plain replacement, and what may stand in it.

A template (templates/mail/NAME.txt, or a partnership's own) has its subject on the first line, on the second what it says in a list of
several ("In a list: …"), then a blank line, then paragraphs. A sentence whose placeholder has nothing to say is left out. There is no
code in a template and no placeholder that could name a child, an agency or an answer: such words cannot be got into a mail.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "mail"
PLACEHOLDERS: Mapping[str, str] = {
    "reference": "the random reference of the disagreement",
    "stage": "the name of the stage it is at",
    "due": "by when, in full; nothing where no date is set",
    "short": "by when, short, for a subject; nothing where no date is set",
    "do": "what is asked, in general words",
    "link": "the link, on a line of its own",
}
# Of mails that nobody can word anew: a list of several, and the code.
_OWN = {"digest": {"count", "first", "items"}, "code": {"code", "minutes"}, "tries_spent": set[str]()}
NO_LINK = frozenset({"no_longer_needed", "raised_by_mistake", "code", "digest", "tries_spent"})
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_LIST = "In a list: "
_LONGEST, _LONGEST_SUBJECT = 4000, 120
# Words that say what kind of matter it is, or whose: a subject line is read by whoever stands behind the screen.
_TELLING = (
    "abuse", "abused", "neglect", "neglected", "harm", "injury", "injuries", "violence", "violent", "sexual", "assault", "exploitation",
    "grooming", "trafficking", "suicide", "self-harm", "child protection plan", "looked after", "mental health", "diagnosis", "mother",
    "father", "sibling", "brother", "sister", "born", "date of birth", "nhs number", "upn",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wording:
    """A template taken apart: subject, what it says in a list, paragraphs."""

    subject: str
    line: str
    body: tuple[str, ...]

    def filled(self, values: Mapping[str, str]) -> tuple[str, str, tuple[str, ...]]:
        """Subject, line and paragraphs with `values` in them; each placeholder by plain replacement, once."""
        subject = " ".join(_fill(self.subject, values).split())
        body = tuple(made for part in self.body if (made := _sentences(part, values)))
        return subject, _sentences(self.line, values), body


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that keeps a wording from being used: the line it stands in (from 1; 0: the whole) and what would be right."""

    line: int
    text: str


def names() -> tuple[str, ...]:
    """The mails there are: a file each."""
    return tuple(sorted(path.stem for path in TEMPLATES.glob("*.txt")))


def editable() -> tuple[str, ...]:
    """Those a partnership may word in its own way."""
    return tuple(name for name in names() if name not in _OWN)


@lru_cache(maxsize=64)
def bundled(name: str) -> Wording:
    """The wording that comes with the service. Raises KeyError for a mail there is not."""
    return read(text_of(name))


@lru_cache(maxsize=64)
def text_of(name: str) -> str:
    """The text of a bundled template, to start from. Raises KeyError."""
    if name not in names():
        raise KeyError(name)
    return (TEMPLATES / f"{name}.txt").read_text(encoding="utf-8")


@lru_cache(maxsize=256)
def read(text: str) -> Wording:
    """A template's text taken apart; without a second line "In a list: …" the subject says it there."""
    head, _, rest = text.replace("\r\n", "\n").strip().partition("\n\n")
    subject, _, second = head.partition("\n")
    line = second.removeprefix(_LIST) if second.startswith(_LIST) else subject
    parts = (" ".join(part.split()) for part in rest.split("\n\n"))
    return Wording(subject.strip(), line.strip(), tuple(part for part in parts if part))


def check(name: str, text: str, known: Collection[str] = ()) -> list[Fault]:
    """What keeps `text` from being the wording of mail `name`; empty where it is good.

    `known` are names that must not appear (agencies, people). A child's name is in no list of ours: no placeholder can bring one in,
    and whoever writes the words is told so on the screen.
    """
    if name not in editable():
        return [Fault(0, f"There is no mail called '{name}' that can be worded. Choose one of: {', '.join(editable())}.")]
    lines = text.replace("\r\n", "\n").split("\n")
    faults = [*_of_shape(name, text, lines), *_of_placeholders(lines)]
    for number, line in enumerate(lines, start=1):
        faults += [Fault(number, said) for said in _telling(line, known)]
    return sorted(faults, key=lambda fault: fault.line)


def _of_shape(name: str, text: str, lines: list[str]) -> list[Fault]:
    made = read(text)
    faults = []
    if not made.subject or not made.body:
        return [Fault(1, "Write the subject on the first line, then an empty line, then the text.")]
    if len(made.subject) > _LONGEST_SUBJECT:
        faults.append(Fault(1, f"The subject is longer than {_LONGEST_SUBJECT} characters."))
    if "{reference}" not in made.subject:
        faults.append(Fault(1, "The subject needs {reference}, so that people can tell one mail from another."))
    if "{link}" in made.subject or "{link}" in made.line:
        faults.append(Fault(1, "The link belongs in the text, on a line of its own, not in the subject or the list line."))
    alone = sum(part == "{link}" for part in made.body)
    if name not in NO_LINK and (alone != 1 or text.count("{link}") != 1):
        faults.append(Fault(0, "The text needs {link} once, on a line of its own with an empty line before and after it."))
    if name in NO_LINK and "{link}" in text:
        faults.append(Fault(0, "This mail has no link: leave {link} out."))
    if len(text) > _LONGEST:
        faults.append(Fault(0, f"The text is longer than {_LONGEST} characters."))
    if any(ord(letter) < 32 and letter not in "\n\r\t" for letter in text):
        faults.append(Fault(0, "The text holds a character that cannot be sent."))
    return faults


def _of_placeholders(lines: list[str]) -> list[Fault]:
    faults = []
    for number, line in enumerate(lines, start=1):
        for word in _PLACEHOLDER.findall(line):
            if word not in PLACEHOLDERS:
                near = difflib.get_close_matches(word, PLACEHOLDERS, 1)
                hint = f"Did you mean {{{near[0]}}}?" if near else f"Those that are: {', '.join('{' + one + '}' for one in PLACEHOLDERS)}."
                faults.append(Fault(number, f"{{{word}}} is not a placeholder. {hint}"))
        if any(letter in _PLACEHOLDER.sub("", line) for letter in "{}"):
            faults.append(Fault(number, "A curly bracket stands alone. Brackets are for placeholders such as {reference}."))
    return faults


def _telling(line: str, known: Collection[str]) -> list[str]:
    found = []
    low = line.casefold()
    if re.search(r"https?:|www\.", low):
        found.append("A web address stands here. The only link is {link}: a second one is what people are warned of.")
    for word in _TELLING:
        if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", low):
            found.append(f"“{word}” says what it is about. A mail says only that there is something to do.")
    found += [f"“{name}” is a name. A mail names nobody and no agency." for name in known if len(name) > 3 and name.casefold() in low]
    if re.search(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}", line):
        found.append("A date stands here. Dates come from {due}; a date of birth must never be in a mail.")
    if any(_is_nhs_number(digits) for digits in re.findall(r"(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)", line)):
        found.append("A number stands here that could be somebody’s NHS number.")
    return found


def _is_nhs_number(text: str) -> bool:
    digits = [int(one) for one in text if one.isdigit()]
    check_digit = 11 - sum(digit * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return (0 if check_digit == 11 else check_digit) == digits[9]


def _sentences(text: str, values: Mapping[str, str]) -> str:
    """The text without sentences that have nothing to say, filled."""
    kept = [one for one in _SENTENCE.split(text) if all(values.get(name, "-") for name in _PLACEHOLDER.findall(one))]
    return _fill(" ".join(kept), values)


def _fill(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)
