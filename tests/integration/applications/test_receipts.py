"""The acknowledgement names the service in charge, its address and the delays that run (CRPA art. L112-3, R112-5)."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aap.applications.models import Application
from aap.applications.receipts import acknowledgement_of, list_gaps, months_after
from aap.applications.service import submit
from aap.calls.document.composing import compose
from aap.calls.models import CallVersion
from aap.db import constraint_of
from aap.jobs.applications import receipt_of
from aap.referentials.queries import get_region
from tests.integration.applications.case import DEPOSITED, People

pytestmark = pytest.mark.sqlite


def test_the_region_names_the_service_and_the_delays(case: Application, people: People) -> None:
    told = acknowledgement_of(case, submit(case, actor=people.lead, now=DEPOSITED))
    assert (told.service, told.address) == ("Direction de l'innovation", "13 rue du Landy, 93200 Saint-Denis")
    assert told.mailbox == "telesante-aap@exemple.invalid"
    text = " ".join(told.delays).replace("\xa0", " ")
    assert "Sans décision expresse le mercredi 3 janvier 2024, soit 2 mois après ce dépôt" in text
    assert "art. L231-4" in text
    assert "tribunal administratif dans les 2 mois" in text
    assert "au plus tard le" in told.delays[1]
    assert "suspendu pendant ce temps" in text
    assert "art. L114-5" in text
    assert "l'interrompt" in text


def test_officers_are_told_what_a_receipt_lacks(session: Session, version: CallVersion) -> None:
    telephone, address = list_gaps(version.call)
    assert "téléphone" in telephone
    assert "13 rue du Landy" in address
    own = {"name": "Pôle télésanté", "postal_address": "2 rue Fictive, 75000 Paris", "telephone": "01 00 00 00 00"}
    version.document = {**version.document, "issuer_service": own}
    version.fingerprint = "e" * 64  # another version for whoever keeps documents in memory
    session.flush()
    assert list_gaps(version.call) == ()


def test_the_pdf_says_the_same(case: Application, people: People) -> None:
    submission = submit(case, actor=people.lead, now=DEPOSITED)
    receipt, told = receipt_of(case, submission), acknowledgement_of(case, submission)
    assert (receipt.service_name, receipt.service_address) == (told.service, told.address)
    assert receipt.legal_notice == told.delays


def test_the_call_may_name_its_own_service(session: Session, case: Application, people: People) -> None:
    version = case.call_version
    own = {"name": "Pôle télésanté", "postal_address": "2 rue Fictive, 75000 Paris", "telephone": "01 00 00 00 00"}
    version.document = {**version.document, "issuer_service": own}
    version.fingerprint = "f" * 64  # another version for whoever keeps documents in memory
    session.flush()
    told = acknowledgement_of(case, submit(case, actor=people.lead, now=DEPOSITED))
    assert (told.service, told.address, told.telephone) == tuple(own.values())
    assert compose(version.call, version)["issuer"]["service"] == own


def test_months_end_where_they_end() -> None:
    assert months_after(date(2023, 12, 31), 2) == date(2024, 2, 29)
    assert months_after(date(2023, 11, 3), 2) == date(2024, 1, 3)


@pytest.mark.usefixtures("case")
def test_a_silence_lasts_a_month_at_least(session: Session) -> None:
    get_region("IDF").silence_months = 0
    with pytest.raises(IntegrityError) as raised:
        session.flush()
    assert constraint_of(raised.value) == "ck_regions_silence_at_least_a_month"
