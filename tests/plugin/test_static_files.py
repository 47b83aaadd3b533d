"""Static files travel compressed to whoever can read it, are kept, and pages are never compressed."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import plugin

STYLE = "vendor/govuk-frontend/govuk-frontend.css"
CONTENT = (Path(plugin.__file__).parent / "static" / STYLE).read_bytes()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_a_browser_that_reads_gzip_gets_a_quarter_of_the_bytes(client: FlaskClient) -> None:
    answer = client.get(f"/static/{STYLE}?v=1", headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["Content-Encoding"] == "gzip" and answer.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(answer.data) == CONTENT
    assert answer.content_length == len(answer.data) < len(CONTENT) / 4


@pytest.mark.parametrize("accepts", ["", "br", "identity", "gzip;q=0"])
def test_whoever_does_not_read_gzip_gets_the_file_as_it_is(client: FlaskClient, accepts: str) -> None:
    answer = client.get(f"/static/{STYLE}", headers={"Accept-Encoding": accepts})
    assert "Content-Encoding" not in answer.headers and answer.headers["Vary"] == "Accept-Encoding"
    assert answer.data == CONTENT


def test_only_an_address_with_a_hash_is_kept_for_good(client: FlaskClient) -> None:
    hashed, bare = (client.get(f"/static/accord.css{query}").headers["Cache-Control"] for query in ("?v=abc", ""))
    assert "immutable" in hashed and "max-age=31536000" in hashed
    assert "immutable" not in bare


def test_each_encoding_has_a_tag_of_its_own_and_is_known_again_by_it(client: FlaskClient) -> None:
    plain = client.get("/static/accord.css").headers["ETag"]
    squeezed = client.get("/static/accord.css", headers={"Accept-Encoding": "gzip"}).headers["ETag"]
    assert plain != squeezed
    assert client.get("/static/accord.css", headers={"If-None-Match": plain}).status_code == 304


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/nothing.css", "/static/%2e%2e/app.py"])
def test_what_is_not_a_static_file_is_not_there(client: FlaskClient, path: str) -> None:
    assert client.get(path, headers={"Accept-Encoding": "gzip"}).status_code == 404


def test_a_page_is_never_compressed(client: FlaskClient) -> None:
    answer = client.get("/r/no-such-link", headers={"Accept-Encoding": "gzip"})
    assert b"<html" in answer.data and "Content-Encoding" not in answer.headers
