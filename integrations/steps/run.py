"""Runs steps against a peer: writing each one that is not yet done, or only looking which are.

A write begins by looking where a step says how, so that a second attempt takes up where the first was cut off: nothing that is
found is written again. What does not live here: one request and its session (`exchange`), waiting for a write that is done later
(`waiting`), what may be asked (`options`), what an answer means (`answer.verdict`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from integrations.answer.pointer import NotThere, Pointer
from integrations.answer.verdict import Stopped, of_status
from integrations.contract import Deferred, Delivered, Outcome, Record, Refused, Unknown
from integrations.http import Response
from integrations.steps.accept import accept, confirm, odd
from integrations.steps.exchange import Exchange
from integrations.steps.looking import hit_in
from integrations.steps.options import Look, Step
from integrations.steps.pages import each_page
from integrations.steps.waiting import waited_for
from integrations.template.language import TemplateFault, Value
from integrations.template.values import all_document_values, record_values, secret_values

_TAKEN = (409, 412)


@dataclass
class Run:
    """One pass over the steps for one record. `values` grows with what the answers bring; it is not shown in a repr."""

    steps: Sequence[Step]
    record: Record
    exchange: Exchange
    on_file: bool
    values: dict[str, Value] = field(default_factory=dict, repr=False)
    wrote: list[str] = field(default_factory=list)
    remote_id: str = ""
    created: bool = False
    arrived: bool = False

    def __post_init__(self) -> None:
        self.values = {**record_values(self.record), **secret_values(self.exchange.peer.secrets), **self.values}
        self.exchange.sign_in_again = self._sign_in_again

    def write(self) -> Outcome:
        """Does every step that is not found done. Never raises for what the peer does."""
        try:
            for step, values in self._in_order():
                if step.writes:
                    self._write_once(step, values)
                else:
                    self._read(step, values)
        except Stopped as stopped:
            return self._with_what_was_written(stopped.outcome)
        except TemplateFault as fault:
            return self._with_what_was_written(Refused(f"The record cannot be sent as it is: {fault}."))
        finally:
            self._sign_out()
        return self._delivered()

    def find(self) -> Delivered | Unknown | None:
        """Delivered if every write is found done; None if going on (or beginning) is safe; Unknown if it cannot be told."""
        writing = [step for step in self.steps if step.writes]
        try:
            for step, values in self._in_order():
                if not step.writes:
                    self._read(step, values)
                elif step.look is None:
                    return self._cannot_look(writing[writing.index(step) :])
                elif not self._found(step, values):
                    # Steps go in order: where this one was never done, none behind it was.
                    return None
        except Stopped as stopped:
            return Unknown(getattr(stopped.outcome, "reason", "The system could not be asked."))
        except TemplateFault as fault:
            return Unknown(f"The record cannot be sent as it is: {fault}.")
        finally:
            self._sign_out()
        return self._delivered()

    def _delivered(self) -> Delivered:
        return Delivered(self.remote_id or self.record.key, self.on_file and not self.arrived)

    def _in_order(self) -> Iterator[tuple[Step, Mapping[str, Value]]]:
        """Every step but the signing out, each as often as it is done, with the values of that time."""
        for step in self.steps:
            if step.does != "sign out":
                for values in self._turns(step):
                    yield step, values

    @staticmethod
    def _cannot_look(rest: Sequence[Step]) -> Unknown | None:
        if all(step.keyed or step.look or step.there for step in rest):
            return None
        return Unknown("This system cannot be searched for an earlier write; a person must look.")

    def _turns(self, step: Step) -> Iterator[Mapping[str, Value]]:
        """The values of each time a step is done; the first document's where it is done once."""
        documents = all_document_values(self.record.documents)
        if not step.each_document:
            yield {**(documents[0] if documents else {}), **self.values}
            return
        for document in documents:
            yield {**self.values, **document}

    def _read(self, step: Step, values: Mapping[str, Value]) -> None:
        response = self.exchange.send(step, values, writes=False, again=step.does != "sign in")
        accept(step, response)
        confirm(step, response, values)
        self._keep(step, response)

    def _write_once(self, step: Step, values: Mapping[str, Value]) -> None:
        if step.look and self._found(step, values):
            return
        response = self.exchange.send(step, values, writes=True)
        if self._there(step, response, values):
            return
        accept(step, response)
        self.wrote.append(step.id)
        self._keep(step, response)
        if step.wait:
            remote_id = waited_for(step, step.wait, self.exchange, {**values, **self.values})
            self.arrived = self.arrived or remote_id is None
            self._remember(step, remote_id or "", {})

    def _there(self, step: Step, response: Response, values: Mapping[str, Value]) -> bool:
        """Whether the peer says that it has this already. That is good news only if it can be seen there, or if the settings say so."""
        says = step.there is not None and step.there.said_by(response)
        taken = response.status in _TAKEN and (step.look is not None or step.keyed)
        if not says and not taken:
            return False
        if step.look and self._found(step, values):
            return True
        if not says or step.there is None:
            raise Stopped(of_status(response, writes=True))
        self.wrote.append(step.id)
        self.arrived = self.arrived or step.wait is not None  # it was taken; whether it is done by now, this answer does not say
        self._remember(
            step, self._said(step.there.found, response), {name: self._said(at, response) for name, at in step.there.save.items()}
        )
        return True

    @staticmethod
    def _said(place: str, response: Response) -> str:
        """What stands at a place of an answer that need not name it."""
        try:
            return Pointer.parse(place).text(response) if place else ""
        except NotThere:
            return ""

    def _found(self, step: Step, values: Mapping[str, Value]) -> bool:
        look = step.look
        assert look is not None
        for response in each_page(self.exchange, look, values):
            if not self._answers(look, response):
                return False
            hit = hit_in(look, response, values)
            if hit is not None:
                saved = {name: Pointer.parse(place).text(hit) for name, place in look.save.items()}
                self._remember(step, Pointer.parse(look.found).text(hit), saved)
                self.wrote.append(step.id)
                return True
        return False

    @staticmethod
    def _answers(look: Look, response: Response) -> bool:
        """Whether hits may stand in this answer; False where it says that nothing is there. Raises `Stopped` for one that says neither."""
        if response.status in look.absent_statuses:
            return False
        if response.status in look.refused_statuses:
            raise Stopped(Refused(f"The record system answered {response.status} to the search, by which it refuses for good."))
        if response.status not in look.success_statuses:
            raise Stopped(of_status(response, writes=False))
        return not (look.absent_contains and look.absent_contains.encode() in response.body)

    def _keep(self, step: Step, response: Response) -> None:
        try:
            saved = {name: Pointer.parse(place).text(response) for name, place in step.save.items()}
            remote_id = Pointer.parse(step.remote_id).text(response) if step.remote_id else ""
        except NotThere as error:
            raise Stopped(odd(step, str(error))) from None
        self._remember(step, remote_id, saved)

    def _remember(self, step: Step, remote_id: str, saved: Mapping[str, str]) -> None:
        # The receipt shows the number of the first thing created (the PDF, of several documents); of an attachment only where that is all.
        first_created = step.does == "create" and not self.created
        if remote_id and (first_created or not self.remote_id):
            self.remote_id, self.created = remote_id, self.created or step.does == "create"
        self.values |= {f"step.{step.id}.{name}": value for name, value in {"id": remote_id, **saved}.items() if value}

    def _sign_in_again(self) -> Mapping[str, Value] | None:
        """One fresh session, as there is one fresh token: the values that it brought. None where nobody signs in."""
        signing_in = [step for step in self.steps if step.does == "sign in"]
        for step in signing_in:
            for values in self._turns(step):
                self._read(step, values)
        return self.values if signing_in else None

    @contextlib.contextmanager
    def signed_in(self) -> Iterator[Mapping[str, Value]]:
        """The values that signing in brought; signed out of at the end. Raises `Stopped` and `TemplateFault`."""
        try:
            self._sign_in_again()
            yield self.values
        finally:
            self._sign_out()

    def _sign_out(self) -> None:
        """Some systems count sessions. Whether this comes off changes nothing for the record."""
        for step in (one for one in self.steps if one.does == "sign out"):
            for values in self._turns(step):
                with contextlib.suppress(Stopped, TemplateFault):
                    self.exchange.send(step, values, writes=False, again=False)

    def _with_what_was_written(self, outcome: Outcome) -> Outcome:
        """A later step's fault, told with the earlier ones in mind: "not now" is no longer "nothing was written"."""
        if not self.wrote:
            return outcome
        done = f"Done so far: {', '.join(dict.fromkeys(self.wrote))}" + (f" (its number {self.remote_id})" if self.remote_id else "")
        if isinstance(outcome, Deferred | Unknown):
            return Unknown(f"{done}. Then: {outcome.reason}")
        return Refused(f"{done}. Then: {outcome.reason}") if isinstance(outcome, Refused) else outcome
