"""The deployment's keys change without a gap: everything sealed is sealed anew, and what no key opens is named."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from integrations.launch.context import LaunchRefused
from integrations.launch.sealed import open_child, seal_child
from plugin import newkeys
from plugin.config import Settings
from plugin.models import Secret, begin_writing
from plugin.services.case import cases, checkpoints
from plugin.services.desk import ways
from plugin.services.keeping import rotation, signing
from plugin.services.keeping.sealing import Keys
from tests.plugin.desks import make_account
from tests.plugin.visits import as_system, on_sqlite_alone
from tests.world import CHILD, World, uk

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


@pytest.fixture
def file(settings: Settings, tmp_path: Path) -> Path:
    """A copy of the keys' file, to be changed."""
    copy = tmp_path / "keys.json"
    copy.write_bytes(Path(settings.secrets_file).read_bytes())
    return copy


def test_each_key_of_the_file_is_renewed_and_what_the_old_one_did_is_still_read(world: World, file: Path) -> None:
    reference = world.make_disagreement(uk("2027-03-19 18:10"))
    before = Keys.read(str(file))
    box = seal_child(CHILD, {name: value for name, value in before.launch.items() if name != "d"})
    signed = checkpoints.compose(as_system(), before, "https://accord.example", uk("2027-03-19 19:00"))
    for which in ("fernet", "launch", "checkpoint", "checkpoint"):
        assert newkeys.renew(str(file), which) == 0
    now = Keys.read(str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    assert now.launch != before.launch and now.checkpoint != before.checkpoint and now.match == before.match
    assert open_child(box, now.launch, *now.launches_before) == CHILD
    with pytest.raises(LaunchRefused):
        open_child(box, now.launch)
    assert list(checkpoints.read(signed, signing.own(now)).cases) == [reference]
    assert not any("d" in one for one in now.checkpoints_before), "an old key signs nothing more"
    assert rotation.unreadable(as_system(), now) == [], "old rows stay readable"
    rotation.rotate(as_system(), now)
    content = json.loads(file.read_text())
    file.write_text(json.dumps({**content, "fernet": content["fernet"][:1]}))
    assert rotation.unreadable(as_system(), Keys.read(str(file))) == [], "and the old key can be taken out"


def test_a_renewal_that_cannot_be_done_changes_nothing(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = file.read_bytes()
    Path(f"{file}.new").touch()
    assert newkeys.renew(str(file), "fernet") == 1
    assert "another renewal was cut off" in capsys.readouterr().err and file.read_bytes() == before
    other = file.with_name("other.json")
    other.write_text("{}")
    assert newkeys.renew(str(other), "fernet") == 1 and "Is it the file of keys?" in capsys.readouterr().err
    assert other.read_text() == "{}"
