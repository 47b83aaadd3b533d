"""A slip in each key that few policies need: the check names the file, the line, the key, and what would be right."""

from __future__ import annotations

import pytest

from policies import PackError, load
from tests.policies.rows import ROWS, first, owed
from tests.policies.small import small_text

NEW = "id: new, kind: notice, title: New, by: raising, to: responding, strength: should"
REVIEW = "a review every week"
STILL = "a clock that stands still"


def swapped(name: str, old: str, new: str) -> str:
    assert old in ROWS[name], old
    return ROWS[name].replace(old, new)


SLIPS: dict[str, tuple[str, str, str]] = {
    "stops: a flag misspelt": (swapped(STILL, "while: flag waiting", "while: flag waitin"), "stops.0.while", "Do you mean 'waiting'?"),
    "stops: a clock misspelt": (swapped(STILL, "clocks: [stage 1]", "clocks: [stage 11]"), "stops.0.clocks.0", "Do you mean 'stage 1'?"),
    "stops: no condition": (swapped(STILL, "while: flag waiting, ", ""), "stops.0.while", "This key is missing."),
    "stops: hung on time": (swapped(STILL, "while: flag waiting", "while: 1/talk overdue"), "stops.0.while", "but not this"),
    "stops: a key misspelt": (swapped(STILL, "clocks: [stage 1]", "clock: [stage 1]"), "stops.0.clock", "Do you mean 'clocks'?"),
    "repeats: no length": (swapped(REVIEW, "repeats: 1 week", "repeats: weekly"), "owes.0.repeats.0", "Write for example '5 working days'"),
    "repeats: without an end": (swapped(REVIEW, "when: flag at risk and not resolved, ", ""), "owes.0.repeats", "add 'when: not resolved'"),
    "repeats: met by itself": (
        swapped(REVIEW, "repeats: 1 week", "repeats: 1 week, done by: resolved"),
        "owes.0.repeats",
        "take 'done by' out",
    ),
    "repeats: holds open": (
        swapped(REVIEW, "repeats: 1 week", "repeats: 1 week, holds open: yes"),
        "owes.0.repeats",
        "take 'holds open' out",
    ),
    "repeats: at once": (swapped(REVIEW, "repeats: 1 week", "repeats: at once"), "owes.0.repeats", "such as '1 week'"),
    "overdue: misspelt": (
        small_text(owed(f"{NEW}, when: tallk overdue")),
        "stages.0.owes.1.when",
        "Do you mean 'talk'?",
    ),
    "overdue: in a limit": (small_text(first("limit: 5 working days when talk overdue")), "stages.0.limit.0", "but not this"),
    "owed: in a when": (small_text(owed(f"{NEW}, when: talk owed")), "stages.0.owes.1.when", "'owed' is for guards"),
    "for each: misspelt": (small_text(owed(f"{NEW}, for each: chidl")), "stages.0.owes.1.for each", "Do you mean 'child'?"),
    "for each: nobody of the kind": (small_text(owed(f"{NEW}, for each: adult")), "stages.0.owes.1.for each", "there is no adult"),
    "a role of one person, misspelt": (
        swapped("an adult", "to: advocate", "to: advocat"),
        "stages.0.owes.1.to",
        "name a role of one person: advocate",
    ),
    "told, who has no mailbox": (small_text(owed(NEW.replace("to: responding", "to: the child"))), "stages.0.owes.1.to", "kind: feedback"),
    "subject": (small_text(("version: 1\n", "version: 1\nsubject: family\n")), "subject", "write child, adult or theme"),
    "a list where one text belongs": (
        small_text(owed(NEW.replace("to: responding", "to: [responding boss, raising boss]"))),
        "stages.0.owes.1.to",
        "not a list. Where several are meant, join them with 'and'",
    ),
    "a group written as one text": (
        small_text(("version: 1\n", "version: 1\neffective: 2026-03-01\n")),
        "effective",
        "Here belongs a group of 'key: value' lines (from, until).",
    ),
    "a key in the wrong place": (
        small_text(("    acts: boss\n", "    acts: boss\n    strength: must\n")),
        "stages.1.strength",
        "does not belong here, but in an obligation ('owes') or a guard ('enter') or a cap",
    ),
    "about": (small_text(owed(f"{NEW}, when: about a family")), "stages.0.owes.1.when", "is not a condition"),
    "nation": (small_text(more="calendar: {nation: Britain}\n"), "calendar.nation.0", "'Scotland'"),
    "closures: a day that is not": (small_text(more="calendar: {closures: [31 June]}\n"), "calendar.closures.0", "June has no day 31"),
    "closures: words": (small_text(more="calendar: {closures: [Whit Monday]}\n"), "calendar.closures.0", "'third Monday of September'"),
    "closures: nearly all": (
        small_text(more="calendar: {closures: [1 January to 30 November]}\n"),
        "calendar.closures.0",
        "more than 120 days",
    ),
    "open: words": (small_text(more="calendar: {open: [St Andrew]}\n"), "calendar.open.0", "is not a day"),
    "school holidays: words": (small_text(more="calendar: {school holidays: [summer]}\n"), "calendar.school holidays.0", "is not a day"),
    "service hours": (small_text(more="settings: {service hours: always}\n"), "settings.service hours", "'08:00 to 20:00 every day'"),
    "service hours of no length": (
        small_text(more="settings: {service hours: '20:00 to 20:00'}\n"),
        "settings.service hours",
        "Write 'all day'",
    ),
    "office hours over midnight": (small_text(more="settings: {office hours: '20:00 to 08:00'}\n"), "settings.office hours", "end later"),
    "a day that comes again, misspelt": (small_text(first("limit: next Wensday")), "stages.0.limit.0", "'next Wednesday'"),
    "a day that comes again, in lower case": (
        small_text(first("limit: by 2 pm on the next wednesday")),
        "stages.0.limit.0",
        "Do you mean 'next Wednesday by 14:00'?",
    ),
    "the next working day, said otherwise": (
        small_text(first("limit: by 5pm on the next working day")),
        "stages.0.limit.0",
        "Do you mean 'next working day by 17:00'?",
    ),
    "noon of the next day": (
        small_text(first("limit: by noon the following day")),
        "stages.0.limit.0",
        "Do you mean '1 calendar day by 12:00'?",
    ),
    "a day of the month, said otherwise": (
        small_text(first("limit: by the first Thursday of each month")),
        "stages.0.limit.0",
        "Do you mean 'next first Thursday of the month'?",
    ),
    "hours before a day that comes again": (small_text(first("limit: 3 hours before next Friday")), "stages.0.limit.0", "Only days, weeks"),
    "a date out of hours, misspelt": (
        small_text(owed(f"{NEW}, when: decisoin out of hours"), more="dates: [{id: decision, title: When it was decided}]\n"),
        "stages.0.owes.1.when",
        "Do you mean 'decision'?",
    ),
    "out of hours, said otherwise": (
        small_text(owed(f"{NEW}, when: raised outside normal working hours")),
        "stages.0.owes.1.when",
        "Do you mean 'raised out of hours'?",
    ),
    "the weekend, said otherwise": (
        small_text(owed(f"{NEW}, when: it was raised at the weekend")),
        "stages.0.owes.1.when",
        "Do you mean 'raised on a closed day'?",
    ),
    "a time of day that is none": (small_text(owed(f"{NEW}, when: raised after 25:00")), "stages.0.owes.1.when", "not a time of day"),
    "minutes by a time of day": (small_text(first("limit: 30 minutes by 12:00")), "stages.0.limit.0", "goes with days"),
    "a panel of both kinds": (
        small_text(
            more="panels:\n  - {id: p, title: P, seats: 3, when: resolved, rule: R,\n"
            "     includes all who disagree: yes, leaves out all who disagree: yes}\n"
        ),
        "panels.0.leaves out all who disagree",
        "keep one of the two",
    ),
    "a default that is no option": (
        swapped("a priority that changes", "default: green", "default: gren"),
        "choices.0.default",
        "Do you mean 'green'?",
    ),
    "an option misspelt": (
        swapped("a priority that changes", "priority is amber", "priority is ambr"),
        "stages.0.limit.1",
        "Do you mean 'amber'?",
    ),
    "judged by a role misspelt": (
        swapped("others judge whether it is settled", "judged by: partnership head", "judged by: partnership hed"),
        "stages.1.judged by",
        "Do you mean 'head'?",
    ),
    "a row of no agency": (
        swapped("another organisation stands in", "  health board:\n    2", "  helth board:\n    2"),
        "role table.helth board",
        "Do you mean 'health board'?",
    ),
    "a value misspelt": (
        swapped("one text, two areas", "limit: <first limit>", "limit: <first limt>"),
        "stages.0.limit",
        "Do you mean 'first limit'?",
    ),
    "a form's part of nothing": (small_text(owed(f"{NEW}, part: request")), "stages.0.owes.1.part", "Name its form"),
    "an automatic record of nobody's file": (
        small_text(
            ("  - {id: boss, title: Boss}\n", "  - {id: boss, title: Boss}\n  - {id: head, title: Head, of: partnership}\n"),
            owed("id: log, kind: record, title: Log, by: partnership head, automatic: yes, strength: should"),
        ),
        "stages.0.owes.1.automatic",
        "only agencies have files",
    ),
    "an automatic thing only people can do": (
        small_text(owed(f"{NEW.replace('notice', 'meeting')}, automatic: yes")),
        "stages.0.owes.1.automatic",
        "notice",
    ),
}


@pytest.mark.parametrize("name", SLIPS)
def test_each_slip_is_said_where_it_stands(name: str) -> None:
    text, key, says = SLIPS[name]
    with pytest.raises(PackError) as caught:
        load(text, source="slip.yaml")
    found = [one for one in caught.value.problems if one.key == key]
    assert found, caught.value
    assert any(says.lower() in one.text.lower() for one in found), found
    line = text.splitlines()[found[0].line - 1]
    assert key.rsplit(".", 1)[-1].isdigit() or key.rsplit(".", 1)[-1].split()[0] in line or "missing" in says, line


FLAGS = "flags:\n  - {id: looked after, title: Looked after}\n"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("limit: five working days", "5 working days"),
        ("limit: within two business days", "2 working days"),
        ("limit: 5 working days after being raised", "5 working days from raised"),
        ("limit: asap", "at once"),
        ("limit: the next day", "next working day"),
        ("limit: the next working day", "next working day"),
        ("limit: same working day 17:00", "same working day by 17:00"),
        ("limit: the same working day at 17:00", "same working day by 17:00"),
        ("limit: end of the working day", "same working day"),
        ("limit: by close of business", "same working day"),
        ("limit: 2-3 working days", "3 working days"),
        ("limit: 3 to 5 working days from raised", "5 working days from raised"),
        ("limit: 90 mins", "90 minutes"),
        ("limit: 5 workng days", "5 working days"),
        ("limit: 2 calender dyas from raised", "2 calendar days from raised"),
        ("limit: next wensday", "next Wednesday"),
        ("limit: 2 weeks if resolved", "2 weeks when resolved"),
        ("when: child is looked after", "flag looked after"),
        ("when: looked after", "flag looked after"),
        ("when: stage 2 reached", "reached stage 2"),
        ("when: if unresolved", "not resolved"),
        ("when: talk is done", "talk done"),
        ("when: talk is late", "talk overdue"),
        ("kind: notices", "notice"),
        ("to: boss", "raising boss"),
    ],
)
def test_what_people_say_is_put_as_the_language_says_it(said: str, meant: str) -> None:
    key = said.partition(":")[0]
    line = (
        f"{NEW.replace('kind: notice', said)}"
        if key == "kind"
        else NEW.replace("to: responding", said)
        if key == "to"
        else f"{NEW}, {said}"
    )
    with pytest.raises(PackError) as caught:
        load(small_text(owed(line), more=FLAGS))
    assert any(f"Do you mean '{meant}'" in one.text for one in caught.value.problems), caught.value
    load(small_text(owed(line.replace(said, f"{key}: {meant}")), more=FLAGS))
