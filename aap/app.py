"""The application factory: a list of named steps, nothing else. Each step is a function of ``aap.assembly``."""

from __future__ import annotations

from flask import Flask

from aap import assembly
from aap.config import Settings, load_settings


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application from settings (the environment's when none are given).

    Raises:
        ConfigurationError: the environment does not describe a service that may start.

    """
    settings = settings or load_settings()
    app = assembly.bare_app(settings)
    assembly.plug_database(app)
    assembly.plug_services(app, settings)
    assembly.plug_accounts(app, settings)
    assembly.plug_protections(app, settings)
    assembly.plug_templates(app, settings)
    assembly.plug_typography(app)
    assembly.register_pages(app, settings)
    assembly.register_errors(app)
    return app
