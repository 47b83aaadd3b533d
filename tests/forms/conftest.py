"""What the tests of forms share: a small Flask app that shows any specimen of the gallery as the service would, and a real Chromium."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, Response, abort, render_template, render_template_string, request
from werkzeug.serving import make_server

from forms import gallery

ROOT = Path(__file__).resolve().parents[2]
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors *"
)
KEPT = '<!doctype html><title>Kept</title><link rel="icon" href="/static/icon.svg"><p id="kept">{{ values|tojson }}</p>'


def make_app() -> Flask:
    """The pages alone: no database, no session."""
    app = Flask("pages", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "plugin/static"))

    drafts: list[dict[str, list[str]]] = []
    app.config["DRAFTS"] = drafts

    @app.get("/")
    def index() -> str:
        return render_template("forms/gallery.html", specimens=gallery.specimens(), url=lambda one: f"/{one.name}")

    @app.get("/host")
    def host() -> str:
        """A page of another site that frames the address after the question mark."""
        head = '<!doctype html><html lang="en"><title>Host</title><link rel="icon" href="data:,">'
        outer = head + '<iframe title="Accord" width="340" height="800" src="{{ inner }}"></iframe>'
        return render_template_string(outer, inner=request.query_string.decode())

    @app.route("/<name>", methods=["GET", "POST"])
    def page(name: str) -> str:
        specimen = next(one for one in gallery.specimens() if one.name == name)
        bound = gallery.shown(specimen)
        if request.form.get("do") == "draft":
            if request.form.get("why") == "refuse":
                abort(503)
            drafts.append(gallery.shown(specimen, request.form).draft())
            return ""
        if request.method == "POST":
            bound = gallery.shown(specimen, request.form)
            if bound.validate():
                return render_template_string(KEPT, values=bound.values())
        return render_template("forms/specimen.html", bound=bound, index="/", draft=specimen.id == "waive")

    @app.after_request
    def policy(response: Response) -> Response:
        if request.endpoint != "host":
            response.headers["Content-Security-Policy"] = POLICY
        return response

    return app


@pytest.fixture(scope="session")
def pages() -> Flask:
    """The app of pages."""
    return make_app()


@pytest.fixture(scope="session")
def site(pages: Flask) -> Iterator[str]:
    """The app of pages on a port of loopback; its address."""
    server = make_server("127.0.0.1", 0, pages, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
