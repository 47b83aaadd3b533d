"""Reads a mailbox with NHS England's own client and prints what it found as JSON. Run by .venv/peers, never imported."""

from __future__ import annotations

import json
import sys

from mesh_client import Endpoint, MeshClient

base, mailbox, password, shared_key, certificate, authority = sys.argv[1:]
endpoint = Endpoint(base, authority, (certificate, certificate), True, False)
found = []
with MeshClient(endpoint, mailbox, password, shared_key=shared_key.encode()) as client:
    for message in client.iterate_all_messages():
        whole = {"local_id": message.local_id, "filename": message.filename, "workflow_id": message.workflow_id}
        found.append({**whole, "content": message.read().hex()})
        message.acknowledge()
print(json.dumps(found))
