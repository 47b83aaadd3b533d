"""Commands for whoever writes a connection's file: what adapters and presets there are, and what a file would send.

None of them needs the database, and none sends anything. Putting a connection in and testing it are in `cli`.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import click
import yaml

from integrations.contract import Adapter, Options
from integrations.describe import described
from integrations.presets import Preset, presets
from integrations.reading import OptionFaults, read_options
from integrations.registry import UnknownAdapter, installed
from integrations.sample import SAMPLE_RECORD
from plugin.services.write_back.legible import legible


@click.command("adapters")
@click.argument("adapter_id", required=False, default="")
def show_adapters(adapter_id: str) -> None:
    """List the adapters, or show every option of one, with its help and an example."""
    if not adapter_id:
        click.echo("\n".join(f"{one.id}: {one.title}" for one in installed()))
        return
    try:
        click.echo(described(installed().get(adapter_id)))
    except UnknownAdapter:
        raise SystemExit(f"there is no adapter {adapter_id}; there are {', '.join(one.id for one in installed())}") from None


@click.command("presets")
@click.argument("preset_id", required=False, default="")
def show_presets(preset_id: str) -> None:
    """List the presets, or show one as a file to begin with."""
    there = {one.id: one for one in presets()}
    if not preset_id:
        click.echo("\n".join(f"{one.id}: {one.title}" for one in there.values()))
        return
    if preset_id not in there:
        raise SystemExit(f"there is no preset {preset_id}; there are {', '.join(there)}")
    click.echo(_as_file(there[preset_id]))


@click.command("preview")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--exact", is_flag=True, help="to the letter: files stand as they are encoded, and not by name and size")
def preview_connection(file: Path, exact: bool) -> None:
    """Show what a connection's file would send for a made-up record. Sends nothing."""
    given = read_file(file)
    try:
        adapter, options = read_connection(given)
    except (LookupError, ValueError) as wrong:
        raise refused(file, wrong) from None
    shown = adapter.preview(SAMPLE_RECORD, options)
    click.echo(shown if exact else legible(shown, SAMPLE_RECORD))


def read_file(file: Path, needed: tuple[str, ...] = ()) -> dict[str, Any]:
    """What a YAML file holds: names and values. Ends the command with the file's name, the line and what is wrong."""
    try:
        given = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as wrong:
        line = f":{wrong.problem_mark.line + 1}" if wrong.problem_mark else ""
        raise SystemExit(f"{file.name}{line}: this is not YAML: {wrong.problem}") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise SystemExit(f"{file.name}: this is not YAML in UTF-8") from None
    if not isinstance(given, dict):
        raise SystemExit(f"{file.name}: names and values belong here, such as “adapter: rest”")
    missing = [name for name in needed if not given.get(name)]
    if missing:
        raise SystemExit("\n".join(f"{file.name}: {name}: this is needed" for name in missing))
    return given


def refused(file: Path, wrong: Exception) -> SystemExit:
    """The end of a command, with the file's name before each line."""
    return SystemExit("\n".join(f"{file.name}: {line}" for line in str(wrong).splitlines()))


def read_connection(given: Any) -> tuple[Adapter, Options]:
    """The adapter and its options of a connection's file. Raises ValueError and LookupError for what is wrong, in words."""
    if not isinstance(given, dict) or not given.get("adapter"):
        raise ValueError("the file has no adapter; `flask connection adapters` lists them")
    try:
        adapter = installed().get(str(given["adapter"]))
    except UnknownAdapter:
        raise LookupError(f"adapter: there is no {given['adapter']}; there are {', '.join(one.id for one in installed())}") from None
    options = given.get("options", {})
    if not isinstance(options, dict):
        raise OptionFaults([("options", "a group of names and values belongs here")])
    return adapter, read_options(adapter, options)


def _as_file(preset: Preset) -> str:
    """The preset as the file that `flask connection load` takes; what only the agency knows stands as <name>, explained above it."""
    asks = [f"# <{name}>: {question}" for name, question in preset.asks.items()]
    secrets = [f"# secrets, in a file of their own (--secrets): {', '.join(preset.secrets)}"] if preset.secrets else []
    told = {
        "id": "our-record-system",
        "agency": "<agency>",
        "title": preset.title,
        "adapter": preset.adapter,
        "options": dict(preset.options),
    }
    body = yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=120)
    about = textwrap.wrap(preset.about, 110)
    return "\n".join([*(f"# {line}" for line in about), "#", *asks, *secrets, "", body])


COMMANDS = (show_adapters, show_presets, preview_connection)
