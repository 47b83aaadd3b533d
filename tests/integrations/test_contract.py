"""Every adapter that the registry finds, against the same list of faults; each fault has one right kind of outcome.

A fault strikes the request that writes; the peer behaves in all others. What a ledger does afterwards is done here too: after
"unknown" it looks, and writes again only when told that nothing is there; then the peer holds exactly one copy.
"""

from __future__ import annotations

import json
import logging
import pkgutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from integrations.contract import Adapter, Deferred, Delivered, Document, Finding, Options, Outcome, Refused, Unknown
from integrations.http import GuardedClient, OutboundRules
from integrations.registry import installed
from tests.integrations import faulty, samples
from tests.integrations.certificates import the_authority
from tests.integrations.clients import guarded
from tests.integrations.faulty import Asked, Behaviour, FaultyServer, answer
from tests.integrations.samples import CHILD_NUMBERS, SECRET, PeerDouble, Sample, make_record, sample_of

pytestmark = pytest.mark.slow  # left out of make test-quick

ADAPTERS = {adapter.id: adapter for adapter in installed()}
OVER_HTTP = [adapter_id for adapter_id in ADAPTERS if sample_of(adapter_id).peer]


@dataclass
class Stage:
    """One adapter, its options, and a peer that can be made to misbehave on the write."""

    adapter: Adapter
    sample: Sample
    options: Options
    http: GuardedClient
    peer: PeerDouble
    server: FaultyServer
    faults: list[Behaviour]

    def write(self) -> Outcome:
        """One attempt."""
        return self.adapter.write(make_record(), self.options, self.sample.secrets, self.http)

    def find(self) -> Delivered | Unknown | None:
        """One look."""
        return self.adapter.find(make_record(), self.options, self.sample.secrets, self.http)

    def check(self) -> list[Finding]:
        """The test of the connection."""
        return self.adapter.check(self.options, self.sample.secrets, self.http)

    @property
    def writes_asked(self) -> int:
        """How many requests to write the peer has read."""
        return sum(self.sample.is_write(asked) for asked in self.server.asked)

    def settle(self) -> Outcome:
        """What a ledger does after an unknown outcome: look, and write again only if nothing is there."""
        self.faults.clear()
        found = self.find()
        return self.write() if found is None else found


def made_options(adapter: Adapter, base: str, **changes: Any) -> Options:
    """The sample's options, read as they come from a configuration: as JSON."""
    return adapter.options.model_validate_json(json.dumps({**sample_of(adapter.id).options(base), **changes}))


@contextmanager
def stage(adapter_id: str, *faults: Behaviour, **changes: Any) -> Iterator[Stage]:
    """A stage whose peer answers the first writes with `faults`, and the rest as it should."""
    adapter, sample = ADAPTERS[adapter_id], sample_of(adapter_id)
    assert sample.peer is not None
    peer, left = sample.peer(), list(faults)

    def behave(connection: socket.socket, asked: Asked) -> None:
        if left and sample.is_write(asked):
            left.pop(0)(connection, asked)
        else:
            peer.behave(connection, asked)

    with FaultyServer([behave]) as server:
        rules = OutboundRules.parse(private=[f"localhost:{server.port}"])
        # A peer that drips is cut off by the whole's deadline, a silent one by the read's; all else is given time.
        total = 0.5 if set(DRIPS) & {getattr(fault, "fault", fault) for fault in faults} else 10
        http = guarded(rules, resolve=lambda _host, _port: ["127.0.0.1"], total=total, read=0.4)
        yield Stage(adapter, sample, made_options(adapter, server.base, **changes), http, peer, server, left)


def after_storing(then: Behaviour) -> Behaviour:
    """Lets the peer do its work, keeps its answer back, and does `then` instead."""

    def behave(connection: socket.socket, asked: Asked) -> None:
        near, far = socket.socketpair()
        with near, far:
            STORING[0].behave(near, asked)
        then(connection, asked)

    behave.fault = then  # type: ignore[attr-defined]  # so that a stage can tell which fault this ends in
    return behave


STORING: list[PeerDouble] = []


# --- the shape ----------------------------------------------------------------------------------------------------------------------


def test_every_adapter_has_a_sample_and_no_sample_is_left_over() -> None:
    named = {found.name for found in pkgutil.iter_modules(samples.__path__)}
    assert named == {adapter_id.replace("-", "_") for adapter_id in ADAPTERS}


@pytest.mark.parametrize("adapter_id", ADAPTERS)
def test_an_adapter_says_what_it_is(adapter_id: str) -> None:
    adapter = ADAPTERS[adapter_id]
    assert adapter.title and adapter.check.__doc__ and adapter.write.__doc__ and adapter.find.__doc__ and adapter.preview.__doc__
    for name, field in adapter.options.model_fields.items():
        assert field.description, f"{adapter_id}.{name} has no help"
    assert adapter.options.model_json_schema()["type"] == "object"


def patterns_in(node: Any) -> Iterator[str]:
    """Every pattern in a JSON Schema."""
    for name, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if name == "pattern" and isinstance(value, str):
            yield value
        else:
            yield from patterns_in(value)


@pytest.mark.parametrize("adapter_id", ADAPTERS)
def test_a_pattern_holds_for_the_whole_value(adapter_id: str) -> None:
    """A pattern without its ends would let anything through that has a good part somewhere."""
    for pattern in patterns_in(ADAPTERS[adapter_id].options.model_json_schema()):
        assert pattern.startswith("^") and pattern.endswith("$"), pattern


@pytest.mark.parametrize("adapter_id", ADAPTERS)
def test_options_refuse_what_they_do_not_know(adapter_id: str) -> None:
    adapter = ADAPTERS[adapter_id]
    with pytest.raises(ValueError, match="nonsense"):
        made_options(adapter, "https://records.example", nonsense=1)


@pytest.mark.parametrize("adapter_id", ADAPTERS)
def test_a_preview_shows_the_record_and_no_secret(adapter_id: str) -> None:
    adapter = ADAPTERS[adapter_id]
    shown = adapter.preview(make_record(), made_options(adapter, "https://records.example"))
    assert "7F3K" in shown or make_record().title in shown
    assert SECRET not in shown


# --- well -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("adapter_id", OVER_HTTP)
def test_a_write_is_delivered_once_and_found(adapter_id: str) -> None:
    with stage(adapter_id) as on:
        outcome = on.write()
        assert isinstance(outcome, Delivered) and outcome.remote_id
        assert on.peer.copies(make_record().key) == 1
        assert on.find() in (outcome, None)


@pytest.mark.parametrize("adapter_id", OVER_HTTP)
def test_writing_again_leaves_one_copy(adapter_id: str) -> None:
    with stage(adapter_id) as on:
        first, second = on.write(), on.write()
        assert isinstance(first, Delivered) and isinstance(second, Delivered)
        assert on.peer.copies(make_record().key) == 1


@pytest.mark.parametrize("adapter_id", OVER_HTTP)
def test_a_check_is_well_and_writes_nothing(adapter_id: str) -> None:
    with stage(adapter_id) as on:
        findings = on.check()
        assert findings and all(finding.ok and finding.text for finding in findings), findings
        assert on.peer.copies(make_record().key) == 0 and on.writes_asked == 0


# --- nothing was sent -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("adapter_id", OVER_HTTP)
def test_a_refused_connection_is_tried_later(adapter_id: str) -> None:
    with stage(adapter_id) as on:
        pass
    assert isinstance(on.write(), Deferred)
    assert [finding.what for finding in on.check() if not finding.ok] == ["network"]
    assert on.find() is None or isinstance(on.find(), Unknown)


@pytest.mark.parametrize("adapter_id", OVER_HTTP)
def test_a_name_that_is_not_found_is_told(adapter_id: str) -> None:
    with stage(adapter_id) as on:
        on.http = guarded(on.http.allowed, resolve=lambda _host, _port: [])
        outcome = on.write()
        assert isinstance(outcome, Deferred) and outcome.where == "name"
        assert [finding.what for finding in on.check() if not finding.ok] == ["name"]
        assert on.server.asked == []


@pytest.mark.parametrize("adapter_id", OVER_HTTP)
def test_a_host_that_is_not_listed_is_refused(adapter_id: str) -> None:
    with stage(adapter_id) as on:
        on.http = guarded(OutboundRules())
        assert isinstance(on.write(), Refused)
        assert [finding.what for finding in on.check() if not finding.ok] == ["settings"]
        assert on.server.asked == []


@pytest.mark.parametrize("adapter_id", OVER_HTTP)
@pytest.mark.parametrize("fault", ["another name", "expired"])
def test_a_certificate_that_is_not_accepted_is_refused(adapter_id: str, fault: str, tmp_path: Path) -> None:
    authority = the_authority()
    pair = authority.issue("other.example") if fault == "another name" else authority.issue("localhost", (-30, -1))
    with stage(adapter_id) as on, FaultyServer([answer(200)], tls=pair.context(tmp_path)) as server:
        on.http = guarded(OutboundRules.parse(private=[f"localhost:{server.port}"]), resolve=lambda _h, _p: ["127.0.0.1"])
        on.options = made_options(on.adapter, server.base, authority=authority.certificate)
        assert isinstance(on.write(), Refused)
        assert [finding.what for finding in on.check() if not finding.ok] == ["certificate"]
        assert server.asked == []


# --- the write is answered badly --------------------------------------------------------------------------------------------------


def location(status: int) -> Behaviour:
    return answer(status, "", Location="http://169.254.169.254/latest/meta-data/")


REFUSED = [location(301), location(302), location(303), location(307), location(308), answer(304)]
REFUSED += [answer(status, "no") for status in (400, 402, 403, 404, 405, 406, 410, 411, 413, 414, 415, 418, 422, 431, 451)]


@pytest.mark.parametrize("adapter_id", OVER_HTTP)
@pytest.mark.parametrize("fault", REFUSED)
def test_redirects_and_refusals_go_to_a_person(adapter_id: str, fault: Behaviour) -> None:
    with stage(adapter_id, fault) as on:
        outcome = on.write()
        assert isinstance(outcome, Refused) and outcome.reason
        assert on.writes_asked == 1


@pytest.mark.parametrize("adapter_id", OVER_HTTP)
@pytest.mark.parametrize(("status", "where"), [(401, "credentials"), (403, "permission"), (405, "settings"), (422, "answer")])
def test_a_refusal_says_which_part_of_the_connection_is_not_well(adapter_id: str, status: int, where: str) -> None:
    with stage(adapter_id, answer(status), answer(status)) as on:
        outcome = on.write()
        assert isinstance(outcome, Refused) and outcome.where == where


@pytest.mark.parametrize("adapter_id", OVER_HTTP)
@pytest.mark.parametrize("status", [408, 425, 429, 503])
def test_not_now(adapter_id: str, status: int) -> None:
    with stage(adapter_id, answer(status, "later")) as on:
        outcome = on.write()
        assert isinstance(outcome, Deferred) and outcome.after is None
        assert on.peer.copies(make_record().key) == 0
        assert isinstance(on.write(), Delivered) and on.peer.copies(make_record().key) == 1


@pytest.mark.parametrize("adapter_id", OVER_HTTP)
@pytest.mark.parametrize(
    ("headers", "after"),
    [
        ({"Retry_After": "7"}, timedelta(seconds=7)),
        ({"Retry_After": "999999"}, timedelta(hours=1)),
        ({"Retry_After": "Fri, 20 Nov 2026 14:05:00 GMT", "Date": "Fri, 20 Nov 2026 14:03:00 GMT"}, timedelta(minutes=2)),
        ({"Retry_After": "Fri, 20 Nov 2026 13:05:00 GMT", "Date": "Fri, 20 Nov 2026 14:03:00 GMT"}, timedelta(0)),
        ({"Retry_After": "soon"}, None),
        ({"Retry_After": "-5"}, None),
    ],
)
def test_how_long_to_wait_is_the_peers_word(adapter_id: str, headers: dict[str, str], after: timedelta | None) -> None:
    with stage(adapter_id, answer(429, "", **headers)) as on:
        outcome = on.write()
        assert isinstance(outcome, Deferred) and outcome.after == after


@pytest.mark.parametrize("adapter_id", OVER_HTTP)
@pytest.mark.parametrize("status", [500, 502, 504, 507, 599])
@pytest.mark.parametrize("stored", [False, True])
def test_an_error_may_come_before_or_after_the_note_was_stored(adapter_id: str, status: int, stored: bool) -> None:
    fault = answer(status, "oops")
    with stage(adapter_id, after_storing(fault) if stored else fault) as on:
        STORING[:] = [on.peer]
        assert isinstance(on.write(), Unknown)
        assert isinstance(on.settle(), Delivered)
        assert on.peer.copies(make_record().key) == 1


NO_WHOLE_ANSWER = [
    faulty.silent,
    faulty.cut_before_answer,
    faulty.cut_in_head,
    faulty.cut_in_body,
    faulty.cut_in_chunk,
    faulty.not_http,
    faulty.endless,
    faulty.gzip_bomb,
]
DRIPS = [faulty.drip_head, faulty.drip_body]


@pytest.mark.parametrize("adapter_id", OVER_HTTP)
@pytest.mark.parametrize(
    ("fault", "stored"), [*((fault, stored) for fault in NO_WHOLE_ANSWER for stored in (False, True)), *((fault, True) for fault in DRIPS)]
)
def test_sent_and_no_whole_answer_is_unknown_then_looked_for(adapter_id: str, fault: Behaviour, stored: bool) -> None:
    with stage(adapter_id, after_storing(fault) if stored else fault) as on:
        STORING[:] = [on.peer]
        assert isinstance(on.write(), Unknown)
        assert isinstance(on.settle(), Delivered)
        assert on.peer.copies(make_record().key) == 1


@pytest.mark.parametrize("adapter_id", OVER_HTTP)
def test_a_peer_that_hangs_up_at_once(adapter_id: str) -> None:
    """Whether the first request was the write is the adapter's; delivered or refused it is in no case."""
    with stage(adapter_id) as on:
        on.server.script = [faulty.before_reading]
        assert isinstance(on.write(), Deferred | Unknown)


@pytest.mark.parametrize("adapter_id", OVER_HTTP)
@pytest.mark.parametrize("fault", [faulty.html, answer(200, {"ok": False, "error": "no such person"}), answer(299, "odd")])
def test_a_200_is_not_success(adapter_id: str, fault: Behaviour) -> None:
    with stage(adapter_id, fault) as on:
        outcome = on.write()
        assert isinstance(outcome, Refused | Unknown)
        assert on.peer.copies(make_record().key) == 0


@pytest.mark.parametrize("adapter_id", OVER_HTTP)
@pytest.mark.parametrize("status", [409, 412])
def test_a_conflict_is_good_news_only_if_it_can_be_seen_there(adapter_id: str, status: int) -> None:
    with stage(adapter_id, after_storing(answer(status))) as on:
        STORING[:] = [on.peer]
        outcome = on.write()
        assert isinstance(outcome, Delivered | Refused)
        if isinstance(outcome, Delivered):
            assert on.peer.copies(make_record().key) == 1
    with stage(adapter_id, answer(status)) as on:
        assert isinstance(on.write(), Refused)


@pytest.mark.parametrize("adapter_id", OVER_HTTP)
def test_a_401_gets_one_fresh_token_where_there_are_tokens(adapter_id: str) -> None:
    with stage(adapter_id, answer(401)) as on:
        outcome = on.write()
        assert isinstance(outcome, Delivered if on.sample.renews else Refused)
    with stage(adapter_id, answer(401), answer(401), answer(401)) as on:
        assert isinstance(on.write(), Refused)
        assert on.writes_asked == (2 if on.sample.renews else 1)


# --- the peer misbehaves on everything ---------------------------------------------------------------------------------------------

EVERYTHING = [answer(status, "no") for status in (301, 400, 401, 403, 408, 429, 500, 503)]
EVERYTHING += [faulty.silent, faulty.cut_before_answer, faulty.cut_in_head, faulty.not_http, faulty.html, faulty.before_reading]
EVERYTHING += [answer(200, {"surprise": []}), answer(200, [1]), answer(200, "<a/>"), answer(299)]


@pytest.mark.parametrize("adapter_id", OVER_HTTP)
@pytest.mark.parametrize("fault", EVERYTHING)
def test_a_look_that_fails_never_says_that_nothing_is_there(adapter_id: str, fault: Behaviour) -> None:
    """None means that writing again is safe; only a peer that was asked and said so, or that keeps keys, can make it so."""
    with stage(adapter_id) as on:
        on.server.script = [fault]
        assert isinstance(on.find(), Unknown) or on.server.asked == []


@pytest.mark.parametrize("adapter_id", OVER_HTTP)
@pytest.mark.parametrize("fault", EVERYTHING)
def test_nothing_is_delivered_and_nothing_unknown_before_the_write(adapter_id: str, fault: Behaviour) -> None:
    with stage(adapter_id) as on:
        on.server.script = [fault]
        outcome = on.write()
        assert isinstance(outcome, Refused | Deferred | Unknown)
        if on.writes_asked == 0 and fault is not faulty.before_reading:
            assert isinstance(outcome, Refused | Deferred)


@pytest.mark.parametrize("adapter_id", OVER_HTTP)
@pytest.mark.parametrize(
    ("fault", "kinds"),
    [
        (answer(401), {"credentials"}),
        (answer(403), {"permission", "credentials"}),
        (answer(500), {"answer", "credentials"}),
        (answer(302, "", Location="https://evil.example/"), {"answer", "credentials", "settings"}),
        (faulty.silent, {"answer"}),
        (faulty.not_http, {"answer"}),
    ],
)
def test_a_check_says_what_is_wrong(adapter_id: str, fault: Behaviour, kinds: set[str]) -> None:
    with stage(adapter_id) as on:
        on.server.script = [fault]
        wrong = [finding for finding in on.check() if not finding.ok]
        if not wrong:
            assert adapter_id == "webhook", "only a receiver of events may turn HEAD away and be well"
        assert {finding.what for finding in wrong} <= kinds | ({"answer"} if adapter_id == "webhook" else set())
        assert all(SECRET not in finding.text and finding.text.endswith((".", "!")) for finding in wrong)


@pytest.mark.parametrize("adapter_id", OVER_HTTP)
def test_without_its_secrets_an_adapter_sends_nothing(adapter_id: str) -> None:
    with stage(adapter_id) as on:
        outcome = on.adapter.write(make_record(), on.options, {}, on.http)
        assert isinstance(outcome, Refused) and on.writes_asked == 0
        assert any(not finding.ok for finding in on.adapter.check(on.options, {}, on.http))


@pytest.mark.parametrize("adapter_id", [adapter_id for adapter_id in ADAPTERS if "limits" in ADAPTERS[adapter_id].options.model_fields])
def test_a_record_that_breaks_the_limits_is_refused_before_anything_is_sent(adapter_id: str) -> None:
    bad = make_record(documents=(Document("a.exe", "application/x-msdownload", b"MZ"),))
    adapter = ADAPTERS[adapter_id]
    outcome = adapter.write(bad, made_options(adapter, "https://records.example"), sample_of(adapter_id).secrets, guarded(OutboundRules()))
    assert isinstance(outcome, Refused) and ("exe" in outcome.reason or "approved" in outcome.reason)


# --- nothing leaks ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("adapter_id", OVER_HTTP)
@pytest.mark.parametrize(
    "fault", [answer(403, SECRET), answer(500, SECRET), answer(401, SECRET), faulty.cut_in_head, faulty.html, location(302)]
)
def test_no_secret_and_no_number_of_a_child_in_what_people_and_logs_see(
    adapter_id: str, fault: Behaviour, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG), stage(adapter_id, fault, fault) as on:
        seen = [repr(on.write()), repr(on.find()), repr(on.check()), repr(on.adapter)]
    printed = capsys.readouterr()
    seen += [caplog.text, printed.out, printed.err]
    for text in seen:
        for hidden in (SECRET, *on.sample.secrets.values(), *CHILD_NUMBERS, "Ann Example", "the whole story"):
            assert hidden not in text
