"""S3 and stores that speak its language: documents put in a bucket, each under a key of its own, never over another object.

What does not live here: the signature (`auth.sigv4`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self
from urllib.parse import quote

from pydantic import Field, field_validator, model_validator

from integrations.answer.put_once import is_done, put_once
from integrations.answer.verdict import Stopped, of_fault
from integrations.auth.options import checked_url
from integrations.auth.sigv4 import signed
from integrations.contract import Delivered, Document, Finding, Options, Outcome, Record, Refused, Unknown
from integrations.http import GuardedClient, NoAnswer, NotSent, Response, Target, Trust
from integrations.limits import Limits, fault_in
from integrations.net.body import MAX_BODY
from integrations.template.bodies import fill_url
from integrations.template.language import Template, TemplateFault
from integrations.template.values import RECORD_NAMES, check_names, record_values
from integrations.webdav import about


class S3Options(Options):
    """The store, the bucket, the place in it."""

    base_url: str = Field(
        title="Address of the store",
        examples=["https://s3.eu-west-2.amazonaws.com"],
        description="The address of the store, without the bucket.",
    )
    bucket: str = Field(
        pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", title="Bucket", examples=["safeguarding-outcomes"], description="The bucket."
    )
    region: str = Field(
        default="eu-west-2",
        pattern=r"^[a-z0-9-]+$",
        title="Region",
        examples=["eu-west-2"],
        description="The region that the signature names.",
    )
    access_key_id: str = Field(
        pattern=r"^[A-Za-z0-9_-]{3,128}$", title="Key id", examples=["AKIAEXAMPLE"], description="Our key id; the key itself is a secret."
    )
    prefix: str = Field(
        default="",
        title="Before the name",
        examples=["safeguarding/{{child.local}}"],
        description="What stands before the file's name, such as safeguarding/{{child.local}}.",
    )
    encryption: str = Field(
        default="AES256",
        pattern=r"^(AES256|aws:kms)?$",
        title="Encryption",
        examples=["aws:kms"],
        description="How the store encrypts what lies there; may be empty.",
    )
    metadata: bool = Field(
        default=True,
        title="File about the record",
        examples=[True],
        description="Put a small JSON file about the record beside the documents, last.",
    )
    on_file: bool = Field(
        default=False, title="On file at once", examples=[False], description="What lies in this bucket is on the person's file."
    )
    authority: str = Field(
        default="",
        title="Their authority",
        examples=["-----BEGIN CERTIFICATE-----"],
        description="PEM text of the authority that signed their certificate, if it is one of their own.",
    )
    limits: Limits = Field(
        default=Limits(), title="Documents", examples=[{"largest_bytes": 20000000}], description="What documents it takes."
    )

    _url = field_validator("base_url")(checked_url)

    @model_validator(mode="after")
    def _prefix(self) -> Self:
        if self.prefix.startswith("/") or "?" in self.prefix:
            raise ValueError("a prefix does not begin with / and has no parameters")
        check_names(Template.parse(self.prefix), RECORD_NAMES)
        return self


class S3Adapter:
    """The adapter. Sending again is safe: what lies there with the same bytes is done."""

    id: ClassVar[str] = "s3"
    title: ClassVar[str] = "S3 bucket"
    options: ClassVar[type[S3Options]] = S3Options
    secret_names: ClassVar[tuple[str, ...]] = ("secret_access_key",)
    searchable: ClassVar[bool] = True
    needs_documents: ClassVar[bool] = True

    def check(self, options: S3Options, secrets: Mapping[str, str], http: GuardedClient) -> list[Finding]:
        """HEAD of the bucket: it changes nothing and needs our key to be right."""
        store = _Store(options, secrets, http)
        try:
            response = store.ask("HEAD", f"/{options.bucket}", {}, b"", MAX_BODY)
        except NotSent as fault:
            return [Finding(fault.kind, False, f"{fault.reason}.")]
        except NoAnswer as fault:
            return [Finding("answer", False, f"{fault.reason}.")]
        if response.status in (401, 403):
            return [Finding("credentials", False, "The store does not accept our key, or the key may not see this bucket.")]
        if response.status != 200:
            return [Finding("answer", False, f"The store answered {response.status} for this bucket.")]
        return [Finding("network", True, "The store was reached."), Finding("answer", True, "The bucket is there.")]

    def preview(self, record: Record, options: S3Options) -> str:
        """The objects and where they go."""
        try:
            names = _paths(record, options)
        except TemplateFault as fault:
            return f"This record would not be sent: {fault}."
        lines = [f"PUT {options.base_url}{path} ({len(file.content):,} bytes)" for path, file in names]
        return "\n".join([*lines, "", f"for {record.reference}"])

    def write(self, record: Record, options: S3Options, secrets: Mapping[str, str], http: GuardedClient) -> Outcome:
        """Each object that is not there yet, in order."""
        fault = fault_in(record, options.limits)
        if fault:
            return Refused(f"Nothing was sent: {fault}.")
        store = _Store(options, secrets, http)
        try:
            placed = _paths(record, options)
            for path, file in placed:
                put_once(store.send, path, file)
        except Stopped as stopped:
            return stopped.outcome
        except TemplateFault as problem:
            return Refused(f"Nothing was sent: {problem}.")
        return Delivered(placed[0][1].name, options.on_file)

    def reads_back(self, options: S3Options) -> bool:
        """Always: the objects are looked at."""
        return True

    def find(self, record: Record, options: S3Options, secrets: Mapping[str, str], http: GuardedClient) -> Delivered | Unknown | None:
        """Whether every object lies there as it should; None also where some do: writing again adds what is missing."""
        store = _Store(options, secrets, http)
        try:
            placed = _paths(record, options)
            if all(is_done(store.send, path, file) for path, file in placed):
                return Delivered(placed[0][1].name, options.on_file)
        except Stopped as stopped:
            return Unknown(getattr(stopped.outcome, "reason", "The store could not be asked."))
        except TemplateFault as fault:
            return Unknown(f"The record cannot be sent as it is: {fault}.")
        return None


class _Store:
    """Signed requests to one store."""

    def __init__(self, options: S3Options, secrets: Mapping[str, str], http: GuardedClient) -> None:
        self._options = options
        self._secret = secrets.get("secret_access_key", "")
        self._http = http

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes, *, writes: bool, limit: int) -> Response:
        """Raises `Stopped` where no answer comes."""
        extra = {"x-amz-server-side-encryption": self._options.encryption} if method == "PUT" and self._options.encryption else {}
        try:
            return self.ask(method, path, {**headers, **extra}, body, limit)
        except (NotSent, NoAnswer) as fault:
            raise Stopped(of_fault(fault, writes)) from None

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes, limit: int) -> Response:
        """Raises `NotSent` and `NoAnswer`."""
        if not self._secret:
            raise NotSent("settings", "the secret secret_access_key is not set")
        target = Target.parse(self._options.base_url + path, self._http.allowed)
        proof = signed(
            method,
            target.authority,
            target.path,
            headers,
            body,
            key_id=self._options.access_key_id,
            secret=self._secret,
            region=self._options.region,
            now=self._http.clock(),
        )
        whole, trust = {**headers, **proof}, Trust(self._options.authority)
        return self._http.request(method, self._options.base_url + path, whole, body, trust=trust, limit=limit)


def _paths(record: Record, options: S3Options) -> list[tuple[str, Document]]:
    prefix = fill_url(Template.parse(options.prefix), record_values(record)).strip("/")
    files = [*record.documents, *([about(record)] if options.metadata else [])]
    return [("/" + "/".join(part for part in (options.bucket, prefix, quote(file.name, safe="")) if part), file) for file in files]
