"""Mail: how many a second one worker sends through RQ to a local SMTP server, beside bare RQ jobs that send the same over SMTP.

A rate is over the time between the first and the last mail that the server took, so that starting a process counts for nobody.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator

from flask import Flask

from plugin.extensions import db
from plugin.models import Mailbox, begin_writing
from plugin.models.scope import System, bind
from plugin.services.keeping.clock import business_now
from plugin.services.notices.reaching import digest_of
from tests.bench.bare_job import queue
from tests.bench.figures import Figure, middle, spread
from tests.bench.stage import Process, Stage
from tests.integrations.certificates import the_authority
from tests.peers.smtp_server import MailServer
from tests.world import World, make_world

TITLE = "Mail"
RUNS, EACH = 3, 100


class Times:
    """When each mail was taken, in monotonic seconds."""

    def __init__(self) -> None:
        self.at: list[float] = []

    def note(self) -> None:
        """Called by the server for each mail."""
        self.at.append(time.monotonic())

    def rate(self, wanted: int) -> float:
        """Mails a second, once so many have come."""
        until = time.monotonic() + 120
        while len(self.at) < wanted and time.monotonic() < until:
            time.sleep(0.05)
        return (len(self.at) - 1) / (self.at[-1] - self.at[0])


def measure(stage: Stage) -> Iterator[Figure]:
    """On SQLite and on PostgreSQL: rates in turn with the bare jobs'."""
    (stage.folder / "mail-ca.pem").write_text(the_authority().certificate)
    (stage.folder / "mail-password").write_text("sesame")
    for engine in ("sqlite", "postgresql"):
        url = stage.database(engine, "mails")
        app = stage.app(url)
        ours: list[float] = []
        bare: list[float] = []
        with MailServer(the_authority().issue("localhost"), stage.folder) as server, app.app_context():
            world = make_world(app)
            _one_mail_each()
            for _ in range(RUNS):
                ours.append(_ours(stage, app, world, server, url))
                bare.append(_bare(stage, server))
            db.session.remove()
            db.engine.dispose()
        share = middle(ours) / middle(bare)
        yield Figure(f"{engine}: mails by one worker", middle(ours), "/s", f"{spread(ours)}; {share:.2f} of bare RQ jobs")
        yield Figure(f"{engine}: bare RQ jobs, the same mail", middle(bare), "/s", spread(bare))


def _one_mail_each() -> None:
    """Nothing is gathered into lists here: each thing is a mail of its own."""
    bind(db.session, System("bench"))
    begin_writing(db.session)
    db.session.add(Mailbox(digest=digest_of("m.tull@hilltop.example"), choice="single"))
    db.session.commit()


def _ours(stage: Stage, app: Flask, world: World, server: MailServer, url: str) -> float:
    stage.redis.flush()
    times = Times()
    server.on_taken = times.note
    server.taken.clear()
    for _ in range(EACH // 2):  # two things are asked in each
        world.make_disagreement(business_now(db.session))
    worker = Process([sys.executable, "-m", "plugin.jobs.worker"], stage.folder / "mailing.log", _environment(stage, server, url))
    worker.start()
    rate = times.rate(EACH)
    time.sleep(1)  # the last is written down
    worker.stop()
    assert app is not None
    return rate


def _environment(stage: Stage, server: MailServer, url: str) -> dict[str, str]:
    return {
        **stage.environment(url, 1),
        "ACCORD_MAIL": f"smtp://accord@localhost:{server.port}",
        "ACCORD_MAIL_PASSWORD_FILE": str(stage.folder / "mail-password"),
        "ACCORD_MAIL_CA_FILE": str(stage.folder / "mail-ca.pem"),
    }


def _bare(stage: Stage, server: MailServer) -> float:
    stage.redis.flush()
    content = bytes(server.taken[0].content or b"").decode()
    times = Times()
    server.on_taken = times.note
    waiting = queue(stage.redis.url)
    for number in range(EACH):
        waiting.enqueue("tests.bench.bare_mail.post", server.port, content, number, result_ttl=0, description="bare")
    environment = {"ACCORD_REDIS_URL": stage.redis.url, "ACCORD_MAIL_CA_FILE": str(stage.folder / "mail-ca.pem"), **_path()}
    worker = Process([sys.executable, "-m", "tests.bench.bare_mail"], stage.folder / "bare-mail.log", environment)
    worker.start()
    rate = times.rate(EACH)
    worker.stop()
    return rate


def _path() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "")}
