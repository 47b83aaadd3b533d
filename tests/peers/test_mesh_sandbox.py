"""MESH against NHS England's own sandbox, by mutual TLS; what was sent is read back by NHS England's own client."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.contract import Delivered, Document, Refused, Unknown
from integrations.http import GuardedClient, NoAnswer, OutboundRules
from integrations.mesh import MeshAdapter, MeshOptions, local_id
from tests.integrations.certificates import Authority, the_authority
from tests.integrations.clients import guarded
from tests.integrations.samples import make_record
from tests.peers.python_servers import MAILBOX_PASSWORD, SHARED_KEY, MeshSandbox

pytestmark = pytest.mark.slow


def make_options(sandbox: MeshSandbox, **changes: Any) -> MeshOptions:
    told = {"mailbox": "X26ABC1", "recipient": "X26ABC2", "workflow_id": "SAFEGUARDING_OUTCOME", "authority": the_authority().certificate}
    return MeshOptions.model_validate({"base_url": sandbox.base, "client_certificate": sandbox.client.certificate, **told, **changes})


def secrets_for(sandbox: MeshSandbox, **changes: str) -> dict[str, str]:
    return {"mailbox_password": MAILBOX_PASSWORD, "shared_key": SHARED_KEY, "tls_key": sandbox.client.key, **changes}


def client(sandbox: MeshSandbox) -> GuardedClient:
    return guarded(OutboundRules.parse(private=[f"localhost:{sandbox.port}"]))


def test_a_message_is_sent_once_found_and_read_by_the_recipient(mesh_sandbox: MeshSandbox) -> None:
    adapter, options, secrets, http = MeshAdapter(), make_options(mesh_sandbox), secrets_for(mesh_sandbox), client(mesh_sandbox)
    assert all(finding.ok for finding in adapter.check(options, secrets, http))
    record = make_record(key="PD-AAAA-11/v1")
    assert adapter.find(record, options, secrets, http) is None
    first = adapter.write(record, options, secrets, http)
    assert isinstance(first, Delivered) and not first.on_file
    assert adapter.write(record, options, secrets, http) == first == adapter.find(record, options, secrets, http)
    [message] = mesh_sandbox.read("X26ABC2")
    assert bytes.fromhex(message["content"]) == record.documents[0].content
    assert (message["local_id"], message["workflow_id"]) == (local_id(record, options), "SAFEGUARDING_OUTCOME")
    assert adapter.find(record, options, secrets, http) == first, "once it has been collected, it is still tracked"


def test_a_large_document_goes_in_chunks_and_comes_out_whole(mesh_sandbox: MeshSandbox) -> None:
    content = bytes(range(256)) * 14_000
    record = make_record(key="PD-BBBB-22/v1", documents=(Document("large.pdf", "application/pdf", content),))
    options, secrets = make_options(mesh_sandbox, recipient="X26ABC3"), secrets_for(mesh_sandbox)
    assert "in 4 chunks" in MeshAdapter().preview(record, options)
    assert isinstance(MeshAdapter().write(record, options, secrets, client(mesh_sandbox)), Delivered)
    [message] = mesh_sandbox.read("X26ABC3")
    assert bytes.fromhex(message["content"]) == content and message["filename"] == "large.pdf"


def test_a_message_left_half_uploaded_is_completed_and_not_begun_again(mesh_sandbox: MeshSandbox) -> None:
    """The second chunk is lost on its way; the next attempt sends what is missing, under the same message."""
    content = b"part one, part two, part three" * 100
    record = make_record(key="PD-CCCC-33/v1", documents=(Document("a.pdf", "application/pdf", content),))
    options, secrets = make_options(mesh_sandbox, chunk_bytes=1_000, recipient="X26ABC3"), secrets_for(mesh_sandbox)
    http = client(mesh_sandbox)
    whole, asked = http.request, []

    def losing(method: str, url: str, *args: Any, **more: Any) -> Any:
        asked.append(url)
        if url.endswith("/2") and len([one for one in asked if one.endswith("/2")]) == 1:
            raise NoAnswer("localhost broke off")
        return whole(method, url, *args, **more)

    http.request = losing  # type: ignore[method-assign]  # the network's seam
    first = MeshAdapter().write(record, options, secrets, http)
    assert not isinstance(first, Delivered)
    assert MeshAdapter().find(record, options, secrets, http) is None
    assert isinstance(MeshAdapter().write(record, options, secrets, http), Delivered)
    [message] = mesh_sandbox.read("X26ABC3")
    assert bytes.fromhex(message["content"]) == content


def test_a_message_that_nobody_collected_is_told_and_can_be_sent_again(mesh_sandbox: MeshSandbox) -> None:
    adapter, options, secrets, http = MeshAdapter(), make_options(mesh_sandbox), secrets_for(mesh_sandbox), client(mesh_sandbox)
    record = make_record(key="PD-FFFF-66/v1")
    sent = adapter.write(record, options, secrets, http)
    assert isinstance(sent, Delivered)
    mesh_sandbox.give_up(sent.remote_id)
    found = adapter.find(record, options, secrets, http)
    assert isinstance(found, Unknown) and "could not deliver" in found.reason
    again = adapter.write(record, options, secrets, http)
    assert isinstance(again, Delivered) and again.remote_id != sent.remote_id


def test_a_mailbox_that_mesh_does_not_know(mesh_sandbox: MeshSandbox) -> None:
    options, secrets = make_options(mesh_sandbox, recipient="NOBODY01"), secrets_for(mesh_sandbox)
    outcome = MeshAdapter().write(make_record(key="PD-DDDD-44/v1"), options, secrets, client(mesh_sandbox))
    assert isinstance(outcome, Refused) and "recipient" in outcome.reason


@pytest.mark.parametrize("secret", ["mailbox_password", "shared_key"])
def test_a_wrong_password_or_key_is_told(mesh_sandbox: MeshSandbox, secret: str) -> None:
    options, secrets = make_options(mesh_sandbox), secrets_for(mesh_sandbox, **{secret: "wrong"})
    assert isinstance(MeshAdapter().write(make_record(), options, secrets, client(mesh_sandbox)), Refused)
    assert [finding.what for finding in MeshAdapter().check(options, secrets, client(mesh_sandbox)) if not finding.ok] == ["credentials"]


def test_without_a_certificate_or_with_a_strangers_nobody_is_let_in(mesh_sandbox: MeshSandbox) -> None:
    stranger = Authority("Strangers").issue("accord.example")
    for changes, key in (({"client_certificate": ""}, ""), ({"client_certificate": stranger.certificate}, stranger.key)):
        options, secrets = make_options(mesh_sandbox, **changes), secrets_for(mesh_sandbox, tls_key=key)
        [wrong] = [finding for finding in MeshAdapter().check(options, secrets, client(mesh_sandbox)) if not finding.ok]
        assert "certificate" in wrong.text
        assert not isinstance(MeshAdapter().write(make_record(key="PD-EEEE-55/v1"), options, secrets, client(mesh_sandbox)), Delivered)
