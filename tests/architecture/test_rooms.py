"""The rooms and what may stand in them: imports run downward, time is an argument, modules are short, nothing strange at the top."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import policies

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("plugin", "forms", "policies", "integrations", "templates", "tests")
AT_THE_TOP = {"wsgi.py", "pyproject.toml", "README.md", "Makefile", "requirements.lock", "LICENSE", ".gitignore"}
OURS = ("plugin", "forms", "policies", "integrations", "templates", "tests", "wsgi")
WEB = ("flask", "werkzeug", "jinja2", "wtforms", "sqlalchemy", "alembic", "rq", "redis", "flask_sqlalchemy", "flask_login", "flask_mail")

# Who may not import what. A name covers everything below it.
WALLS = {
    "policies": (*(one for one in OURS if one != "policies"), *WEB),
    "forms": ("plugin", "integrations", "tests", "wsgi", "sqlalchemy", "alembic", "rq", "redis", "flask"),
    "integrations": ("plugin", "forms", "policies", "tests", "wsgi", "flask", "sqlalchemy", "alembic", "rq", "redis", "wtforms"),
    "plugin/models": ("plugin.services", "plugin.web", "plugin.jobs", "plugin.mail", "plugin.demo", "plugin.app", "flask", "tests"),
    "plugin/services": (
        "plugin.web",
        "plugin.jobs",
        "plugin.demo",
        "plugin.app",
        "plugin.cli",
        "plugin.commands",
        "plugin.extensions",
        "flask",
        "tests",
    ),
    "plugin/mail": ("plugin.web", "plugin.jobs", "plugin.demo", "plugin.services", "plugin.models", "plugin.app", "tests"),
    "plugin/jobs": ("plugin.web", "plugin.demo", "tests"),
    "plugin/web": ("plugin.demo", "plugin.app", "plugin.cli", "plugin.commands", "tests", "rq"),
    "plugin": ("tests", "wsgi"),
}

# The folders of a room, lowest first: what stands in one imports from itself and from those before it.
FOLDERS = {
    "policies": ("parts", "language", "packs", "evaluating", "trying", "plain", "charting", "comparing"),
    "plugin/services": ("keeping", "case", "notices", "acting", "post", "arriving", "desk", "providers", "write_back"),
}


def modules(folder: str) -> list[Path]:
    """The Python files of a folder."""
    return sorted(ROOT.joinpath(folder).rglob("*.py"))


@cache
def imports_of(path: Path) -> frozenset[str]:
    """What a file imports, with dots; names imported from a package count as modules of it."""
    found = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import"
            found |= {node.module or "", *(f"{node.module}.{one.name}" for one in node.names)}
    return frozenset(found)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("room", WALLS)
def test_imports_run_one_way(room: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(room)
        for name in imports_of(path)
        if any(name == wall or name.startswith(f"{wall}.") for wall in WALLS[room])
    ]
    assert wrong == []


@pytest.mark.parametrize("room", FOLDERS)
def test_the_folders_of_a_room_run_one_way_too(room: str) -> None:
    order, package = FOLDERS[room], room.replace("/", ".")
    assert {one.name for one in ROOT.joinpath(room).iterdir() if one.is_dir() and one.name != "__pycache__"} == set(order)
    assert [one.name for one in ROOT.joinpath(room).glob("*.py")] == ["__init__.py"]
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for place, folder in enumerate(order)
        for path in modules(f"{room}/{folder}")
        for name in imports_of(path)
        for later in order[place + 1 :]
        if name == f"{package}.{later}" or name.startswith(f"{package}.{later}.")
    ]
    assert wrong == []


def test_the_core_needs_only_its_data_libraries() -> None:
    """It could be published as a library of its own."""
    allowed = {"yaml", "pydantic", "pydantic_core", "holidays", "policies", "annotated_types"}
    standard = sys.stdlib_module_names
    tops = {name.partition(".")[0] for path in modules("policies") for name in imports_of(path)}
    assert {name for name in tops if name not in standard} <= allowed


def test_imports_stand_at_the_top_of_their_file() -> None:
    inner = []
    for room in ("plugin", "forms", "policies", "integrations"):
        for path in modules(room):
            for node in ast.walk(_tree(path)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    inner += [
                        f"{path.relative_to(ROOT)}:{one.lineno}" for one in ast.walk(node) if isinstance(one, ast.Import | ast.ImportFrom)
                    ]
    # The demo's processes are forked from one that has loaded the service, and must choose what they load after the fork.
    assert [one for one in inner if not one.startswith("plugin/demo/")] == []


def test_only_the_clock_asks_the_machine_for_the_time() -> None:
    """Below web and jobs `now` is an argument."""
    asking = set()
    for room in ("policies", "forms", "integrations", "plugin/models", "plugin/services", "plugin/mail"):
        for path in modules(room):
            for node in ast.walk(_tree(path)):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    if node.func.attr in ("now", "utcnow", "today") and ast.unparse(node.func.value) in ("datetime", "date", "dt.datetime"):
                        asking.add(str(path.relative_to(ROOT)))
                    if ast.unparse(node.func) == "time.time":
                        asking.add(str(path.relative_to(ROOT)))
    assert asking == {"plugin/services/keeping/clock.py"}


def test_only_services_commit() -> None:
    """The demo moves its own clock and fills its own tables; the command line is its own use case."""
    may = ("plugin/services/", "plugin/demo/", "plugin/cli.py", "plugin/web/demo/start.py")
    commits = {
        str(path.relative_to(ROOT))
        for path in modules("plugin")
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    }
    assert {one for one in commits if not one.startswith(may)} == set()


def test_no_module_is_past_400_lines() -> None:
    """Migrations are what Alembic wrote, and are read once."""
    long = {
        str(path.relative_to(ROOT)): lines
        for room in ("plugin", "forms", "policies", "integrations")
        for path in modules(room)
        if "migrations" not in path.parts and (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def test_every_module_says_what_lives_in_it() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for room in ("plugin", "forms", "policies", "integrations", "tests")
        for path in modules(room)
        if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(_tree(path))
    ]
    assert silent == []


def test_no_module_is_called_after_nothing() -> None:
    wrong = {"utils", "helpers", "misc", "common", "manager", "util", "helper"}
    assert [str(path.relative_to(ROOT)) for room in ROOMS for path in modules(room) if path.stem in wrong] == []


def test_no_word_of_a_partnership_stands_in_python() -> None:
    """Whatever is particular to a partnership is in its pack."""
    names = {pack.replace("-", sep) for pack in policies.pack_ids() for sep in ("-", " ", "_", "")}
    said = re.compile("|".join(sorted(names, key=len, reverse=True)), re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for room in ("plugin", "forms", "policies", "integrations")
        for path in modules(room)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if said.search(line)
    ]
    assert found == []


def _tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return listed.stdout.split("\n")[:-1]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="an unpacked archive has no list of what is tracked")
def test_the_top_holds_the_six_rooms_and_seven_files() -> None:
    tracked = _tracked()
    folders = {one.partition("/")[0] for one in tracked if "/" in one}
    assert {one for one in folders if not one.startswith(".")} == set(ROOMS)
    assert {one for one in tracked if "/" not in one} <= AT_THE_TOP


def test_the_lock_file_names_no_host() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"://|index-url|find-links|extra-index", lock)
    pinned = [line for line in lock.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(pinned) > 20 and all("==" in line for line in pinned)
    assert lock.count("--hash=sha256:") >= len(pinned)


def test_noqa_and_type_ignore_say_why() -> None:
    """A silenced check is followed by its reason on the same line, or stands under a comment that gives it."""
    bare = []
    for room in ("plugin", "forms", "policies", "integrations"):
        for path in modules(room):
            lines = path.read_text(encoding="utf-8").splitlines()
            for number, line in enumerate(lines):
                silenced = re.search(r"# (noqa(: [A-Z0-9, ]+)?|type: ignore(\[[^\]]*\])?)(?P<rest>.*)$", line)
                above = lines[number - 1].strip().startswith("#") if number else False
                if silenced and not silenced["rest"].strip(" #") and not above:
                    bare.append(f"{path.relative_to(ROOT)}:{number + 1}")
    assert bare == []


def test_no_statement_is_written_as_text() -> None:
    """Text passes beside what narrows statements to whoever is there (`plugin.models.scope`)."""
    for room in ("services", "web", "jobs", "commands"):
        for path in sorted((ROOT / "plugin" / room).rglob("*.py")):
            nodes = list(ast.walk(_tree(path)))
            taken = [name.name for node in nodes if isinstance(node, ast.ImportFrom) and node.module == "sqlalchemy" for name in node.names]
            asked = [node.attr for node in nodes if isinstance(node, ast.Attribute)]
            assert "text" not in taken and "exec_driver_sql" not in asked, path
