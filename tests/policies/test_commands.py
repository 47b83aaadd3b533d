"""The commands about policies: what they print, and one clear line for wrong input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from plugin.commands.policy import policy
from policies import EVENTS, STATE, load, pack_ids, pack_text
from tests.policies.making import child, make_case
from tests.policies.rows import ROWS, STRANGERS
from tests.policies.small import COUNCIL, SCHOOL, small_text


def run(*arguments: str) -> Result:
    return CliRunner().invoke(policy, list(arguments))


@pytest.fixture
def case_file(tmp_path: Path) -> Path:
    case = make_case("gloucestershire", "2027-03-19 18:10", children=[child("c1", "looked after", officer="p7")]).unresolved(
        "1", "2027-03-30"
    )
    file = tmp_path / "events.json"
    file.write_bytes(EVENTS.dump_json(case.events))
    return file


def test_check_says_good_and_counts(tmp_path: Path) -> None:
    files = []
    for pack_id in pack_ids():
        file = tmp_path / f"{pack_id}.yaml"
        file.write_text(pack_text(pack_id))
        files.append(str(file))
    found = run("check", *files)
    assert found.exit_code == 0
    assert found.output.count(": good: ") == len(pack_ids())


def test_check_takes_the_id_of_a_policy_as_the_other_commands_do() -> None:
    found = run("check", "birmingham", "havering")
    assert (found.exit_code, found.output.count(": good: ")) == (0, 2)
    assert found.output.startswith("birmingham: good: ")


def test_check_prints_every_mistake_of_every_file(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(pack_text("havering").replace("    title: Tell your own", "    titel: Tell your own").replace("version: 2019\n", ""))
    found = run("check", str(bad))
    assert found.exit_code == 1
    assert f"{bad}:1: version: This key is missing." in found.output
    assert "titel" in found.output


def test_check_names_what_must_be_done_at_a_stage_and_is_never_late(tmp_path: Path) -> None:
    talk = "kind: discussion, title: Talk, by: both"
    letter = "kind: letter, title: Talk, by: raising, to: responding worker"
    file = tmp_path / "small.yaml"
    for said, times in ((letter, 1), (f"{letter}, lasts: stage", 0), (f"{letter}, limit: 1 working day", 0), (talk, 0)):
        file.write_text(small_text((talk, said)))
        found = run("check", str(file))
        assert found.exit_code == 0
        assert found.output.count("look again: no time is set for 1/talk, not even that of the stage") == times


def test_check_names_a_time_that_a_case_which_begins_later_never_has(tmp_path: Path) -> None:
    second = ("    limit: 5 working days\n    rule: R-3\n", "    limit: 5 working days\n    may start here: theme is need\n    rule: R-3\n")
    file = tmp_path / "small.yaml"
    for start, times in (("entering 1", 1), ("entering 1 or raised", 0), ("entering 2", 0), ("raised", 0)):
        cap = f"caps: [{{id: whole, title: All, limit: 20 working days from {start}, ends: resolved, strength: must, rule: R}}]\n"
        file.write_text(small_text(second, more=cap))
        found = run("check", str(file))
        assert (found.exit_code, found.output.count("the time 'whole' never runs in a case that begins at stage 2")) == (0, times)


def test_timeline_prints_the_state_for_people_and_as_json(case_file: Path) -> None:
    plain = run("timeline", "gloucestershire", "--events", str(case_file), "--now", "2027-03-30 18:00")
    assert plain.exit_code == 0
    assert "Stage 2 (Line managers), open" in plain.output
    assert "by the end of Tuesday 6 April 2027" in plain.output
    state = STATE.validate_json(run("timeline", "gloucestershire", "--events", str(case_file), "--json").output)
    assert (state.stage, state.obligation("2/tell reviewing officer/p7").status) == ("2", "owed")


def test_timeline_at_an_earlier_time_knows_no_later_event(case_file: Path) -> None:
    earlier = run("timeline", "gloucestershire", "--events", str(case_file), "--now", "2027-03-20T09:00:00Z")
    assert "Stage 1 (Worker to worker), open" in earlier.output


def test_a_file_that_is_not_installed_can_be_tried(tmp_path: Path, case_file: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(pack_text("gloucestershire").replace("limit: 5 working days", "limit: 3 working days"))
    assert "Wednesday 24 March 2027" in run("timeline", str(file), "--events", str(case_file), "--now", "2027-03-20 09:00").output
    assert run("simulate", str(file), "--raised", "2027-03-19 18:10").exit_code == 0


@pytest.mark.parametrize("answers", ["none", "late", "prompt"])
def test_simulate_gives_a_dated_run(answers: str) -> None:
    plain = run("simulate", "birmingham", "--raised", "2026-12-18 17:40", "--answers", answers)
    assert plain.exit_code == 0
    assert plain.output.startswith("2026-12-18 17:40  Raised")
    found = json.loads(run("simulate", "birmingham", "--raised", "2026-12-18 17:40", "--answers", answers, "--json").output)
    assert found["state"]["status"] == ("open" if answers == "none" else "closed")
    assert found["lines"][0]["text"] == "Raised"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("timeline", "nowhere", "--events", "x.json"), "neither a policy"),
        (("timeline", "havering", "--events", "missing.json"), "No such file"),
        (("simulate", "havering", "--raised", "yesterday"), "is not a time"),
        (("simulate", "havering", "--raised", "9999-12-31"), "outside 1950 to 2199"),
        (("simulate", "havering", "--raised", "0001-01-01"), "outside 1950 to 2199"),
        (("simulate", "havering", "--raised", "2027-03-19", "--answers", "slow"), "--answers"),
        (("check", "missing.yaml"), "neither a policy"),
    ],
)
def test_wrong_input_is_one_clear_line(arguments: tuple[str, ...], says: str) -> None:
    found = run(*arguments)
    assert found.exit_code == 2
    assert says in found.output
    assert "Traceback" not in found.output


TIMES = '"at":"2027-01-01T00:00:00Z","recorded_at":"2027-01-01T00:00:00Z"'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        "{}",
        '[{"seq": 1}]',
        f'[{{"seq":1,"kind":"raised",{TIMES},"facts":{{"parties":[7]}}}}]',
        f'[{{"seq":1,"kind":"raised",{TIMES},"facts":{{"parties":[{{}}]}}}}]',
        f'[{{"seq":1,"kind":"closed",{TIMES}}}]',
    ],
)
def test_events_that_are_none_are_one_clear_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "events.json"
    file.write_text(text)
    found = run("timeline", "havering", "--events", str(file))
    assert found.exit_code == 2
    assert len(found.output.strip().splitlines()) == 1


def test_a_pack_that_is_not_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "pack.yaml"
    file.write_bytes(b"\xff\xfe\x00")
    assert run("check", str(file)).exit_code == 2
    assert run("simulate", str(tmp_path), "--raised", "2027-03-19").exit_code == 2


def test_one_regional_text_and_an_area_s_values_make_the_area_s_pack(tmp_path: Path) -> None:
    text, values, filled = tmp_path / "region.yaml", tmp_path / "south.yaml", tmp_path / "south-pack.yaml"
    text.write_text(ROWS["one text, two areas"])
    values.write_text("area: south\narea name: South\nfirst limit: 8 calendar days\n")
    filled.write_text(run("fill", str(text), str(values)).output)
    assert "small-south" not in text.read_text()
    assert run("check", str(filled)).output.startswith(f"{filled}: good: A small policy (South, 1)")
    whole = filled.read_text()
    values.write_text("values:\n  area: south\n  area name: South\n  first limit: 8 calendar days\n")
    assert run("fill", str(text), str(values)).output == whole
    values.write_text("area: south\nfirst limt: 8 calendar days\n")
    slip = run("fill", str(text), str(values))
    wanted = f"{values}:2: first limt: The text has no <first limt>. Do you mean 'first limit'?\n"
    assert (slip.exit_code, slip.output) == (1, wanted)
    values.write_text("area: [south]\n")
    assert "The value of <area> is a list: it must stand alone" in run("fill", str(text), str(values)).output
    values.write_text("first limit: five days\n")
    head, _, tail = ROWS["one text, two areas"].rpartition("values: ")
    above = "values:\n" + "".join(f"  {one}\n" for one in tail.strip(" {}\n").split(", ", 3)) + head
    text.write_text(above)
    line = next(number for number, one in enumerate(above.splitlines(), 1) if "limit: <first limit>" in one)
    assert f"{text} with {values}:{line}: stages 1, limit: 'five days' is not a limit" in run("fill", str(text), str(values)).output
    values.write_text("area: {south: west}\n")
    assert "'name: text'" in run("fill", str(text), str(values)).output


def test_a_run_supposes_what_it_is_told(tmp_path: Path) -> None:
    file = str(STRANGERS / "lough-erran.yaml")
    plain = run("simulate", file, "--raised", "2027-03-22 10:00", "--answers", "none").output
    assert "by the end of Thursday 25 March 2027" in plain
    urgent = run("simulate", file, "--raised", "2027-03-22 10:00", "--answers", "none", "--choice", "urgency=urgent").output
    assert "by 12:00 on Monday 22 March 2027" in urgent
    agencies = ("--agencies", "police,trust", "--start", "2", "--theme", "plan", "--no-flags")
    police = run("simulate", file, "--raised", "2027-03-22 10:00", *agencies).output
    assert "Team manager (raising)" in police  # the table has no row for the police
    assert "principal" not in police
    assert "at Workers" not in police
    dated = ("--date", "board sits=2027-03-02 10:00", "--flag", "tried")
    canolbarth = run("simulate", str(STRANGERS / "canolbarth.yaml"), "--raised", "2027-02-01 10:00", *dated).output
    assert "Send the papers, by the end of Tuesday 23 February 2027" in canolbarth
    assert "Talk, by" not in canolbarth


@pytest.mark.parametrize(
    ("option", "says"),
    [
        (("--theme", "plam"), "Do you mean 'plan'?"),
        (("--flag", "late"), "is not a flag of this pack"),
        (("--choice", "urgency"), "has no '='"),
        (("--choice", "urgency=urgnt"), "Do you mean 'urgent'?"),
        (("--choice", "haste=urgent"), "is not a choice of this pack"),
        (("--date", "board sits=today"), "is not a time"),
        (("--start", "9"), "is not a stage of this pack"),
        (("--about", "adult"), "is not a subject of this pack"),
        (("--agencies", "school"), "two types of agency"),
        (("--agencies", "school,trst"), "Do you mean 'trust'?"),
    ],
)
def test_what_cannot_be_supposed_is_one_clear_line(option: tuple[str, str], says: str) -> None:
    found = run("simulate", str(STRANGERS / "lough-erran.yaml"), "--raised", "2027-03-22 10:00", *option)
    assert (found.exit_code, says in found.output) == (2, True), found.output


def test_a_misspelt_fact_in_a_list_of_events_is_named_with_its_number_and_what_was_meant(tmp_path: Path) -> None:
    case = make_case("gloucestershire", "2027-03-19 18:10").fact("looked aftr", "2027-03-20 10:00", value=True)
    file = tmp_path / "events.json"
    file.write_bytes(EVENTS.dump_json(case.events))
    said = run("timeline", "gloucestershire", "--events", str(file)).output
    assert "A fact about 'looked aftr' (event 2) means nothing in this policy. Do you mean 'looked after'?" in said


def test_a_flag_that_changes_nothing_is_worth_another_look(tmp_path: Path) -> None:
    file = tmp_path / "idle.yaml"
    file.write_text(small_text(more="flags:\n  - {id: twins, title: Twins, of: child, rule: R-1}\n"))
    said = run("check", str(file))
    assert said.exit_code == 0
    assert "look again: nothing hangs on flag 'twins'. It is asked or noted, and changes nothing." in said.output


def test_what_is_owed_at_once_says_since_when(tmp_path: Path) -> None:
    pack_file, file = tmp_path / "small.yaml", tmp_path / "events.json"
    pack_file.write_text(
        small_text(more="owes:\n  - {id: ring, kind: notice, title: Ring, by: raising worker, to: responding worker, limit: at once, "
                   "strength: must, rule: R-9}\n")
    )  # fmt: skip
    file.write_bytes(EVENTS.dump_json(make_case(load(pack_file.read_text()), "2026-11-27 10:00", (SCHOOL, COUNCIL)).events))
    said = run("timeline", str(pack_file), "--events", str(file), "--now", "2026-12-08 10:00").output
    assert "must: Worker (raising): Ring at once, since Friday 27 November 2026  [R-9]" in said
