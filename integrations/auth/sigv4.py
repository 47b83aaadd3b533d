"""AWS Signature Version 4 for S3: a request signed with a secret that never travels.

What does not live here: what is asked of the store (`s3`).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime


def signed(
    method: str, host: str, path: str, headers: Mapping[str, str], body: bytes, *, key_id: str, secret: str, region: str, now: datetime
) -> dict[str, str]:
    """The headers to add to a request without a query. `path` is percent-encoded already; `now` is aware UTC, within 15 minutes."""
    stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    digest = hashlib.sha256(body).hexdigest()
    own = {"x-amz-content-sha256": digest, "x-amz-date": stamp}
    all_named = {"host": host, **{name.lower(): " ".join(value.split()) for name, value in headers.items()}, **own}
    names = ";".join(sorted(all_named))
    lines = "".join(f"{name}:{all_named[name]}\n" for name in sorted(all_named))
    canonical = "\n".join([method, path, "", lines, names, digest])
    scope = f"{day}/{region}/s3/aws4_request"
    told = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{secret}".encode()
    for part in (day, region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    proof = hmac.new(key, told.encode(), hashlib.sha256).hexdigest()
    return {**own, "Authorization": f"AWS4-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={names}, Signature={proof}"}
