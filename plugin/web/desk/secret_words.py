"""What each secret of a connection is called and what goes in it, in words for who types it in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """`long`: it has several lines (a key in a PEM block)."""

    title: str
    help: str
    long: bool = False


_KNOWN = {
    "password": Said("Password", "The password that belongs to the user name in the options."),
    "api_key": Said("Key", "The key that goes into the header named in the options, as your supplier gave it."),
    "bearer_token": Said("Bearer token", "A token that does not run out, where your supplier gave you one."),
    "client_secret": Said("Client secret", "For OAuth2: the secret that belongs to the client id in the options."),
    "client_key": Said("Private key for signing", "For OAuth2 with a signed assertion: our private key, as a JWK or a PEM block.", True),
    "second_secret": Said("Second secret", "For systems that ask for two: the secret of the way of proof that names it."),
    "tls_key": Said(
        "Private key of our certificate", "The key that belongs to the client certificate in the options, as a PEM block.", True
    ),
    "signing_secret": Said("Signing secret", "It begins with whsec_ or whsk_. The receiver checks our messages with its other half."),
    "signing_secret_next": Said("Next signing secret", "While you change from one to another: both are used to sign."),
    "secret_access_key": Said("Secret access key", "It belongs to the access key id in the options."),
    "mailbox_password": Said("Mailbox password", "The password of your MESH mailbox."),
    "shared_key": Said("Shared key", "The key that your MESH environment shares with its mailboxes."),
    "private_key": Said("Private key", "Our private key for their server, as a PEM or OpenSSH block.", True),
    "passphrase": Said("Passphrase", "Opens the private key, where it has one."),
}


def said_of_secret(name: str) -> Said:
    """What to say of a secret; its name in words where an adapter brings one that is not known here."""
    plain = name.replace("_", " ")
    return _KNOWN.get(name, Said(plain[:1].upper() + plain[1:], "As your supplier gave it."))
