"""What an adapter is: options, check, preview, write, find; and what may come of a write.

An adapter is one module in this room with a class that satisfies `Adapter`; the registry finds it by itself. It knows no model, no
Flask, no queue: it is given a `Record`, its options, its secrets and the guarded HTTP client.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from integrations.http import GuardedClient


# Which part of a connection is not well. For a screen to sort by, and to say who can help.
Where = Literal["settings", "name", "network", "certificate", "host key", "credentials", "permission", "space", "answer"]

WHO_HELPS: Mapping[Where, str] = {
    "settings": "Look at the settings of this connection. Which hosts and folders are allowed, whoever runs this service can say.",
    "name": "Compare the address with what you were given. If it is right, ask your network team whether this server can look it up.",
    "network": "Ask your network team to let this server reach that host and port, and whoever runs the system whether it is up.",
    "certificate": "Ask whoever runs the system which authority signed its certificate, and whether it asks for one of ours.",
    "host key": "Ask whoever runs the server for its host key, by telephone or from its page, and compare. Do not just take the new one.",
    "credentials": "Ask whoever gave you the user name, key or secret whether it is still good, then put it in again.",
    "permission": "Ask whoever runs the system to let our account read and write there.",
    "space": "Ask whoever runs the system to make room.",
    "answer": "Compare the settings with the system's own description. Its makers or whoever runs it can say what such an answer means.",
}


class Options(BaseModel):
    """Base of every adapter's options. The administrator's form, its help and its validation are made of the model's fields."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


@dataclass(frozen=True, slots=True)
class Document:
    """A file to lay on the child's file. `name` has an extension, no path, 80 characters at most."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Identifier:
    """How a record system knows the child: `system` is nhs-number, upn, or local (the agency's own person id)."""

    system: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Record:
    """What is to stand on one child's file at one agency.

    `key` is the immutable business id and version ("PD-7F3K-92/v1"): the same for every attempt, used as idempotency key, file name
    stem and text inside the note. `fields` are plain values a template may use (reference, outcome, stage, dates …). A repr shows
    nothing that is said about the child.
    """

    key: str
    reference: str
    title: str
    summary: str = field(repr=False)
    written_at: datetime
    child: tuple[Identifier, ...]
    documents: tuple[Document, ...]
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Delivered:
    """It arrived. `on_file` is True only where the peer says that it lies on this child's file (arrived is not on file)."""

    remote_id: str
    on_file: bool = True


@dataclass(frozen=True, slots=True)
class Refused:
    """Permanent: a person must look. `reason` is for that person, and holds nothing about the child and no secret.

    `where` is the part of the connection that is not well, if it is one of them.
    """

    reason: str
    where: Where | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not now: nothing was written. `after` is how long the peer asked us to wait (None: our own back-off)."""

    reason: str
    after: timedelta | None = None
    where: Where | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Sent, and no trustworthy answer came: look before sending again."""

    reason: str
    where: Where | None = field(default=None, compare=False)


Outcome = Delivered | Refused | Deferred | Unknown


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `check`: what was looked at, whether it is well, and what to do or whom to ask where it is not."""

    what: Where
    ok: bool
    text: str

    @property
    def advice(self) -> str:
        """Whom to ask for what; empty where it is well."""
        return "" if self.ok else WHO_HELPS[self.what]


class Adapter(Protocol):
    """The contract. `secrets` maps the names in `secret_names` to values; they must never reach a message, a log or a repr.

    `searchable`: whether `find` can tell. `needs_documents`: whether the record must bring its documents (they take time to make).
    Two more may be there: `reads_back(options)`, whether a None from `find` means for certain that the record is not there (the ledger
    then looks again some time after), and `by_hand`, whether "arrived" means that a person now has to file it.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    options: ClassVar[type[Options]]
    secret_names: ClassVar[tuple[str, ...]]
    searchable: ClassVar[bool]
    needs_documents: ClassVar[bool]

    def check(self, options: Any, secrets: Mapping[str, str], http: GuardedClient) -> list[Finding]:
        """Settings, reach, credentials. Writes nothing at the peer."""

    def preview(self, record: Record, options: Any) -> str:
        """The exact payload as text, with secrets masked."""

    def write(self, record: Record, options: Any, secrets: Mapping[str, str], http: GuardedClient) -> Outcome:
        """Writes the record once. Never raises for what the peer does: every fault is an Outcome."""

    def find(self, record: Record, options: Any, secrets: Mapping[str, str], http: GuardedClient) -> Delivered | Unknown | None:
        """An earlier write of this record's key: Delivered, None if there is none, Unknown if the peer could not be asked."""
