"""What every pretend record system is put together from: the Flask app with its templates, its own security headers and its health.

The pages are in `records.py`, the frame in `framing.py`, the switch in `faults.py`; the write interface is each host's own.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, Response

from plugin.demo.hosts import faults, people, records
from plugin.demo.hosts.setting import Setting
from plugin.demo.hosts.store import Store
from plugin.demo.places import ROOT


@dataclass(frozen=True, slots=True)
class Host:
    """One assembled host; `api` of each kind is added to `app` by its own module."""

    app: Flask
    people: people.People
    store: Store
    faults: faults.Faults


def assemble(setting: Setting, *, prefix: str) -> Host:
    """The app of a host but for its write interface. `prefix` is the path under which its pages show a child ("/people")."""
    app = Flask(setting.name, root_path=str(ROOT / "plugin/demo/hosts"), template_folder=str(ROOT / "templates/demo"))
    app.config.update(
        SECRET_KEY=setting.keys.cookie_secret,
        SESSION_COOKIE_NAME=f"{setting.name}_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=20 * 1024 * 1024,
    )
    store = Store(setting.database)
    host = Host(app, people.load(setting.name), store, faults.Faults(store))
    app.register_blueprint(faults.blueprint(host.faults, setting.origin))
    app.register_blueprint(records.blueprint(setting, host.people, store, host.faults, prefix))
    app.after_request(lambda response: _headers(response, setting.service))
    app.add_url_rule("/health", view_func=_health)
    app.add_url_rule("/favicon.ico", view_func=_no_icon)
    return host


def _health() -> Response:
    return Response("ok\n", mimetype="text/plain")


def _no_icon() -> tuple[str, int]:
    return "", 204


def _headers(response: Response, service: str) -> Response:
    """The host's own rules. The service may be framed and posted to; nothing else may, and nobody may frame the host."""
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"frame-src {service}; form-action 'self' {service}",
    )
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"  # the service checks the Origin of a launch
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Cache-Control", "no-store")
    return response
