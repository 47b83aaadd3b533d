"""A page of questions made from a typed model: the desk's forms. Schema to questions, what was typed to values, faults to their places."""

from plugin.web.sheet.page import Sheet

__all__ = ["Sheet"]
