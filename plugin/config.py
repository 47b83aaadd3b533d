"""The settings of a deployment, all of them environment variables, each with what it means. The README's table is tested against it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any


def _setting(default: Any, text: str) -> Any:
    return field(default=default, metadata={"text": text})


@dataclass(frozen=True, slots=True)
class Settings:
    """Read by `Settings.read(os.environ)`: the field `public_url` is the variable ACCORD_PUBLIC_URL, and so on.

    Durations are whole seconds, lists are separated by commas. Raises ValueError naming the variable for a value that cannot be.
    """

    database_url: str = _setting("sqlite:///.data/accord.db", "where the truth is: sqlite:///path or postgresql+psycopg://user@host/name")
    redis_url: str = _setting("redis://127.0.0.1:6379/0", "where jobs wait: redis://, rediss:// or unix://; may be flushed at any time")
    public_url: str = _setting("http://accord.localhost:8000", "the service's own origin, used in every link; never taken from a request")
    secrets_file: str = _setting(
        ".data/secrets.json", "the deployment's keys, made by `python -m plugin.newkeys FILE`; readable by the service alone"
    )
    mail: str = _setting(
        "folder:.data/mailbox",
        "where mail goes: smtp://user@host:587 (STARTTLS, certificate checked), notify://api.notifications.service.gov.uk/TEMPLATE-ID "
        "or folder:PATH",
    )
    mail_password_file: str = _setting("", "a file that holds the mail server's password, or the API key of GOV.UK Notify")
    mail_ca_file: str = _setting(
        "", "a file of certificates to trust for the mail server, besides none: for a relay with a private authority"
    )
    mail_from: str = _setting("Accord <no-reply@accord.example>", "the sender of every mail")
    mail_returns: str = _setting("", "the mailbox that mail comes back to: imaps://user@host/INBOX (or imap://, with STARTTLS)")
    mail_returns_password_file: str = _setting("", "a file that holds that mailbox's password")
    mail_reports_secret_file: str = _setting(
        "", "a file with the secret (whsec_…) of signed reports at /hooks/mail; also the bearer token of GOV.UK Notify's callback"
    )
    outbound_hosts: tuple[str, ...] = _setting(
        (), "hosts that adapters may call: a name for https, name:port for all else (sftp.example:22), *.example.org for all names below"
    )
    outbound_local: tuple[str, ...] = _setting((), "host:port pairs on loopback or private addresses that adapters may call, by exact pair")
    outbound_mail_to: tuple[str, ...] = _setting(
        (), "addresses (records@school.example) and domains (@school.example) that documents may be mailed to"
    )
    outbound_folders: tuple[str, ...] = _setting((), "folders, with all below them, that files may be dropped in")
    trusted_proxies: int = _setting(0, "how many proxies in front of the service are yours; 0 ignores every X-Forwarded header")
    lease_seconds: int = _setting(120, "how long a worker may hold a mail or a delivery before another takes it")
    retry_seconds: tuple[int, ...] = _setting(
        (30, 120, 600, 3600, 14400, 43200, 86400, 86400), "the waits between attempts at a delivery; after the last a person is asked"
    )
    pause_after: int = _setting(5, "how many failures in a row pause a connection; what it should have carried waits")
    pause_seconds: int = _setting(300, "how long such a pause lasts, before one delivery is tried again")
    look_again_seconds: int = _setting(
        86400, "how long after a delivery we look whether it is still on the file, where that can be looked up"
    )
    mail_retry_seconds: tuple[int, ...] = _setting((60, 300, 900, 3600) + (7200,) * 11, "the waits between attempts at a mail")
    forms_folder: str = _setting("", "a folder of your own form definitions, added to those that come with the service")
    sweep_seconds: int = _setting(15, "how often the clock looks for what is due")
    frame_idle_seconds: int = _setting(1200, "how long a frame may rest before its session ends; drafts are kept")
    link_idle_seconds: int = _setting(1800, "the same for somebody who came by an emailed link")
    session_seconds: int = _setting(14400, "the longest a session lasts")
    desk_idle_seconds: int = _setting(900, "how long an administrator's or coordinator's session may rest")
    desk_session_seconds: int = _setting(28800, "the longest such a session lasts")
    keep_ended_days: int = _setting(
        30, "how many days after their end sessions, links, codes, launches, sign-ins and mail that came back are deleted (1 at least)"
    )
    keep_drafts_days: int = _setting(90, "how many days what somebody typed and did not send is kept")
    keep_access_days: int = _setting(
        2557, "how many days a line of the access log is kept: who looked at what, who was refused, who changed what (0: for good)"
    )
    checkpoints_folder: str = _setting(
        "",
        "a folder for lists that must outlive the database: the chains' heads of each day, and what was removed (removed again from a "
        "backup that is restored). Best where the database's keeper cannot write; not part of its backups",
    )
    start_anyway: bool = _setting(
        False, "1 starts the service although its keys do not open everything that was sealed: what they do not open stays unreadable"
    )
    demo: bool = _setting(False, "1 shows the pages under /dev/ and lets the clock be moved; never on a live service")

    @classmethod
    def read(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """The settings of `environ` (the process's own by default) over the defaults."""
        source = os.environ if environ is None else environ
        given = {one.name: source[name] for one in fields(cls) if (name := f"ACCORD_{one.name.upper()}") in source}
        return cls(**{name: _parse(name, text, cls.__dataclass_fields__[name].default) for name, text in given.items()})


def _parse(name: str, text: str, default: Any) -> Any:
    try:
        if isinstance(default, bool):
            return {"1": True, "0": False, "": False}[text]
        if isinstance(default, int):
            return int(text)
        if isinstance(default, tuple):
            parts = tuple(part.strip() for part in text.split(",") if part.strip())
            return tuple(int(part) for part in parts) if default and isinstance(default[0], int) else parts
    except (ValueError, KeyError):
        raise ValueError(f"ACCORD_{name.upper()}: {text!r} cannot be read; the default is {default!r}") from None
    return text
