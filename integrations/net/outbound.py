"""Where this service may connect to, and nothing else: names the deployment lists, addresses that are really out there.

What lives here: the rules (for mail and folders too), the resolving and checking of addresses, the opening of a socket to a checked
one. HTTP, SMTP and all else that goes out starts here. What does not: TLS (`tls`), HTTP (`http`). Rules come from deployment
configuration alone; no screen and no agency's administrator can widen them.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from integrations.net.deadline import Deadline

Kind = Literal["settings", "name", "network", "certificate", "host key", "credentials"]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], list[str]]
CONNECT_SECONDS = 5.0

# Networks that some tables call global, though they lead to another address hidden inside them, or to no single machine.
_DISGUISED = tuple(
    ipaddress.ip_network(text)
    for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::ffff:0:0/96", "::/96", "192.88.99.0/24", "100.64.0.0/10")
)


class NotSent(Exception):
    """Nothing was sent, so nothing can have been written.

    `kind` says what stopped it: settings (our rules), name (not found), network (no way through), certificate and host key (not who
    they say), credentials (they do not let us in).
    The text is for an administrator: it names host and port and holds no path, no secret and nothing about a child.
    """

    def __init__(self, kind: Kind, reason: str) -> None:
        super().__init__(reason)
        self.kind: Kind = kind
        self.reason = reason


@dataclass(frozen=True, slots=True)
class OutboundRules:
    """The places this service may connect to, as exact (host, port) pairs, lower case.

    `public` hosts must resolve to public addresses; a host "*.example.org" stands for every name under it. `private` pairs may also
    resolve to private or loopback addresses and may be spoken to without TLS. Link-local, multicast and disguised addresses are
    never allowed. `mail_to` are the addresses ("records@example.org") and domains ("@example.org") that documents may be mailed to;
    `folders` the folders, with all below them, that files may be dropped in. Empty rules allow nothing.
    """

    public: frozenset[tuple[str, int]] = frozenset()
    private: frozenset[tuple[str, int]] = frozenset()
    mail_to: frozenset[str] = frozenset()
    folders: frozenset[Path] = frozenset()

    @classmethod
    def parse(
        cls,
        public: Iterable[str] | str = (),
        private: Iterable[str] | str = (),
        mail_to: Iterable[str] | str = (),
        folders: Iterable[str | Path] = (),
    ) -> OutboundRules:
        """Rules of "host" (port 443) or "host:port" texts, given as a list or with commas or spaces between. Raises ValueError."""
        return cls(
            frozenset(_pair(one) for one in _listed(public)),
            frozenset(_pair(one) for one in _listed(private)),
            frozenset(one.lower() for one in _listed(mail_to)),
            frozenset(Path(one).resolve() for one in folders),
        )

    def allows_mail_to(self, address: str) -> bool:
        """Whether documents may be mailed to this address: itself or its whole domain is listed."""
        name, at, domain = address.lower().rpartition("@")
        return bool(name and at) and (address.lower() in self.mail_to or f"@{domain}" in self.mail_to)

    def allows_folder(self, folder: Path) -> bool:
        """Whether files may be dropped here: the folder, wherever links lead, is a listed one or lies below one."""
        real = folder.resolve()
        return any(real == listed or listed in real.parents for listed in self.folders)

    def is_private(self, host: str, port: int) -> bool:
        """Whether the deployment lists this pair as private: its addresses may be inside, and it may go without TLS."""
        return (host, port) in self.private

    def allows(self, host: str, port: int) -> bool:
        """Whether the pair is listed at all."""
        if (host, port) in self.public or (host, port) in self.private:
            return True
        parents = host.split(".")[1:]
        return any(("*." + ".".join(parents[start:]), port) in self.public for start in range(len(parents)))


def system_resolver(host: str, port: int) -> list[str]:
    """Every address of a host, as the machine's resolver gives them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked_addresses(host: str, port: int, rules: OutboundRules, deadline: Deadline, resolve: Resolver = system_resolver) -> list[str]:
    """The addresses of a listed host, asked for once; every one of them passes or none is used. Raises `NotSent`."""
    if not rules.allows(host, port):
        raise NotSent("settings", f"{host}:{port} is not on the deployment's list of allowed hosts")
    addresses = _resolve_in_time(host, port, deadline, resolve)
    if not addresses:
        raise NotSent("name", f"the name {host} was not found")
    inside = rules.is_private(host, port)
    for text in addresses:
        if not _address_passes(text, inside):
            raise NotSent("settings", f"{host}:{port} has an address that is not allowed ({text})")
    return addresses


def open_socket(host: str, port: int, rules: OutboundRules, deadline: Deadline, resolve: Resolver = system_resolver) -> socket.socket:
    """A socket connected to one of the checked addresses of a listed host (never to a second look-up). Raises `NotSent`."""
    for address in checked_addresses(host, port, rules, deadline, resolve):
        try:
            return socket.create_connection((address, port), timeout=deadline.at_most(CONNECT_SECONDS))
        except OSError:
            continue
    raise NotSent("network", f"no connection to {host}:{port}")


def _listed(texts: Iterable[str] | str) -> list[str]:
    return texts.replace(",", " ").split() if isinstance(texts, str) else list(texts)


def _pair(text: str) -> tuple[str, int]:
    bare, separator, port = text.strip().lower().rpartition(":")
    if not separator or text.endswith("]"):
        bare, port = text.strip().lower(), "443"
    bare = bare.strip("[]")
    if not bare or not port.isdecimal() or not 0 < int(port) < 65536 or any(letter in bare for letter in "/@ \\"):
        raise ValueError(f"not a host or host:port: {text!r}")
    return bare, int(port)


def _resolve_in_time(host: str, port: int, deadline: Deadline, resolve: Resolver) -> list[str]:
    """The resolver has no time-out of its own, so it runs beside us and is left behind when it is too slow. An address is its own."""
    if _is_address(host):
        return [host]
    found: list[list[str]] = []

    def ask() -> None:
        try:
            found.append(resolve(host, port))
        except (OSError, UnicodeError):
            found.append([])

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(deadline.at_most(CONNECT_SECONDS))
    return found[0] if found else []


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _address_passes(text: str, inside: bool) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if text == "::1" or (address.version == 4 and address.is_loopback):
        return inside
    if address.is_link_local or address.is_multicast or address.is_unspecified or getattr(address, "is_site_local", False):
        return False
    if any(address.version == network.version and address in network for network in _DISGUISED):
        return False
    return address.is_global or (inside and address.is_private and not address.is_reserved)
