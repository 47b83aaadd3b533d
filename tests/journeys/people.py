"""What the people of a journey do: a worker in the council's records, a manager with a link and a mailbox, somebody at the clock."""

from __future__ import annotations

import email
import json
import re
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Frame, Page, expect
from playwright.sync_api import Error as PlaywrightError

expect.set_options(timeout=15_000)


@dataclass(frozen=True)
class Demo:
    """The running stack."""

    port: int
    folder: Path

    @property
    def service(self) -> str:
        """The service's origin, as a browser knows it."""
        return f"http://accord.localhost:{self.port}"

    @property
    def council(self) -> str:
        """The council's records."""
        return f"http://council.localhost:{self.port + 1}"

    @property
    def school(self) -> str:
        """The school's records."""
        return f"http://school.localhost:{self.port + 2}"

    def get(self, path: str, offset: int = 0) -> Any:
        """JSON from a server of the stack, on loopback."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port + offset}{path}", timeout=10) as answer:
            return json.load(answer)

    def post(self, path: str, offset: int = 0, **fields: Any) -> None:
        """A form posted to a server of the stack."""
        data = urllib.parse.urlencode(fields).encode()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port + offset}{path}", data=data, timeout=30) as answer:
            answer.read()

    def post_json(self, path: str, offset: int, body: dict[str, Any]) -> None:
        """JSON posted to a server of the stack."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port + offset}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()

    def move_clock_to(self, local: str) -> None:
        """Business time to a UK date and time ("2027-03-30T23:59"); what is due by then is done."""
        self.post("/dev/clock", to=local)

    def mails(self) -> list[EmailMessage]:
        """Every mail sent, oldest first."""
        files = sorted((self.folder / "mailbox").glob("[!.]*.eml"), key=lambda path: path.stat().st_mtime_ns)
        return [email.message_from_bytes(path.read_bytes(), policy=default) for path in files]  # type: ignore[misc]

    def wait_for_mail(self, to: str, subject: str, more_than: int = 0) -> EmailMessage:
        """The newest mail to a mailbox with these words in its subject, once there are more than so many."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            found = [one for one in self.mails() if one["To"] == to and subject in str(one["Subject"])]
            if len(found) > more_than:
                return found[-1]
            time.sleep(0.1)
        seen = [(str(one["To"]), str(one["Subject"])) for one in self.mails()]
        raise AssertionError(f"no mail {subject!r} to {to}; there were {seen}")

    def saying(self, to: str, *said: str) -> list[EmailMessage]:
        """Mails to a mailbox that say all of this, alone or in a list of several things."""
        mine = [one for one in self.mails() if one["To"] == to]
        return [one for one in mine if all(word in f"{one['Subject']} {words_of(one)}" for word in said)]

    def wait_for_saying(self, to: str, *said: str) -> EmailMessage:
        """The newest of them, once there is one."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            if found := self.saying(to, *said):
                return found[-1]
            time.sleep(0.1)
        raise AssertionError(f"no mail to {to} says {said}")

    def count_mails(self, to: str, subject: str) -> int:
        """How many such mails were sent."""
        return sum(one["To"] == to and subject in str(one["Subject"]) for one in self.mails())


def words_of(mail: EmailMessage) -> str:
    """A mail's text."""
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body else ""


def link_of(mail: EmailMessage) -> str:
    """The link in a mail."""
    found = re.search(r"https?://\S+/r/\S+", words_of(mail))
    assert found, words_of(mail)
    return found.group()


class Worker:
    """A social worker at their desk, in the council's own pages; the service is in a frame there."""

    def __init__(self, browser: Browser, demo: Demo, name: str, child: str, *, width: int = 1280, script: bool = True) -> None:
        self.demo = demo
        self.context: BrowserContext = browser.new_context(viewport={"width": width, "height": 1000}, java_script_enabled=script)
        self.page: Page = self.context.new_page()
        self.seen: list[str] = []  # for the message of a test that fails
        self.page.on("request", lambda request: self.seen.append(f"{request.method} {request.url}"))
        self.page.on("response", lambda answer: self.seen.append(f"{answer.status} {answer.url}"))
        self.page.goto(f"{demo.council}/")
        self.page.get_by_role("button", name=name).click()
        self.page.get_by_role("link", name=child).click()

    def launch(self) -> Frame:
        """Clicks the button on the child's record and starts; the frame is on another site."""
        self.hosts_own_link("Raise professional disagreement")
        start = self.page.frame_locator("iframe").get_by_role("button", name="Start")
        try:
            start.click()
        except PlaywrightError as missing:
            raise AssertionError(f"no Start button; the last requests were {self.seen[-12:]}") from missing
        expect(self.page.frame_locator("iframe").get_by_role("heading", level=1)).to_contain_text("Disagreements")
        return self.frame

    def hosts_own_link(self, name: str) -> None:
        """Presses a link of the record system's own page, and waits for the page after it.

        Scrolled first, and a moment given: straight after scrolling, a click of the driver lands in the frame that was there before.
        """
        self.page.evaluate("window.scrollTo(0, 0)")
        self.page.wait_for_timeout(300)
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=name).first.click()

    @property
    def frame(self) -> Frame:
        """The service's frame."""
        return next(frame for frame in self.page.frames if frame.url.startswith(self.demo.service))

    def press(self, name: str) -> None:
        """Presses a button in the frame and waits for the page after it."""
        press(self.frame, name)

    def open_case(self, reference: str) -> None:
        """Opens a disagreement from the list."""
        self.launch()
        self.press(reference)
        expect(self.frame.get_by_role("heading", level=1)).to_contain_text(reference)


def press(frame: Frame, name: str) -> None:
    """Presses a button that leads to another page."""
    with frame.expect_navigation():
        frame.get_by_role("button", name=name).first.click()


def no_other_route(frame: Frame) -> None:
    """None of the matters that the policy sends elsewhere."""
    for box in frame.get_by_label("No", exact=True).all():
        box.check()
    press(frame, "Continue")


def fill_in(frame: Frame, **answers: str) -> None:
    """Types into boxes by their labels' first words (underscores are spaces)."""
    for label, text in answers.items():
        frame.get_by_label(re.compile("^" + re.escape(label.replace("_", " ")), re.IGNORECASE)).first.fill(text)


def fill_date(frame: Frame, name: str, at: datetime) -> None:
    """A date-and-time question by its name."""
    frame.locator(f"#{name}-day").fill(str(at.day))
    frame.locator(f"#{name}-month").fill(str(at.month))
    frame.locator(f"#{name}-year").fill(str(at.year))
    frame.locator(f"#{name}-time").fill(f"{at:%H:%M}")


class Answerer:
    """Somebody with a mailbox and a telephone: opens the link, proves the mailbox, reads, answers."""

    def __init__(self, browser: Browser, demo: Demo, mailbox: str) -> None:
        self.demo = demo
        self.mailbox = mailbox
        self.context = browser.new_context(viewport={"width": 320, "height": 640})
        self.page = self.context.new_page()

    @property
    def frame(self) -> Frame:
        """The page itself: no frame here."""
        return self.page.main_frame

    def enter(self, link: str) -> None:
        """Link, code, case."""
        self.page.goto(link)
        codes = self.demo.count_mails(self.mailbox, "Your code")
        press(self.frame, "Send me a code")
        mail = self.demo.wait_for_mail(self.mailbox, "Your code", codes)
        found = re.search(r"\b\d{6}\b", words_of(mail))
        assert found
        self.page.get_by_label("Code").fill(found.group())
        press(self.frame, "Continue")
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("Disagreement PD-")

    def press(self, name: str) -> None:
        """Presses a button that leads to another page."""
        press(self.frame, name)
