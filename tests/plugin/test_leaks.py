"""Nothing about the child leaves by the side door: marked words go through a whole journey and are looked for where they must not be."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from rq import SimpleWorker
from sqlalchemy.exc import IntegrityError

from integrations.launch.context import ChildDetails
from plugin.jobs import work
from plugin.jobs.queue import AccordJob
from plugin.logs import JsonLines
from plugin.runtime import runtime
from plugin.services.acting.rights import Actor
from plugin.services.case import casefile, cases
from plugin.services.keeping import drafts
from plugin.services.write_back import deliveries
from tests.pages import Page, Visitor
from tests.plugin.running import wait_until, worker
from tests.plugin.visits import Mailbox, as_system, dump, enter, post_launch, raise_by_hand, reference_on, start, to_the_question, token_for
from tests.world import World, use_trial_adapter

pytestmark = pytest.mark.slow  # left out of make test-quick

CHILD = ChildDetails("Zebedee Quillfeather", "2016-05-04", (("nhs-number", "9434765919"),))
NARRATIVE = {
    "unsafe": "Canaryone says the kitchen window.",
    "change": "Canarytwo wants a bolt.",
    "impact": "Canarythree is cold at night.",
    "talked_to": "Canaryfour at the clinic.",
}
ANSWER = {"position": "disagree", "reasons": "Canaryfive saw no window.", "safe_meanwhile": "Canarysix stays near."}
ABOUT_THE_CHILD = ("Zebedee", "Quillfeather", "9434765919", "2016-05-04", "4 May 2016", "88-77-ref", "Canary", "canary")
LEAD = "m.tull@hilltop.example"


class Journey:
    """What was typed, minted and sent on the way."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.mailbox = Mailbox(world)
        self.worker, self.lead = Visitor(world.app), Visitor(world.app)
        self.secrets: set[str] = set()
        self.reference = ""

    def run(self) -> None:
        """Launched, raised, answered by link; every token and code is remembered."""
        launch = token_for(self.world, child_ref="88-77-ref", child=CHILD)
        page = self._noted(post_launch(self.worker, launch))
        page = self._noted(self.worker.press(page, "Start"))
        page = raise_by_hand(self.worker, self.world, page, **NARRATIVE)
        self.reference = reference_on(page)
        self.mailbox.send_due()
        page = self._noted(enter(self.lead, self.mailbox, LEAD))
        page = self.lead.press(self.lead.press(page, "Answer the concern"), "Check your answers", ANSWER)
        assert "Canaryfive" in self.lead.press(page, "Send").words
        self.secrets |= {launch, self.mailbox.code_to(LEAD)}
        for visitor in (self.worker, self.lead):
            self.secrets |= {cookie.value for cookie in visitor.client._cookies.values() if cookie.value}  # type: ignore[union-attr]

    def _noted(self, page: Page) -> Page:
        self.secrets |= {form.sends["_fs"] for form in page.forms() if form.sends.get("_fs")}
        return page

    @property
    def link_token(self) -> str:
        """The token of the link that was mailed."""
        return self.mailbox.link_to(LEAD).rpartition("/")[2]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything the service logs, as the lines it writes."""
    said, root = io.StringIO(), logging.getLogger("accord")
    handler = logging.StreamHandler(said)
    handler.setFormatter(JsonLines())
    root.addHandler(handler)
    yield said
    root.removeHandler(handler)


@pytest.fixture
def journey(world: World, log: io.StringIO) -> Journey:
    """A whole one, ended."""
    made = Journey(world)
    made.run()
    as_system()
    return made


def hits(text: str | bytes, *words: str) -> list[str]:
    """Which of these words stand in a text."""
    data = text if isinstance(text, bytes) else text.encode()
    return [word for word in words if word.encode() in data]


def in_redis(url: str) -> str:
    """Every key and value of a Redis, as text."""
    found = []
    with redis.Redis.from_url(url) as client:
        for key in client.scan_iter():
            kind = client.type(key).decode()
            read = {"string": client.get, "hash": client.hgetall, "set": client.smembers}
            more = {"list": lambda k: client.lrange(k, 0, -1), "zset": lambda k: client.zrange(k, 0, -1, withscores=True)}
            more["stream"] = lambda k: client.xrange(k)
            found.append(f"{key!r} {({**read, **more})[kind](key)!r}")
    return "\n".join(found)


def test_no_mail_says_who_the_child_is_or_what_was_said(journey: Journey) -> None:
    mails = journey.mailbox.all()
    assert len(mails) >= 2
    for mail in mails:
        everything = mail.as_bytes() + b"".join(part.get_payload(decode=True) or b"" for part in mail.walk())  # type: ignore[operator]
        assert hits(everything, *ABOUT_THE_CHILD, "School", "Council", "Amara", "Marguerite") == []
        assert len(mail["To"].addresses) == 1 and not mail["Cc"]


def test_no_log_line_says_anything_of_it(journey: Journey, log: io.StringIO) -> None:
    visitor = journey.lead
    visitor.get("/r/" + "x" * 43)
    post_launch(Visitor(journey.world.app), "a.b.c")
    visitor.post(f"/case/{journey.reference}/do", {"what": "Canary", "_fs": "Canary"})
    said = log.getvalue()
    assert said.count("\n") >= 2
    assert hits(said, *ABOUT_THE_CHILD, *journey.secrets, journey.link_token) == []


def test_redis_holds_nothing_of_it(journey: Journey) -> None:
    held = in_redis(runtime(journey.world.app).settings.redis_url)
    assert "accord" in held
    assert hits(held, *ABOUT_THE_CHILD, *journey.secrets, journey.link_token, journey.reference, LEAD) == []


def test_no_address_that_is_asked_for_holds_anything_of_it(journey: Journey) -> None:
    asked = journey.worker.seen + journey.lead.seen
    assert len(asked) > 10
    assert hits("\n".join(asked), *ABOUT_THE_CHILD, *journey.secrets) == []
    targets = [one.headers.get("Location", "") for one in journey.worker.pages + journey.lead.pages]
    assert hits("\n".join(targets), *ABOUT_THE_CHILD, *journey.secrets, journey.link_token) == []
    assert {path for path in asked if journey.link_token in path} == {f"/r/{journey.link_token}"}, "the mailed link alone has its token"


def test_the_database_holds_it_only_sealed(journey: Journey, tmp_path: Path) -> None:
    kept = repr(dump())
    assert hits(kept, *ABOUT_THE_CHILD, *journey.secrets, journey.link_token) == []
    files = [path.read_bytes() for path in tmp_path.glob("accord.db*")]
    for content in files:
        assert hits(content, *ABOUT_THE_CHILD, *journey.secrets, journey.link_token) == []
    assert files or "postgresql" in runtime(journey.world.app).settings.database_url


def test_a_draft_is_sealed_too(world: World) -> None:
    visitor = Visitor(world.app)
    page = to_the_question(visitor, start(visitor, world))
    assert visitor.press(page, "Check your answers", NARRATIVE).h1 != "Check your answers"
    everything = dump()
    assert everything["draft"] and hits(repr(everything), "Canary") == []


def test_a_page_about_a_fault_says_nothing_of_it_and_neither_does_the_log(
    journey: Journey, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Faults whose own words hold what was typed, in every layer a page goes through."""

    def fault(*_given: Any, **_more: Any) -> Any:
        raise ValueError("Canaryfault Zebedee Quillfeather 9434765919")

    def broken(*_given: Any, **_more: Any) -> Any:
        raise IntegrityError("INSERT Canaryfault", {"name": "Zebedee"}, Exception("DETAIL: Key (name)=(Quillfeather)"))

    log.truncate(0)
    pages = []
    for module, name in ((casefile, "read"), (cases, "open_whole"), (drafts, "load"), (Actor, "__init__")):
        for wrong in (fault, broken):
            with monkeypatch.context() as patch:
                patch.setattr(module, name, wrong)
                pages.append(journey.lead.get(f"/case/{journey.reference}"))
                pages.append(journey.worker.get("/frame/raise/what"))
    failed = [one for one in pages if one.status == 500]
    assert len(failed) >= 8
    for page in failed:
        assert page.h1 == "Something went wrong with the service"
        assert hits(page.text, *ABOUT_THE_CHILD, "fault", "Error:", "Traceback") == []
        correlation = re.search(r"quote this number: (\w+)", page.words)
        assert correlation and correlation.group(1) in log.getvalue()
    assert hits(log.getvalue(), *ABOUT_THE_CHILD) == []


def test_a_job_that_fails_leaves_none_of_it_in_the_queue(world: World, log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    """RQ keeps the words of an exception: ours must have none."""
    journey = Journey(world)
    journey.run()
    here = runtime(world.app)
    use_trial_adapter()

    def fault(*_given: Any, **_more: Any) -> Any:
        raise ValueError("Canaryfault Zebedee Quillfeather 9434765919")

    monkeypatch.setattr(deliveries, "claim", fault)
    here.waker.wake("delivery")
    as_system()
    failing = SimpleWorker([here.waker.queue], connection=here.waker.redis, serializer="json", job_class=AccordJob)
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    logging.getLogger("rq.worker").addHandler(handler)
    failing.work(burst=True, logging_level="WARNING")
    logging.getLogger("rq.worker").removeHandler(handler)
    held = in_redis(here.settings.redis_url)
    assert hits(held + said.getvalue() + log.getvalue(), *ABOUT_THE_CHILD) == []
    assert hits(held, "failed"), "the failure itself is kept"


@pytest.mark.slow
def test_what_a_worker_process_says_holds_none_of_it(world: World, tmp_path: Path) -> None:
    """Mail and records by a real process, with an adapter that crashes first."""
    use_trial_adapter(behaviour="crash", times=1)
    journey = Journey(world)
    journey.run()
    as_system()
    with worker(world, tmp_path / "worker.log") as running:
        raise_by_hand(journey.worker, world, journey.worker.get("/frame/home"))
        before = len(journey.mailbox.all())
        runtime(world.app).waker.wake("mail")
        wait_until(lambda: len(journey.mailbox.all()) > before or (runtime(world.app).waker.wake("mail") and False))
    assert hits(running.log.read_bytes(), *ABOUT_THE_CHILD, *journey.secrets, journey.link_token) == []
    work.send_mail()
