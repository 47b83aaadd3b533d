"""`flask audit …`: the chains of events checked, by themselves and against signed lists of their heads."""

from __future__ import annotations

import json
from pathlib import Path

import click
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from plugin.extensions import db
from plugin.models import Checkpoint, Disagreement, EventRow
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.case import chain, checkpoints
from plugin.services.keeping import signing
from plugin.services.keeping.clock import machine_now
from plugin.services.keeping.signing import BadListError

audit = AppGroup("audit", help="The chains of events, and signed lists of their heads.")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@audit.command("verify")
@click.option(
    "--checkpoint", "lists", type=_FILE, multiple=True, help="a signed list to hold the chains against; may be given several times"
)
@click.option("--key", type=_FILE, help="the public key (PEM or JWK) that signed it; without it, those that this deployment has or had")
def verify(lists: tuple[Path, ...], key: Path | None) -> None:
    """Check every case's chain; with --checkpoint also that none was written anew or removed since. Exit 1 naming what does not hold."""
    bind(db.session, System("audit"))
    broken = _broken_chains()
    for told, text in [(one.name, one.read_text(encoding="utf-8")) for one in lists] or _kept():
        broken += _held_against(told, text, key)
    click.echo("every chain holds" if not broken else f"{broken} chains are broken")
    raise SystemExit(1 if broken else 0)


def _broken_chains() -> int:
    broken = 0
    for case_id, reference, count in db.session.execute(select(Disagreement.id, Disagreement.reference, Disagreement.seq)).all():
        rows = db.session.scalars(select(EventRow).where(EventRow.disagreement_id == case_id).order_by(EventRow.seq))
        seq = chain.first_break(rows, count)
        if seq is not None:
            broken += 1
            click.echo(f"{reference}: event {seq} does not follow")
    return broken


def _kept() -> list[tuple[str, str]]:
    """The list that was kept last, where this deployment can read it."""
    row = checkpoints.newest(db.session) if runtime(current_app).keys.checkpoint else None
    return [(f"the checkpoint kept on {row.day}", row.text)] if row else []


def _held_against(told: str, text: str, key: Path | None) -> int:
    try:
        signers = [signing.public_key(key.read_text(encoding="utf-8"))] if key else signing.own(runtime(current_app).keys)
        heads = checkpoints.read(text, signers)
    except BadListError as wrong:
        raise SystemExit(f"{told}: {wrong}") from None
    found = checkpoints.faults(db.session, heads)
    click.echo("\n".join([f"held against {told}, made {heads.made}, {len(heads.cases)} cases", *found]))
    return len(found)


@audit.command("checkpoint")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--day", help="one that was kept, by its day: 2027-01-18; without it, a fresh one")
def checkpoint(file: Path | None, day: str | None) -> None:
    """Write the signed list of the chains' heads to FILE, or print it. Give it to somebody who does not run this service."""
    bind(db.session, System("audit"))
    here = runtime(current_app)
    kept = db.session.get(Checkpoint, day) if day else None
    if day and kept is None:
        raise SystemExit(f"--day: none was kept on {day}")
    try:
        text = kept.text if kept else checkpoints.compose(db.session, here.keys, here.settings.public_url, machine_now())
    except LookupError as wrong:
        raise SystemExit(str(wrong.args[0])) from None
    if file is None:
        click.echo(text, nl=False)
        return
    file.write_text(text, encoding="utf-8")
    click.echo(f"{file} holds the heads of {len(text.splitlines()) - 6} cases. `flask audit key` prints the public key that goes with it.")


@audit.command("key")
def key() -> None:
    """Print the public key that checkpoints are verified with (PEM)."""
    public = signing.public_half(runtime(current_app).keys)
    if not public:
        raise SystemExit("the keys' file has no key for checkpoints yet; `python -m plugin.newkeys FILE` adds one to it")
    click.echo(signing.public_key(json.dumps(public)).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(), nl=False)
