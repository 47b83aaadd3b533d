"""What policies of other partnerships ask for and the five bundled ones do not: each as a small pack, by what it is about.

What lives here: the packs. What does not: their dates (`test_rows`, `test_time_that_stops`, …), and what holds of every pack
(`test_properties`, `test_walks`), which run over all of these.
"""

from __future__ import annotations

from pathlib import Path

from tests.policies.small import small_text

STRANGERS = Path(__file__).with_name("strangers")

FIRST = "    limit: 5 working days\n    rule: R-1\n"
SECOND = "    limit: 5 working days\n    rule: R-3\n"
TALK = "      - {id: talk, kind: discussion, title: Talk, by: both, strength: must, rule: R-2}\n"
TALK_AGAIN = "      - {id: talk, kind: discussion, title: Talk again, by: each, strength: should, rule: R-4}\n"
TYPES = "  - {id: school, title: School}\n"
ROLES = "  - {id: boss, title: Boss}\n"
SETTLED = "  - {id: settled, title: Settled}\n"
HEAD = (ROLES, f"{ROLES}  - {{id: head, title: Head of the board, of: partnership}}\n")


def first(*lines: str) -> tuple[str, str]:
    """Lines put in place of the first stage's limit."""
    return FIRST, "".join(f"    {line}\n" for line in lines) + "    rule: R-1\n"


def second(*lines: str) -> tuple[str, str]:
    """Lines put in place of the second stage's limit."""
    return SECOND, "".join(f"    {line}\n" for line in lines) + "    rule: R-3\n"


def owed(*lines: str) -> tuple[str, str]:
    """Obligations added to the first stage."""
    return TALK, TALK + "".join(f"      - {{{line}, rule: R}}\n" for line in lines)


ROWS: dict[str, str] = {
    "a conditional phase": small_text(
        owed(
            "id: meet, kind: meeting, title: Meet, by: both, when: talk with result failed, "
            "limit: 2 working days from talk, strength: must",
        ),
    ),
    "same working day": small_text(first("limit: same working day by 17:00")),
    "immediately": small_text(owed("id: tell, kind: notice, title: Tell, by: raising, to: own boss, limit: immediately, strength: must")),
    "minutes": small_text(owed("id: ring, kind: discussion, title: Ring, by: responding, limit: 30 minutes from raised, strength: must")),
    "a priority that changes": small_text(
        first("limit: [4 hours from priority when priority is red, 2 working days when priority is amber, 5 working days otherwise]"),
        more="""choices:
  - id: priority
    title: How urgent it is
    default: green
    by: either worker
    options: [{id: red, title: Red}, {id: amber, title: Amber}, {id: green, title: Green}]
""",
    ),
    "a clock that starts again when it becomes urgent": small_text(
        second("limit: [2 hours from later of entry and priority when priority is red, 5 working days otherwise]"),
        more="""choices:
  - id: priority
    title: How urgent it is
    default: green
    options: [{id: red, title: Red}, {id: green, title: Green}]
""",
    ),
    "an appeal that comes too late": small_text(
        owed("id: appeal, kind: letter, title: Appeal, by: raising, to: responding, limit: 2 working days, strength: should"),
        second(
            "limit: 5 working days",
            "enter: [{id: in time, needs: 1/appeal done in time or leave is allowed, text: Too late., strength: must, rule: R}]",
        ),
        (SETTLED, f"{SETTLED}  - {{id: late, title: Too late, when: 1/appeal done late and not leave is allowed}}\n"),
        more="""choices:
  - id: leave
    title: Whether it is let in
    default: no
    options: [{id: allowed, title: Let in}, {id: no, title: Not let in}]
""",
    ),
    "each side of one organisation has its own people": small_text(
        more="""inside one agency: {allowed: 'only', rule: R}
role table:
  council:
    1: raising reviewing officer or responding team manager or senior practitioner
    2: responding head of service
""",
    ),
    "school days in term and working days in the holidays": small_text(
        first("limit: [2 working days when raised in the school holidays, 2 school days otherwise]"),
        more="calendar: {nation: England, school holidays: ['2026-12-21 to 2027-01-01', '2027-02-15 to 2027-02-19']}\n",
    ),
    "a way of its own for a theme": small_text(
        ("  - {id: need, title: Need}\n", "  - {id: need, title: Need}\n  - {id: conference, title: A conference}\n"),
        first("limit: 5 working days", "may start here: not theme is conference", "next: none"),
        second("limit: 72 hours", "may start here: theme is conference"),
    ),
    "service hours with an exception": small_text(
        first("limit: [2 hours when flag harm, 6 service hours otherwise]"),
        more="""flags: [{id: harm, title: At immediate harm, of: case}]
settings: {service hours: '08:00 to 20:00 every day'}
""",
    ),
    "no answer opens the next stage": small_text(first("limit: 2 working days", "time up: opens")),
    "no answer permits the next stage": small_text(
        first("limit: 2 working days", "time up: permits"),
        second("limit: 5 working days", "enter: [{id: met, needs: 1/talk done, text: Talk first., strength: must, rule: R}]"),
    ),
    "no answer makes another thing owed": small_text(
        owed(
            "id: answer, kind: letter, title: Answer, by: responding, to: raising, limit: 2 working days, strength: must",
            "id: tell board, kind: notice, title: Tell the board that there is no answer, by: raising, to: partnership head, "
            "when: answer overdue, limit: 1 working day, strength: must",
        ),
        HEAD,
    ),
    "others judge whether it is settled": small_text(
        first("limit: 5 working days", "judged by: raising"),
        second("limit: 5 working days", "judged by: partnership head"),
        HEAD,
    ),
    "another organisation stands in": small_text(
        (TYPES, f"{TYPES}  - {{id: health board, title: Health board}}\n"),
        more="role table:\n  school:\n    2: head teacher or education lead of council\n  health board:\n    2: named doctor\n",
    ),
    "forms by event": small_text(
        HEAD,
        more="""owes:
  - {id: trigger form, kind: form, title: Say what set it off, by: raising worker, form: a, strength: must, rule: R}
  - {id: told form, kind: form, title: Say who was told, by: raising boss, form: b, when: reached stage 2, limit: 1 working day, strength: must, rule: R}
  - {id: end form, kind: form, title: Say how it ended, by: both worker, form: c, when: resolved, limit: 3 working days from resolved, strength: must, rule: R}
  - {id: file copy, kind: form, title: Put the copy on file, by: every worker, form: d, when: closed, strength: must, rule: R}
  - {id: logged, kind: record, title: Enter it in the challenge log, by: partnership head, records: [challenge log], limit: 2 working days, strength: must, rule: R}
""",  # noqa: E501  # one obligation a line is easier to read
    ),
    "one form, two halves": small_text(
        owed(
            "id: ask, kind: form, title: Ask, by: raising, to: responding, form: letter, part: request, "
            "limit: 1 working day, strength: must",
            "id: reply, kind: form, title: Reply, by: responding, to: raising, form: letter, part: response, after: ask, "
            "limit: 3 working days from ask, strength: must",
        ),
    ),
    "a conference's dissent and appeal": small_text(
        HEAD,
        (SETTLED, f"{SETTLED}  - {{id: noted, title: Dissent recorded only}}\n"),
        more="""dates:
  - {id: conference held, title: When the conference was held}
  - {id: next conference, title: When the next one is}
choices:
  - {id: appeal, title: What the appeal led to, when: case/hear done, by: partnership head, options: [{id: upheld, title: Upheld}, {id: refused, title: Refused}]}
owes:
  - {id: dissent, kind: statement, title: Write down the dissent, by: raising worker, when: conference held given, limit: 2 working days from conference held, strength: must, rule: R}
  - {id: lodge, kind: form, title: Appeal, by: raising boss, to: partnership head, when: conference held given, limit: 10 working days from conference held, strength: may, rule: R}
  - {id: hear, kind: meeting, title: Hear the appeal, by: partnership head, when: lodge done, limit: 20 working days from lodge, strength: should, rule: R}
  - {id: again, kind: agenda item, title: Hold the conference again, by: partnership head, when: appeal is upheld, limit: 3 working days before next conference, strength: must, rule: R}
notes:
  - {id: stands, text: The decision of the conference stands until the appeal is heard., rule: R, when: lodge done and hear not done}
""",  # noqa: E501  # as above
    ),
    "a one-sided alert": small_text(
        second(
            "limit: 5 working days",
            "enter: [{id: court, needs: flag in court, text: Only while the child is in proceedings., strength: must, rule: R}]",
        ),
        owed(
            "id: alert, kind: notice, title: Tell the court's guardian, by: raising, to: guardian, for each: guardian, "
            "when: flag in court, limit: 1 working day, strength: must",
        ),
        (ROLES, f"{ROLES}  - {{id: guardian, title: Guardian appointed by the court, of: child}}\n"),
        more="flags: [{id: in court, title: In court proceedings, of: child}]\n",
    ),
    "approval before it is sent": small_text(
        owed(
            "id: approve, kind: approval, title: Approve the letter, by: raising boss, before: send, strength: must",
            "id: send, kind: letter, title: Send the letter, by: raising, to: responding, after: approve, limit: 3 working days, "
            "strength: must",
        ),
        second("limit: 5 working days", "enter: [{id: sent, needs: 1/send done, text: Send it first., strength: should, rule: R}]"),
    ),
    "raised for a child, a parent or an advocate": small_text(
        more="""choices:
  - id: raised for
    title: Who asked for this
    default: professional
    options: [{id: professional, title: A professional}, {id: child, title: The child}, {id: parent, title: A parent}, {id: advocate, title: An advocate}]
owes:
  - {id: say back, kind: feedback, title: Tell whoever asked what came of it, by: raising worker, when: resolved and raised for is not professional, limit: 2 working days from resolved, strength: must, holds open: yes, rule: R}
""",  # noqa: E501  # as above
    ),
    "the family is told before": small_text(
        owed(
            "id: tell family, kind: notice, title: Tell the family and write down what they say, by: responding, to: other, "
            "when: not flag unsafe to tell, before: talk, strength: should",
            "id: first talk, kind: discussion, title: Talk it over, by: both, after: tell family, limit: 3 working days from raised, "
            "strength: should",
        ),
        more="flags: [{id: unsafe to tell, title: It is not safe to tell the family, of: case}]\n",
    ),
    "an adult": small_text(
        ("version: 1\n", "version: 1\nsubject: adult\n"),
        (ROLES, f"{ROLES}  - {{id: advocate, title: Independent advocate, of: adult}}\n"),
        owed(
            "id: tell advocate, kind: notice, title: Tell the advocate, by: raising, to: advocate, for each: advocate, "
            "when: flag lacks capacity, limit: 2 working days, strength: must",
            "id: consent, kind: consideration, title: Ask what the adult wants, by: raising, for each: adult, strength: should",
        ),
        more="flags: [{id: lacks capacity, title: Lacks capacity to decide this, of: adult}]\n",
    ),
    "a child or an adult": small_text(
        ("version: 1\n", "version: 1\nsubject: child or adult or theme\n"),
        owed(
            "id: child lead, kind: notice, title: Tell the children's lead, by: raising, to: own boss, when: about a child, strength: must",
            "id: adult lead, kind: notice, title: Tell the adults' lead, by: raising, to: own boss, when: about an adult, strength: must",
            "id: theme lead, kind: notice, title: Tell the quality lead, by: raising, to: own boss, when: about a theme, strength: must",
            "id: ask adult, kind: consideration, title: Ask the adult, by: raising, for each: adult, strength: should",
        ),
    ),
    "a theme": small_text(
        ("version: 1\n", "version: 1\nsubject: theme\n"),
        (SETTLED, f"{SETTLED}  - {{id: practice changed, title: Practice is changed}}\n"),
        first("limit: 1 month"),
    ),
    "good practice": small_text(
        ("  - {id: need, title: Need}\n", "  - {id: need, title: Need}\n  - {id: good practice, title: Good practice to share}\n"),
        (SETTLED, f"{SETTLED}  - {{id: shared, title: Shared, when: theme is good practice}}\n"),
        owed("id: thank, kind: letter, title: Thank them, by: raising, to: responding, when: theme is good practice, strength: should"),
    ),
    "one text, two areas": small_text(
        ("id: small\n", "id: small-<area>\n"),
        ("partnership: Somewhere", "partnership: <area name>"),
        first("limit: <first limit>"),
        more="calendar: {nation: Wales, closures: <closed>}\n"
        "values: {area: north, area name: North, first limit: 3 working days, closed: '2026-11-24, 2026-11-26'}\n",
    ),
    "a clock that stands still": small_text(
        first("limit: 5 working days"),
        more="""flags: [{id: waiting, title: Waiting for the court, of: case}]
caps: [{id: whole, title: All of it, limit: 15 working days from raised, ends: resolved, strength: should, rule: R}]
stops: [{id: court, title: The court is asked, while: flag waiting, clocks: [stage 1], rule: R}]
""",
    ),
    "a review every week": small_text(
        HEAD,
        more="""flags: [{id: at risk, title: At risk while this goes on, of: child}]
owes:
  - {id: review, kind: consideration, title: Ask again whether the child is safe, by: each worker, when: flag at risk and not resolved, limit: 2 working days, repeats: 1 week, strength: must, rule: R}
  - {id: worse, kind: notice, title: Tell the board, by: raising boss, to: partnership head, when: review with result worse, limit: at once, strength: must, rule: R}
""",  # noqa: E501  # as above
    ),
    "a meeting on a weekday": small_text(
        first("limit: next Wednesday by 14:00"),
        second("limit: 2 working days from next first Thursday of the month"),
        owed(
            "id: papers, kind: report, title: Send the papers, by: raising, to: other, "
            "limit: 5 working days before next first Thursday of the month, strength: must",
            "id: visit, kind: consideration, title: Ask whether to visit, by: raising, limit: next Friday, outside limits: yes, "
            "strength: should",
        ),
        more="""flags: [{id: waiting, title: Waiting for the court, of: case}]
stops: [{id: court, title: The court is asked, while: flag waiting, clocks: [stage 1], rule: R}]
""",
    ),
    "the duty team by night": small_text(
        first("limit: [2 service hours when raised out of hours, 1 working day otherwise]"),
        owed(
            "id: call, kind: discussion, title: Call the duty team, by: raising, when: raised out of hours, limit: at once, strength: must",
            "id: ring, kind: discussion, title: Ring the team, by: raising, when: not raised out of hours, strength: must, "
            "limit: [next working day by 12:00 when raised after 15:00, same working day by 17:00 otherwise], outside limits: yes",
            "id: weekend, kind: notice, title: Tell the weekend manager, by: raising, to: own boss, strength: should, "
            "when: raised on a closed day or decision on Friday and decision after 12:00, limit: 1 day",
        ),
        more="""dates: [{id: decision, title: When it was decided}]
settings: {office hours: '08:45 to 17:00', service hours: outside office hours}
""",
    ),
    "sent back": small_text(
        HEAD,
        owed(
            "id: note, kind: record, title: Write it down, by: raising, when: talk done, limit: 2 working days from talk, strength: must",
            "id: minutes, kind: record, title: Keep the minutes, by: responding, lasts: from here on, strength: should",
        ),
        second(
            "limit: 3 working days",
            "enter: [{id: met, needs: 1/talk done, text: Talk first., strength: must, rule: R}]",
            "goes back: [{to: 1, by: partnership head, rule: R}]",
        ),
        more="""  - id: 3
    title: Board
    acts: boss
    limit: 10 working days
    rule: R-5
    goes back:
      - {to: 2, title: Ask the managers to try again, by: partnership head, when: reply done, rule: R-6}
      - {to: 1, by: partnership head, rule: R-6}
    owes:
      - {id: reply, kind: letter, title: Answer in writing, by: partnership head, to: both, limit: 4 working days, strength: must, rule: R-5}
      - {id: hear, kind: meeting, title: Hear both, by: partnership head, strength: should, rule: R-5}
caps: [{id: whole, title: To the board in fifteen working days, limit: 15 working days from raised, ends: resolved or reached stage 3, strength: should, rule: R}]
""",  # noqa: E501  # as above
    ),
    "an item for the next meeting": small_text(
        HEAD,
        more="""dates: [{id: board meets, title: When the board next meets}]
owes:
  - {id: item, kind: agenda item, title: Put it on the agenda, by: partnership head, when: board meets given and reached stage 2, limit: 5 working days before board meets, strength: should, rule: R}
  - {id: ask all, kind: prompt, title: Ask at the meeting whether anybody disagrees, by: both worker, when: talk with mode meeting, strength: guide, rule: R}
""".replace("talk with", "1/talk with"),  # noqa: E501  # as above
    ),
}


def every_pack() -> dict[str, str]:
    """The texts of all packs here: the rows, and whole policies of areas that do not exist (`strangers/`)."""
    return ROWS | {one.stem: one.read_text(encoding="utf-8") for one in sorted(STRANGERS.glob("*.yaml"))}
