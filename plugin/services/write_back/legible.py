"""What would be sent, as somebody can read it: a file in base64 is named with its size instead of filling the page.

What does not live here: what would be sent (each adapter's `preview`), which is shown exactly as it is beside this.
"""

from __future__ import annotations

import base64
import re
from urllib.parse import quote, unquote

from integrations.contract import Record

# No word of anybody's is so long; in a form's body + / and = are percent-encoded.
_ENCODED = re.compile(r"(?:[A-Za-z0-9+/]|%2[BF]){200,}(?:={1,2}|(?:%3D){1,2})?")


def legible(shown: str, record: Record) -> str:
    """The text with "(the document NAME, 34 KB in base64)" in the place of each file in base64; the same text where there is none."""
    for one in record.documents:
        for text in {(plain := base64.b64encode(one.content).decode("ascii")), quote(plain, safe="")} - {""}:
            shown = shown.replace(text, f"(the document {one.name}, {_size(len(one.content))} in base64)")

    def named(found: re.Match[str]) -> str:
        return f"(a file, {_size(len(unquote(found.group()).rstrip('=')) * 3 // 4)} in base64)"

    return _ENCODED.sub(named, shown)


def _size(count: int) -> str:
    return f"{count:,} bytes" if count < 1000 else f"{round(count / 1000):,} KB"
