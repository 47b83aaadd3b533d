"""Every code with which a sign-in may be refused is told to the administrator in words that say what to do."""

from __future__ import annotations

import re
from pathlib import Path

from plugin.services.providers.sign_on_reasons import REASONS

ROOT = Path(__file__).parents[2]
SOURCES = [
    *(ROOT / "integrations" / "launch").glob("*.py"),
    *(ROOT / "plugin" / "services").rglob("*.py"),
    *(ROOT / "plugin" / "web" / "arriving").glob("sign*.py"),
]
RAISED = re.compile(r'(?:SignOnRefused|_refuse|_refused)\((?:\w+, )?"([^"]+)"')


def test_every_code_has_its_words_and_no_words_are_for_nothing() -> None:
    sources = {one: one.read_text() for one in SOURCES if one.name != "sign_on_reasons.py" and "signed" not in one.name}
    sources |= {one: one.read_text() for one in (ROOT / "plugin" / "web" / "arriving").glob("signed_on.py")}
    raised = {code for text in sources.values() if "SignOnRefused" in text for code in RAISED.findall(text)}
    assert len(raised) > 25, "the test looks where they are raised"
    assert raised - set(REASONS) == set()
    written = "\n".join(sources.values())
    assert [code for code in REASONS if f'"{code}"' not in written and code != "connection unknown or disabled"] == []
