"""A system that cannot be searched and refuses a second copy: its 409 is a receipt where the settings say so, and a refusal where not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from integrations.contract import Delivered, Document, Outcome, Refused, Unknown
from integrations.http import OutboundRules
from integrations.rest import RestAdapter, RestOptions
from tests.integrations.clients import guarded
from tests.integrations.faulty import Asked, Behaviour, FaultyServer, answer, by, cut_before_answer
from tests.integrations.samples import make_record

CREATE: dict[str, Any] = {"id": "note", "does": "create", "path": "/notes", "body_format": "json", "body": '{"key": "{{key}}"}'}
THERE: dict[str, Any] = {**CREATE, "there": {"statuses": [409]}}


def make_options(*steps: dict[str, Any], base: str = "https://records.example", **changes: Any) -> RestOptions:
    return RestOptions.model_validate_json(json.dumps({"base_url": base, "steps": steps, **changes}))


class Ask:
    """An adapter at a server that answers by a script."""

    def __init__(self, server: FaultyServer, *steps: dict[str, Any]) -> None:
        self._options, self._adapter = make_options(*steps, base=server.base), RestAdapter()
        self._http = guarded(OutboundRules.parse(private=[f"localhost:{server.port}"]), total=1, read=1)

    def write(self, **record: Any) -> Outcome:
        return self._adapter.write(make_record(**record), self._options, {}, self._http)

    def find(self) -> Delivered | Unknown | None:
        return self._adapter.find(make_record(), self._options, {}, self._http)


class Shelf:
    """Takes each key once, cannot be searched; the first answer is lost on its way."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def behave(self, connection: Any, asked: Asked) -> None:
        assert asked.method == "POST"
        key = asked.json()["key"]
        again = key in self.kept
        self.kept += [] if again else [key]
        said: Behaviour = answer(409, {"error": "DUPLICATE", "existing": {"id": "N1"}}) if again else cut_before_answer
        said(connection, asked)


def test_a_write_whose_answer_was_lost_is_sent_again_and_found_to_be_there() -> None:
    shelf = Shelf()
    with FaultyServer([shelf.behave]) as server:
        ask = Ask(server, {**CREATE, "there": {"found": "json:existing.id"}})
        assert isinstance(ask.write(), Unknown)
        assert ask.find() is None, "sending again is safe"
        assert ask.write() == Delivered("N1")
    assert shelf.kept == [make_record().key]


def test_an_answer_that_names_no_number_gives_our_key_as_receipt() -> None:
    with FaultyServer([answer(409)]) as server:
        assert Ask(server, THERE).write() == Delivered(make_record().key)


@pytest.mark.parametrize("status", [400, 403, 404, 412, 422])
def test_no_other_status_is_taken_for_it(status: int) -> None:
    with FaultyServer([answer(status)]) as server:
        assert isinstance(Ask(server, THERE).write(), Refused)


def test_without_the_setting_a_person_looks() -> None:
    with FaultyServer([answer(409)]) as server:
        ask = Ask(server, CREATE)
        assert isinstance(ask.write(), Refused) and isinstance(ask.find(), Unknown)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"error": {"code": "DUPLICATE"}}, Delivered),
        ({"error": {"code": "LOCKED_BY_USER"}}, Refused),
        ({}, Refused),
        ("<html>", Refused),
    ],
)
def test_a_status_that_may_mean_two_things_is_told_apart_by_what_it_holds(body: Any, kind: type) -> None:
    step = {**CREATE, "there": {"place": "json:error.code", "equals": "DUPLICATE"}}
    with FaultyServer([answer(409, body)]) as server:
        assert isinstance(Ask(server, step).write(), kind)


def test_a_soap_fault_and_a_plain_text_may_say_it() -> None:
    fault = b"<e:Envelope xmlns:e='urn:e'><e:Body><e:Fault><code>EXISTS</code></e:Fault></e:Body></e:Envelope>"
    soap = {**CREATE, "there": {"statuses": [500], "place": "xml:Body/Fault/code", "equals": ["EXISTS"]}}
    text = {**CREATE, "there": {"statuses": [400], "contains": "already exists"}}
    with FaultyServer([answer(500, fault), answer(400, "Document already exists."), answer(400, "No such person.")]) as server:
        assert isinstance(Ask(server, soap).write(), Delivered)
        assert isinstance(Ask(server, text).write(), Delivered)
        assert isinstance(Ask(server, text).write(), Refused)


def test_the_steps_behind_it_go_on() -> None:
    """Cut off between the note and its second file: the note and the first are there, the second is not, and none is there twice."""
    files: list[str] = ["a.pdf"]

    def system(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        if asked.path == "/notes":
            return 409, {"Location": "/notes/7"}, b""
        name = asked.path.removeprefix("/notes/7/files/")
        if name in files:
            return 409, {}, b""
        files.append(name)
        return 201, {}, b""

    note = {**CREATE, "there": {"found": "header:Location"}}
    file = {"id": "file", "does": "attach", "method": "PUT", "path": "/notes/{{step.note.id}}/files/{{document.name}}"}
    file |= {"body_format": "file", "each_document": True, "there": {}}
    documents = (Document("a.pdf", "application/pdf", b"one"), Document("b.txt", "text/plain", b"two"))
    with FaultyServer([by(system)]) as server:
        assert Ask(server, note, file).write(documents=documents) == Delivered("7")
    assert files == ["a.pdf", "b.txt"]


def test_what_is_done_later_has_arrived_and_is_not_yet_on_file() -> None:
    wait = {"path": "/jobs/{{step.note.job}}", "place": "json:status", "done": ["done"]}
    step = {**CREATE, "save": {"job": "json:job"}, "wait": wait, "there": {"save": {"job": "json:job"}}}
    with FaultyServer([answer(409, {"job": "J1"})]) as server:
        assert Ask(server, step).write() == Delivered(make_record().key, on_file=False)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"does": "look up", "method": "GET", "id": "x"}, "only a step that writes"),
        ({"body": '{"title": "{{title}}"}'}, "only by something of ours"),
        ({"each_document": True}, "the second document would be taken for the first"),
        ({"there": {"statuses": [201]}}, "says too little"),
        ({"there": {"statuses": [200], "contains": "x"}, "success_statuses": [200]}, ""),
        ({"there": {"place": "json:error"}}, "go together"),
    ],
)
def test_what_cannot_be_is_told_when_it_is_saved(change: dict[str, Any], words: str) -> None:
    steps = [{**THERE, **change}] if change.get("id") != "x" else [CREATE, {**THERE, **change}]
    if not words:
        assert make_options(*steps)
        return
    with pytest.raises(ValidationError, match=words):
        make_options(*steps)


def test_a_later_step_cannot_count_on_a_number_that_is_not_named() -> None:
    file = {"id": "file", "does": "attach", "path": "/notes/{{step.note.id}}/files", "body_format": "file"}
    with pytest.raises(
        ValidationError, match=r"step\.note\.id is not known where that step is found done: “when it is there already” must"
    ):
        make_options(THERE, file)
    with pytest.raises(ValidationError, match=r"step\.note\.job is not known where"):
        make_options({**THERE, "save": {"job": "json:job"}}, {**file, "path": "/jobs/{{step.note.job}}"})
    assert make_options({**THERE, "there": {"found": "json:id"}}, file)


def test_what_only_its_own_wait_needs_no_look_must_keep() -> None:
    wait = {"path": "/jobs/{{step.note.job}}", "place": "json:status", "done": ["done"]}
    look = {"path": "/notes?ref={{key}}", "found": "json:id"}
    assert make_options({**CREATE, "save": {"job": "json:job"}, "wait": wait, "look": look})
