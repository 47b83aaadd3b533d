"""The main job, end to end, in a real browser: raised in the council's records, answered by link, on file in both systems.

The council's page, the school's page and the service are three sites; third-party cookies are blocked (a private context blocks them).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from playwright.sync_api import Browser, expect

from tests.journeys.people import Answerer, Demo, Worker, fill_date, fill_in, link_of, no_other_route, words_of

LEAD, DEPUTY = "m.tull@hilltop.example", "i.osayed@hilltop.example"
COUNCIL_MANAGER, SCHOOL_HEAD = "philippa.okonjo-reyes@northleigh.example", "head@hilltop.example"
CHILD = "Ellis Wrenfield"
OFFICER = "reviewing.officer@northleigh.example"


def test_from_the_childs_record_to_both_files(browser: Browser, demo: Demo) -> None:
    worker = Worker(browser, demo, "Amara Lindqvist", CHILD)
    reference = _raise(worker)
    due = _due_date(worker)

    lead = Answerer(browser, demo, LEAD)
    asked = demo.wait_for_mail(LEAD, reference)
    _says_nothing_of_the_child(words_of(asked) + str(asked["Subject"]))
    lead.enter(link_of(asked))
    _answer(lead)

    worker.open_case(reference)
    expect(worker.frame.get_by_text("I do not agree").first).to_be_attached()

    _nobody_speaks_until_after(demo, due, reference)
    _escalate(worker)
    told = demo.wait_for_saying(OFFICER, reference)
    _says_nothing_of_the_child(words_of(told))
    for manager in (COUNCIL_MANAGER, SCHOOL_HEAD):
        demo.wait_for_saying(manager, reference)
    _consider_the_meeting(browser, demo, reference)

    demo.post_json("/faults", 2, {"status": 500, "times": 2})
    worker.open_case(reference)
    _resolve(worker, due)
    expect(worker.frame.locator(".accord-receipts li", has_text="Hill Top School")).to_contain_text("Waiting")
    _confirm_and_close(worker)
    _on_file_in_both(worker, demo, reference)
    assert demo.count_mails(OFFICER, reference) == 1, "the reviewing officer is told once (GSCB-18)"


def _raise(worker: Worker) -> str:
    """Steps 1 to 3: the emergency question first; then what, with whom, why; the page says what is owed next."""
    frame = worker.launch()
    expect(frame.locator(".accord-banner")).to_contain_text("Amara Lindqvist")
    expect(frame.locator(".accord-banner")).to_contain_text(CHILD)
    worker.press("Raise professional disagreement")
    frame = worker.frame
    frame.get_by_label("Yes").check()
    worker.press("Continue")
    expect(worker.frame.get_by_text("designated safeguarding lead of your own agency").first).to_be_visible()
    worker.press("I have read this")
    no_other_route(worker.frame)
    worker.frame.get_by_label("Hill Top School").check()
    worker.press("Continue")
    frame = worker.frame
    frame.get_by_label(re.compile("Marguerite Tull")).check()
    frame.get_by_label("The need for action").check()
    frame.get_by_label("Something they did not do").check()
    fill_in(frame, Why_is="He walks home alone after threats.", What_should="Somebody walks with him.", What_does="He is afraid to go.")
    frame.get_by_label("Looked after", exact=True).check()
    frame.locator("#officer-name").fill("Dorothea Kaminski")
    worker.press("Check your answers")
    expect(worker.frame.get_by_text("There is a problem")).to_be_visible()
    frame = worker.frame
    assert frame.locator("#unsafe").input_value() == "He walks home alone after threats.", "what was typed is kept"
    frame.locator("#officer-email").fill(OFFICER)
    worker.press("Check your answers")
    expect(worker.frame.get_by_role("heading", level=1)).to_contain_text("Check your answers")
    worker.press("Send and start")
    heading = worker.frame.get_by_role("heading", level=1)
    expect(heading).to_contain_text("Disagreement PD-")
    expect(worker.frame.get_by_role("heading", name="What happens next")).to_be_visible()
    expect(worker.frame.locator(".accord-timeline")).to_contain_text("Marguerite Tull")
    return re.search(r"PD-\w{4}-\w{4}", heading.inner_text()).group()  # type: ignore[union-attr]


def _due_date(worker: Worker) -> datetime:
    text = worker.frame.locator(".govuk-inset-text").first.inner_text()
    found = re.search(r"by the end of \w+ (\d+ \w+ \d{4})", text)
    assert found, text
    assert "5 working days" in text, "the page says why that date binds"
    return datetime.strptime(found.group(1), "%d %B %Y")  # noqa: DTZ007  # a local date, moved to by the demo's clock


def _answer(lead: Answerer) -> None:
    """Step 4: on a phone-sized screen."""
    width = lead.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 320, f"the page is {width} wide on a screen of 320"
    expect(lead.page.get_by_text("He walks home alone after threats.").first).to_be_visible()
    lead.press("Answer the concern")
    lead.page.get_by_label("I do not agree").check()
    fill_in(lead.frame, What_are_your_reasons="A teacher walks with him already.", How_is_the_child="He is met at the gate.")
    lead.press("Check your answers")
    lead.press("Send")
    expect(lead.page.get_by_text("recorded", exact=False).first).to_be_visible()


def _nobody_speaks_until_after(demo: Demo, due: datetime, reference: str) -> None:
    """Step 6: the clock passes the limit; the overdue reminder comes once, and the deputy is told."""
    demo.move_clock_to(f"{due + timedelta(days=5):%Y-%m-%dT10:00}")
    demo.wait_for_saying(LEAD, "verdue", reference)
    demo.wait_for_saying(DEPUTY, "verdue", reference)
    demo.move_clock_to(f"{due + timedelta(days=5):%Y-%m-%dT10:30}")
    assert len(demo.saying(LEAD, "verdue", reference)) == 1, "alone or among other things, it is told once"


def _escalate(worker: Worker) -> None:
    """Step 5: not resolved, so the worker takes it up."""
    worker.press("Go on to")
    fill_in(worker.frame, Why_is_it_not="We still see it differently.", How_is_the_child="He is met at the gate.")
    worker.frame.get_by_label(re.compile("Philippa Okonjo-Reyes")).check()
    worker.press("Check your answers")
    worker.press("Send")
    expect(worker.frame.get_by_text("Line managers").first).to_be_visible()


def _consider_the_meeting(browser: Browser, demo: Demo, reference: str) -> None:
    """GSCB-17: a line manager says whether a professionals' meeting would help, also when the answer is no."""
    manager = Answerer(browser, demo, SCHOOL_HEAD)
    manager.enter(link_of(demo.wait_for_saying(SCHOOL_HEAD, reference)))
    manager.press("Think about a professionals")
    manager.page.get_by_label("We thought about it and will not hold one").check()
    fill_in(manager.frame, Why_will_you_not="We two can settle it.")
    manager.press("Check your answers")
    manager.press("Send")
    expect(manager.page.get_by_text("recorded", exact=False).first).to_be_visible()


def _resolve(worker: Worker, due: datetime) -> None:
    """Step 7: settled with the reasons understood (GSCB-19)."""
    worker.press("Settle the disagreement")
    frame = worker.frame
    frame.get_by_label(re.compile("reasons are understood")).check()
    fill_date(frame, "settled_at", due + timedelta(days=5, hours=10, minutes=15))  # between the escalation and the demo's present
    fill_in(frame, What_was_agreed="A teacher walks with him.", What_are_the_reasons="He is seen to his door.", What_will="From Monday.")
    frame.get_by_label("No", exact=True).check()
    worker.press("Check your answers")
    worker.press("Send")


def _confirm_and_close(worker: Worker) -> None:
    """The written confirmation is owed and sent (GSCB-35); then the case closes."""
    expect(worker.frame.get_by_text("Settled, not closed").first).to_be_visible()
    worker.press("Confirm the outcome")
    frame = worker.frame
    fill_in(frame, Who_will="The school, from Monday.")
    for box in ("signed-name", "signed-role", "signed-organisation"):
        frame.locator(f"#{box}").fill("Amara Lindqvist" if box.endswith("name") else "Northleigh Council")
    worker.press("Check your answers")
    worker.press("Send")
    worker.press("Close the disagreement")
    worker.frame.locator("input[type=checkbox]").check()
    worker.press("Check your answers")
    worker.press("Send")
    expect(worker.frame.locator(".govuk-tag", has_text="Closed").first).to_be_visible()


def _on_file_in_both(worker: Worker, demo: Demo, reference: str) -> None:
    """Step 8: waiting, then on file, with each host's own document number; the PDF and the text once on each file."""
    receipts = worker.frame.locator(".accord-receipts li")
    for _ in range(30):
        if receipts.filter(has_text="On file").count() == receipts.count():
            break
        worker.page.wait_for_timeout(700)
        worker.open_case(reference)
        receipts = worker.frame.locator(".accord-receipts li")
    expect(receipts.filter(has_text="On file")).to_have_count(4)  # the outcome, and what was written after it, at both agencies
    numbers = re.findall(r"Document (\S+),", " ".join(receipts.all_inner_texts()))
    assert len(set(numbers)) == 4
    worker.hosts_own_link("Documents")
    expect(worker.page.locator("tbody tr", has_text=reference)).to_have_count(4)
    school = worker.context.new_page()
    school.goto(f"{demo.school}/")
    school.get_by_role("button", name="Marguerite Tull").click()
    school.get_by_role("link", name=CHILD).click()
    school.get_by_role("link", name="Documents").or_(school.get_by_role("link", name="Attachments")).first.click()
    for ending in (".pdf", ".txt"):
        expect(school.locator("li.card", has_text=f"{reference}-v1{ending}")).to_have_count(1)


def _says_nothing_of_the_child(text: str) -> None:
    for word in ("Wrenfield", "Ellis", "school", "School", "council", "Council", "afraid", "alone"):
        assert word not in text, f"a mail says {word!r}"
