"""Drawings of policies in a real browser: every text is inside its box as the browser measures it, with faces that are wider too."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from policies import chart, pack, pack_ids
from policies.charting import timeline_chart
from policies.charting.letters import width_of
from policies.trying.simulating import simulate
from tests.policies.making import at

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Texts that reach further right than the narrowest box they begin in; in the drawing's own units.
MEASURE = """() => {
  const svg = document.querySelector('svg'), found = [];
  const area = one => one.getBBox();
  const boxes = [...svg.querySelectorAll('rect[stroke], polygon[stroke]')].map(area);
  for (const one of svg.querySelectorAll('text')) {
    const text = area(one), x = text.x + 1, y = text.y + text.height / 2;
    const around = boxes.filter(b => b.x <= x && x <= b.x + b.width && b.y <= y && y <= b.y + b.height);
    const right = Math.min(svg.viewBox.baseVal.width, ...around.map(b => b.x + b.width));
    if (text.x + text.width > right + 0.5) found.push(one.textContent);
  }
  return found;
}"""

LENGTH = "words => { const t = document.querySelector('text'); t.textContent = words; return t.getComputedTextLength(); }"


@pytest.mark.parametrize("face", ["", "DejaVu Sans"], ids=["its own faces", "a wider face"])
def test_no_text_leaves_its_box(browser: Browser, face: str) -> None:
    page = browser.new_page(viewport={"width": 900, "height": 900})
    for name in pack_ids():
        run = simulate(pack(name), at("2027-03-19 18:10"), "late")
        for narrow in (False, True):
            for drawing in (chart(pack(name), narrow=narrow), timeline_chart(pack(name), run, narrow=narrow)):
                svg = drawing.svg.replace("Arial, Helvetica", f"'{face}', Arial, Helvetica") if face else drawing.svg
                page.set_content(svg)
                assert page.evaluate(MEASURE) == [], f"{name}, {'narrow' if narrow else 'wide'}"
    page.close()


def test_letters_are_as_wide_as_they_are_taken_to_be(browser: Browser) -> None:
    page = browser.new_page()
    letters = "".join(chr(code) for code in range(32, 127)) + "“”‘’–—…·éüÅ"
    for bold in (False, True):
        weight = "bold" if bold else "normal"
        page.set_content(f'<svg font-family="Liberation Sans"><text font-size="1000" font-weight="{weight}"></text></svg>')
        for letter in letters:
            measured = page.evaluate(LENGTH, f"x{letter}x") - 2 * width_of("x", 1000, bold)
            assert measured <= width_of(letter, 1000, bold) + 3, f"'{letter}' {'bold' if bold else ''} is {measured:.0f}"
    page.close()
