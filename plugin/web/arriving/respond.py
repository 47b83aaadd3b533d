"""An emailed link: a neutral page, a code to the mailbox of record, then the case. No account.

GET and HEAD change nothing and show nothing. Nothing happens by script: a scanner that fetches, runs and posts can at most cause a
code mail, and few of those. Old, unknown and superseded links look alike.
"""

from __future__ import annotations

import logging
import re
import secrets
from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for

from plugin.extensions import db, mail
from plugin.mail import messages
from plugin.mail.transport import MailError
from plugin.models import Disagreement, Invitation, new_id
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.arriving import launching
from plugin.services.case import cases
from plugin.services.case.directory import Directory, Recipient
from plugin.services.desk import agencies
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.notices import invitations
from plugin.web.door import gate

blueprint = Blueprint("respond", __name__)
log = logging.getLogger("accord.web")
BROWSER_COOKIE = "__Host-accord_browser"
_BROWSER = re.compile(r"[\w-]{32}", re.ASCII)


@blueprint.get("/r/<token>")
@gate.public  # the link's first page says nothing; the code is what lets somebody in
def first(token: str) -> Any:
    """Says only that an answer is asked for. Changes nothing."""
    invitation = _invitation(token)
    if invitation is None:
        return render_template("respond/old_link.html", token=token), 404
    if _is_in(invitation.id):
        return redirect(url_for("case.page", reference=_reference(invitation.id)), 303)
    return _first(token, invitation)


def _first(token: str, invitation: Invitation) -> str:
    """What is asked of whoever opens the link: a code to their mailbox, or their agency's own sign-in."""
    proof = agencies.proof_wanted(db.session, invitation.agency_id)
    return render_template("respond/first.html", token=token, mailbox=masked(_recipient(invitation).email), proof=proof)


@blueprint.post("/r/<token>")
@gate.public  # as above
def code(token: str) -> Any:
    """Sends a code to the mailbox (do=send) or takes the one typed (do=check)."""
    invitation = _invitation(token)
    if invitation is None or not _own_page():
        return render_template("respond/old_link.html", token=token), 404
    if agencies.proof_wanted(db.session, invitation.agency_id) != "code":
        return _first(token, invitation), 403
    browser = request.cookies.get(BROWSER_COOKIE, "")
    if request.form.get("do") == "check":
        return _check(token, invitation, browser)
    return _send(token, invitation, browser)


@blueprint.post("/r/<token>/new")
@gate.public  # tells nothing to anybody: a new link goes to the mailbox of record, if the old one was for something still open
def new_link(token: str) -> Any:
    """A fresh link for whoever has one that is too old. The answer is the same whatever the link was."""
    bind(db.session, System("link"))
    found = invitations.renewed(db.session, token, machine_now()) if _own_page() else None
    try:
        if found:
            _mail_again(*found)
    except MailError:
        return render_template("respond/new_link.html", problem=True), 503
    return render_template("respond/new_link.html")


def _mail_again(invitation: Invitation, token: str) -> None:
    """What was asked, once more, with a link that works."""
    here = runtime(current_app)
    case = cases.open_case(db.session, here.keys, case_id=invitation.disagreement_id)
    state, who = case.state(business_now(db.session)), Directory(db.session, case).named(invitation.person_id)
    link = f"{here.settings.public_url}/r/{token}"
    if who.email:
        again = messages.Item(
            "ask", case.reference, state.stage_title, state.due, link, case.policy.zone, partnership=case.policy.partnership
        )
        _mail(messages.letter([again]), who.email)


def _send(token: str, invitation: Invitation, browser: str) -> Any:
    who = _recipient(invitation)
    browser = browser if _BROWSER.fullmatch(browser) else secrets.token_urlsafe(24)
    try:
        number = invitations.send_code(db.session, invitation.id, browser, machine_now())
        content = messages.code(code=number, minutes=int(invitations.CODE_LIFE.total_seconds() // 60))
        _mail(content, who.email)
    except invitations.TooManyCodesError:
        return _page(token, who, "We have sent several codes already. Use the newest one, or try again in 15 minutes."), 429
    except MailError:
        return _page(token, who, "We could not send a code just now. Please try again in a few minutes."), 503
    answer = make_response(_page(token, who))
    answer.set_cookie(BROWSER_COOKIE, browser, secure=True, httponly=True, samesite="Lax", path="/", max_age=timedelta(hours=1))
    return answer


def _warn(who: Recipient) -> None:
    """The owner of the mailbox hears of it when the tries are spent; the page does not wait for the mail server's good day."""
    try:
        _mail(messages.tries_spent(), who.email)
    except MailError:
        log.warning("mailbox not warned", extra={"reason": "wrong codes"})


def _mail(content: messages.Content, to: str) -> None:
    """Sent at once, while somebody waits for it. Raises MailError."""
    made = messages.message(content, to=to, sender=runtime(current_app).settings.mail_from, message_id=new_id())
    with mail.sender() as sender:
        sender.send(made)


def _check(token: str, invitation: Invitation, browser: str) -> Any:
    who, invitation_id, agency_id = _recipient(invitation), invitation.id, invitation.agency_id
    over = invitation.ended_because if invitations.is_over(invitation) else ""
    person = invitation.person_id.partition(":")[2] if invitation.person_id.startswith("person:") else invitation.person_id
    try:
        typed, now = request.form.get("code", ""), business_now(db.session)
        invitations.accept_code(db.session, invitation, who.email, typed, browser, now, machine_now())
    except invitations.CodeRefusedError as refused:
        if refused.last:
            _warn(who)
        return _page(token, who, _WHY[refused.why].format(left=refused.left)), 422
    if over:
        return render_template("respond/ended.html", because=over)
    reference = _reference(invitation_id)
    session_token = launching.start_link_session(
        db.session,
        invitation_id=invitation_id,
        agency_id=agency_id,
        person_id=person,
        machine_now=machine_now(),
        limits=gate.limits()["link"],
    )
    answer = redirect(url_for("case.page", reference=reference), 303)
    gate.sign_in(answer, gate.LINK_COOKIE, session_token)
    answer.delete_cookie(BROWSER_COOKIE, secure=True, path="/")
    return answer


_WHY = {
    "not a code": "Enter the 6 digits of the code we sent.",
    "wrong": "That is not the code we sent. Check the newest mail from us. You have {left} more tries.",
    "expired": "That code is too old. Ask for a new one.",
    "spent": "That code does not work any more, or was sent for another browser. Ask for a new one.",
    "too many": "That was the last try for this code. Ask for a new one.",
}


def _page(token: str, who: Recipient, problem: str = "") -> str:
    return render_template("respond/code.html", token=token, mailbox=masked(who.email), problem=problem)


def _invitation(token: str) -> Invitation | None:
    bind(db.session, System("link"))
    return invitations.find(db.session, token, machine_now())


def _recipient(invitation: Invitation) -> Recipient:
    case = cases.open_case(db.session, runtime(current_app).keys, case_id=invitation.disagreement_id)
    return Directory(db.session, case).named(invitation.person_id)


def _reference(invitation_id: str) -> str:
    found = db.session.get(Invitation, invitation_id)
    case = db.session.get(Disagreement, found.disagreement_id) if found else None
    assert case is not None
    return case.reference


def _is_in(invitation_id: str) -> bool:
    """Whether this browser proved the mailbox already and its session still lives: then no second code is asked for."""
    cookie = request.cookies.get(gate.LINK_COOKIE, "")
    row = launching.find_session(db.session, cookie, machine_now(), gate.limits()) if cookie else None
    return row is not None and row.kind == "link" and row.invitation_id == invitation_id


def _own_page() -> bool:
    return request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"


def masked(email: str) -> str:
    """A mailbox that its owner knows again and nobody else learns: r…@hilltop.example."""
    name, _, domain = email.partition("@")
    return f"{name[:1]}…@{domain}" if domain else "no mailbox"
