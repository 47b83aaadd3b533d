"""A text in sections and sentences, and its two forms: lines for a terminal, HTML for a page.

What lives here: the shapes and their printing. What does not: what is said (`policies.plain`, `policies.charting`). Each sentence has a key
that stays the same from one version of a policy to the next, so that two texts can be compared sentence by sentence.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Sentence:
    """One thing said: its key within the section, the words, and the rules of the document it comes from ("" for none)."""

    key: str
    text: str
    rule: str = ""

    def __str__(self) -> str:
        return f"{self.text} [{self.rule}]" if self.rule else self.text


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, what is said under it, and the sections within it. `key` is unique among its neighbours.

    A `joined` one is a paragraph: its title is the first words of it, and its sentences follow one another.
    """

    key: str
    title: str
    says: tuple[Sentence, ...] = ()
    parts: tuple[Section, ...] = ()
    joined: bool = False

    def walk(self, above: tuple[Section, ...] = ()) -> Iterator[tuple[tuple[Section, ...], Sentence]]:
        """Every sentence with the sections it stands in, from the top."""
        here = (*above, self)
        for one in self.says:
            yield here, one
        for part in self.parts:
            yield from part.walk(here)


def as_text(section: Section, level: int = 0, width: int = 100) -> str:
    """The section for a terminal or a mail: headings underlined at the top, indented below, lines of `width` characters."""
    indent = "  " * max(level - 1, 0)
    if section.joined:
        told = " ".join(str(one) for one in section.says)
        return _wrapped(f"{_titled(section)} {told}", indent, "* ", width)
    head = section.title if level > 1 else f"{section.title}\n{('=', '-')[level] * len(section.title)}"
    lines = [textwrap.indent(head, indent)]
    for one in section.says:
        lines.append(_wrapped(str(one), indent, "- ", width))
    lines.extend("\n" * (level < 2) + as_text(part, level + 1, width) for part in section.parts)
    return "\n".join(lines)


def _wrapped(text: str, indent: str, mark: str, width: int) -> str:
    """A text in lines, the first one marked; words and "second-tier" are not broken."""
    first, later = indent + mark, indent + " " * len(mark)
    return textwrap.fill(text, width, initial_indent=first, subsequent_indent=later, break_long_words=False, break_on_hyphens=False)


def as_html(section: Section, level: int = 2) -> str:
    """The section as HTML from <h`level`> down, for inside a page: no ids, no styles but the classes of the GOV.UK components."""
    if section.joined:
        told = " ".join(_sentence(one) for one in section.says)
        return f'<p class="govuk-body"><strong>{escape(_titled(section))}</strong> {told}</p>\n'
    size = {1: "xl", 2: "l", 3: "m"}.get(level, "s")
    head = f'<h{level} class="govuk-heading-{size}">{escape(section.title)}</h{level}>'
    items = "".join(f"<li>{_sentence(one)}</li>\n" for one in section.says)
    says = f'<ul class="govuk-list govuk-list--bullet">\n{items}</ul>\n' if items else ""
    return f"{head}\n{says}" + "".join(as_html(part, min(level + 1, 6)) for part in section.parts)


def _titled(section: Section) -> str:
    return section.title if section.title.endswith((".", "?", "!")) else f"{section.title}."


def _sentence(one: Sentence) -> str:
    rule = f' <span class="accord-rule">[{escape(one.rule)}]</span>' if one.rule else ""
    return escape(one.text) + rule
