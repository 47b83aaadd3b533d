"""Who came back from their provider comes in: to the child's page, to the case of their link, to the desk, or to what a trial found.

What does not live here: going out and coming back (`sign_on`).
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import current_app, redirect, render_template, url_for

from integrations.launch.context import LaunchContext, LaunchRefused
from integrations.launch.openid import SignOnRefused
from plugin.extensions import db
from plugin.models import Invitation
from plugin.runtime import runtime
from plugin.services.arriving import handoffs, launching
from plugin.services.case import cases
from plugin.services.case.directory import Directory
from plugin.services.desk import signing_in
from plugin.services.keeping import access
from plugin.services.keeping.clock import machine_now
from plugin.services.notices import invitations
from plugin.services.providers import identities, oidc_profiles, tickets
from plugin.services.providers.sign_on import Arrived
from plugin.web.door import gate

log = logging.getLogger("accord.sign_on")
_SHOWN_FOR = timedelta(minutes=10)


def worker(arrived: Arrived) -> Any:
    """A launch like any other from here on, in a tab."""
    here, now = runtime(current_app), machine_now()
    person = identities.worker(db.session, arrived, now)
    context = LaunchContext(
        connection_id=arrived.connection_id,
        staff_id=person.staff_id or "",
        staff_name=arrived.name,
        roles=arrived.roles,
        child_ref=arrived.patient,
        child=arrived.child,
        host_session=arrived.subject,
        nonce=secrets.token_urlsafe(24),
        issued_at=now,
        expires_at=now,
    )
    way = launching.connection(db.session, arrived.connection_id)
    token = launching.accept(db.session, here.keys, way, context, now, gate.limits()["frame"])
    row = launching.find_session(db.session, token, now, gate.limits())
    assert row is not None  # made just now
    fresh = launching.renew(db.session, row, token, now)
    row = launching.find_session(db.session, fresh, now, gate.limits())
    assert row is not None
    tab = handoffs.spend(db.session, handoffs.mint(db.session, row, now), now)
    answer = redirect(url_for("home.home"), 303)
    gate.sign_in(answer, gate.TAB_COOKIE, tab or "")  # type: ignore[arg-type]  # Werkzeug's redirect is Flask's response
    return answer


def manager(arrived: Arrived) -> Any:
    """The one whom the link is for, and nobody else of the agency."""
    now = machine_now()
    invitation = invitations.find(db.session, arrived.about, now)
    if invitation is None or invitation.agency_id != arrived.agency_id:
        raise SignOnRefused("another agency")
    invitation_id, over = invitation.id, invitation.ended_because if invitations.is_over(invitation) else ""
    case = cases.open_case(db.session, runtime(current_app).keys, case_id=invitation.disagreement_id)
    key, reference = invitation.person_id, case.reference
    mailbox = Directory(db.session, case).named(key).email
    db.session.rollback()
    person_id = identities.invited(db.session, arrived, key, mailbox, now)
    if over:
        return render_template("respond/ended.html", because=over)
    invitations.proved(db.session, db.session.get_one(Invitation, invitation_id), now)
    access.note(db.session, person_id, arrived.agency_id, "sign-in", invitation_id, "accepted", now)
    who = {"invitation_id": invitation_id, "agency_id": arrived.agency_id, "person_id": person_id}
    token = launching.start_link_session(db.session, **who, machine_now=now, limits=gate.limits()["link"])
    answer = redirect(url_for("case.page", reference=reference), 303)
    gate.sign_in(answer, gate.LINK_COOKIE, token)  # type: ignore[arg-type]  # as above
    return answer


def administrator(arrived: Arrived) -> Any:
    """An account of the agency's desk; a code of their app is asked for as well, unless their provider asked for a second factor."""
    way = launching.connection(db.session, arrived.connection_id)
    wanted = oidc_profiles.profile_of(way, "sso")["desk_role"]
    if wanted and wanted not in arrived.roles:
        raise SignOnRefused("no-role")
    now, limits = machine_now(), gate.limits()["desk"]
    account = identities.administrator(db.session, arrived, now)
    token = signing_in.let_in_by_provider(db.session, account.id, now, limits, whole=arrived.two_factors)
    answer = redirect(url_for("admin.index" if arrived.two_factors else "signin.code"), 303)
    gate.set_cookie(answer, gate.DESK_COOKIE, token)  # type: ignore[arg-type]  # as above
    return answer


def tried(arrived: Arrived) -> Any:
    """Somebody tried the set-up, and it works: what the provider said is shown to them at the desk."""
    said = {name: value for name, value in arrived.said.items() if name not in ("nonce", "at_hash", "c_hash")}
    made_of_it = {"name": arrived.name, "email": arrived.email, "roles": list(arrived.roles), "two_factors": arrived.two_factors}
    return _to_the_desk(arrived, {"said": said, "means": made_of_it})


def tried_in_vain(arrived: Arrived, refused: SignOnRefused | LaunchRefused) -> Any:
    """The same where it does not work."""
    text = getattr(refused, "text", "") or refused.code
    return _to_the_desk(arrived, {"fault": text, "where": getattr(refused, "where", "answer")})


def _to_the_desk(arrived: Arrived, found: dict[str, Any]) -> Any:
    here, now = runtime(current_app), machine_now()
    token = tickets.make(db.session, here.keys, "tried", arrived.connection_id, found, _SHOWN_FOR, now)
    return redirect(url_for("providers.tried", connection_id=arrived.connection_id, kind="sso", token=token), 303)


ENDS: dict[str, Callable[[Arrived], Any]] = {"smart": worker, "link": manager, "desk": administrator, "trial": tried}
