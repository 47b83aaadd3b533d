"""Where everything in the demo is: addresses, ports, files, and the environment that its processes are given.

No process is started and nothing is written here.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEMO = Path(__file__).resolve().parent
HOSTS = ("council", "school")
LOOPBACK = "127.0.0.1"
LONGEST_SOCKET_PATH = 100  # sun_path holds 104 bytes on macOS and 108 on Linux, with the closing NUL


@dataclass(frozen=True, slots=True)
class Places:
    """The demo that lives in the folder `data` and answers on `port` and the next two.

    Browsers use `*.localhost` names, so that service and hosts are different sites to them; servers call each other on 127.0.0.1.
    """

    data: Path
    port: int

    @property
    def service_url(self) -> str:
        """The service's origin, as browsers know it; also the audience of a launch."""
        return f"http://accord.localhost:{self.port}"

    def host_port(self, host: str) -> int:
        """The port of one of HOSTS."""
        return self.port + 1 + HOSTS.index(host)

    def host_url(self, host: str) -> str:
        """The origin of one of HOSTS, as browsers know it; also the issuer of its launches."""
        return f"http://{host}.localhost:{self.host_port(host)}"

    def host_api(self, host: str) -> str:
        """Where the service's server finds the host's server."""
        return f"http://{LOOPBACK}:{self.host_port(host)}"

    @property
    def ports(self) -> tuple[int, ...]:
        """Every port that must be free."""
        return (self.port, *(self.host_port(host) for host in HOSTS))

    @property
    def hosts_file(self) -> Path:
        """What an administrator of the service would be told by the hosts, as JSON; see `hosts.keys`."""
        return self.data / "hosts.json"

    @property
    def secrets_file(self) -> Path:
        """The service's own keys; made once."""
        return self.data / "secrets.json"

    @property
    def socket(self) -> Path:
        """The queue server's unix socket: in the data folder, or in a private temporary folder where that path is too long."""
        path = self.data / "queue.sock"
        if len(os.fsencode(path)) < LONGEST_SOCKET_PATH:
            return path
        name = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"accord-{os.getuid()}-{name}" / "queue.sock"


def data_folder(env: Mapping[str, str]) -> Path:
    """The folder of the demo's data: ACCORD_DEMO_DATA, or `.data` beside the code."""
    return Path(env.get("ACCORD_DEMO_DATA") or ROOT / ".data").resolve()


def environment(places: Places, inherited: Mapping[str, str]) -> dict[str, str]:
    """What every process of the demo is started with. Where the demo is, is fixed; for the rest, what is `inherited` wins: a database
    and a queue of one's own, other waits. Record systems of one's own on this machine stand beside the demo's two."""
    own = [f"{LOOPBACK}:{places.host_port(host)}" for host in HOSTS]
    chosen = {
        "ACCORD_DATABASE_URL": f"sqlite:///{places.data / 'accord.sqlite3'}",
        "ACCORD_REDIS_URL": f"unix://{places.socket}",
        "ACCORD_SWEEP_SECONDS": "2",  # a demo shows in seconds what a live service does in minutes
        "ACCORD_RETRY_SECONDS": "4,8,15,30,60,300",
    }
    fixed = {
        "PYTHONUNBUFFERED": "1",
        "ACCORD_DEMO": "1",
        "ACCORD_DEMO_DATA": str(places.data),
        "ACCORD_PUBLIC_URL": places.service_url,
        "ACCORD_SECRETS_FILE": str(places.secrets_file),
        "ACCORD_MAIL": f"folder:{places.data / 'mailbox'}",
        "ACCORD_OUTBOUND_LOCAL": ",".join([*own, inherited["ACCORD_OUTBOUND_LOCAL"]] if inherited.get("ACCORD_OUTBOUND_LOCAL") else own),
    }
    return {**chosen, **{name: value for name, value in inherited.items() if value or name not in chosen}, **fixed}
