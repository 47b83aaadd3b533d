"""Commands about form definitions: check files, as packs are checked. No database and no app context is needed."""

from __future__ import annotations

from pathlib import Path

import click

import forms


@click.group()
def form() -> None:
    """Form definitions: check them before they are put in."""


@form.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Check definitions: every mistake with its line and what would be right. Exit 1 for a mistake, 2 for a file that is not there."""
    wrong = 0
    for file in files:
        try:
            problems = forms.check(file)
        except OSError as missing:
            click.echo(f"{file}: {missing.strerror}", err=True)
            raise SystemExit(2) from None
        for problem in problems:
            click.echo(str(problem))
        wrong += bool(problems)
        if not problems:
            found = forms.read_definition(file)
            click.echo(f"{file}: good: {found.title} (version {found.version}): {len(found.fields)} questions")
    if wrong:
        raise SystemExit(1)
