"""`python -m plugin.newkeys FILE`: makes the deployment's keys, once. To a file that is there it adds what an older one lacks, and refuses
to write over anything. `python -m plugin.newkeys FILE --renew fernet|launch|checkpoint` puts a fresh key beside an old one.
"""

from __future__ import annotations

import json
import sys

from integrations.launch.host import new_keypair
from plugin.services.keeping.sealing import Keys

_USAGE = "usage: python -m plugin.newkeys FILE [--renew fernet|launch|checkpoint]"
_NEXT = {
    "fernet": "Copy the file to every machine, restart web, worker and clock, then: flask --app wsgi secrets rotate",
    "launch": "Copy the file to every machine and restart the web processes. Then give each record system the new public key: it stands on "
    "the page of its way in. What is sealed to the old one is still opened.",
    "checkpoint": "Copy the file to every machine and restart worker and clock. Give your auditor the new public key (flask --app wsgi "
    "audit key); lists that the old one signed are still read.",
}


def main(path: str) -> int:
    """Writes the keys (mode 0600); returns the exit code."""
    try:
        Keys.create(path, new_keypair("ES256")[0])
    except FileExistsError:
        if added := Keys.add_missing(path):
            sys.stdout.write(f"{path} had no {' and no '.join(added)} yet: added. What was in it is as it was; copy the file anew.\n")
            return 0
        sys.stderr.write(f"{path} is there already: keys are never written over, since what they sealed would be lost.\n")
        return 1
    sys.stdout.write(f"{path} holds the deployment's keys. Keep a copy apart from the database.\n")
    return 0


def renew(path: str, which: str) -> int:
    """Puts a fresh key in the place of one, which stays beside it; returns the exit code."""
    try:
        Keys.renew(path, which, new_keypair("ES256")[0])
    except FileExistsError:
        sys.stderr.write(f"{path}.new is there: another renewal was cut off, or runs. Look at it, then take it away.\n")
        return 1
    except (OSError, json.JSONDecodeError, KeyError) as fault:
        sys.stderr.write(f"{path} cannot be renewed: {type(fault).__name__}. Is it the file of keys?\n")
        return 1
    sys.stdout.write(f"{path} has a fresh key “{which}”, and keeps the old one. {_NEXT[which]}\n")
    return 0


def _run(said: list[str]) -> int | str:
    if len(said) == 1:
        return main(said[0])
    if len(said) == 3 and said[1] == "--renew" and said[2] in _NEXT:
        return renew(said[0], said[2])
    return _USAGE


if __name__ == "__main__":
    raise SystemExit(_run(sys.argv[1:]))
