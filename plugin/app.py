"""The application factory."""

from __future__ import annotations

import hashlib
import os
import sys
from functools import lru_cache
from pathlib import Path

from flask import Flask, current_app
from flask.typing import ResponseReturnValue
from werkzeug.middleware.proxy_fix import ProxyFix

import forms
from plugin import cli, logs, runtime, starting, web
from plugin.config import Settings
from plugin.extensions import db, login, mail, migrate
from plugin.jobs.queue import wake_after_commit
from plugin.mail import transport

ROOT = Path(__file__).resolve().parents[1]
_YEAR = 365 * 24 * 3600

wake_after_commit(db.session, lambda: runtime.runtime(current_app).waker)


def create_app(settings: Settings | None = None) -> Flask:
    """The service with these settings (the environment's by default). Nothing is opened yet, neither keys nor a database."""
    settings = settings or Settings.read()
    logs.configure()
    app = Flask("plugin", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "plugin" / "static"))
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        MAX_CONTENT_LENGTH=256 * 1024,
        MAX_FORM_PARTS=400,
        MAX_FORM_MEMORY_SIZE=256 * 1024,
        SEND_FILE_MAX_AGE_DEFAULT=_YEAR,
        TRAP_HTTP_EXCEPTIONS=False,
    )
    if settings.forms_folder:
        forms.use(Path(settings.forms_folder))
    here = app.extensions["accord"] = runtime.start(settings)
    transport.configure(app, settings.mail, settings.mail_password_file, settings.mail_ca_file, settings.mail_from, here.notify)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "plugin" / "migrations"))
    login.init_app(app, add_context_processor=False)  # templates know the member from the gate, and an error page asks nobody
    mail.init_app(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.url_defaults(_versioned)
    cli.register(app)
    web.register(app, settings)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]  # the documented way
    return app


def served(settings: Settings | None = None) -> Flask:
    """The service, to be run, once it is found ready (`starting`). A command that serves nobody opens what it needs: `flask policy check`
    needs neither keys nor a database."""
    app = create_app(settings)
    serves = not os.environ.get("FLASK_RUN_FROM_CLI") or "run" in sys.argv
    if serves and not app.extensions["accord"].settings.demo:  # the demo looks when it is prepared
        starting.ready(app)
    return app


def _versioned(endpoint: str, values: dict[str, ResponseReturnValue]) -> None:
    """Static files carry a hash of their content, so that they may be kept for a year."""
    if endpoint == "static" and "filename" in values and "v" not in values:
        values["v"] = _digest(str(values["filename"]))


@lru_cache(maxsize=256)
def _digest(filename: str) -> str:
    path = ROOT / "plugin" / "static" / filename
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else "0"
