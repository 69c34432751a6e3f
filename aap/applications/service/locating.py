"""Sites that found no commune or no zone are looked at again when the tables of the territory grow."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from aap.applications.locating import locate, vintages_of
from aap.applications.models import Application, ApplicationState, Site
from aap.calls.models import Call, CallVersion
from aap.calls.phases import CallPhase, phase
from aap.calls.queries import calendar_of
from aap.db import db


def locate_again(now: datetime) -> int:
    """Place the sites of drafts that have no commune or no zone yet, on calls that are still open; return how many.

    A site that has its zone keeps it, and nothing changes in a deposited file.
    """
    query = (
        select(Site, Application)
        .join(Application, Application.id == Site.application_id)
        .where(Application.state == ApplicationState.DRAFT, or_(Site.commune_code.is_(None), Site.zone.is_(None)))
        .options(joinedload(Application.call_version).joinedload(CallVersion.call).selectinload(Call.steps))
        .order_by(Site.application_id, Site.position)
    )
    by_version: dict[CallVersion, list[Site]] = {}
    for site, application in db.session.execute(query):
        by_version.setdefault(application.call_version, []).append(site)
    found = 0
    for version, sites in by_version.items():
        if phase(calendar_of(version.call), now) is CallPhase.OPEN:
            found += _place(version, sites)
    db.session.flush()
    return found


def _place(version: CallVersion, sites: list[Site]) -> int:
    vintages = vintages_of(version)
    found = 0
    typed = [(site.commune, site.department_code) for site in sites]
    for site, place in zip(sites, locate(vintages, typed), strict=True):
        if place.commune is None or (place.zone is None and site.commune_code is not None):
            continue
        site.commune_code, site.department_code = place.commune.code, place.commune.department_code
        site.zone, site.apl = place.zone, place.apl
        site.zoning_id = vintages.zoning.id if vintages.zoning and place.zone else None
        site.accessibility_id = vintages.accessibility.id if vintages.accessibility and place.apl is not None else None
        found += 1
    return found
