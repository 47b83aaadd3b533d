"""What a process of the service holds besides its database: settings, keys, the queue, the guarded client, the adapters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from click import ClickException
from flask import Flask

from integrations.http import GuardedClient, OutboundRules
from integrations.registry import Registry, installed
from plugin.config import Settings
from plugin.jobs.queue import Waker
from plugin.mail.notify import Notify
from plugin.services.keeping.clock import machine_now
from plugin.services.keeping.sealing import Keys


@dataclass
class Runtime:
    """Made once by `create_app`, kept in app.extensions["accord"]."""

    settings: Settings
    waker: Waker
    adapters: Registry

    @cached_property
    def keys(self) -> Keys:
        """The deployment's keys, read when they are first asked for: writing a policy or a form needs none. Raises ClickException where
        they are missing: whoever runs a command is told in one line how to make them."""
        try:
            return Keys.read(self.settings.secrets_file)
        except FileNotFoundError as missing:
            raise ClickException(str(missing)) from missing

    @cached_property
    def http(self) -> GuardedClient:
        """The one way out, with the rules of the deployment."""
        told = self.settings
        rules = OutboundRules.parse(told.outbound_hosts, told.outbound_local, told.outbound_mail_to, told.outbound_folders)
        return GuardedClient(rules, clock=machine_now)

    def notify(self, where: str, key: str) -> Notify:
        """The carrier of ACCORD_MAIL=notify://host/TEMPLATE: its host alone may be called for mail. Raises ValueError."""
        host = urlsplit(where).netloc.lower()
        local = host in self.settings.outbound_local
        rules = OutboundRules.parse([] if local else [host], [host] if local else [])
        return Notify.at(where, key, GuardedClient(rules, clock=machine_now), local)


def runtime(app: Flask | Any) -> Runtime:
    """The app's runtime."""
    here: Runtime = app.extensions["accord"]
    return here


def start(settings: Settings) -> Runtime:
    """Reads no key and connects nothing yet. Raises ValueError for a place that is none."""
    here = Runtime(settings, Waker(settings.redis_url), installed())
    _ = here.http  # a wrong place is told when the service starts, not at the first delivery
    return here
