"""The bare application, its database and its services."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, g, request
from flask.typing import ResponseReturnValue
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from aap import extensions
from aap.assembly.uploads import LONGEST_BODY, AapRequest
from aap.config import Settings
from aap.db import db, migrate, writing

ROOT = Path(__file__).resolve().parents[2]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class AapFlask(Flask):
    """Flask, except that unsafe requests announce that they will write (see ``aap.db.writing``)."""

    request_class = AapRequest
    jinja_options = {**Flask.jinja_options, "undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}  # noqa: RUF012  # Flask's own way to set the options

    def full_dispatch_request(self) -> ResponseReturnValue:  # type: ignore[override]  # Flask returns its Response
        """Serve one request, with SQLite's write lock asked at BEGIN when the method is unsafe."""
        g.arrived_at = extensions.clock().now()
        if request.method in SAFE_METHODS:
            return super().full_dispatch_request()
        with writing():
            return super().full_dispatch_request()


def bare_app(settings: Settings) -> Flask:
    """Make the Flask object with the settings that Flask and its extensions read."""
    app = AapFlask("aap", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    secure = settings.web.public_url.startswith("https://")
    app.config.update(
        SECRET_KEY=settings.web.secret_key.get_secret_value(),
        TESTING=settings.mode == "test",
        SESSION_COOKIE_NAME="aap",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=secure,
        REMEMBER_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=LONGEST_BODY,
        MAX_FORM_MEMORY_SIZE=5_000_000,
        MAX_FORM_PARTS=5_000,
        SQLALCHEMY_DATABASE_URI=settings.database.url,
        SQLALCHEMY_ENGINE_OPTIONS={} if settings.database.is_sqlite else {"pool_size": 6, "pool_pre_ping": True},
        BABEL_DEFAULT_LOCALE="fr",
        BABEL_DEFAULT_TIMEZONE="Europe/Paris",
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    if settings.web.behind_proxies:
        count = settings.web.behind_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]  # Flask's documented way
    return app


def plug_database(app: Flask) -> None:
    """Plug the database and its migrations."""
    extensions_folder = ROOT / "migrations"
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite:////"):
        Path(app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(extensions_folder), render_as_batch=True)


def plug_services(app: Flask, settings: Settings) -> None:
    """Plug the clock, the storage, the mailer and the queue."""
    extensions.plug_services(app, settings)
    extensions.babel.init_app(app, locale_selector=lambda: "fr")
