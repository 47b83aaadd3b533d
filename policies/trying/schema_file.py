"""The JSON Schema of what the commands read and print, as the file `policies/schema.json`.

What lives here: its text, and `python -m policies.trying.schema_file`, which writes the file anew. A test says that the file is as it
should be.
"""

from __future__ import annotations

import json
from pathlib import Path

from policies.parts.json_form import json_schema
from policies.trying.runs import RUN

FILE = Path(__file__).parents[1] / "schema.json"


def text() -> str:
    """The schemas of events (what is read), state (`timeline --json`) and run (`simulate --json`), as one JSON document."""
    whole = {**json_schema(), "run": RUN.json_schema(mode="serialization")}
    return json.dumps(whole, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
