"""TLS to peers: the certificate and the name are always checked; a peer's own authority and our client certificate are options.

What does not live here: where a connection may go (`outbound`).
"""

from __future__ import annotations

import secrets
import socket
import ssl
import tempfile
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from integrations.net.deadline import Deadline
from integrations.net.outbound import CONNECT_SECONDS, NotSent

_NO_TLS = ("WRONG_VERSION_NUMBER", "PACKET_LENGTH_TOO_LONG", "UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION")


@dataclass(frozen=True, slots=True)
class Trust:
    """How a connection trusts and is trusted. All are PEM texts; the client key is unencrypted here and never shown in a repr.

    `authority` is believed beside the system's own authorities. `certificate` and `key` are our client certificate (mutual TLS).
    """

    authority: str = ""
    certificate: str = ""
    key: str = field(default="", repr=False)


def start_tls(sock: socket.socket, host: str, port: int, trust: Trust, deadline: Deadline) -> ssl.SSLSocket:
    """The socket under TLS 1.2 or newer, the peer's certificate checked for `host`. Raises `NotSent`; never goes on without."""
    try:
        sock.settimeout(deadline.at_most(CONNECT_SECONDS))
        return context(trust).wrap_socket(sock, server_hostname=host, suppress_ragged_eofs=False)
    except ssl.SSLCertVerificationError as error:
        raise NotSent("certificate", f"the certificate of {host}:{port} is not accepted: {error.verify_message}") from None
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
        raise NotSent("network", f"{host}:{port} ended the connection while TLS was being set up") from None
    except ssl.SSLError as error:
        if error.reason in _NO_TLS:
            said = f"{host}:{port} does not speak TLS, or only an old one; look whether https:// and the port are right"
            raise NotSent("certificate", said) from None
        raise NotSent("certificate", f"no TLS with {host}:{port}: {error.reason or 'unknown'}") from None
    except OSError:
        raise NotSent("network", f"{host}:{port} was lost while TLS was being set up") from None


def means_not_accepted(error: ssl.SSLError) -> bool:
    """Whether an error while reading is the peer's late refusal of our certificate: in TLS 1.3 it comes after we have sent.

    The peer had not finished the handshake then, so it has read none of the request.
    """
    reason = error.reason or ""
    return "ALERT" in reason and ("CERTIFICATE" in reason or "UNKNOWN_CA" in reason or "HANDSHAKE_FAILURE" in reason)


@lru_cache(maxsize=64)
def context(trust: Trust) -> ssl.SSLContext:
    """A client context for `trust`; kept, because reading the system's authorities is slow. Raises `NotSent` for bad PEM."""
    made = ssl.create_default_context()
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        if trust.authority:
            made.load_verify_locations(cadata=trust.authority)
        if trust.certificate:
            _load_client(made, trust)
    except (ssl.SSLError, ValueError, TypeError):
        raise NotSent("settings", "the authority, the client certificate or its key cannot be read") from None
    return made


def _load_client(made: ssl.SSLContext, trust: Trust) -> None:
    """OpenSSL reads keys from files only: the key lies in one for a moment, under a password that nothing else knows."""
    password = secrets.token_bytes(24).hex().encode()
    key = serialization.load_pem_private_key(trust.key.encode(), password=None)
    encryption = serialization.BestAvailableEncryption(password)
    wrapped = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "client.pem"
        path.write_bytes(trust.certificate.encode() + b"\n" + wrapped)
        made.load_cert_chain(path, password=password)
