"""The Flask extensions, made once and bound to the app in `plugin.app`."""

from __future__ import annotations

from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

from plugin.mail.transport import CheckedMail
from plugin.models.base import Base

db = SQLAlchemy(model_class=Base, disable_autonaming=True, engine_options={"hide_parameters": True})
migrate = Migrate()
login = LoginManager()
mail = CheckedMail()
