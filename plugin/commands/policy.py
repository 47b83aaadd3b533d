"""Commands about policies: check a pack, see where a case stands under it, run a whole case forward.

What lives here: the group, and printing of states and runs. What does not: arguments (`policy_arguments`), what a partnership reads on
paper (`policy_papers`: drawn, in plain English, compared), anything a policy means (`policies`). No database and no app context is needed,
but for `activate`.
Wrong input is one clear line and exit code 2; a pack with mistakes makes `check` print every one and exit with 1.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

import forms
import policies
from plugin.commands.policy_activation import activate_command
from plugin.commands.policy_arguments import events_in, instant, pack_text_of, policy_named, text_of, wrong
from plugin.commands.policy_papers import chart_command, diff_command, out_option, put_out, show_command
from plugin.commands.policy_supposing import suppose_options, supposed
from policies.charting import timeline_chart
from policies.evaluating.due_words import day_words, due_words
from policies.language import local_values
from policies.language.idle import idle
from policies.plain.silences import endless, never_begun
from policies.trying.happening import happening
from policies.trying.runs import RUN
from policies.trying.simulating import simulate, timeline
from policies.trying.supposing import supposed_words

_ANSWERS = (
    "none: the other side never does anything; those who raised it go on when a limit in hours ends, and the morning after one in days. "
    "late: everything is done on its last day, and settled only at the last stage. prompt: everything is done on the next working day, and "
    "settled at the first stage."
)
_ALSO = (
    "Something else that happens, local time: '2026-12-01 10:00 flag looked after by raising', '… no flag looked after', '… risk is high', "
    "'… officer of child is p2', '… goes to 2', '… done 1/talk with result failed', '… closed', '… opened again'. May be given often."
)
_IDLE = "It is asked or noted, and changes nothing. If the text gives it a meaning, say that in a condition or a limit."
_UNBEGUN = "Say from when it counts there: add 'or raised' to what it counts from."
_ENDLESS = "Unless the text means that, add 'limit: …', or 'lasts: stage' for the stage's time."


@click.group()
def policy() -> None:
    """Policies: check a pack, simulate it, see where a case stands."""


@policy.command()
@click.argument("names", nargs=-1, required=True)
def check(names: tuple[str, ...]) -> None:
    """Check packs (files or ids): every mistake with its line and what would be right. A good one may have something to look at again."""
    wrong = 0
    for file in names:
        try:
            found = policies.load(pack_text_of(file), source=file, forms=forms.known())
        except policies.PackError as fault:
            wrong += 1
            for problem in fault.problems:
                click.echo(str(problem))
            continue
        open_points = f"; to be filled in before use: {len(found.unresolved)}" if found.unresolved else ""
        counts = f"{len(found.stages)} stages, {len(found.duties)} obligations, {len(found.rules)} rules"
        click.echo(f"{file}: good: {found.title} ({found.partnership}, {found.version}): {counts}{open_points}")
        if without := endless(found):
            click.echo(
                f"{file}: look again: no time is set for {', '.join(without)}, not even that of the stage, so it is never late. {_ENDLESS}"
            )
        if unused := idle(found):
            click.echo(f"{file}: look again: nothing hangs on {', '.join(unused)}. {_IDLE}")
        for cap, stage in never_begun(found):
            click.echo(f"{file}: look again: the time '{cap}' never runs in a case that begins at stage {stage}. {_UNBEGUN}")
    if wrong:
        raise SystemExit(1)


@policy.command("timeline")
@click.argument("name")
@click.option("--events", "events_file", required=True, type=click.Path(path_type=Path), help="JSON list of events.")
@click.option("--now", "now_text", help="An instant; without one, that of the last event. Local time where it has no zone.")
@click.option("--json", "as_json", is_flag=True, help="Print the state as JSON (policies/schema.json).")
def timeline_command(name: str, events_file: Path, now_text: str | None, as_json: bool) -> None:
    """Where a case stands under the policy NAME (an id, or a file)."""
    found = policy_named(name)
    events = events_in(events_file)
    now = instant(now_text, found.zone) if now_text else max((one.recorded_at for one in events), default=None)
    try:
        if now is None:
            raise ValueError("A case begins with a 'raised' event.")
        state, _ = timeline(found, events, now)
    except ValueError as fault:
        raise wrong(f"{events_file}: {fault}") from None
    click.echo(policies.STATE.dump_json(state, indent=2).decode() if as_json else _told(state, found))


@policy.command("simulate")
@click.argument("name")
@click.option("--raised", required=True, help="When it is raised. Local time where it has no zone.")
@click.option("--answers", type=click.Choice(["none", "late", "prompt"]), default="late", show_default=True, help=_ANSWERS)
@click.option("--json", "as_json", is_flag=True, help="Print the run as JSON (policies/schema.json).")
@click.option("--chart", "as_chart", is_flag=True, help="Draw the run as a dated timeline (SVG, or a page for paper with --out FILE.html).")
@click.option("--narrow", is_flag=True, help="With --chart: one column, for a small screen.")
@out_option
@click.option("--also", "also", multiple=True, metavar="'TIME WHAT [by SIDE]'", help=_ALSO)
@suppose_options
def simulate_command(
    name: str, raised: str, answers: Any, as_json: bool, as_chart: bool, narrow: bool, out: Path | None, also: tuple[str, ...], **given: Any
) -> None:
    """Run a whole case forward under the policy NAME (an id, or a file), with every date."""
    found = policy_named(name)
    try:
        run = simulate(found, instant(raised, found.zone), answers, supposed(found, given), [happening(found, one) for one in also])
    except ValueError as fault:
        raise wrong(str(fault)) from None
    if as_chart or narrow:
        put_out(timeline_chart(found, run, narrow=narrow), out)
    elif as_json:
        put_out(RUN.dump_json(run, indent=2).decode(), out)
    else:
        lines = [f"{one.local[:16].replace('T', ' ')}  {one.text}{f'  [{one.rule}]' if one.rule else ''}" for one in run.lines]
        lines.insert(1, f"{' ' * 18}{supposed_words(found, run.events[0].facts)}")
        put_out("\n".join((*lines, _told(run.state, found))), out)


@policy.command("fill")
@click.argument("text_file", type=click.Path(path_type=Path))
@click.argument("values_file", type=click.Path(path_type=Path))
def fill_command(text_file: Path, values_file: Path) -> None:
    """Print the pack of one area: the regional text TEXT_FILE with the values ('name: text' or 'name: [text, text]' lines) of
    VALUES_FILE."""
    try:
        text = text_of(text_file)
        whole = local_values.with_values(text, local_values.values_of(text_of(values_file), str(values_file), text))
        policies.load(whole, source=f"{text_file} with {values_file}", forms=forms.known())
    except policies.PackError as fault:
        for problem in fault.problems:
            click.echo(str(problem), err=True)
        raise SystemExit(1) from None
    click.echo(whole, nl=False)


def _at_once(one: policies.Obligation, found: policies.Policy) -> str:
    """What is to be done at once has no end to pass, so its beginning is said."""
    if not one.at_once:
        return ""
    return f" at once, since {day_words(found.calendar.local(one.since).date())}" if one.since is not None else " at once"


def _told(state: policies.State, found: policies.Policy) -> str:
    """A state in lines for a person."""
    lines = [f"Stage {state.stage} ({state.stage_title}), {state.status}{f': {state.outcome_title}' if state.outcome else ''}"]
    if state.binds_because:
        lines.append(state.binds_because)
    for one in policies.next_steps(state, found):
        due = f" {due_words(found.calendar, one.due)}" if one.due is not None else _at_once(one, found)
        late = " OVERDUE" if one.status == "overdue" else ""
        lines.append(f"  {one.strength}: {one.owner.title} ({one.owner.side}): {one.title}{due}{late}  [{one.rule}]")
    lines += [f"  closed: {move.title}: {reason.text}" for move in state.moves for reason in move.closed_because if move.kind != "resolve"]
    lines += [f"  note: {one.text}" for one in state.warnings]
    return "\n".join(lines)


for one in (chart_command, show_command, diff_command, activate_command):
    policy.add_command(one)
