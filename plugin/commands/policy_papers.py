"""Commands for what a partnership reads of its policy: drawn, in plain English, and compared with another version.

What lives here: options, and putting text or drawings out. What does not: what is drawn and said (`policies.charting`, `policies.plain`,
`policies.comparing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import click

from plugin.commands.policy_arguments import events_in, instant, policy_named, wrong
from policies import Drawing, Policy, chart, evaluate
from policies.comparing import difference, for_case, for_cases, for_typical_case, look_again
from policies.plain import as_html, as_text, in_plain_english
from policies.trying.simulating import simulate

out_option = click.option("--out", type=click.Path(path_type=Path), help="Write to this file instead of printing.")


@click.command("chart")
@click.argument("name")
@click.option("--narrow", is_flag=True, help="One column, for a small screen.")
@click.option("--stage", default="", help="Mark a stage (its id), or 'settled' or 'closed'.")
@click.option("--events", "events_file", type=click.Path(path_type=Path), help="Mark where the case of these events stands (JSON).")
@click.option("--text", "as_text_", is_flag=True, help="Print the same in words.")
@out_option
def chart_command(name: str, narrow: bool, stage: str, events_file: Path | None, as_text_: bool, out: Path | None) -> None:
    """Draw the policy NAME (an id, or a file) as a flow chart: SVG, or with --out FILE.html a page to print on A4."""
    policy = policy_named(name)
    state = None
    if events_file is not None:
        events = events_in(events_file)
        try:
            state = evaluate(policy, events, max((one.recorded_at for one in events), default=datetime.now(UTC)))
        except ValueError as fault:
            raise wrong(f"{events_file}: {fault}") from None
    try:
        drawing = chart(policy, state, at=stage if stage in ("", "settled", "closed") else f"stage {stage}", narrow=narrow)
    except KeyError:
        raise wrong(f"'{stage}' is not a stage of this policy. There are: {', '.join(one.id for one in policy.stages)}.") from None
    put_out(as_text(drawing.outline) if as_text_ else drawing, out)


@click.command("show")
@click.argument("name")
@click.option("--html", "html", is_flag=True, help="As a page to print.")
@out_option
def show_command(name: str, html: bool, out: Path | None) -> None:
    """Say the policy NAME (an id, or a file) in plain English, for a partnership to sign off."""
    told = in_plain_english(policy_named(name))
    put_out(page(told.title, as_html(told, 1)) if html or _is_page(out) else as_text(told), out)


@click.command("diff")
@click.argument("old_name", metavar="OLD")
@click.argument("new_name", metavar="NEW")
@click.option("--events", "files", multiple=True, type=click.Path(path_type=Path), help="An open case's events (JSON); may be repeated.")
@click.option("--now", "now_text", help="When to look at the cases; without it, now.")
@click.option("--cases", type=click.IntRange(1, 500), help="Look at so many invented cases, one raised on each working day before.")
@out_option
def diff_command(old_name: str, new_name: str, files: tuple[Path, ...], now_text: str | None, cases: int | None, out: Path | None) -> None:
    """What changes from the policy OLD to NEW (ids, or files): in words, and for open cases if they were under the new one."""
    old, new = policy_named(old_name), policy_named(new_name)
    now = instant(now_text, old.zone) if now_text else datetime.now(UTC)
    changes = [str(one) for one in difference(old, new)]
    lines = [f"{old.title} ({old.version}) and {new.title} ({new.version}): {_counted(changes)}", *changes]
    lines += [*(f"Look again: {one}" for one in look_again(old, new, new.calendar.local(now).date())), ""]
    if files:
        lines += [line for file in files for line in _case(old, new, file, now)]
    elif cases:
        lines += _many(old, new, cases, now)
    else:
        lines += _typical(old, new, now)
    put_out("\n".join((*lines, "A running case keeps the version it was raised under.")), out)


def _counted(found: Sequence[object]) -> str:
    return "no differences" if not found else "1 difference" if len(found) == 1 else f"{len(found)} differences"


def _case(old: Policy, new: Policy, file: Path, now: datetime) -> list[str]:
    try:
        found = for_case(old, new, [one for one in events_in(file) if one.recorded_at <= now], now)
    except ValueError as fault:
        raise wrong(f"{file}: {fault}") from None
    return [f"The case of {file} under the new policy: {_counted(found)}", *(f"  {one}" for one in found)]


def _typical(old: Policy, new: Policy, now: datetime) -> list[str]:
    lines = ["A case raised now that goes through every stage, under the new policy:"]
    for title, found in for_typical_case(old, new, now):
        lines += [f"  On entering {title}:", *(f"    {one}" for one in found or ("nothing other",))]
    return lines


def _many(old: Policy, new: Policy, count: int, now: datetime) -> list[str]:
    """Invented cases of which nobody answers, raised one on each of the last working days, as they stand now."""
    today = old.calendar.local(now)
    found = []
    for number in range(1, count + 1):
        day = old.calendar.working_day_before(today.date(), number)
        began = datetime.combine(day, old.calendar.opens, old.zone).astimezone(UTC)
        events = [one for one in simulate(old, began, "none").events if one.at <= now]
        found.append(for_case(old, new, events, now))
    touched = sum(1 for one in found if one)
    rows = [f"  {of}: {what}, in {number} of {count}" for what, of, number in for_cases(found)]
    return [f"Of {count} invented cases, one raised on each working day before now, {touched} would stand otherwise:", *rows]


def put_out(what: Drawing | str, out: Path | None) -> None:
    """Prints it, or writes it to a file; a drawing for a file that ends in .html becomes a page to print on A4."""
    if isinstance(what, Drawing):
        text = _paper(what) if _is_page(out) else what.svg
    else:
        text = what
    if out is None:
        click.echo(text.rstrip("\n"))
        return
    try:
        out.write_text(text if text.endswith("\n") else f"{text}\n", encoding="utf-8")
    except OSError as fault:
        raise wrong(f"{out}: {fault.strerror or 'cannot be written'}.") from None


def _is_page(out: Path | None) -> bool:
    return out is not None and out.suffix.lower() in (".html", ".htm")


def _paper(drawing: Drawing) -> str:
    """The drawing in pieces of a sheet each, then the same in words."""
    return page(drawing.title, "".join((*drawing.pieces(), as_html(drawing.outline, 1))))


_STYLE = """
@page { size: A4; margin: 15mm 12mm; }
body { font: 11pt/1.45 Arial, Helvetica, sans-serif; color: #0b0c0c; margin: 0 auto; max-width: 760px; padding: 10px; }
svg { display: block; height: auto; width: 100%; break-inside: avoid; }
h1, h2, h3, h4 { break-after: avoid; line-height: 1.2; }
p, li { break-inside: avoid; orphans: 3; widows: 3; }
.accord-rule { color: #484949; font-size: 0.85em; }
"""


def page(title: str, body: str) -> str:
    """A page of its own, for a browser or a printer; it asks for nothing from elsewhere."""
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{_STYLE}</style>\n</head>\n'
        f"<body>\n{body}</body>\n</html>\n"
    )
