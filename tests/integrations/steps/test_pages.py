"""A search that answers with some hits at a time: nothing is said not to be there before every page was looked at."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError

from integrations.contract import Delivered, Unknown
from integrations.http import OutboundRules
from integrations.rest import RestAdapter, RestOptions
from tests.integrations.clients import guarded
from tests.integrations.faulty import Asked, FaultyServer, by
from tests.integrations.samples import make_record

KEY = make_record().key
HITS = {"among": "json:items", "found": "json:id", "matches": {"json:ref": "{{key}}"}}


def make_options(base: str, **look: Any) -> RestOptions:
    create = {
        "id": "note",
        "does": "create",
        "path": "/notes",
        "body_format": "json",
        "body": '{"ref": "{{key}}"}',
        "look": {**HITS, **look},
    }
    return RestOptions.model_validate_json(json.dumps({"base_url": f"{base}/api", "auth": [{"kind": "bearer"}], "steps": [create]}))


class Shelf:
    """Twenty-five notes of others and perhaps ours, ten a page; names the next page as told."""

    def __init__(self, ours_at: int | None, names: str = "path") -> None:
        self.refs = [f"PD-XXXX-{number}/v1" for number in range(25)]
        if ours_at is not None:
            self.refs.insert(ours_at, KEY)
        self.names, self.written = names, 0

    def answer(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        assert asked.headers["authorization"] == "Bearer t1"
        if asked.method == "POST":
            self.written += 1
            return 201, {}, b"{}"
        page = int(parse_qs(urlsplit(asked.path).query).get("page", ["1"])[0])
        here = [{"id": f"N{self.refs.index(ref)}", "ref": ref} for ref in self.refs[10 * page - 10 : 10 * page]]
        more, base = 10 * page < len(self.refs), f"http://{asked.headers['host']}"
        url = {"path": "/api/notes", "query": "", "whole": f"{base}/api/notes", "elsewhere": "https://evil.example/notes"}.get(
            self.names, ""
        )
        said: dict[str, Any] = {"items": here, "links": {"next": f"{url}?page={page + 1}" if more and self.names != "header" else None}}
        link = {"Link": f'<{base}/api/notes?page=1>; rel="first", <{base}/api/notes?page={page + 1}>; rel="next"'} if more else {}
        return 200, link if self.names == "header" else {}, json.dumps(said).encode()


def found(shelf: Shelf, **look: Any) -> tuple[Delivered | Unknown | None, int]:
    """What `find` says, and how many pages were asked for."""
    with FaultyServer([by(shelf.answer)]) as server:
        http = guarded(OutboundRules.parse(private=[f"localhost:{server.port}"]), total=2, read=2)
        return RestAdapter().find(make_record(), make_options(server.base, **look), {"bearer_token": "t1"}, http), len(server.asked)


COUNTED = {"path": "/notes?page={{page}}", "pages": {}}


def named(place: str = "json:links.next", **more: Any) -> dict[str, Any]:
    return {"path": "/notes?size=10", "pages": {"next": place, **more}}


@pytest.mark.parametrize("names", ["path", "query", "whole"])
def test_the_hit_on_the_third_page_is_found_by_the_address_that_each_names(names: str) -> None:
    assert found(Shelf(24, names), **named()) == (Delivered("N24"), 3)


def test_a_link_header_names_it_too() -> None:
    assert found(Shelf(24, "header"), **named("address:Link")) == (Delivered("N24"), 3)


def test_pages_are_counted_where_no_address_is_named() -> None:
    assert found(Shelf(24), **COUNTED) == (Delivered("N24"), 3)


def test_no_more_pages_are_asked_for_than_are_needed() -> None:
    assert found(Shelf(3), **COUNTED) == (Delivered("N3"), 1)


@pytest.mark.parametrize("look", [COUNTED, named()])
def test_it_is_not_there_when_the_last_page_was_looked_at(look: dict[str, Any]) -> None:
    outcome, asked = found(Shelf(None), **look)
    assert outcome is None and asked == (4 if look is COUNTED else 3), "counting ends with an empty page"


@pytest.mark.parametrize("look", [{**COUNTED, "pages": {"at_most": 2}}, named(at_most=2)])
def test_more_pages_than_we_look_at_say_nothing(look: dict[str, Any]) -> None:
    outcome, asked = found(Shelf(None), **look)
    assert isinstance(outcome, Unknown) and "more than 2 pages" in outcome.reason and asked == 2


def test_a_page_on_another_host_is_not_asked_for_and_gets_no_proof() -> None:
    outcome, asked = found(Shelf(None, "elsewhere"), **named())
    assert isinstance(outcome, Unknown) and "another host" in outcome.reason and asked == 1


@pytest.mark.parametrize(
    ("look", "words"),
    [
        ({"path": "/notes", "pages": {}}, "put {{page}} into the path"),
        ({**COUNTED, "among": ""}, "needs the list of hits"),
        ({**COUNTED, "matches": {}}, "what a hit must say"),
        ({"path": "/notes?page={{page}}"}, "page is not known"),
        ({"path": "/notes", "pages": {"next": "links.next"}}, ""),
    ],
)
def test_what_cannot_be_is_told_when_it_is_saved(look: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        make_options("https://records.example", **look)
    assert words in str(refused.value)
