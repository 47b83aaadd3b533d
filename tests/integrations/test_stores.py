"""WebDAV and S3: folders, names, other people's files, stores that say yes and keep nothing; and S3's signature."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.auth.sigv4 import signed
from integrations.contract import Deferred, Delivered, Document, Identifier, Outcome, Refused, Unknown
from integrations.http import OutboundRules
from integrations.s3 import S3Adapter, S3Options
from integrations.webdav import WebDavAdapter, WebDavOptions
from tests.integrations.clients import guarded
from tests.integrations.faulty import FaultyServer, answer, by
from tests.integrations.samples import make_record
from tests.integrations.samples.webdav import Store

SECRETS = {"password": "p", "secret_access_key": "k"}


def dav(server: FaultyServer, record: Any = None, **changes: Any) -> Outcome:
    http = guarded(OutboundRules.parse(private=[f"localhost:{server.port}"]))
    told = {"base_url": server.base, "auth": [{"kind": "basic", "username": "a"}], "folder": "/S/{{child.local}}", **changes}
    return WebDavAdapter().write(record or make_record(), WebDavOptions.model_validate(told), SECRETS, http)


def test_folders_are_made_only_where_that_is_wanted() -> None:
    store = Store()
    with FaultyServer([store.behave]) as server:
        assert isinstance(dav(server), Refused) and store.files == {}
        assert isinstance(dav(server, create_folders=True), Delivered)
    assert sorted(store.files) == ["/S/44710099/PD-7F3K-92-v1.json", "/S/44710099/PD-7F3K-92-v1.pdf"]


def test_another_file_of_that_name_is_never_overwritten() -> None:
    for heeds in (True, False):
        store = Store({"/S/44710099/PD-7F3K-92-v1.pdf": b"somebody's own"}, {"/S/", "/S/44710099/"}, heeds)
        with FaultyServer([store.behave]) as server:
            assert isinstance(dav(server), Refused)
        assert list(store.files.values()) == [b"somebody's own"]


def test_a_store_that_says_yes_and_keeps_nothing() -> None:
    with FaultyServer([by(lambda asked: (201 if asked.method == "PUT" else 404, {}, b""))]) as server:
        assert isinstance(dav(server), Unknown)


def test_a_large_document_is_read_back_whole() -> None:
    store = Store(folders={"/S/", "/S/44710099/"})
    with FaultyServer([store.behave]) as server:
        assert isinstance(dav(server, make_record(documents=(Document("a.pdf", "application/pdf", b"x" * 3_000_000),))), Delivered)


def test_a_childs_number_cannot_leave_the_folder() -> None:
    store = Store()
    with FaultyServer([store.behave]) as server:
        dav(server, make_record(child=(Identifier("local", "../other"),)), create_folders=True)
        assert isinstance(dav(server, make_record(child=(Identifier("local", ".."),)), create_folders=True), Refused)
    assert all(path.startswith("/S/..%2Fother/") for path in store.files) and store.files


def test_a_store_that_is_busy_or_not_reached() -> None:
    with FaultyServer([answer(503)]) as server:
        assert isinstance(dav(server), Deferred)


@pytest.mark.parametrize("folder", ["S", "/S?x=1", "/{{kye}}", "/{{document.name}}"])
def test_folders_that_are_none(folder: str) -> None:
    with pytest.raises(ValueError):
        WebDavOptions(base_url="https://dav.example", folder=folder)


def test_the_signature_of_a_published_example() -> None:
    """The PUT example in the store's own documentation of Signature Version 4, with its published keys."""
    headers = signed(
        "PUT",
        "examplebucket.s3.amazonaws.com",
        "/test%24file.text",
        {"Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
        b"Welcome to Amazon S3.",
        key_id="AKIAIOSFODNN7EXAMPLE",
        secret="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        region="us-east-1",
        now=datetime(2013, 5, 24, tzinfo=UTC),
    )
    assert headers["x-amz-content-sha256"] == "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
    assert headers["Authorization"].endswith("Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")


def test_objects_go_under_the_prefix_encrypted_and_signed() -> None:
    seen: dict[str, bytes] = {}

    def store(asked: Any) -> tuple[int, dict[str, str], bytes]:
        if asked.method == "PUT":
            assert asked.headers["x-amz-server-side-encryption"] == "AES256" and asked.headers["if-none-match"] == "*"
            seen[asked.path] = asked.body
            return 200, {}, b""
        return (200, {}, seen[asked.path]) if asked.path in seen else (404, {}, b"")

    with FaultyServer([by(store)]) as server:
        http = guarded(OutboundRules.parse(private=[f"localhost:{server.port}"]))
        options = S3Options(base_url=server.base, bucket="records", access_key_id="AKX", prefix="a b/{{child.local}}")
        assert isinstance(S3Adapter().write(make_record(child=(Identifier("local", "x/y"),)), options, SECRETS, http), Delivered)
        assert isinstance(S3Adapter().write(make_record(), options, {}, http), Refused)
    assert sorted(seen) == ["/records/a%20b/x%2Fy/PD-7F3K-92-v1.json", "/records/a%20b/x%2Fy/PD-7F3K-92-v1.pdf"]
