"""An agency sees only the disagreements it takes part in: on every route, for everybody else, and in the database's own session."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, select, update

from plugin.extensions import db
from plugin.models import (
    Access,
    Agency,
    Base,
    Contact,
    Delivery,
    Disagreement,
    EventRow,
    Invitation,
    MailRow,
    ObligationRow,
    OfCase,
    Participant,
    begin_writing,
)
from plugin.models.scope import ForeignRowError, NoPrincipalError, Staff, System, bind
from plugin.services.case import cases
from plugin.services.case.cases import NotFoundError
from tests.pages import Visitor
from tests.plugin.visits import Mailbox, as_system, enter, raise_by_hand, reference_on, start, to_where
from tests.world import COUNCIL, SCHOOL, World, uk

pytestmark = pytest.mark.slow  # left out of make test-quick

AT = uk("2027-03-19 18:10")
HOSPITAL = "vale-hospital"
SAID = ("Ffion", "Achebe-Lloyd", "She goes home alone.", "Somebody collects her.", "frightened", "Marguerite Tull")


@pytest.fixture
def hidden(world: World) -> str:
    """A disagreement between the council and the hospital; the school takes no part. Its reference."""
    nurse = as_system().scalar(select(Agency.id).where(Agency.id == HOSPITAL))
    assert nurse == HOSPITAL
    return world.make_disagreement(AT, other_agency=HOSPITAL, other_person=world.people["vh-301"])


def _visitors(world: World) -> dict[str, tuple[Visitor, str]]:
    """Everybody who takes no part, with the hidden field of their pages."""
    visitor = Visitor(world.app)
    mine = reference_on(raise_by_hand(visitor, world, start(visitor, world)))
    mailbox = Mailbox(world)
    as_system()
    mailbox.send_due()
    by_link = Visitor(world.app)
    page = enter(by_link, mailbox, "m.tull@hilltop.example")
    assert mine in page.h1
    staff = Visitor(world.app)
    field = start(staff, world, "cpereira", "417", "school").form("Raise professional").sends["_fs"]
    return {"staff": (staff, field), "link": (by_link, next(page.forms()).sends["_fs"]), "nobody": (Visitor(world.app), "")}


def test_every_route_gives_nothing_of_a_case_to_those_who_take_no_part(world: World, hidden: str) -> None:
    here = as_system().execute(select(Disagreement.id, Disagreement.seq).where(Disagreement.reference == hidden)).one()
    people = _visitors(world)
    tried = 0
    for who, (visitor, field) in people.items():
        for rule in world.app.url_map.iter_rules():
            if "reference" not in rule.arguments:
                continue
            values = {name: hidden if name == "reference" else "1" for name in rule.arguments}
            path = world.app.url_map.bind("accord.example", url_scheme="https").build(
                rule.endpoint, values, method="GET" if "GET" in rule.methods else "POST"
            )
            for what in (
                "",
                "fulfil 1/answer",
                "escalate 2",
                "move escalate/2",
                "settle",
                "resolve",
                "close",
                "add",
                "override escalate/2",
            ):
                for do in ("open", "check", "send", "draft"):
                    answer = visitor.post(path, {"_fs": field, "what": what, "do": do, "once": "x"})
                    _nothing(answer, who, path)
                    tried += 1
            if "GET" in rule.methods:
                _nothing(visitor.get(path), who, path)
                _nothing(visitor.get(path + "?done=1&do=look&what=add"), who, path)
                _nothing(visitor.ask("HEAD", path), who, path)
    assert tried >= 100
    after = as_system().execute(select(Disagreement.id, Disagreement.seq).where(Disagreement.reference == hidden)).one()
    assert after == here


def _nothing(answer: Any, who: str, path: str) -> None:
    wanted = {403} if who == "nobody" else {404, 405}
    assert answer.status in wanted, f"{who} got {answer.status} from {path}: {answer.words[:300]}"
    for word in SAID:
        assert word not in answer.main, f"{who} reads {word!r} at {path}"


def test_a_case_that_is_not_there_looks_like_one_that_is_hidden(world: World, hidden: str) -> None:
    visitor, _field = _visitors(world)["staff"]
    pages = [visitor.get(f"/case/{one}") for one in (hidden, "PD-3333-3333", "PD-", "x" * 300, "%F0%9F%98%80")]
    numbers = [page.words.partition("quote this number: ")[2].split()[0] for page in pages]
    assert len({page.words.replace(number, "#") for page, number in zip(pages, numbers, strict=True)}) == 1


def test_whoever_asks_for_a_hidden_case_is_a_line_of_the_access_log(world: World, hidden: str) -> None:
    visitor, _field = _visitors(world)["staff"]
    for path in (f"/case/{hidden}", f"/case/{hidden}/policy", "/case/Ffion-Achebe-Lloyd"):
        assert visitor.get(path).status == 404
    refused = select(Access.actor, Access.agency, Access.subject).where(Access.result == "refused").order_by(Access.at)
    who = world.people["cpereira"]
    assert as_system().execute(refused).all() == [(who, SCHOOL, hidden), (who, SCHOOL, hidden), (who, SCHOOL, "")]


def test_lists_show_only_what_the_agency_takes_part_in(world: World, hidden: str) -> None:
    school, council, other = Visitor(world.app), Visitor(world.app), Visitor(world.app)
    mine = reference_on(raise_by_hand(council, world, start(council, world, "nc-1077", "9001")))
    page = start(school, world, "htull", "417", "school")
    assert mine in page.text and hidden not in page.text
    assert hidden in start(other, world).text


def test_a_session_without_a_principal_fails(world: World, hidden: str) -> None:
    db.session.rollback()
    db.session.info.clear()
    for table in (Disagreement, EventRow, Agency):
        with pytest.raises(NoPrincipalError):
            db.session.execute(select(table)).all()
        db.session.rollback()
    db.session.add(Contact(disagreement_id="x", role="x", sealed=b""))
    with pytest.raises(NoPrincipalError):
        db.session.flush()
    db.session.rollback()


def test_every_table_of_a_case_is_narrowed(world: World, hidden: str) -> None:
    tables = [mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, OfCase)]
    assert {Participant, EventRow, ObligationRow, Invitation, MailRow, Delivery, Contact} <= set(tables)
    keyed = {mapper.class_ for mapper in Base.registry.mappers if "disagreement_id" in mapper.columns}
    assert keyed == set(tables), "a row that names a case is one of its tables"
    world.act_as("cpereira")
    for table in [*tables, Disagreement]:
        assert db.session.execute(select(table)).all() == [], table.__tablename__
    assert db.session.execute(select(Disagreement.id).join(Participant, Participant.disagreement_id == Disagreement.id)).all() == []
    with pytest.raises(NotFoundError):
        cases.open_case(db.session, world.keys, reference=hidden)
    world.act_as("vh-301")
    assert cases.open_case(db.session, world.keys, reference=hidden).seq >= 1


def test_a_link_is_narrowed_to_its_one_case(world: World) -> None:
    first, second = (world.make_disagreement(AT) for _ in range(2))
    case = as_system().scalar(select(Disagreement.id).where(Disagreement.reference == first)) or ""
    db.session.rollback()
    bind(db.session, Staff(SCHOOL, world.people["htull"], case))
    assert db.session.scalars(select(Disagreement.reference)).all() == [first]
    with pytest.raises(NotFoundError):
        cases.open_case(db.session, world.keys, reference=second)


def test_a_foreign_flush_is_refused(world: World, hidden: str) -> None:
    case = as_system().scalar(select(Disagreement.id).where(Disagreement.reference == hidden)) or ""
    own = world.make_disagreement(AT)
    mine = as_system().scalar(select(Disagreement.id).where(Disagreement.reference == own)) or ""
    for who in (Staff(SCHOOL, world.people["cpereira"]), Staff(COUNCIL, world.people["nc-1042"], mine)):
        db.session.rollback()
        bind(db.session, who)
        db.session.add(Contact(disagreement_id=case, role="x", sealed=b"x"))
        with pytest.raises(ForeignRowError):
            db.session.flush()
        db.session.rollback()


def test_a_foreign_row_cannot_be_changed_or_taken_away(world: World, hidden: str) -> None:
    row = as_system().scalars(select(MailRow)).first()
    assert row is not None
    for change in (lambda: setattr(row, "state", "cancelled"), lambda: db.session.delete(row)):
        bind(db.session, Staff(SCHOOL, world.people["cpereira"]))
        change()
        with pytest.raises(ForeignRowError):
            db.session.flush()
        db.session.rollback()
        bind(db.session, System("test"))
        db.session.refresh(row)


def test_many_rows_at_once_are_changed_or_taken_away_of_ones_own_cases_alone(world: World, hidden: str) -> None:
    own = world.make_disagreement(AT)
    mine = as_system().scalar(select(Disagreement.id).where(Disagreement.reference == own))
    bind(db.session, Staff(SCHOOL, world.people["cpereira"]))
    begin_writing(db.session)
    db.session.execute(update(MailRow).values(reason="changed"))
    db.session.execute(update(Disagreement).values(outcome="changed"))
    db.session.execute(delete(Contact))
    bind(db.session, System("test"))
    assert set(db.session.scalars(select(MailRow.disagreement_id).where(MailRow.reason == "changed"))) == {mine}
    assert db.session.scalars(select(Disagreement.reference).where(Disagreement.outcome == "changed")).all() == [own]
    db.session.rollback()


def test_what_is_sent_along_by_hand_changes_nobodys_agency(world: World) -> None:
    """Extra fields (agency, side, role, status) are not looked at."""
    visitor = Visitor(world.app)
    extra = {"agency_id": SCHOOL, "side": "responding", "role": "director", "status": "closed", "person_id": world.people["htull"]}
    page = start(visitor, world)
    page = to_where(visitor, page)
    form = page.form("Continue")
    page = visitor.post(form.action, {**form.sends.to_dict(), "agency": COUNCIL, **extra})
    assert page.errors(), "a disagreement with one's own agency is no choice"
    page = visitor.press(page, "Continue", {"agency": SCHOOL})
    form = page.form("Check your answers")
    sends = {**form.sends.to_dict(), **extra, "person": world.people["vh-301"]}
    assert "person" in visitor.post(form.action, sends).errors(), "somebody of a third agency is no choice"
    assert as_system().scalar(select(Disagreement.id)) is None
