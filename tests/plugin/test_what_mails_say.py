"""Every mail there is has subject, text, HTML saying the same, a specimen, and nothing of a child, an agency or the matter."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest

from plugin.mail import messages, specimens, wording
from plugin.mail.specimens import item

MAILS = specimens.mails()
TELLING = re.compile(
    r"abus|neglect|harm|injur|violen|sexual|suicid|protection plan|looked after|mother|father|sibling|school|hospital|council|police", re.I
)


def test_every_template_has_its_specimen_and_no_other() -> None:
    assert sorted(MAILS) == sorted(wording.names())


@pytest.mark.parametrize("name", sorted(MAILS))
def test_it_has_a_subject_a_text_and_html_that_says_the_same(name: str) -> None:
    mail = MAILS[name]
    assert 10 < len(mail.subject) < 90 and "\n" not in mail.subject
    said = re.sub(r"<title>.*?</title>", "", mail.html)
    words = html.unescape(re.sub(r"<[^>]+>", " ", said)).split()
    for paragraph in mail.text.strip().split("\n\n"):
        assert " ".join(paragraph.split()) in " ".join(words), paragraph


@pytest.mark.parametrize("name", sorted(MAILS))
def test_it_says_nothing_of_the_matter_and_leaves_no_placeholder(name: str) -> None:
    mail = MAILS[name]
    assert not TELLING.search(mail.subject + mail.text), TELLING.search(mail.subject + mail.text)
    assert not re.search(r"[{}]|\bNone\b|  ", mail.subject + mail.text)
    assert "/r/" in mail.text or name in wording.NO_LINK - {"digest"}


@pytest.mark.parametrize("name", wording.editable())
def test_with_no_date_and_to_the_minute_it_still_reads(name: str) -> None:
    for due in (None, specimens.BY_MINUTE):
        mail = messages.letter([item(name, due)])
        assert not re.search(r"\s[.,:]|[{}]|\bby \.", mail.subject + mail.text), mail
        assert "PD-7F3K-92HV" in mail.subject
        undated = name in ("tell", "no_longer_needed", "answered", "raised_by_mistake")
        assert due is None or undated or "by 14:10" in mail.subject + mail.text


def test_a_list_begins_with_what_presses_most_and_has_a_link_for_each() -> None:
    several = messages.letter([item("tell", reference="PD-1"), item("before", reference="PD-2"), item("overdue", reference="PD-3")])
    assert several.subject == "3 messages for you, the first by the end of Wed 25 Nov"
    assert [int(one) for one in re.findall(r"Reference PD-(\d)", several.text)] == [3, 2, 1]
    assert several.text.count(specimens.LINK) == 3 == several.html.count(f'<a href="{specimens.LINK}"')


def test_a_list_with_something_late_says_so_before_it_is_opened() -> None:
    several = messages.letter([item("tell", reference="PD-1"), replace(item("overdue", reference="PD-2"), late=True)])
    assert several.subject == "2 messages for you, the first overdue"


@pytest.mark.parametrize("name", wording.editable())
def test_it_says_once_for_whom_it_is_sent_and_what_to_do_in_doubt(name: str) -> None:
    several = messages.letter([item(name), item("tell", reference="PD-2")])
    for mail in (MAILS[name], several):
        assert mail.text.count("Accord sends this mail for Anytown Safeguarding Partnership.") == 1
        assert "do not open a link" in mail.text


def test_what_is_no_longer_needed_says_that_the_disagreement_may_go_on() -> None:
    text = MAILS["no_longer_needed"].text
    assert "This does not mean that it is over, or that nothing else is asked of you. It is now at this stage: Line managers." in text


def test_only_what_is_over_needs_no_link_in_a_list() -> None:
    several = messages.letter([item("no_longer_needed", reference="PD-1"), item("ask", reference="PD-2")])
    assert several.text.count("/r/") == 1 and "This does not mean that the disagreement is over." in several.text


def test_what_stands_in_a_stage_is_text_in_both() -> None:
    made = messages.letter([messages.Item("ask", "PD-1", "<b>{link}</b>&\r\nBcc: x@y", None, specimens.LINK, specimens.ZONE)])
    assert "<b>" not in made.html and "&lt;b&gt;" in made.html
    assert "Bcc" not in made.subject and made.text.count("/r/") == 1


@pytest.mark.parametrize("name", ["ask", "stand_in", "moved", "nobody_reached"])
def test_an_asking_that_leaves_after_its_date_says_that_it_has_passed(name: str) -> None:
    late = messages.letter([replace(item(name), late=True)])
    assert re.search(r"It is (now )?due by the end of Wednesday 25 November, and that time has passed\.", late.text)
    if name == "ask":
        assert late.subject == "Action needed now - reference PD-7F3K-92HV"
