"""What the commands about policies are given: a policy's name, files of events, instants. Wrong input is one clear line and exit code 2."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from pydantic import ValidationError

import policies


def policy_named(name: str) -> policies.Policy:
    """The bundled policy of that id, or the one in that file."""
    if name in policies.pack_ids():
        return policies.pack(name)
    try:
        return policies.load(pack_text_of(name), source=name)
    except policies.PackError as fault:
        more = f" (and {len(fault.problems) - 1} more; see 'policy check')" if len(fault.problems) > 1 else ""
        raise wrong(f"{fault.problems[0]}{more}") from None


def pack_text_of(name: str) -> str:
    """The text of the bundled policy of that id, or of that file."""
    if name in policies.pack_ids():
        return policies.pack_text(name)
    file = Path(name)
    if not file.exists():
        raise wrong(f"'{name}' is neither a policy ({', '.join(policies.pack_ids())}) nor a file.")
    return text_of(file)


def events_in(file: Path) -> list[policies.Event]:
    try:
        return policies.EVENTS.validate_json(text_of(file))
    except ValidationError as fault:
        first = fault.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise wrong(f"{file}: {where}: {first['msg']}." if where else f"{file}: {first['msg']}.") from None


def text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as fault:
        raise wrong(f"{file}: {fault.strerror or 'cannot be read'}.") from None
    except UnicodeDecodeError:
        raise wrong(f"{file}: not a text file in UTF-8.") from None


def instant(text: str, zone: ZoneInfo) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise wrong(f"'{text}' is not a time. Write for example '2027-03-19 18:10' or 2027-03-19T18:10:00Z.") from None


class WrongInput(click.ClickException):
    """What was given cannot be used: one line, exit code 2."""

    exit_code = 2


def wrong(text: str) -> WrongInput:
    return WrongInput(" ".join(text.split()))
