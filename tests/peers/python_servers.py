"""The peers that are Python programs of an environment of their own (.venv/peers): NHS England's mesh-sandbox, WsgiDAV, moto.

Each is a process on loopback. What does not live here: the OpenSSH and asyncssh servers (`sftp_servers`), Node's (`node_servers`).
"""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Self

from tests.integrations.certificates import Pair, the_authority
from tests.peers.node_servers import free_port

ENVIRONMENT = Path(__file__).parents[2] / ".venv" / "peers"
MAILBOX_PASSWORD = "password"  # mesh-sandbox's own, for all its mailboxes
SHARED_KEY = "TestKey"


class PeerProcess:
    """A server of .venv/peers on a free port; ready when the port answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()

    def command(self) -> list[str]:
        """The program of .venv/peers/bin, with its arguments."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        """Variables beside those of the test run."""
        return {}

    def __enter__(self) -> Self:
        program, *arguments = self.command()
        if not (ENVIRONMENT / "bin" / program).exists():
            raise RuntimeError("the servers of the tests are not set up; `.ci/peers` (or `make test`) does it")
        self.folder.mkdir(parents=True, exist_ok=True)
        self._log = (self.folder / f"{program}.log").open("w")
        whole = [str(ENVIRONMENT / "bin" / program), *arguments]
        self._process = subprocess.Popen(
            whole, stdout=self._log, stderr=self._log, env={**os.environ, **self.environment()}, cwd=self.folder
        )
        self._wait()
        return self

    def _wait(self) -> None:
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.05)
        self.__exit__()
        raise RuntimeError(f"{self.command()[0]} did not start; its log is in {self.folder}")

    def __exit__(self, *_exc: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)
        self._log.close()


class MeshSandbox(PeerProcess):
    """NHS England's own pretend MESH, by mutual TLS. Mailboxes X26ABC1, X26ABC2 and X26ABC3."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.base = f"https://localhost:{self.port}"
        self.client: Pair = the_authority().issue("accord.example")

    def command(self) -> list[str]:
        """Uvicorn with a certificate that asks for one."""
        files = {"server.pem": the_authority().issue("localhost"), "client.pem": self.client}
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, pair in files.items():
            (self.folder / name).write_text(pair.certificate + pair.key)
        (self.folder / "authority.pem").write_text(the_authority().certificate)
        where = ["--host", "127.0.0.1", "--port", str(self.port), "--workers", "1", "--log-level", "warning"]
        trust = ["--ssl-certfile", "server.pem", "--ssl-ca-certs", "authority.pem", "--ssl-cert-reqs", "2"]
        return ["uvicorn", "mesh_sandbox.api:app", *where, *trust]

    def environment(self) -> dict[str, str]:
        """Full authentication, and a store of its own."""
        (self.folder / "store").mkdir(exist_ok=True)
        return {"AUTH_MODE": "full", "SHARED_KEY": SHARED_KEY, "STORE_MODE": "file", "MAILBOXES_DATA_DIR": str(self.folder / "store")}

    def read(self, mailbox: str) -> list[dict[str, str]]:
        """What NHS England's own client takes out of a mailbox, oldest first: local_id, filename, workflow_id, content (hex)."""
        script = Path(__file__).parent / "mesh_reader.py"
        told = [self.base, mailbox, MAILBOX_PASSWORD, SHARED_KEY, str(self.folder / "client.pem"), str(self.folder / "authority.pem")]
        done = subprocess.run(
            [str(ENVIRONMENT / "bin" / "python"), str(script), *told], capture_output=True, text=True, timeout=60, check=True
        )
        found: list[dict[str, str]] = json.loads(done.stdout)
        return found

    def give_up(self, message_id: str) -> None:
        """What MESH does with a message that nobody collects in its time."""
        told = json.dumps({"status": "undeliverable", "code": "14", "event": "SEND", "description": "not collected"}).encode()
        context = ssl.create_default_context(cafile=str(self.folder / "authority.pem"))
        context.load_cert_chain(self.folder / "client.pem")
        url = f"{self.base}/messageexchange/admin/message/{message_id}/event"
        request = urllib.request.Request(url, told, {"Content-Type": "application/json"})
        urllib.request.urlopen(request, context=context).close()


class WebDavServer(PeerProcess):
    """WsgiDAV on cheroot over a folder; user "accord", password "sesame"."""

    @property
    def files(self) -> Path:
        """The folder that it serves."""
        return self.folder / "files"

    def command(self) -> list[str]:
        """WsgiDAV with a settings file."""
        self.files.mkdir(parents=True, exist_ok=True)
        people = {"*": {"accord": {"password": "sesame"}}}
        told = {
            "host": "127.0.0.1",
            "port": self.port,
            "server": "cheroot",
            "provider_mapping": {"/dav": str(self.files)},
            "simple_dc": {"user_mapping": people},
            "http_authenticator": {"accept_basic": True, "accept_digest": False, "default_to_digest": False},
        }
        (self.folder / "wsgidav.json").write_text(json.dumps(told))
        return ["wsgidav", "--config", str(self.folder / "wsgidav.json")]


class S3Server(PeerProcess):
    """moto's S3, which keeps what it is given in memory, looks at every signature, and knows one key: `key_id`, `secret`."""

    key_id = ""
    secret = ""

    def command(self) -> list[str]:
        """moto's own server."""
        return ["moto_server", "-H", "127.0.0.1", "-p", str(self.port)]

    def environment(self) -> dict[str, str]:
        """The four requests that s3_setup.py makes pass unasked; every one behind them must be signed and allowed."""
        return {"INITIAL_NO_AUTH_ACTION_COUNT": "4"}

    def __enter__(self) -> Self:
        super().__enter__()
        script = Path(__file__).parent / "s3_setup.py"
        done = subprocess.run(
            [str(ENVIRONMENT / "bin" / "python"), str(script), str(self.port)], capture_output=True, text=True, check=True
        )
        told = json.loads(done.stdout)
        self.key_id, self.secret = told["key_id"], told["secret"]
        return self
