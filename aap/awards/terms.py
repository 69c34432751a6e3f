"""What the call says of contracts and notifications, read from the version an application points to."""

from __future__ import annotations

from datetime import datetime

from aap.applications.facts import read_application
from aap.applications.models import Application
from aap.calls.document.body import Disclosable, Notification
from aap.calls.document.funding import FundingTerms
from aap.calls.document.storage import thaw
from aap.calls.models import CallVersion
from aap.errors import ConflictError


def read_funding_terms(version: CallVersion) -> FundingTerms:
    """Read what is shown and validated about money."""
    return FundingTerms.model_validate(thaw(version.document["funding"]))


def contract_form(application: Application, now: datetime) -> str:
    """Return the form of the contract: the first whose condition holds for this application.

    Raises:
        ConflictError: the call provides no form for it.

    """
    reading = read_application(application, now)
    for form in reading.document.funding.contract_form:
        if form.condition is None or reading.holds(form.condition):
            return form.form
    raise ConflictError("L'appel ne prévoit aucune forme de convention pour ce porteur.", code="forme-absente")


def told_to_applicant(version: CallVersion, what: Disclosable) -> bool:
    """Tell whether a notification may show this to the applicant; everything of its own when the call says nothing."""
    stored = version.document.get("notification")
    if not stored:
        return True
    terms = Notification.model_validate(thaw(stored))
    return not terms.to_applicant or what in terms.to_applicant
