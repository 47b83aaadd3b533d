"""Templated REST: an administrator says in data what is asked of a system, step by step, and how its answers are read.

What lives here: the options and the adapter. What does not: the steps and how they run (`steps`), the placeholder language
(`template`), proof of who we are (`auth`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import ClassVar, Self
from urllib.parse import quote

from pydantic import Field, model_validator

from integrations.auth.oauth import Tokens
from integrations.auth.options import HTTP_SECRETS, PeerOptions
from integrations.auth.peer import Peer
from integrations.contract import Delivered, Finding, Outcome, Record, Refused, Unknown
from integrations.http import GuardedClient
from integrations.limits import Limits, fault_in
from integrations.steps.exchange import Exchange
from integrations.steps.names import check_steps
from integrations.steps.options import Step
from integrations.steps.request import shown
from integrations.steps.run import Run
from integrations.steps.session_check import check_session, signs_in
from integrations.template.language import TemplateFault, Value
from integrations.template.values import all_document_values, masked_secrets, record_values, request_values


class RestOptions(PeerOptions):
    """A system's address, our proof, and the steps of one write."""

    steps: list[Step] = Field(
        min_length=1,
        max_length=12,
        title="Steps",
        description="What is asked, in this order. Documents first, flags last.",
        examples=[[{"id": "note", "does": "create", "path": "/notes", "body_format": "json", "body": '{"ref": "{{key}}"}'}]],
    )
    cookies: bool = Field(
        default=False, title="Keep cookies", description="Keep the cookies of one write (systems with a session).", examples=[True]
    )
    on_file: bool = Field(
        default=True,
        title="On file at once",
        description="What arrives lies on the person's file at once, without anybody's hand.",
        examples=[False],
    )
    limits: Limits = Field(default=Limits(), title="Documents", description="What documents it takes.", examples=[{"extensions": ["pdf"]}])

    @model_validator(mode="after")
    def _names(self) -> Self:
        check_steps(self.steps, HTTP_SECRETS)
        return self


class RestAdapter:
    """The adapter. It keeps OAuth2 tokens between writes, and nothing else."""

    id: ClassVar[str] = "rest"
    title: ClassVar[str] = "REST interface (by template)"
    options: ClassVar[type[RestOptions]] = RestOptions
    secret_names: ClassVar[tuple[str, ...]] = HTTP_SECRETS
    searchable: ClassVar[bool] = True
    needs_documents: ClassVar[bool] = True

    def __init__(self) -> None:
        self._tokens = Tokens()

    def check(self, options: RestOptions, secrets: Mapping[str, str], http: GuardedClient) -> list[Finding]:
        """By signing in where steps say how (`check_session`), else see `Peer.check`. It takes no other step: they might write."""
        peer = Peer(options, secrets, http, self._tokens)
        return check_session(peer, options.steps, options.cookies) if signs_in(options.steps) else peer.check()

    def preview(self, record: Record, options: RestOptions) -> str:
        """Every request, filled; what only the peer's answers bring stands as ‹step.name›, or see `_page`."""
        fault = fault_in(record, options.limits)
        if fault:
            return f"This record would not be sent: {fault}."
        try:
            return _previewed(record, options)
        except TemplateFault as error:
            return f"This record would not be sent: {error}."

    def write(self, record: Record, options: RestOptions, secrets: Mapping[str, str], http: GuardedClient) -> Outcome:
        """The steps in order, none that is found done before. See `Run.write`."""
        fault = fault_in(record, options.limits)
        if fault:
            return Refused(f"Nothing was sent: {fault}.")
        return self._run(record, options, secrets, http).write()

    def reads_back(self, options: RestOptions) -> bool:
        """Where every step that writes says how to look."""
        return all(step.look is not None for step in options.steps if step.writes)

    def find(self, record: Record, options: RestOptions, secrets: Mapping[str, str], http: GuardedClient) -> Delivered | Unknown | None:
        """By the looks of the writing steps. None also where every write is keyed, or the system says itself that it is there
        already: then sending again is safe."""
        return self._run(record, options, secrets, http).find()

    def _run(self, record: Record, options: RestOptions, secrets: Mapping[str, str], http: GuardedClient) -> Run:
        exchange = Exchange(Peer(options, secrets, http, self._tokens), record.documents, options.cookies)
        return Run(options.steps, record, exchange, options.on_file)


def _previewed(record: Record, options: RestOptions) -> str:
    values: dict[str, Value] = {**record_values(record), **masked_secrets(HTTP_SECRETS), **request_values(record.written_at)}
    documents = all_document_values(record.documents)
    pages: list[str] = []
    brought: dict[str, str] = {}
    for step in options.steps:
        turns = documents if step.each_document else documents[:1] or [{}]
        pages += [f"# {step.id}: {step.does}\n" + _page(step, {**values, **turn}, brought, record, options) for turn in turns]
        brought |= {f"step.{step.id}.{name}": f"{step.id}.{name}" for name in (*step.save, "id")}
    return "\n\n".join(pages)


def _page(step: Step, values: Mapping[str, Value], brought: Mapping[str, str], record: Record, options: RestOptions) -> str:
    """A step's request. What answers bring stands in ‹ ›; where these cannot (headers) in plain brackets; 0 where only a number can."""
    for style in ("‹{}›", "[{}]"):
        marked = {name: style.format(said) for name, said in brought.items()}
        with contextlib.suppress(TemplateFault):
            text = shown(step, {**values, **marked}, record.documents, options)
            for mark in marked.values():  # in an address, too, to be read and not as it would be sent
                text = text.replace(quote(mark, safe=""), mark)
            return text
    return shown(step, {**values, **dict.fromkeys(brought, "0")}, record.documents, options)
