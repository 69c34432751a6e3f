"""The blueprints, by audience."""

from __future__ import annotations

from flask import Flask

from aap.blueprints import account, admin, applicant, juror, office, public
from aap.config import Settings


def register_pages(app: Flask, settings: Settings) -> None:
    """Register every blueprint; the demonstration's own pages only in the demonstration."""
    for audience in (public, account, applicant, juror, office, admin):
        for blueprint in audience.BLUEPRINTS:
            app.register_blueprint(blueprint)
    if settings.demo:
        app.register_blueprint(account.DEMONSTRATION)
