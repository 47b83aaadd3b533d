"""What may come of an answer or of none: the one table of retry classes, for every adapter.

    nothing sent: our rules, certificate           refused    a person must look
    nothing sent: name, network                    deferred
    no whole answer                                unknown    after a write; deferred otherwise
    408, 425, 429, 503                             deferred   as long as Retry-After says, an hour at most
    other 5xx                                      unknown    after a write: an error may come after the note was stored; else deferred
    3xx (never followed), other 4xx                refused
    another 2xx than the one that means success    unknown    after a write; refused otherwise

What does not live here: what counts as success, the one fresh try after 401, and 409 and 412 where the write carries a key: those
are the adapter's, because they depend on what it asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime

from integrations.contract import Deferred, Outcome, Refused, Unknown, Where
from integrations.http import NoAnswer, NotSent, Response


class Stopped(Exception):
    """Ends an exchange of several requests early, with the outcome it comes to. Stays inside an adapter."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(type(outcome).__name__)
        self.outcome = outcome


LONGEST_WAIT = timedelta(hours=1)
NOT_WRITTEN = frozenset({408, 425, 429, 503})

_HINTS = {
    400: "it does not understand what we sent; the settings need a look",
    401: "it does not accept our credentials",
    403: "our account there may not do this",
    404: "it does not know this address or this person",
    405: "this address takes no such request; the settings need a look",
    409: "it says that this conflicts with what it holds",
    410: "this address is closed for good",
    412: "it says that this is there already",
    413: "the document is too large for it",
    415: "it does not take documents of this kind",
    422: "it does not accept a value that we sent",
}
_WHERE: Mapping[int, Where] = {401: "credentials", 403: "permission", 405: "settings", 407: "network", 507: "space"}


def of_fault(fault: NotSent | NoAnswer, writes: bool) -> Refused | Deferred | Unknown:
    """The outcome where no answer came. `writes`: whether the request could have written something."""
    if isinstance(fault, NotSent):
        if fault.kind not in ("name", "network"):
            return Refused(f"Nothing was sent: {fault.reason}.", where=fault.kind)
        return Deferred(f"Nothing was sent: {fault.reason}.", where=fault.kind)
    if writes:
        return Unknown(f"Sent, and it is not known whether it arrived: {fault.reason}.", where="answer")
    return Deferred(f"Nothing was written: {fault.reason}.", where="answer")


def of_status(response: Response, writes: bool, not_written: frozenset[int] = NOT_WRITTEN) -> Refused | Deferred | Unknown:
    """The outcome of an answer that is no success by its status.

    `not_written` are the statuses by which this peer says for certain that it has written nothing.
    """
    status = response.status
    said = f"The record system answered {status}"
    if 200 <= status < 300:
        odd = f"{said}, which is not the success that was asked for."
        return Unknown(odd, where="answer") if writes else Refused(odd, where="answer")
    if 300 <= status < 400:
        return Refused(f"{said}: it points to another address, and we follow none.", where="settings")
    if status in not_written or status in NOT_WRITTEN or status >= 500:
        if writes and status not in not_written:
            return Unknown(f"{said}; it is not known whether it wrote anything.", where="answer")
        return Deferred(f"{said}: it cannot take this now.", retry_after(response), where="answer")
    hint = _HINTS.get(status, "it does not accept this")
    return Refused(f"{said}: {hint}.", where=_WHERE.get(status, "answer"))


def retry_after(response: Response) -> timedelta | None:
    """How long the peer asks us to wait, an hour at most; None where it does not say (RFC 9110 section 10.2.3).

    A date is compared with the answer's own Date header: it is the peer's clock that counts.
    """
    said = response.header("Retry-After").strip()
    if re.fullmatch(r"\d{1,9}", said):
        return min(timedelta(seconds=int(said)), LONGEST_WAIT)
    try:
        wait = parsedate_to_datetime(said) - parsedate_to_datetime(response.header("Date"))
    except (ValueError, TypeError):
        return None
    return min(max(wait, timedelta(0)), LONGEST_WAIT)
