"""Commands about policies: check a pack, see where a case stands under it, run a whole case forward.

What lives here: reading arguments and printing. What does not: anything a policy means (`policies`). No database and no app context is
needed. Wrong input is one clear line and exit code 2; a pack with mistakes makes `check` print every one and exit with 1.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from pydantic import ValidationError

import forms
import policies
from policies import local_values, reading
from policies.clocks import due_words
from policies.simulating import RUN, simulate, timeline


@click.group()
def policy() -> None:
    """Policies: check a pack, simulate it, see where a case stands."""


@policy.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Check packs: every mistake with its line and what would be right."""
    wrong = 0
    for file in files:
        try:
            found = policies.load(_read(file), source=str(file), forms=forms.ids())
        except policies.PackError as fault:
            wrong += 1
            for problem in fault.problems:
                click.echo(str(problem))
            continue
        open_points = f"; to be filled in before use: {len(found.unresolved)}" if found.unresolved else ""
        counts = f"{len(found.stages)} stages, {len(found.duties)} obligations, {len(found.rules)} rules"
        click.echo(f"{file}: good: {found.title} ({found.partnership}, {found.version}): {counts}{open_points}")
    if wrong:
        raise SystemExit(1)


@policy.command("timeline")
@click.argument("name")
@click.option("--events", "events_file", required=True, type=click.Path(path_type=Path), help="JSON list of events.")
@click.option("--now", "now_text", help="An instant; without one, that of the last event. Local time where it has no zone.")
@click.option("--json", "as_json", is_flag=True, help="Print the state as JSON (policies/schema.json).")
def timeline_command(name: str, events_file: Path, now_text: str | None, as_json: bool) -> None:
    """Where a case stands under the policy NAME (an id, or a file)."""
    found = _policy(name)
    events = _events(events_file)
    now = _instant(now_text, found.zone) if now_text else max((one.recorded_at for one in events), default=None)
    try:
        if now is None:
            raise ValueError("A case begins with a 'raised' event.")
        state, _ = timeline(found, events, now)
    except ValueError as fault:
        raise _wrong(f"{events_file}: {fault}") from None
    click.echo(policies.STATE.dump_json(state, indent=2).decode() if as_json else _told(state, found))


@policy.command("simulate")
@click.argument("name")
@click.option("--raised", required=True, help="When it is raised. Local time where it has no zone.")
@click.option("--answers", type=click.Choice(["none", "late", "prompt"]), default="late", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the run as JSON (policies/schema.json).")
def simulate_command(name: str, raised: str, answers: Any, as_json: bool) -> None:
    """Run a whole case forward under the policy NAME (an id, or a file), with every date."""
    found = _policy(name)
    try:
        run = simulate(found, _instant(raised, found.zone), answers)
    except ValueError as fault:
        raise _wrong(str(fault)) from None
    if as_json:
        click.echo(RUN.dump_json(run, indent=2).decode())
        return
    for line in run.lines:
        click.echo(f"{line.local[:16].replace('T', ' ')}  {line.text}{f'  [{line.rule}]' if line.rule else ''}")
    click.echo(_told(run.state, found))


@policy.command("fill")
@click.argument("text_file", type=click.Path(path_type=Path))
@click.argument("values_file", type=click.Path(path_type=Path))
def fill_command(text_file: Path, values_file: Path) -> None:
    """Print the pack of one area: the regional text TEXT_FILE with the values ('name: text' lines) of VALUES_FILE."""
    try:
        values = reading.read(_read(values_file), str(values_file)).data
        if not all(isinstance(one, str) for one in values.values()):
            raise _wrong(f"{values_file}: here belong lines of 'name: text', one for each value.")
        whole = local_values.with_values(_read(text_file), values)
        policies.load(whole, source=str(text_file), forms=forms.ids())
    except policies.PackError as fault:
        for problem in fault.problems:
            click.echo(str(problem), err=True)
        raise SystemExit(1) from None
    click.echo(whole, nl=False)


def _told(state: policies.State, found: policies.Policy) -> str:
    """A state in lines for a person."""
    lines = [f"Stage {state.stage} ({state.stage_title}), {state.status}{f': {state.outcome_title}' if state.outcome else ''}"]
    if state.binds_because:
        lines.append(state.binds_because)
    for one in policies.next_steps(state, found):
        due = f" {due_words(found.calendar, one.due)}" if one.due is not None else " at once" if one.at_once else ""
        late = " OVERDUE" if one.status == "overdue" else ""
        lines.append(f"  {one.strength}: {one.owner.title} ({one.owner.side}): {one.title}{due}{late}  [{one.rule}]")
    lines += [f"  closed: {move.title}: {reason.text}" for move in state.moves for reason in move.closed_because if move.kind != "resolve"]
    lines += [f"  note: {one.text}" for one in state.warnings]
    return "\n".join(lines)


def _policy(name: str) -> policies.Policy:
    """The bundled policy of that id, or the one in that file."""
    if name in policies.pack_ids():
        return policies.pack(name)
    file = Path(name)
    if not file.exists():
        raise _wrong(f"'{name}' is neither a policy ({', '.join(policies.pack_ids())}) nor a file.")
    try:
        return policies.load(_read(file), source=name)
    except policies.PackError as fault:
        more = f" (and {len(fault.problems) - 1} more; see 'policy check')" if len(fault.problems) > 1 else ""
        raise _wrong(f"{fault.problems[0]}{more}") from None


def _events(file: Path) -> list[policies.Event]:
    try:
        return policies.EVENTS.validate_json(_read(file))
    except ValidationError as fault:
        first = fault.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _wrong(f"{file}: {where}: {first['msg']}." if where else f"{file}: {first['msg']}.") from None


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as fault:
        raise _wrong(f"{file}: {fault.strerror or 'cannot be read'}.") from None
    except UnicodeDecodeError:
        raise _wrong(f"{file}: not a text file in UTF-8.") from None


def _instant(text: str, zone: ZoneInfo) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _wrong(f"'{text}' is not a time. Write for example '2027-03-19 18:10' or 2027-03-19T18:10:00Z.") from None


class WrongInput(click.ClickException):
    """What was given cannot be used: one line, exit code 2."""

    exit_code = 2


def _wrong(text: str) -> WrongInput:
    return WrongInput(" ".join(text.split()))
