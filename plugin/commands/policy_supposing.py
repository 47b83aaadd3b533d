"""What the commands may suppose of a made-up case: its theme, flags, choices, dates, agencies, and where it starts.

What lives here: the options and reading them. What does not: the facts made of them (`policies.trying.supposing`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

import policies
from plugin.commands.policy_arguments import instant, wrong
from policies.trying.supposing import facts_with

F = TypeVar("F", bound=Callable[..., Any])

OPTIONS = (
    click.option("--theme", default="", help="What it is about; without one, the first theme."),
    click.option(
        "--about", multiple=True, metavar="child|adult|theme", help="Whom it is about, where the policy is for several. May be given often."
    ),
    click.option(
        "--flag", "flags", multiple=True, help="Something that is true; without any, all flags of that person are. May be given often."
    ),
    click.option("--no-flags", is_flag=True, help="Nothing is flagged but what --flag says."),
    click.option("--choice", "choices", multiple=True, metavar="NAME=OPTION", help="Something that was chosen. May be given often."),
    click.option("--date", "dates", multiple=True, metavar="NAME=TIME", help="A date of the policy, local time. May be given often."),
    click.option("--start", default="", help="The stage it starts at."),
    click.option("--agencies", default="", metavar="TYPE,TYPE", help="The types of the raising and the responding agency."),
)


def suppose_options(command: F) -> F:
    """Adds the options that say what kind of case is supposed."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def supposed(policy: policies.Policy, given: dict[str, Any]) -> dict[str, Any] | None:
    """The facts of the case supposed, None for a plain one. Wrong input is one clear line."""
    if not any(given.values()):
        return None
    flags = given["flags"] if given["flags"] or given["no_flags"] else None
    try:
        return facts_with(
            policy,
            theme=given["theme"],
            flags=flags,
            choices=_pairs(given["choices"]),
            dates={name: instant(text, policy.zone) for name, text in _pairs(given["dates"]).items()},
            start=given["start"],
            parties=_two(given["agencies"]),
            about=given["about"],
        )
    except ValueError as fault:
        raise wrong(str(fault)) from None


def _pairs(texts: tuple[str, ...]) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts]
    if lost := [text for (_, sign, _), text in zip(pairs, texts, strict=True) if not sign]:
        raise wrong(f"'{lost[0]}' has no '='. Write NAME=VALUE, for example 'risk=high'.")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _two(text: str) -> tuple[str, str] | None:
    if not text:
        return None
    raising, comma, responding = text.partition(",")
    if not comma:
        raise wrong(f"'{text}' are not two types of agency. Write for example 'school,local authority'.")
    return raising.strip(), responding.strip()
