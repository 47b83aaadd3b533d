"""Reminders and mail from the command line: the sweep for cron, how the parts are, wordings, hours and ladders; each mistake in words."""

from __future__ import annotations

import email
import json
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from plugin.extensions import db
from plugin.jobs import work
from plugin.mail import specimens, wording
from plugin.models import Agency, Heartbeat, MailRow, begin_writing
from plugin.models.scope import System, bind
from plugin.services.keeping import clock
from plugin.services.notices import wordings
from tests.world import World

pytestmark = pytest.mark.slow
GOOD = """Please look - reference {reference}
In a list: Please look at it by {due}.

Something waits for you, reference {reference}. It is due {due}.

{link}

Ring the partnership’s office if you do not know what to do.
"""


def run(app: Flask, *args: str) -> Any:
    """A command, as `flask …`."""
    return app.test_cli_runner().invoke(args=args)


def put(tmp_path: Path, text: str) -> str:
    """A file with this in it."""
    path = tmp_path / "given.txt"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_sweep_of_cron_says_how_many_cases_it_looked_at(world: World) -> None:
    world.make_disagreement(clock.machine_now())
    clock.move(db.session, 14 * 24 * 3600)
    done = run(world.app, "reminders", "sweep")
    assert done.exit_code == 0 and "1 cases looked at" in done.output
    assert "0 cases" in run(world.app, "reminders", "sweep").output


def test_the_status_is_red_until_the_clock_runs_and_green_when_it_does(world: World) -> None:
    late = run(world.app, "queue", "status")
    assert late.exit_code == 1 and "late" in late.output
    world.make_disagreement(clock.machine_now())
    run(world.app, "reminders", "sweep")
    work.send_mail()
    well = run(world.app, "queue", "status", "--json")
    said = json.loads(well.output)
    assert well.exit_code == 0 and said["sweep"] == "alive" and said["mail_due"] == 0
    assert said["mail_last_sent"] is not None and said["oldest_due"] is None and said["nobody_reached"] == 0


def test_the_page_and_the_command_are_red_when_two_periods_pass_without_a_sweep(world: World) -> None:
    run(world.app, "reminders", "sweep")
    assert world.app.test_client().get("/health/parts").status_code == 200
    bind(db.session, System("test"))
    begin_writing(db.session)
    long_ago = clock.machine_now().replace(year=2025)
    db.session.execute(update(Heartbeat).values(at=long_ago), execution_options={"synchronize_session": False})
    db.session.commit()
    page = world.app.test_client().get("/health/parts")
    assert page.status_code == 503 and page.json and page.json["sweep"] == "late"


def test_a_partnerships_own_wording_is_used_from_the_next_mail_on(world: World, tmp_path: Path) -> None:
    shown = run(world.app, "mail", "check", "demo", "ask", put(tmp_path, GOOD))
    assert shown.exit_code == 0 and "Please look - reference PD-7F3K-92HV" in shown.output
    assert "It is due by the end of Wednesday 25 November." in shown.output
    assert run(world.app, "mail", "set", "demo", "ask", put(tmp_path, GOOD)).exit_code == 0
    assert "ask                  own" in run(world.app, "mail", "templates", "demo").output
    world.make_disagreement(clock.machine_now())
    work.send_mail()
    sent = next(Path(world.app.config["MAIL_FOLDER"]).glob("*.eml")).read_text()
    assert "Subject: Please look - reference PD-" in sent
    dated = parsedate_to_datetime(email.message_from_string(sent)["Date"]).replace(tzinfo=UTC)
    assert abs(clock.machine_now() - dated) < timedelta(minutes=5), "in a folder, where no server dates it, it is of this moment"
    assert run(world.app, "mail", "reset", "demo", "ask").exit_code == 0
    assert "{due}" in run(world.app, "mail", "show", "demo", "ask").output


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello\n\nText {link}", "The subject needs {reference}"),
        (GOOD.replace("{link}", ""), "needs {link} once, on a line of its own"),
        (GOOD.replace("{link}", "Here: {link}"), "needs {link} once, on a line of its own"),
        (GOOD.replace("{due}.\n\n{link}", "{deu}.\n\n{link}"), "given.txt:4: {deu} is not a placeholder. Did you mean {due}?"),
        (GOOD + "{{7*7}}", "is not a placeholder"),
        (GOOD + "{% if x %}", "is not a placeholder"),
        (GOOD + "Write {", "A curly bracket stands alone"),
        (GOOD + "A child was abused.", "“abused” says what it is about"),
        (GOOD + "Read https://example.org/more", "A web address stands here"),
        (GOOD + "It is about Hill Top School.", "“Hill Top School” is a name"),
        (GOOD + "Ask Marguerite Tull.", "“Marguerite Tull” is a name"),
        (GOOD + "Born 12/04/2016", "A date stands here"),
        (GOOD + "999 000 0018", "could be somebody’s NHS number"),
        (GOOD.replace("Please look", "x" * 130), "longer than 120"),
        (GOOD + "long " * 1000, "longer than 4000"),
        ("", "Write the subject on the first line"),
    ],
)
def test_a_wording_that_could_not_be_used_is_refused_by_line(world: World, tmp_path: Path, text: str, words: str) -> None:
    done = run(world.app, "mail", "set", "demo", "ask", put(tmp_path, text))
    assert done.exit_code != 0 and words in done.output, done.output
    bind(db.session, System("test"))
    assert not wordings.is_own(db.session, "demo", "ask")


def test_every_wording_that_comes_with_the_service_would_be_let_in() -> None:
    for name in wording.editable():
        assert wording.check(name, wording.text_of(name)) == [], name


def test_a_sentence_with_nothing_to_say_is_left_out() -> None:
    made = specimens.mails()
    assert "{" not in "".join(one.subject + one.text for one in made.values())
    without = wordings.preview("ask", GOOD)[2]
    assert "It is due" not in without.text and "Something waits for you" in without.text


def test_what_is_typed_into_a_placeholder_stays_text() -> None:
    found = wording.read(GOOD).filled({"reference": "{link}", "due": "<b>{{7*7}}</b>", "link": "https://x"})
    assert found[0] == "Please look - reference {link}" and "<b>{{7*7}}</b>" in found[2][0]


def test_an_agencys_hours_and_ladder_are_put_in_from_files(world: World, tmp_path: Path) -> None:
    hours = put(tmp_path, "opens: 08:30\nshuts: 16:00\ndays: [Monday, Tuesday]\nclosed:\n  - 2026-12-21 to 2027-01-03\n")
    assert run(world.app, "agency", "hours", "hill-top-school", hours).exit_code == 0
    ladder = "must:\n  - {id: before, at: 3 working days before due, to: owner}\n  - {id: duty desk, at: due, to: duty desk, urgent: yes}\n"
    assert run(world.app, "agency", "ladder", "hill-top-school", put(tmp_path, ladder)).exit_code == 0
    bind(db.session, System("test"))
    agency = db.session.get(Agency, "hill-top-school")
    assert agency is not None and agency.hours["opens"] == "08:30" and agency.ladder["must"][1]["urgent"] == "yes"


@pytest.mark.parametrize(
    ("command", "text", "words"),
    [
        ("hours", "opens: nine", "opens: 'nine' is not a time. Write for example 08:30."),
        ("hours", "- 1", "write keys with values"),
        ("ladder", "most: []", "'most' is not a strength"),
        ("ladder", "must: [{id: before, at: soon, to: owner}]", "must, rung 1: 'soon' is not a time for a reminder"),
        ("ladder", "must: [{id: shout, at: due, to: owner}]", "must, rung 1, id"),
    ],
)
def test_what_cannot_be_is_told_in_words(world: World, tmp_path: Path, command: str, text: str, words: str) -> None:
    done = run(world.app, "agency", command, "hill-top-school", put(tmp_path, text))
    assert done.exit_code != 0 and words in done.output, done.output
    assert "there is no agency nowhere" in run(world.app, "agency", command, "nowhere", put(tmp_path, "")).output


def test_reading_the_mailbox_without_one_takes_nothing(world: World) -> None:
    assert "0 mails" in run(world.app, "mail", "returns").output
    assert "0 were waiting" in run(world.app, "mail", "read").output
    bind(db.session, System("test"))
    assert list(db.session.scalars(select(MailRow))) == []
