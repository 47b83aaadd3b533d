"""The demo's own pages: every form and mail can be looked at there, and none of them exists on a live service."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from forms import gallery
from plugin.app import create_app
from plugin.config import Settings
from plugin.mail import wording


def test_every_form_has_its_page(app: Flask) -> None:
    client = app.test_client()
    listed = client.get("/dev/forms").text
    for specimen in gallery.specimens():
        assert f"/dev/forms/{specimen.name}" in listed
        page = client.get(f"/dev/forms/{specimen.name}")
        assert page.status_code == 200
        assert ("There is a problem" in page.text) == (specimen.state == "in error")


def test_a_form_of_the_gallery_can_be_sent_and_goes_nowhere(app: Flask) -> None:
    page = app.test_client().post("/dev/forms/end-1-empty", data={"why": "Ça va <b>bien</b>"})
    assert "Say how the child is safe now" in page.text
    assert "Ça va &lt;b&gt;bien&lt;/b&gt;" in page.text


def test_every_mail_is_shown(app: Flask) -> None:
    page = app.test_client().get("/dev/mail").text
    for name in wording.names():
        assert f'id="{name}"' in page


@pytest.mark.parametrize("address", ["/dev/", "/dev/forms", "/dev/forms/end-1-empty", "/dev/mail", "/dev/mailbox"])
def test_a_live_service_has_none_of_them(settings: Settings, address: str) -> None:
    live = create_app(replace(settings, demo=False))
    assert live.test_client().get(address).status_code == 404
