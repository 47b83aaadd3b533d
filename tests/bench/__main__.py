"""`python -m tests.bench [--only NAME,…] [--cold]`: every figure, as a table on the screen and in .data/bench.json."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import shutil
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import tests.bench
from tests.bench.figures import Figure
from tests.bench.stage import ROOT, Stage

KEPT = ROOT / ".data" / "bench.json"


def main() -> None:
    """Measures, prints, keeps."""
    options = argparse.ArgumentParser(prog="make bench")
    options.add_argument("--only", default="", help="names of modules here, separated by commas")
    options.add_argument("--cold", action="store_true", help="also what takes long: a start from nothing, with its environment made")
    given = options.parse_args()
    found: dict[str, list[Figure]] = {}
    folder = Path(tempfile.mkdtemp(prefix="acb-"))
    try:
        with Stage(folder, given.cold) as stage:
            for module in _modules(set(given.only.split(",")) - {""}):
                print(f"\n{module.TITLE}", flush=True)
                found[module.TITLE] = [_print(figure) for figure in module.measure(stage)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    KEPT.parent.mkdir(exist_ok=True)
    kept = {title: [asdict(figure) for figure in figures] for title, figures in found.items()}
    KEPT.write_text(json.dumps({"at": datetime.now(UTC).isoformat(timespec="seconds"), "figures": kept}, indent=1) + "\n")


def _modules(wanted: set[str]) -> list[ModuleType]:
    names = [one.name for one in pkgutil.iter_modules(tests.bench.__path__) if one.name != "__main__"]
    loaded = (importlib.import_module(f"tests.bench.{name}") for name in names if name not in _PROCESSES and (not wanted or name in wanted))
    return [module for module in loaded if hasattr(module, "measure")]


# Modules that are a process's own: loading them here would start what they are for.
_PROCESSES = {"floor", "floor_worker", "bare_job"}


def _print(figure: Figure) -> Figure:
    print(f"  {figure.name:<58} {figure.value:>12,.1f} {figure.unit:<6} {figure.note}", flush=True)
    return figure


if __name__ == "__main__":
    main()
