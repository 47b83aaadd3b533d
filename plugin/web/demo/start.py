"""Pages of the demo alone: the mailbox, the clock. Absent on a live service (a test says so)."""

from __future__ import annotations

import email
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from sqlalchemy import select

from plugin.extensions import db
from plugin.models import Partnership, begin_writing
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.acting import consequences
from plugin.services.keeping import clock
from plugin.services.notices import office
from plugin.services.post import reminders
from plugin.web import words
from plugin.web.demo import accounts as dev_desk
from plugin.web.door.gate import public

DEMO_ONLY = True
blueprint = Blueprint("dev", __name__, url_prefix="/dev")


@blueprint.get("/")
@public  # the demo has no secrets
def index() -> Any:
    """What there is to look at."""
    bind(db.session, System("dev"))
    people = dev_desk.people(db.session, runtime(current_app).keys)
    always = bool(db.session.scalar(select(Partnership.hours)))
    return render_template("dev/index.html", now=words.at(clock.business_now(db.session)), people=people, always=always)


@blueprint.get("/mailbox")
@public  # as above
def mailbox() -> Any:
    """Every mail sent, newest first."""
    return render_template("dev/mailbox.html", mails=[_headers(path) for path in _files()])


@blueprint.get("/mailbox/<name>")
@public  # as above
def letter(name: str) -> Any:
    """One mail as its text."""
    path = next((one for one in _files() if one.stem == name), None) or abort(404)
    mail = _read(path)
    body = mail.get_body(("plain",))
    text = body.get_content() if body else ""
    links = [line for line in text.split() if "/r/" in line or "/mail/" in line]
    files = [str(part.get_filename()) for part in mail.iter_attachments()]
    return render_template("dev/letter.html", mail=mail, text=text, links=links, files=files)


@blueprint.post("/clock")
@public  # as above
def move_clock() -> Any:
    """Moves business time forward: by hours, or to a given instant; then sweeps, so that what is due happens now."""
    bind(db.session, System("dev"))
    now = clock.business_now(db.session)
    try:
        to = datetime.fromisoformat(request.form["to"]).replace(tzinfo=words.ZONE) if request.form.get("to") else None
        ahead = to - now if to else timedelta(hours=float(request.form.get("hours", "0")))
        clock.move(db.session, round((now + ahead - clock.machine_now()).total_seconds()))
    except (ValueError, OverflowError):
        return render_template(
            "dev/index.html", now=words.at(now), problem="Give a time that is later than now, such as 2027-03-30T23:59"
        ), 422
    here = runtime(current_app)
    reminders.sweep(db.session, here.keys, clock.business_now(db.session), clock.machine_now())
    consequences.wake(db.session, "mail")
    db.session.commit()
    return redirect(url_for("dev.index"), 303)


@blueprint.post("/hours")
@public  # as above
def hours() -> Any:
    """Has mail wait for the policy's office hours, or go out at any hour."""
    bind(db.session, System("dev"))
    begin_writing(db.session)
    for partnership in db.session.scalars(select(Partnership)):
        partnership.hours = {} if partnership.hours else dict(office.ALWAYS)
    db.session.commit()
    return redirect(url_for("dev.index"), 303)


def _files() -> list[Path]:
    folder = current_app.config["MAIL_FOLDER"]
    found = Path(folder).glob("[!.]*.eml") if folder else []
    return sorted(found, key=lambda path: path.stat().st_mtime_ns, reverse=True)


def _read(path: Path) -> EmailMessage:
    return email.message_from_bytes(path.read_bytes(), policy=default)  # type: ignore[return-value]  # that policy makes EmailMessages


def _headers(path: Path) -> dict[str, str]:
    mail = _read(path)
    return {"name": path.stem, "to": str(mail["To"]), "subject": str(mail["Subject"]), "date": str(mail["Date"])}
