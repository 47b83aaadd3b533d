"""The SFTP adapter: no HTTP peer; its faults are tested against real servers, in tests/peers/test_sftp.py."""

from __future__ import annotations

from tests.integrations.samples import SECRET, Sample

SAMPLE = Sample(
    options=lambda base: {"host": "records.example", "username": "accord", "host_keys": ["SHA256:" + "A" * 43]},
    secrets={"password": SECRET},
)
