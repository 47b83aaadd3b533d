"""A whole case under a policy for adults, launched, raised, answered by link, settled and filed: no page, mail or document says "child".

What the policy itself says is its own (here it says nothing of children either).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pypdf
import pytest
from flask import Flask
from sqlalchemy import update

import forms
from forms import document
from integrations.launch.context import ChildDetails
from plugin.extensions import db
from plugin.jobs import work
from plugin.models import Connection, Partnership, begin_writing
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.case import casefile, cases
from plugin.services.case.policies import activate
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.write_back import records
from tests.pages import Page, Visitor
from tests.plugin.desks import sign_in
from tests.plugin.test_choices_when_raising import STRANGERS
from tests.plugin.test_filing import file_by_hand_at, to_delivery
from tests.plugin.visits import ANSWERS, Mailbox, as_system, enter, on_sqlite_alone, post_launch, reference_on, text_of, token_for
from tests.world import SCHOOL, World, make_world

CHILD = re.compile(r"\bchild(ren)?(’s|'s)?\b", re.IGNORECASE)
DELYTH = ChildDetails("Delyth Okonjo-Price", "1941-02-11", (("nhs-number", "9990000018"),))
ON_FILE = (
    "  - {id: file, kind: record, title: Put the outcome on the file, by: every worker, when: resolved, strength: must, "
    "automatic: yes, records: [adult file], rule: FB-9}\n"
)


def says_child(words: str) -> list[str]:
    """Each place with what stands around it."""
    return [words[max(0, found.start() - 60) : found.end() + 60] for found in CHILD.finditer(words)]


def make_adults(app: Flask) -> World:
    """The demo's people under a policy for adults that puts the outcome on file."""
    text = (STRANGERS / "fenbridge.yaml").read_text(encoding="utf-8")
    assert not CHILD.search(text)
    world = make_world(app)
    bind(db.session, System("test"))
    activate(db.session, "demo", text.replace("\nevery stage:\n", f"{ON_FILE}\nevery stage:\n"), machine_now(), forms.ids())
    file_by_hand_at(SCHOOL)
    session = as_system()  # what the demo calls its partnership and its systems is its own
    begin_writing(session)
    session.execute(update(Partnership).values(title="Fenbridge Safeguarding Adults Board"))
    session.execute(update(Connection).values(title="Case records"))
    session.commit()
    return world


def look_round(visitor: Visitor, page: Page) -> None:
    """Opens everything that can be opened from a page, and sends each form with nothing in it."""
    for form in list(page.forms()):
        if form.method.lower() != "post" or "sign-out" in form.action or form.sends.get("what") in ("handover",):
            continue
        opened = visitor.ask(form.method, form.action, data=form.sends)
        if opened.tree is not None and "Check your answers" in opened.buttons():
            visitor.press(opened, "Check your answers")


def every_word(visitor: Visitor) -> Iterator[tuple[str, str]]:
    for page in visitor.pages:
        yield page.response.request.path, page.words if page.tree is not None else page.text


def raised(world: World, visitor: Visitor) -> Page:
    page = visitor.press(post_launch(visitor, token_for(world, child=DELYTH)), "Start")
    page = visitor.press(page, "Raise professional disagreement")
    page = visitor.press(page, "Continue", {"immediate_harm": "no"})
    if page.h1 == "Is this the right way?":
        page = visitor.press(page, "Continue", dict.fromkeys(page.form("Continue").controls, "no"))
    page = visitor.press(page, "Continue", {"agency": "hill-top-school"})
    page = visitor.press(page, "Continue", {"choice_0": "challenge"})
    asked = page.form("Check your answers").controls
    answers = {**ANSWERS, "themes": ["enquiry"], "person": world.people["htull"], "impact": "She is frightened."}
    page = visitor.press(page, "Check your answers", {name: said for name, said in answers.items() if name in asked})
    return visitor.press(page, "Send and start")


@pytest.mark.slow
@on_sqlite_alone
def test_no_page_mail_or_document_of_a_case_of_an_adult_says_child(app: Flask) -> None:
    world = make_adults(app)
    worker, lead = Visitor(app), Visitor(app)
    page = raised(world, worker)
    reference = reference_on(page)
    look_round(worker, page)
    mailbox = Mailbox(world)
    mailbox.send_due()
    answering = enter(lead, mailbox, "m.tull@hilltop.example")
    look_round(lead, answering)
    now = business_now(as_system())
    raiser = world.actor("nc-1042", "raising")
    state = cases.open_case(as_system(), world.keys, reference=reference).state(now)
    answer = next(one for one in state.obligations if one.id == "answer" and one.status == "owed")
    world.fulfil(reference, answer.key, world.actor("htull", "responding", "worker"), now, "response", answers={"position": "agree"})
    world.resolve(reference, "agreed", raiser, now)
    work.deliver()
    mailbox.send_due()
    look_round(worker, worker.get(f"/case/{reference}"))
    filing = to_delivery(lead, reference, SCHOOL, lead.get(f"/case/{reference}"))
    look_round(lead, filing)
    for address in ("/filing", "/case/PD-0000-0000", "/nothing/here", "/calendar", f"/case/{reference}/policy"):
        worker.get(address)
    stranger = Visitor(app)
    for address in (f"/case/{reference}", mailbox.link_to("m.tull@hilltop.example"), "/r/unknown", "/admin/sign-in", "/admin/"):
        stranger.get(address)
    stranger.get(re.findall(r"/mail/\S+", text_of(mailbox.all()[0]))[-1])
    look = [one for visitor in (worker, lead, stranger) for one in every_word(visitor)]
    for role, addresses in {
        "coordinator": ("", "alarms", "deliveries", "deliveries?show=done", "keeping", "agencies"),
        "administrator": ("", "connections", "deliveries", "accounts", "connections/council/sample", "connections/council/preview"),
        "owner": ("", "alarms", "agencies", "accounts"),
    }.items():
        desk = sign_in(world, role)
        for address in addresses:
            look.append((address, desk.visitor.get(f"/admin/{address}").words))
    found = [f"{address}: {said}" for address, words in look for said in says_child(words)]
    assert not found, "\n".join(sorted(set(found)))


@pytest.mark.slow
@on_sqlite_alone
def test_no_mail_and_no_document_of_it_does_either(app: Flask) -> None:
    world = make_adults(app)
    reference = reference_on(raised(world, Visitor(app)))
    mailbox = Mailbox(world)
    mailbox.send_due()
    now = business_now(as_system())
    world.resolve(reference, "agreed", world.actor("nc-1042", "raising"), now)
    work.deliver()
    mailbox.send_due()
    for mail in mailbox.all():
        parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
        assert not [said for part in parts for said in says_child(str(part))], mail["Subject"]
    session = as_system()
    case = cases.open_case(session, runtime(app).keys, reference=reference)
    made = records.compose(casefile.read(session, case, case.state(now)), case.reference)
    pdf = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(document.as_pdf(made))).pages)
    assert "Delyth Okonjo-Price" in pdf and not says_child(pdf)
    assert not says_child(document.as_text(made))
