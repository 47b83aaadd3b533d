"""The deployment's keys change without a gap: everything sealed is sealed anew, and what no key opens is named."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from plugin.config import Settings
from plugin.models import Secret, begin_writing
from plugin.services.case import cases
from plugin.services.desk import ways
from plugin.services.keeping import rotation
from plugin.services.keeping.sealing import Keys
from tests.plugin.desks import make_account
from tests.plugin.visits import as_system, on_sqlite_alone
from tests.world import World, uk

pytestmark = [pytest.mark.slow, on_sqlite_alone]


def test_after_a_rotation_the_old_key_can_be_thrown_away(world: World, settings: Settings) -> None:
    make_account(world)
    reference = world.make_disagreement(uk("2027-03-19 18:10"))
    old = Fernet(json.loads(Path(settings.secrets_file).read_text())["fernet"][0])
    new = Fernet(Fernet.generate_key())
    both, alone = replace(world.keys, fernet=MultiFernet([new, old])), replace(world.keys, fernet=MultiFernet([new]))
    session = as_system()
    with pytest.raises(InvalidToken):
        ways.opened(session, alone, "council")
    assert rotation.unreadable(session, alone)
    done = rotation.rotate(session, both)
    assert done["secret"] == 2 and done["account"] >= 1 and done["disagreement"] == 1
    assert rotation.rotate(as_system(), both) == done, "may be begun again"
    assert rotation.unreadable(as_system(), alone) == []
    assert ways.opened(as_system(), alone, "council") == {"api_key": "council-secret-8813"}
    assert cases.open_case(as_system(), alone, reference=reference).key


def test_what_no_key_opens_is_named_and_nothing_is_lost(world: World) -> None:
    session = as_system()
    begin_writing(session)
    row = session.query(Secret).first()
    assert row is not None
    row.ciphertext = Fernet(Fernet.generate_key()).encrypt(b"x")
    session.commit()
    runner = world.app.test_cli_runner()
    checked, rotated = runner.invoke(args=["secrets", "check"]), runner.invoke(args=["secrets", "rotate"])
    assert checked.exit_code == 1 and checked.output.startswith("secret ") and "sealed by a key" in rotated.output
    assert isinstance(world.keys, Keys)
