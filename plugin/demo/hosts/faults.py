"""The faults switch: makes the next writes of a pretend record system go wrong, in the ways real ones do.

`POST /faults {"status": 500, "times": 2}`, from this machine alone. Modes: `status` (answer that status, store nothing), `hang` (no
answer for a while, store nothing), `slow` (answer late, but well), `fail after storing` (store, then answer the status) and `refuse`
(the host's own polite no). `times: 0` switches it off. It is kept in the host's storage, so a restart forgets nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from flask import Blueprint, Response, abort, current_app, jsonify, redirect, request

from plugin.demo.hosts.store import Store

MODES = {
    "status": "the next writes fail and nothing is stored",
    "hang": "the next writes get no answer for a while and nothing is stored",
    "slow": "the next writes are answered late",
    "fail after storing": "the next writes are stored, but the answer says that they failed",
    "refuse": "the next writes are refused for good",
}
LONGEST_WAIT = 120.0


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to the next `times` writes. `seconds` is for `hang` and `slow`."""

    mode: str = "status"
    status: int = 500
    times: int = 1
    seconds: float = 3.0

    def __post_init__(self) -> None:
        if self.mode not in MODES or not 200 <= self.status <= 599 or not 0 <= self.times <= 1000 or not 0 <= self.seconds <= LONGEST_WAIT:
            raise ValueError(f"mode is one of {', '.join(MODES)}; status 200 to 599; times 0 to 1000; seconds 0 to {LONGEST_WAIT:.0f}")


class Faults:
    """The switch of one host."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def set(self, fault: Fault) -> None:
        """Puts a fault on, in place of any other."""
        with self._store.connect() as db:
            db.execute("delete from fault")
            if fault.times:
                db.execute("insert into fault values (1, ?, ?, ?, ?)", (fault.mode, fault.status, fault.times, fault.seconds))

    def current(self) -> Fault | None:
        """What is on."""
        with self._store.connect() as db:
            row = db.execute("select mode, status, times, seconds from fault").fetchone()
        return Fault(*row) if row else None

    def take(self) -> Fault | None:
        """Uses the fault once: of several writes at the same time, exactly `times` get it."""
        with self._store.connect() as db:
            db.execute("begin immediate")
            row = db.execute("select mode, status, times, seconds from fault").fetchone()
            db.execute("update fault set times = times - 1")
            db.execute("delete from fault where times <= 0")
        return Fault(*row) if row else None

    def around(self, write: Callable[[], Response], failed: Callable[[int], Response], refused: Callable[[], Response]) -> Response:
        """Runs a write, or what the switch makes of it. `failed` and `refused` word the answer as this host does."""
        fault = self.take()
        if fault is None:
            return write()
        if fault.mode == "refuse":
            return refused()
        if fault.mode in ("hang", "slow"):
            time.sleep(fault.seconds)
        if fault.mode == "slow":
            return write()
        if fault.mode == "fail after storing":
            write()
        return failed(504 if fault.mode == "hang" else fault.status)


def blueprint(faults: Faults, origin: str) -> Blueprint:
    """`/faults`: GET says what is on, POST sets it, as JSON by a program or as a form from one of the host's own pages."""
    switch = Blueprint("faults", __name__)

    @switch.before_request
    def this_machine_only() -> None:
        foreign_page = request.headers.get("Origin") not in (None, origin)
        if request.remote_addr not in ("127.0.0.1", "::1") or foreign_page:
            abort(403)

    @switch.get("/faults")
    def show() -> Response:
        return _as_json(faults.current())

    @switch.post("/faults")
    def put() -> Response:
        try:
            faults.set(_from_json() if request.is_json else _from_form())
        except (TypeError, ValueError) as error:
            current_app.logger.info("faults switch refused: %s", error)
            abort(400)
        return _as_json(faults.current()) if request.is_json else redirect(_back(), 303)  # type: ignore[return-value]  # Werkzeug's own answer

    return switch


def _from_json() -> Fault:
    given = request.get_json()
    if not isinstance(given, dict):
        raise TypeError("an object is wanted")
    return Fault(**given)


def _from_form() -> Fault:
    return Fault(mode=request.form["mode"], times=int(request.form["times"]), seconds=float(request.form.get("seconds", 3)))


def _as_json(fault: Fault | None) -> Response:
    return jsonify({"fault": asdict(fault) if fault else None})


def _back() -> str:
    """The page of this host the form was on (a path of our own, nothing else)."""
    path = request.form.get("back", "/")
    return path if path.startswith("/") and not path.startswith("//") and "\\" not in path else "/"
