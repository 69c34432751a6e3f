"""The administrator's way in: the people of the region and the health of the journal."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from aap import audit
from aap.accounts.models import User
from aap.accounts.queries import ROLE_LABELS, list_people
from aap.blueprints.access import actor, allow
from aap.blueprints.paging import Pages, asked_page
from aap.policies import visible

bp = Blueprint("admin", __name__, url_prefix="/administration")


@bp.get("")
@allow("admin.enter")
def home() -> ResponseReturnValue:
    """List the people who hold a role in the region."""
    people = list_people(visible(actor(), User), asked_page())
    return render_template("admin/home.html", rows=people.rows, page=Pages.of(people), role_labels=ROLE_LABELS)


@bp.get("/journal")
@allow("admin.enter")
def journal() -> ResponseReturnValue:
    """Check every seal of the journal, now, and say what was found."""
    return render_template("admin/journal.html", result=audit.verify())
