"""`python -m plugin.newkeys FILE`: makes the deployment's keys, once. To a file that is there it adds what an older one lacks, and refuses
to write over anything."""

from __future__ import annotations

import sys

from integrations.launch.host import new_keypair
from plugin.services.keeping.sealing import Keys


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


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]) if len(sys.argv) == 2 else "usage: python -m plugin.newkeys FILE")
