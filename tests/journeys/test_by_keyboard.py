"""Both journeys by keyboard alone, from the record system's own page and from the emailed link, to the answer. No pointer is used."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Frame, Page, expect

from tests.journeys.people import Demo, Worker, link_of, words_of

LEAD = "m.tull@hilltop.example"
# What has focus, as a person hears it: its label, or its own words.
_NAMED = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return '';
    const label = one.labels && one.labels.length ? one.labels[0].innerText : (one.getAttribute('aria-label') || one.innerText || '');
    return label.trim();
}"""


class Keys:
    """A person with a keyboard. `where` finds the frame anew: every page is a new document."""

    def __init__(self, page: Page, frame: str = "") -> None:
        self.page = page
        self.origin = frame

    @property
    def frame(self) -> Frame:
        """Where the service's page is."""
        return next(one for one in self.page.frames if not self.origin or one.url.startswith(self.origin))

    def to(self, name: str, most: int = 90) -> None:
        """Goes on with Tab until what has focus is called so; fails after `most` steps. Focus can be seen wherever it is."""
        for _ in range(most):
            if re.match(re.escape(name), self.frame.evaluate(_NAMED) or ""):
                assert self.frame.evaluate("document.activeElement.matches(':focus-visible')"), f"{name}: focus cannot be seen"
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{name!r} is not reached by keyboard on {self.frame.locator('h1').inner_text()!r}")

    def press(self, name: str) -> None:
        """Presses a button that leads to another page."""
        self.to(name)
        with self.frame.expect_navigation():
            self.page.keyboard.press("Enter")

    def choose(self, name: str) -> None:
        """Marks a radio button or a box: a group of radios has one stop, the arrows go on from there."""
        for _ in range(90):
            named = self.frame.evaluate(_NAMED) or ""
            if re.match(re.escape(name), named):
                self.page.keyboard.press("Space")
                return
            radio = self.frame.evaluate("document.activeElement.type === 'radio' && !!document.querySelector('input[type=radio]:focus')")
            same = radio and self.frame.evaluate(
                """name => [...document.querySelectorAll(`input[name='${document.activeElement.name}']`)]
                    .some(one => one.labels[0].innerText.trim().startsWith(name))""",
                name,
            )
            self.page.keyboard.press("ArrowDown" if same else "Tab")
        raise AssertionError(f"{name!r} is not reached by keyboard")

    def type_into(self, name: str, text: str) -> None:
        """Types into a box."""
        self.to(name)
        self.page.keyboard.type(text)


def test_both_journeys_by_keyboard_alone(browser: Browser, demo: Demo) -> None:
    worker = Worker(browser, demo, "Gethin Abara", "Zeynep Halloran")
    worker.page.get_by_role("link", name="Raise professional disagreement").focus()
    worker.page.keyboard.press("Enter")
    expect(worker.page.frame_locator("iframe").get_by_role("button", name="Start")).to_be_visible()
    keys = Keys(worker.page, demo.service)
    _into_the_frame(keys)
    keys.press("Start")
    reference = _raise(keys)
    _answer(browser, demo, reference)
    keys.press("All disagreements")
    keys.press(reference)
    expect(keys.frame.get_by_text("She was seen today.").first).to_be_attached()


def _into_the_frame(keys: Keys) -> None:
    for _ in range(30):
        if keys.frame.evaluate("document.hasFocus() && document.activeElement !== document.body"):
            return
        keys.page.keyboard.press("Tab")
    raise AssertionError("the frame is not reached by keyboard")


def _raise(keys: Keys) -> str:
    keys.press("Raise professional disagreement")
    keys.choose("Yes")
    keys.press("Continue")
    keys.press("I have read this")
    keys.choose("No")
    keys.press("Continue")
    keys.choose("Hill Top School")
    keys.press("Continue")
    keys.press("Check your answers")
    summary = keys.frame.locator(".govuk-error-summary")
    expect(summary).to_be_focused()
    keys.choose("Marguerite Tull")
    keys.choose("The need for action")
    keys.choose("Something they did not do")
    keys.type_into("Why is the child not safe?", "Nobody has seen her.")
    keys.type_into("What should change?", "A visit today.")
    keys.type_into("What does this mean for the child?", "She is alone.")
    keys.choose("None of these")
    keys.press("Check your answers")
    keys.press("Send and start")
    heading = keys.frame.get_by_role("heading", level=1).inner_text()
    found = re.search(r"PD-\w{4}-\w{4}", heading)
    assert found, heading
    return found.group()


def _answer(browser: Browser, demo: Demo, reference: str) -> None:
    page = browser.new_context(viewport={"width": 320, "height": 640}).new_page()
    page.goto(link_of(demo.wait_for_mail(LEAD, reference)))
    keys = Keys(page)
    codes = demo.count_mails(LEAD, "Your code")
    keys.press("Send me a code")
    code = re.search(r"\b\d{6}\b", words_of(demo.wait_for_mail(LEAD, "Your code", codes)))
    assert code
    keys.type_into("Code", code.group())
    keys.press("Continue")
    keys.press("Answer the concern")
    keys.choose("I agree, and I will do what is asked")
    keys.type_into("What are your reasons?", "She was seen today.")
    keys.type_into("What will you do?", "A teacher calls.")
    for box, number in (("Day", "1"), ("Month", "12"), ("Year", "2036")):
        keys.type_into(box, number)
    keys.type_into("How is the child kept safe", "She is with her aunt.")
    keys.press("Check your answers")
    keys.press("Send")
    expect(page.get_by_text("Done. It is recorded.")).to_be_visible()
