"""What has ended is deleted after its time, once a night; what is still good, or still wanted, stays."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from plugin.config import Settings
from plugin.jobs import clock as waking
from plugin.jobs import work
from plugin.jobs.queue import FUNCTIONS
from plugin.models import (
    Access,
    Checkpoint,
    Code,
    Draft,
    Inbound,
    Incoming,
    Invitation,
    InvitationToken,
    MailToken,
    SpentLaunch,
    Ticket,
    WebSession,
    begin_writing,
)
from plugin.services.keeping import clock, purging
from plugin.services.keeping.clock import machine_now
from plugin.services.keeping.purging import Keeping
from tests.plugin.visits import as_system, on_sqlite_alone
from tests.world import World, uk

pytestmark = pytest.mark.slow  # left out of make test-quick

KEEPING = Keeping(timedelta(days=30), timedelta(days=90))
NOW = uk("2027-03-19 12:00")
OVER, LATELY, LONG_AGO = NOW - timedelta(days=31), NOW - timedelta(days=29), NOW - timedelta(days=91)


def put(*rows: Any) -> None:
    session = as_system()
    begin_writing(session)
    session.add_all(rows)
    session.commit()


def left(model: Any) -> int:
    return as_system().scalar(select(func.count()).select_from(model)) or 0


def purged() -> dict[str, int]:
    return {table: count for table, count in purging.purge(as_system(), KEEPING, NOW).items() if count}


def ended(kind: str, at: Any) -> Any:
    """A row of each table, over since `at`."""
    session: dict[str, Any] = {"kind": "link", "agency_id": "a", "person_id": "p", "created_at": at, "seen_at": at}
    digest: dict[str, Any] = {"browser": "b", "salt": b"", "digest": b"", "created_at": at}
    got: dict[str, Any] = {"connection_id": "c", "receipt_id": f"r{at}", "body_hash": "h", "kind": "raised", "state": "done"}
    return {
        "web_session": lambda: WebSession(id=f"s{at}", ends_at=at, **session),
        "code": lambda: Code(invitation_id=_invitation(), expires_at=at, **digest),
        "invitation_token": lambda: InvitationToken(hash=f"t{at}", invitation_id=_invitation(over=True), expires_at=at),
        "mail_token": lambda: MailToken(hash=f"m{at}", purpose="choice", digest="d", expires_at=at),
        "ticket": lambda: Ticket(id=f"k{at}", kind="session", sealed=b"", expires_at=at),
        "spent_launch": lambda: SpentLaunch(connection_id="c", nonce=f"n{at}", expires_at=at),
        "inbound": lambda: Inbound(message_id=f"i{at}", received_at=at, **got),
        "incoming_mail": lambda: Incoming(digest=f"g{at}", kind="failed", at=at),
    }[kind]()


def _invitation(*, over: bool = False) -> str:
    session = as_system()
    row = session.scalars(select(Invitation)).first()
    assert row is not None
    if over:
        begin_writing(session)
        row.ended_at, row.ended_because = OVER, "closed"
        session.commit()
    return str(row.id)


@pytest.mark.parametrize(
    "kind", ["web_session", "code", "invitation_token", "mail_token", "ticket", "spent_launch", "inbound", "incoming_mail"]
)
def test_what_ended_long_ago_goes_and_what_ended_lately_stays(world: World, kind: str) -> None:
    world.make_disagreement(NOW)
    old, new = ended(kind, OVER), ended(kind, LATELY)
    put(old, new)
    before = left(type(old))
    assert purged() == {kind: 1}
    assert left(type(old)) == before - 1
    assert purged() == {}, "again, and there is nothing more to do"


@on_sqlite_alone
def test_an_old_link_of_an_open_request_is_kept_so_that_it_can_be_renewed(world: World) -> None:
    world.make_disagreement(NOW)
    put(InvitationToken(hash="t", invitation_id=_invitation(), expires_at=OVER))
    assert purged() == {} and left(InvitationToken) == 1


@on_sqlite_alone
def test_a_mail_that_a_person_typed_is_kept_until_somebody_has_read_it(world: World) -> None:
    put(Incoming(digest="unread", kind="reply", at=LONG_AGO), Incoming(digest="read", kind="reply", at=LONG_AGO, seen_at=LONG_AGO))
    assert purged() == {"incoming_mail": 1}
    assert as_system().get(Incoming, "unread") is not None


@on_sqlite_alone
def test_drafts_have_a_time_of_their_own(world: World) -> None:
    put(Draft(owner="old", sealed=b"", saved_at=LONG_AGO), Draft(owner="new", sealed=b"", saved_at=OVER))
    assert purged() == {"draft": 1}
    assert as_system().get(Draft, "new") is not None


@on_sqlite_alone
def test_a_line_of_the_access_log_goes_after_years_and_never_where_that_is_set(world: World) -> None:
    said = {"actor": "p", "agency": "a", "action": "view", "subject": "c", "result": "shown"}
    put(Access(at=NOW - timedelta(days=2558), **said), Access(at=NOW - timedelta(days=2556), **said))
    assert purged() == {}, "nothing is said of how long"
    seven_years = replace(KEEPING, access=timedelta(days=Settings().keep_access_days))
    assert purging.purge(as_system(), seven_years, NOW)["access"] == 1


@on_sqlite_alone
def test_of_old_lists_of_heads_the_first_of_each_month_stays(world: World) -> None:
    for day in ("2026-11-01", "2026-11-02", "2027-03-02"):
        put(Checkpoint(day=day, made_at=uk(f"{day} 00:05"), text="", digest=""))
    assert purged() == {"checkpoint": 1}
    assert sorted(as_system().scalars(select(Checkpoint.day))) == ["2026-11-01", "2027-03-02"]


@on_sqlite_alone
def test_more_than_fit_in_one_transaction_all_go(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "_BATCH", 3)
    put(*(SpentLaunch(connection_id="c", nonce=str(number), expires_at=OVER) for number in range(10)))
    assert purged() == {"spent_launch": 10}


@on_sqlite_alone
def test_codes_are_counted_for_a_day_whatever_is_set(world: World) -> None:
    world.make_disagreement(NOW)
    put(ended("code", NOW - timedelta(hours=20)))
    assert purging.purge(as_system(), Keeping(timedelta(0), timedelta(0)), NOW)["code"] == 0


def test_it_is_due_once_a_night_and_one_worker_gets_it(world: World) -> None:
    session = as_system()
    assert not purging.due(session, uk("2027-03-19 01:59"))
    assert purging.due(session, uk("2027-03-19 02:00"))
    assert purging.claim(session, uk("2027-03-19 02:00"))
    assert not purging.claim(session, uk("2027-03-19 02:01"))
    assert not purging.due(session, uk("2027-03-20 01:00")) and purging.due(session, uk("2027-03-20 02:30"))


@on_sqlite_alone
def test_the_job_does_it_at_the_night_of_business_time(world: World) -> None:
    now = machine_now()
    noon = (now + timedelta(days=1)).replace(hour=12, minute=0)
    clock.move(as_system(), round((noon - now).total_seconds()))
    put(Draft(owner="old", sealed=b"", saved_at=now - timedelta(days=91)))
    work.purge()
    assert left(Draft) == 0
    put(Draft(owner="old", sealed=b"", saved_at=now - timedelta(days=91)))
    work.purge()
    assert left(Draft) == 1, "once a night"


def test_every_job_that_anything_asks_for_is_on_the_list() -> None:
    asked = set(re.findall(r'waker\.wake\("(\w+)"\)', inspect.getsource(waking)))
    for path in Path(inspect.getfile(purging)).parents[1].rglob("*.py"):
        asked |= set(re.findall(r'\bwake\(session, "(\w+)"\)', path.read_text()))
    assert asked >= {"nightly", "purge", "returns", "mail", "delivery"}
    assert asked <= FUNCTIONS.keys()
    for name in FUNCTIONS.values():
        module, _, function = name.rpartition(".")
        assert callable(getattr(__import__(module, fromlist=[function]), function))
