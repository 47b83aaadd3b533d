"""Places in an answer, and answers that are not what they say."""

from __future__ import annotations

import pytest

from integrations.answer.pointer import NotThere, Pointer
from integrations.http import Response
from integrations.strict_json import BadJson, parse

JSON = b'{"data": [{"id": 17, "a.b": "dot", "ok": true, "none": null}], "error": false, "1": "one"}'
SOAP = b'<s:Envelope xmlns:s="urn:s"><s:Body><R xmlns="urn:r"><Id> 88 </Id></R></s:Body></s:Envelope>'
PAGE = b'<form><input name="a" value="1"><INPUT type=hidden name="token" value="x&amp;y"><input name="token" value="2"></form>'


def answer(body: bytes = b"", *headers: tuple[str, str]) -> Response:
    return Response(200, headers, body)


@pytest.mark.parametrize(
    ("place", "response", "value"),
    [
        ("json:data.0.id", answer(JSON), "17"),
        ("json:data.0.ok", answer(JSON), "true"),
        ("json:data.0.a\\.b", answer(JSON), "dot"),
        ("json:error", answer(JSON), "false"),
        ("json:1", answer(JSON), "one"),
        ("json:", answer(b'"bare"'), "bare"),
        ("xml:Body/R/Id", answer(SOAP), "88"),
        ("header:X-Id", answer(b"", ("x-id", "7")), "7"),
        ("header:Location", answer(b"", ("location", "https://x.example/notes/88/")), "88"),
        ("cookie:csrf", answer(b"", ("set-cookie", "sid=1; Path=/"), ("set-cookie", "csrf=abc; HttpOnly")), "abc"),
        ("input:token", answer(PAGE), "x&y"),
    ],
)
def test_where_a_value_is(place: str, response: Response, value: str) -> None:
    assert Pointer.parse(place).text(response) == value


@pytest.mark.parametrize(
    ("place", "response"),
    [
        ("json:data.1.id", answer(JSON)),
        ("json:data.id", answer(JSON)),
        ("json:data", answer(JSON)),
        ("json:data.0.none", answer(JSON)),
        ("json:data.-1", answer(JSON)),
        ("json:data", answer(b"<html>")),
        ("json:data", answer(b"")),
        ("json:data", answer(b"\xff\xfe")),
        ("json:a", answer(b'{"a": 1, "a": 2}')),
        ("json:a", answer(b"[" * 100_000)),
        ("json:a", answer(b'{"a": NaN}')),
        ("xml:Body/Gone", answer(SOAP)),
        ("xml:Body", answer(b"{}")),
        ("xml:a", answer(b'<!DOCTYPE a [<!ENTITY b "c">]><r><a>&b;</a></r>')),
        ("xml:a", answer('<!DOCTYPE a [<!ENTITY b "c">]><r><a>&b;</a></r>'.encode("utf-16"))),
        ("xml:a", answer("<!DOCTYPE a><r><a>1</a></r>".encode("utf-16-le"))),
        ("header:X-Id", answer()),
        ("cookie:csrf", answer(b"", ("set-cookie", "\x00"))),
        ("input:token", answer(b"<form>")),
    ],
)
def test_nothing_there(place: str, response: Response) -> None:
    with pytest.raises(NotThere):
        Pointer.parse(place).text(response)


@pytest.mark.parametrize("place", ["", "data.id", "yaml:a", "xml:", "header:", "cookie:", ":a"])
def test_what_is_no_place(place: str) -> None:
    with pytest.raises(ValueError, match="not a place"):
        Pointer.parse(place)


def test_a_very_long_value_is_cut() -> None:
    assert len(Pointer.parse("json:").text(answer(b'"' + b"x" * 100_000 + b'"'))) == 2000


def test_strict_json_takes_what_is_json() -> None:
    assert parse(b'{"a": [1, 2.5, "\\u00e9", null]}') == {"a": [1, 2.5, "é", None]}
    for raw in (b"", b"\xef\xbb\xbf{}", b"{'a': 1}", b"[1,]", b"1" * 5000, b'{"a":' * 30 + b"1" + b"}" * 30):
        with pytest.raises(BadJson):
            parse(raw)
