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
        ("xml:/Envelope/Body/R/Id", answer(SOAP), "88"),
        ("xml:/r/@n", answer(b"<p:r xmlns:p='urn:p' n='7'/>"), "7"),
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
        ("xml:/Other/Body/R/Id", answer(SOAP)),
        ("xml:/", answer(SOAP)),
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


def page(body: str, **headers: str) -> Response:
    return Response(200, tuple((name.lower().replace("_", "-"), value) for name, value in headers.items()), body.encode())


@pytest.mark.parametrize(
    ("place", "body", "wanted"),
    [
        ("json:ids.[type=UPN].value", '{"ids": [{"type": "NHS", "value": 1}, {"type": "UPN", "value": "A1"}]}', "A1"),
        ("json:ids.[@type=a.b].value", '{"ids": [{"@type": "a.b", "value": "dot"}]}', "dot"),
        (r"json:@odata\.etag", '{"@odata.etag": "W/1"}', "W/1"),
        (r"json:a\|b", '{"a|b": "bar"}', "bar"),
        (r"json:a\>b", '{"a>b": "more"}', "more"),
        ("json:d>json:id", '{"d": "{\\"id\\": 7}"}', "7"),
        ("json:d>xml:Id", '{"d": "<r><Id>8</Id></r>"}', "8"),
        ("xml:A/B>json:x|upper", '<r><A><B>{"x": "y"}</B></A></r>', "Y"),
        ("xml:A/@b", '<r xmlns:p="u"><A p:b="c"/></r>', "c"),
        ("xml:@id", '<r id="root"/>', "root"),
        ("xml:Body/Fault", "<e><Body><Fault><code>no</code></Fault></Body></e>", "no"),
        ("text:", "  OK 12  ", "OK 12"),
        ("text:|digits", "OK, document 12 filed", "12"),
        ("meta:csrf", '<head><meta name="other" content="x"><meta name="csrf" content="a&amp;b"></head>', "a&b"),
        ("json:born|date", '{"born": "2015-02-03T00:00:00Z"}', "2015-02-03"),
        ("json:a", '\ufeff{"a": 1}', "1"),
    ],
)
def test_places_of_other_kinds(place: str, body: str, wanted: str) -> None:
    assert Pointer.parse(place).text(page(body)) == wanted


@pytest.mark.parametrize(
    ("place", "body"),
    [
        ("json:ids.[type=UPN].value", '{"ids": [{"type": "UPN"}, {"type": "UPN"}]}'),
        ("json:ids.[type=UPN].value", '{"ids": {"type": "UPN"}}'),
        ("json:d>json:id", '{"d": {"id": 7}}'),
        ("json:d>json:id", '{"d": "<html>"}'),
        ("xml:A/@b", "<r><A/></r>"),
        ("json:born|date", '{"born": "3rd of May"}'),
        ("meta:csrf", "<head></head>"),
    ],
)
def test_nothing_is_made_up(place: str, body: str) -> None:
    with pytest.raises(NotThere):
        Pointer.parse(place).text(page(body))


def test_a_header_may_be_an_address_or_hold_its_number_in_brackets() -> None:
    answered = page("", Location="https://a.example/x/12/", OData_EntityId="https://a.example/notes(0f-1)")
    assert Pointer.parse("header:Location").text(answered) == "12"
    assert Pointer.parse("address:Location").text(answered) == "https://a.example/x/12/"
    assert Pointer.parse("header:OData-EntityId|inside").text(answered) == "0f-1"


def test_a_list_that_is_the_whole_answer_is_told_from_another_answer() -> None:
    place = Pointer.parse("xml:/documents/document")
    assert len(place.all(answer(b"<d:documents xmlns:d='urn:d'><d:document/><d:document/></d:documents>"))) == 2
    assert place.all(answer(b"<documents/>")) == []
    with pytest.raises(NotThere):
        place.all(answer(b"<fault/>"))


def test_the_entries_of_a_list() -> None:
    found = Pointer.parse("xml:Hits/Hit").all(page('<r><Hits><Hit n="1"><Id>a</Id></Hit><Other/><Hit n="2"><Id>b</Id></Hit></Hits></r>'))
    assert [(Pointer.parse("xml:Id").text(one), Pointer.parse("xml:@n").text(one)) for one in found] == [("a", "1"), ("b", "2")]
    assert Pointer.parse("xml:Hits/Hit").all(page("<r><Hits/></r>")) == []
    assert [one.body for one in Pointer.parse("json:d>json:items").all(page('{"d": "{\\"items\\": [1, 2]}"}'))] == [b"1", b"2"]
    for place, body in (("xml:Hits/Hit", "<r/>"), ("json:items", '{"items": {}}'), ("json:items", "{}"), ("json:items", "<html>")):
        with pytest.raises(NotThere):
            Pointer.parse(place).all(page(body))


@pytest.mark.parametrize("place", ["json", "jsn:a", "header:", "cookie:", "json:a|nonsense", "json:a>b", "xml:", "json:a|limit"])
def test_places_that_are_none_are_refused_when_they_are_saved(place: str) -> None:
    with pytest.raises(ValueError):
        Pointer.parse(place)
