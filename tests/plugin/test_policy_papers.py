"""The commands for what a partnership reads of its policy: what they print and write, and one clear line for wrong input."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import html5lib
import pytest
from click.testing import CliRunner, Result

from plugin.commands.policy import policy
from policies import EVENTS, pack_ids, pack_text
from tests.policies.geometry import words
from tests.policies.making import make_case


def run(*arguments: str) -> Result:
    return CliRunner().invoke(policy, list(arguments))


@pytest.fixture
def case_file(tmp_path: Path) -> Path:
    file = tmp_path / "events.json"
    file.write_bytes(EVENTS.dump_json(make_case("gloucestershire", "2027-03-19 18:10").unresolved("1", "2027-03-30").events))
    return file


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    file = tmp_path / "newer.yaml"
    file.write_text(pack_text("gloucestershire").replace("limit: 5 working days\n    judged", "limit: 3 working days\n    judged"))
    return file


@pytest.mark.parametrize("name", pack_ids())
def test_chart_prints_the_drawing_or_the_same_in_words(name: str) -> None:
    ElementTree.fromstring(run("chart", name).output)
    assert "At any stage" in run("chart", name, "--text").output or name == "havering"
    wide, narrow = (ElementTree.fromstring(run("chart", name, *more).output) for more in ((), ("--narrow",)))
    assert float(narrow.attrib["width"]) <= 270 < float(wide.attrib["width"])


def test_chart_marks_a_stage_or_where_a_case_stands(case_file: Path) -> None:
    assert "The case is here" in words(run("chart", "birmingham", "--stage", "3b").output)
    assert "The case is settled" in words(run("chart", "birmingham", "--stage", "settled").output)
    marked = words(run("chart", "gloucestershire", "--events", str(case_file)).output)
    assert "The case is here, by the end of Tuesday 6 April 2027" in marked


def test_chart_writes_a_page_for_paper_that_asks_for_nothing_from_elsewhere(tmp_path: Path) -> None:
    out = tmp_path / "policy.html"
    assert run("chart", "south-gloucestershire", "--out", str(out)).output == ""
    page = out.read_text()
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    assert len([one for one in tree.iter() if one.tag.endswith("svg")]) > 2
    assert [one.text for one in tree.iter("h1")] == ["Resolution of professional differences: South Gloucestershire Children's Partnership"]
    assert not [value for one in tree.iter() for name, value in one.attrib.items() if name in ("src", "href", "action")]


@pytest.mark.parametrize("name", pack_ids())
def test_show_says_the_policy_as_text_or_as_a_page(name: str, tmp_path: Path) -> None:
    plain = run("show", name)
    assert plain.exit_code == 0
    assert "How time is counted" in plain.output
    assert max(len(line) for line in plain.output.splitlines()) <= 100
    out = tmp_path / "policy.html"
    run("show", name, "--out", str(out))
    assert out.read_text() == run("show", name, "--html").output
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(out.read_text())
    assert len(list(tree.iter("h1"))) == 1


def test_simulate_draws_its_run(tmp_path: Path) -> None:
    drawn = run("simulate", "birmingham", "--raised", "2026-12-18 17:40", "--chart")
    assert "Friday 18 December 2026" in words(drawn.output)
    out = tmp_path / "run.html"
    run("simulate", "birmingham", "--raised", "2026-12-18 17:40", "--chart", "--out", str(out))
    assert "<svg" in out.read_text()
    run("simulate", "birmingham", "--raised", "2026-12-18 17:40", "--out", str(out))
    assert out.read_text().startswith("2026-12-18 17:40  Raised")


def test_diff_tells_changes_and_a_typical_case(newer: Path) -> None:
    told = run("diff", "gloucestershire", str(newer), "--now", "2027-03-19 10:00").output
    assert "1 differences" not in told
    assert "Stage 2: Line managers: The time for this stage is 5 working days" in told
    assert "On entering Stage 1: Worker to worker:\n    nothing other" in told
    assert "Stage 2 (Line managers): other date, by the end of" in told
    assert "A running case keeps the version it was raised under." in told


def test_diff_looks_at_given_cases_or_at_so_many_invented_ones(newer: Path, case_file: Path) -> None:
    given = run("diff", "gloucestershire", str(newer), "--events", str(case_file), "--now", "2027-03-30 13:00").output
    assert "by the end of Friday 2 April 2027 instead of by the end of Tuesday 6 April 2027" in given
    many = run("diff", "gloucestershire", str(newer), "--cases", "12", "--now", "2027-06-30 10:00").output
    assert "Of 12 invented cases" in many
    assert "Stage 2 (Line managers): other date, in " in many


def test_diff_of_a_policy_with_itself_finds_nothing() -> None:
    told = run("diff", "havering", "havering", "--cases", "3").output
    assert ": no differences" in told
    assert "Of 3 invented cases, one raised on each working day before now, 0 would stand otherwise" in told


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("chart", "nowhere"), "neither a policy"),
        (("chart", "havering", "--stage", "9"), "'9' is not a stage of this policy. There are: 1, 2, 3, 4."),
        (("chart", "havering", "--events", "missing.json"), "No such file"),
        (("chart", "havering", "--out", "/nowhere/x.svg"), "No such file"),
        (("show", "havering", "--out", "/nowhere/x.html"), "No such file"),
        (("diff", "havering", "nowhere"), "neither a policy"),
        (("diff", "havering", "wiltshire", "--now", "soon"), "is not a time"),
        (("diff", "havering", "wiltshire", "--cases", "0"), "--cases"),
        (("diff", "havering", "wiltshire", "--events", "missing.json"), "No such file"),
    ],
)
def test_wrong_input_is_one_clear_line(arguments: tuple[str, ...], says: str) -> None:
    found = run(*arguments)
    assert found.exit_code == 2
    assert says in found.output
    assert "Traceback" not in found.output
