"""The front door and the pages that the law asks of every public service."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from aap.blueprints.access import public
from aap.calls.queries import list_public_calls
from aap.capitalisation.queries import list_latest_sheets
from aap.extensions import clock, settings

bp = Blueprint("public", __name__)


@bp.get("/")
@public
def home() -> ResponseReturnValue:
    """Say what the service is for, which calls are open and what was learnt last."""
    calls = [call for call in list_public_calls(clock().now()) if call.is_open or call.is_coming]
    return render_template("public/home.html", calls=calls[:3], sheets=list_latest_sheets(3))


@bp.get("/accessibilite")
@public
def accessibility() -> ResponseReturnValue:
    """Declare the state of accessibility."""
    return render_template("public/accessibility.html", mailbox=settings().web.support_mailbox)


@bp.get("/mentions-legales")
@public
def legal() -> ResponseReturnValue:
    """Say who publishes and who hosts."""
    return render_template("public/legal.html", mailbox=settings().web.support_mailbox)


@bp.get("/donnees-personnelles")
@public
def privacy() -> ResponseReturnValue:
    """Say which personal data is kept, why and for how long."""
    return render_template("public/privacy.html", mailbox=settings().web.support_mailbox)


@bp.get("/plan-du-site")
@public
def sitemap() -> ResponseReturnValue:
    """List the pages."""
    return render_template("public/sitemap.html")
