"""A pretend record system without a network, for tests and the demo: it succeeds, refuses, defers, crashes or goes silent as told.

What it has "written" it keeps in memory, or as files in a folder so that other processes see it.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from integrations.contract import Deferred, Delivered, Finding, Options, Outcome, Record, Refused, Unknown
from integrations.http import GuardedClient

Behaviour = Literal["succeed", "refuse", "defer", "crash", "silent after writing", "silent before writing"]


class TrialOptions(Options):
    """What it does, and for how long."""

    behaviour: Behaviour = Field(default="succeed", title="What it does", examples=["defer"], description="What comes of a write.")
    times: int = Field(
        default=0,
        ge=0,
        title="How often",
        examples=[2],
        description="How many attempts at one record this goes on for; after that it succeeds. 0: always.",
    )
    wait_seconds: int = Field(
        default=0, ge=0, title="Wait", examples=[30], description="For defer: how long it asks to wait. 0: it does not say."
    )
    can_be_searched: bool = Field(
        default=True, title="Can be searched", examples=[False], description="Whether an earlier write can be found."
    )
    on_file: bool = Field(
        default=True, title="On file at once", examples=[True], description="Whether what arrives lies on the person's file."
    )
    folder: str = Field(
        default="", title="Folder", examples=["/srv/accord/trial"], description="A folder to keep what was written in; empty: memory."
    )


class TrialAdapter:
    """The adapter. Writing one key twice keeps two copies, as most real systems do, so that a test can count them."""

    id: ClassVar[str] = "trial"
    title: ClassVar[str] = "Trial (no record system)"
    options: ClassVar[type[TrialOptions]] = TrialOptions
    secret_names: ClassVar[tuple[str, ...]] = ()
    searchable: ClassVar[bool] = True
    needs_documents: ClassVar[bool] = True

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._written: list[tuple[str, str]] = []
        self._attempts: dict[tuple[str, str], int] = {}

    def check(self, options: TrialOptions, secrets: Mapping[str, str], http: GuardedClient) -> list[Finding]:
        """Always well, unless the folder is not there."""
        if options.folder and not Path(options.folder).is_dir():
            return [Finding("settings", False, "The folder does not exist.")]
        return [Finding("answer", True, f"This is a trial; a write will {options.behaviour}.")]

    def preview(self, record: Record, options: TrialOptions) -> str:
        """The title and the names of the documents."""
        return "\n".join([record.title, *(f"{document.name} ({len(document.content):,} bytes)" for document in record.documents)])

    def write(self, record: Record, options: TrialOptions, secrets: Mapping[str, str], http: GuardedClient) -> Outcome:
        """As the options say. "crash" raises RuntimeError: a fault of an adapter, which a worker must survive."""
        behaviour = options.behaviour
        if behaviour == "succeed" or (options.times and self._attempt(record, options) > options.times):
            return Delivered(self._keep(record, options), options.on_file)
        if behaviour == "refuse":
            return Refused("The trial system refuses this record.")
        if behaviour == "defer":
            return Deferred("The trial system is busy.", timedelta(seconds=options.wait_seconds) if options.wait_seconds else None)
        if behaviour == "crash":
            raise RuntimeError("the trial adapter crashes because it was told to")
        if behaviour == "silent after writing":
            self._keep(record, options)
        return Unknown("Sent, and the trial system did not answer.")

    def reads_back(self, options: TrialOptions) -> bool:
        """As the options say."""
        return options.can_be_searched

    def find(self, record: Record, options: TrialOptions, secrets: Mapping[str, str], http: GuardedClient) -> Delivered | Unknown | None:
        """The first copy of this key."""
        if not options.can_be_searched:
            return Unknown("The trial system cannot be searched.")
        copies = self.copies(record.key, options)
        return Delivered(copies[0], options.on_file) if copies else None

    def copies(self, key: str, options: TrialOptions) -> list[str]:
        """The remote ids of every copy of a key. More than one is a fault of whoever wrote."""
        if options.folder:
            return sorted(path.stem for path in Path(options.folder).glob(f"{_safe(key)}.*.txt"))
        with self._lock:
            return [remote_id for known, remote_id in self._written if known == key]

    def _attempt(self, record: Record, options: TrialOptions) -> int:
        if options.folder:
            # A line for each attempt, appended in one write, so that processes do not lose each other's.
            path = Path(options.folder) / f"{_safe(record.key)}.attempts"
            with path.open("a") as file:
                file.write("x")
            return path.stat().st_size
        with self._lock:
            name = (record.key, options.behaviour)
            self._attempts[name] = self._attempts.get(name, 0) + 1
            return self._attempts[name]

    def _keep(self, record: Record, options: TrialOptions) -> str:
        with self._lock:
            number = len(self._written) + 1
            while options.folder and (Path(options.folder) / f"{_safe(record.key)}.{number}.txt").exists():
                number += 1
            remote_id = f"{_safe(record.key)}.{number}"
            self._written.append((record.key, remote_id))
        if options.folder:
            (Path(options.folder) / f"{remote_id}.txt").write_text(record.title)
        return remote_id


def _safe(key: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", key)
