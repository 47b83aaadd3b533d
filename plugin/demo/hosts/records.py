"""The pages of a pretend record system: sign-in, the list of children, a child's record and its documents, the frame.

Each host has its own templates under `templates/demo/<host>/`; what they show is gathered here. No page writes to the child's file.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from plugin.demo.hosts.faults import MODES, Faults
from plugin.demo.hosts.framing import launch_token
from plugin.demo.hosts.people import Child, People, Staff
from plugin.demo.hosts.setting import Setting
from plugin.demo.hosts.store import Store

SHOWN_IN_THE_BROWSER = ("application/pdf", "text/plain")


def blueprint(setting: Setting, people: People, store: Store, faults: Faults, prefix: str) -> Blueprint:
    """The pages, with a child's record at `prefix`/<the host's number>."""
    pages = Blueprint("records", __name__)

    def page(name: str, **values: object) -> str:
        signed_in = people.staff_member(session.get("staff", ""))
        return render_template(
            f"{setting.name}/{name}.html", people=people, me=signed_in, fault=faults.current(), modes=MODES, here=request.path, **values
        )

    def me() -> Staff:
        return people.staff_member(session.get("staff", "")) or abort(redirect(url_for("records.sign_in")))

    def child_or_404(ident: str) -> Child:
        return people.child(ident) or abort(404)

    @pages.get("/sign-in")
    def sign_in() -> str:
        return page("sign-in")

    @pages.post("/sign-in")
    def signed_in() -> AnyResponse:
        chosen = people.staff_member(request.form.get("staff", "")) or abort(400)
        session.clear()
        session.update(staff=chosen.id, visit=secrets.token_urlsafe(16))
        return redirect(url_for("records.children"), 303)

    @pages.post("/sign-out")
    def sign_out() -> AnyResponse:
        session.clear()
        return redirect(url_for("records.sign_in"), 303)

    @pages.get("/")
    def children() -> str:
        me()
        return page("children")

    @pages.get(f"{prefix}/<ident>")
    def record(ident: str) -> str:
        me()
        child = child_or_404(ident)
        return page("record", child=child, siblings=people.siblings(child), tab="summary")

    @pages.get(f"{prefix}/<ident>/documents")
    def documents(ident: str) -> str:
        me()
        child = child_or_404(ident)
        return page("documents", child=child, documents=store.documents(ident), tab="documents")

    @pages.get(f"{prefix}/<ident>/documents/<number>")
    def document(ident: str, number: str) -> Response:
        me()
        filed = store.document(child_or_404(ident).id, number) or abort(404)
        response = current_app.response_class(filed.content, mimetype=filed.media_type)
        how = "inline" if filed.media_type in SHOWN_IN_THE_BROWSER else "attachment"
        response.headers.set("Content-Disposition", how, filename=filed.file_name)
        return response

    @pages.get(f"{prefix}/<ident>/disagreement")
    def disagreement(ident: str) -> str:
        staff, child = me(), child_or_404(ident)
        token = launch_token(setting, staff, child, session["visit"], datetime.now(UTC))
        # A name of its own for each launch: a browser that comes back to a page puts into a frame of the same name what was there last.
        frame = f"accord-{secrets.token_hex(4)}"
        action = f"{setting.service}/launch/{setting.name}"
        return page("disagreement", child=child, tab="", token=token, service=setting.service, action=action, frame=frame)

    return pages
