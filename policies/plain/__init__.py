"""A policy in plain English, made from the compiled policy alone: names, phrases, sentences, sections.

Pure like the room it stands in: standard library only. Nothing here decides anything; it says what the engine does.
"""

from policies.plain.document import in_plain_english
from policies.plain.writing import Section, Sentence, as_html, as_text

__all__ = ["Section", "Sentence", "as_html", "as_text", "in_plain_english"]
