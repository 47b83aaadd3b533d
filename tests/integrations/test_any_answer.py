"""Whatever a peer answers, an adapter gives an outcome: it never raises, and nothing but a written record is delivered."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.contract import Deferred, Delivered, Refused, Unknown
from integrations.http import GuardedClient, NoAnswer, NotSent, OutboundRules, Response
from integrations.registry import ADAPTERS
from tests.integrations.samples import make_record, sample_of

OVER_HTTP = [adapter.id for adapter in ADAPTERS if sample_of(adapter.id).peer]

NAMES = st.sampled_from(["id", "items", "key", "children", "born", "ok", "access_token", "expires_in", "resourceType", "entry", "resource"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)
BODIES = VALUES.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=40) | st.just(b"<a><b/></a>")
HEADERS = st.lists(
    st.tuples(st.sampled_from(["location", "retry-after", "date", "set-cookie", "content-type"]), st.text(max_size=20)), max_size=3
)
STATUSES = st.sampled_from([200, 200, 200, 201, 202, 204, 299, 300, 302, 400, 401, 404, 409, 412, 429, 500, 503, 999])
RESPONSES = st.builds(lambda status, headers, body: Response(status, tuple(headers), body), STATUSES, HEADERS, BODIES)
FAULTS = st.sampled_from([NotSent("network", "x"), NotSent("certificate", "x"), NotSent("settings", "x"), NoAnswer("x")])


class Oracle:
    """Stands where the guarded client stands and answers as drawn; the last answer goes on for ever."""

    def __init__(self, answers: list[Any]) -> None:
        self.allowed = OutboundRules.parse(private=["localhost:1"])
        self._answers = answers

    def clock(self) -> datetime:
        return datetime(2026, 11, 20, 14, 0, tzinfo=UTC)

    def request(self, *_args: Any, **_kwargs: Any) -> Response:
        given_answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(given_answer, Exception):
            raise given_answer
        return cast(Response, given_answer)


@pytest.mark.parametrize("adapter_id", OVER_HTTP)
@given(answers=st.lists(RESPONSES | FAULTS, min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_any_answer_has_an_outcome(adapter_id: str, answers: list[Any]) -> None:
    adapter, sample = ADAPTERS.get(adapter_id), sample_of(adapter_id)
    options = adapter.options.model_validate_json(json.dumps(sample.options("http://localhost:1")))
    for use in (adapter.write, adapter.find):
        http = cast(GuardedClient, Oracle(list(answers)))
        outcome = use(make_record(), options, sample.secrets, http)
        assert outcome is None or isinstance(outcome, Delivered | Refused | Deferred | Unknown)
        if isinstance(outcome, Delivered):
            assert outcome.remote_id and any(isinstance(one, Response) and 200 <= one.status < 301 for one in answers)
    assert adapter.check(options, sample.secrets, cast(GuardedClient, Oracle(list(answers))))
