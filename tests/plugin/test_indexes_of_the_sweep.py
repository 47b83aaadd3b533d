"""What is looked for every few seconds is found by an index that holds only what is open, on a table of any size."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.dialects import sqlite

from plugin.models import MailRow
from plugin.services.notices import alarms
from plugin.services.post import gathering, mailing, reminders
from tests.plugin.visits import as_system, on_sqlite_alone
from tests.world import World

pytestmark = [pytest.mark.slow, on_sqlite_alone]
LOOKED_FOR = {
    "cases with something due": (reminders._DUE, "ix_obligation_next"),
    "a case's due obligations": (reminders._TAKE, "sqlite_autoindex_obligation"),
    "mails due": (mailing._DUE, "ix_mail_next"),
    "mails that wait for an office": (mailing._LET_GO, "ix_mail_waiting"),
    "rows to be taken": (select(MailRow.id).where(*gathering._STILL_DUE).params(due=["a", "b"], now=""), "sqlite_autoindex_mail"),
    "cases nobody has": (alarms._of_cases(*alarms._NOBODY_HAS_IT), "ix_mail_unreached"),
}


@pytest.mark.parametrize("what", LOOKED_FOR)
def test_it_is_found_by_its_index(world: World, what: str) -> None:
    statement, index = LOOKED_FOR[what]
    session = as_system()
    said = str(statement.compile(dialect=sqlite.dialect(), compile_kwargs={"render_postcompile": True}))
    marks = said.count("?")
    plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", ("2027-03-22",) * marks).all()
    steps = " | ".join(str(row[3]) for row in plan)
    assert index in steps and "SCAN" not in steps.replace(f"SCAN mail USING INDEX {index}", ""), steps
