"""GOV.UK Notify as the carrier of mail, in the place of SMTP: one request a mail, through the guarded client.

A template of the service's own at Notify holds no more than ((subject)) and ((body)); what a mail says is made here as for SMTP, and the
letter's id goes along as Notify's `reference`. Notify carries text alone: no HTML of ours, and no calendar file (the page has it).
What became of a mail comes back by Notify's callback (`web.calls.mail_reports`).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import flask_mail
from joserfc import jwt
from joserfc.jwk import OctKey

from integrations.http import GuardedClient, NoAnswer, NotSent, Response
from plugin.mail.transport import MailError

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_KEY = re.compile(rf"(?:.*-)?(?P<service>{_UUID})-(?P<secret>{_UUID})")


@dataclass(frozen=True, slots=True)
class Notify:
    """A service at Notify: `base` its address, `template` the id of the template, `service` and `secret` of the API key."""

    base: str
    template: str
    service: str
    secret: str = field(repr=False)
    client: GuardedClient = field(repr=False)

    @classmethod
    def at(cls, where: str, key: str, client: GuardedClient, local: bool) -> Notify:
        """From "notify://host/TEMPLATE" and an API key. `local`: the host is a stand-in on this machine, spoken to without TLS.

        Raises ValueError where either cannot be read; the key is never in the words.
        """
        parts = urlsplit(where)
        found = _KEY.fullmatch(key.strip())
        if parts.scheme != "notify" or not parts.hostname or not parts.path.strip("/"):
            raise ValueError(f"ACCORD_MAIL: {where!r} is not notify://api.notifications.service.gov.uk/TEMPLATE-ID")
        if found is None:
            raise ValueError("ACCORD_MAIL_PASSWORD_FILE does not hold an API key of GOV.UK Notify (name, service id and secret)")
        base = f"{'http' if local else 'https'}://{parts.netloc}"
        return cls(base, parts.path.strip("/"), found["service"], found["secret"], client)

    def send(self, message: flask_mail.Message, *, again: bool = False) -> None:
        """One mail. Raises MailError. `again`: asked first whether it was taken at an earlier try."""
        reference = message.msgId.strip("<>").partition("@")[0]
        if again and self._was_taken(reference):
            return
        body = {
            "email_address": message.recipients[0],
            "template_id": self.template,
            "personalisation": {"subject": message.subject, "body": message.body},
            "reference": reference,
        }
        answer = self._ask("POST", "/v2/notifications/email", json.dumps(body).encode())
        if answer.status != 201:
            raise _refused(answer)

    def _was_taken(self, reference: str) -> bool:
        answer = self._ask("GET", f"/v2/notifications?reference={quote(reference)}", b"")
        if answer.status != 200:
            raise _refused(answer)
        return bool(_read(answer).get("notifications"))

    def _ask(self, method: str, path: str, body: bytes) -> Response:
        headers = {"Authorization": f"Bearer {self._token()}", "Content-Type": "application/json"}
        try:
            return self.client.request(method, self.base + path, headers, body)
        except (NotSent, NoAnswer) as wrong:
            raise MailError(f"the mail service could not be used: {wrong.reason}", permanent=False) from None

    def _token(self) -> str:
        """Good for half a minute (Notify's rule): made for each request."""
        claims = {"iss": self.service, "iat": int(self.client.clock().timestamp())}
        return jwt.encode({"typ": "JWT", "alg": "HS256"}, claims, OctKey.import_key(self.secret))


def _refused(answer: Response) -> MailError:
    """A wrong address is for good; all else (a key, a limit, a template, their fault) may be put right and is tried again."""
    errors = _read(answer).get("errors") or [{}]
    first = errors[0] if isinstance(errors, list) and isinstance(errors[0], dict) else {}
    wrong_address = answer.status == 400 and first.get("error") == "ValidationError" and "email_address" in str(first.get("message"))
    kind = re.sub(r"[^A-Za-z]", "", str(first.get("error", "")))[:40]
    return MailError(f"the mail service answered {answer.status} {kind}".strip(), permanent=wrong_address, mailbox=wrong_address)


def _read(answer: Response) -> dict[str, Any]:
    try:
        found = json.loads(answer.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
