"""Document stores against real servers: WsgiDAV, and moto's S3, which looks at every signature."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.contract import Delivered, Document, Refused
from integrations.http import GuardedClient, OutboundRules
from integrations.s3 import S3Adapter, S3Options
from integrations.webdav import WebDavAdapter, WebDavOptions
from tests.integrations.clients import guarded
from tests.integrations.samples import CHILD_NUMBERS, make_record
from tests.peers.python_servers import S3Server, WebDavServer

pytestmark = pytest.mark.slow


def client(port: int) -> GuardedClient:
    return guarded(OutboundRules.parse(private=[f"127.0.0.1:{port}"]))


def dav_options(server: WebDavServer, **changes: Any) -> WebDavOptions:
    told = {"base_url": f"http://127.0.0.1:{server.port}/dav", "auth": [{"kind": "basic", "username": "accord"}], "check_path": "/"}
    return WebDavOptions.model_validate({**told, "folder": "/children/{{child.local}}", "create_folders": True, **changes})


def test_webdav_makes_the_folder_and_lays_the_document_down_once(webdav_server: WebDavServer) -> None:
    adapter, options, secrets, http = WebDavAdapter(), dav_options(webdav_server), {"password": "sesame"}, client(webdav_server.port)
    assert all(finding.ok for finding in adapter.check(options, secrets, http))
    assert adapter.find(make_record(), options, secrets, http) is None
    assert isinstance(adapter.write(make_record(), options, secrets, http), Delivered)
    assert isinstance(adapter.write(make_record(), options, secrets, http), Delivered)
    assert isinstance(adapter.find(make_record(), options, secrets, http), Delivered)
    folder = webdav_server.files / "children" / CHILD_NUMBERS[1]
    assert sorted(path.name for path in folder.iterdir()) == ["PD-7F3K-92-v1.json", "PD-7F3K-92-v1.pdf"]
    assert (folder / "PD-7F3K-92-v1.pdf").read_bytes() == make_record().documents[0].content


def test_webdav_lays_nothing_over_another_file(webdav_server: WebDavServer) -> None:
    options, http = dav_options(webdav_server, folder="/other"), client(webdav_server.port)
    (webdav_server.files / "other").mkdir()
    (webdav_server.files / "other" / "PD-7F3K-92-v1.pdf").write_bytes(b"another's")
    outcome = WebDavAdapter().write(make_record(), options, {"password": "sesame"}, http)
    assert isinstance(outcome, Refused) and "Another file" in outcome.reason
    assert (webdav_server.files / "other" / "PD-7F3K-92-v1.pdf").read_bytes() == b"another's"


def test_webdav_without_the_folder_or_with_a_wrong_password(webdav_server: WebDavServer) -> None:
    options, http = dav_options(webdav_server, folder="/not-there", create_folders=False), client(webdav_server.port)
    assert isinstance(WebDavAdapter().write(make_record(), options, {"password": "sesame"}, http), Refused)
    assert isinstance(WebDavAdapter().write(make_record(), dav_options(webdav_server), {"password": "wrong"}, http), Refused)
    wrong = [finding.what for finding in WebDavAdapter().check(options, {"password": "wrong"}, http) if not finding.ok]
    assert wrong == ["credentials"]


def s3_options(server: S3Server, **changes: Any) -> S3Options:
    told = {"base_url": f"http://127.0.0.1:{server.port}", "bucket": "outcomes", "access_key_id": server.key_id}
    return S3Options.model_validate({**told, "prefix": "children/{{child.local}}", **changes})


def test_s3_takes_the_document_once(s3_server: S3Server) -> None:
    adapter, options, secrets, http = S3Adapter(), s3_options(s3_server), {"secret_access_key": s3_server.secret}, client(s3_server.port)
    assert all(finding.ok for finding in adapter.check(options, secrets, http)), adapter.check(options, secrets, http)
    assert adapter.find(make_record(), options, secrets, http) is None
    assert isinstance(adapter.write(make_record(), options, secrets, http), Delivered)
    assert isinstance(adapter.write(make_record(), options, secrets, http), Delivered)
    assert isinstance(adapter.find(make_record(), options, secrets, http), Delivered)


def test_s3_lays_nothing_over_another_object(s3_server: S3Server) -> None:
    options, secrets, http = s3_options(s3_server, prefix="taken"), {"secret_access_key": s3_server.secret}, client(s3_server.port)
    other = make_record(documents=(Document("PD-7F3K-92-v1.pdf", "application/pdf", b"another's"),))
    assert isinstance(S3Adapter().write(other, options, secrets, http), Delivered)
    outcome = S3Adapter().write(make_record(), options, secrets, http)
    assert isinstance(outcome, Refused) and "Another file" in outcome.reason


def test_s3_turns_a_wrong_key_and_a_strange_bucket_away(s3_server: S3Server) -> None:
    options, http = s3_options(s3_server), client(s3_server.port)
    assert isinstance(S3Adapter().write(make_record(), options, {"secret_access_key": "wrong"}, http), Refused)
    findings = S3Adapter().check(options, {"secret_access_key": "wrong"}, http)
    assert [finding.what for finding in findings if not finding.ok] == ["credentials"]
    elsewhere = S3Adapter().check(s3_options(s3_server, bucket="elsewhere"), {"secret_access_key": s3_server.secret}, http)
    assert any(not finding.ok for finding in elsewhere)
