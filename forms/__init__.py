"""Forms as data: definitions, what people answer to them, and what is made of the answers. Imports WTForms and `policies`; no Flask.

    form = bind(get("raise"), data=request.form, choices=…, context=…, now=…)
    if form.validate(): keep(form.values())

What lives here: reading definitions, checking answers, words for them. What does not: HTML (templates/forms), rows in a database.
"""

from __future__ import annotations

from forms import document
from forms.bound import Bound, bind
from forms.checking import check
from forms.definition import Definition, Field, Part
from forms.facts import facts, meets, statistics
from forms.kinds.base import NOT_ANSWERED
from forms.library import get, ids, known, use, versions
from forms.machine import as_data, json_schema
from forms.prefill import prefill
from forms.reading import FormError, parse_definition, read_definition
from forms.summary import Row, rows

__all__ = [
    "NOT_ANSWERED",
    "Bound",
    "Definition",
    "Field",
    "FormError",
    "Part",
    "Row",
    "as_data",
    "bind",
    "check",
    "document",
    "facts",
    "get",
    "ids",
    "json_schema",
    "known",
    "meets",
    "parse_definition",
    "prefill",
    "read_definition",
    "rows",
    "statistics",
    "use",
    "versions",
]
