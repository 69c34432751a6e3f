"""The last instants of a file: those that count, those that do not, and who is never shown bank details."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from sqlalchemy.orm import Session

from aap.applications.models import Application, ApplicationState, CompletionItemKind
from aap.applications.openness import open_parts
from aap.applications.queries import Audience, get_dossier
from aap.applications.service import ItemAsked, admit_late, request_completion, start_application, submit
from aap.calls.models import CallVersion
from aap.calls.queries import current_version
from aap.calls.service import import_call
from aap.clock import from_paris
from aap.errors import ConflictError, InvalidError
from tests.integration.applications.case import (
    CALL_FILE,
    CLOSING,
    DEPOSITED,
    DRAFTED,
    PUBLISHED,
    People,
    case_answers,
    make_user,
    write_answers,
)

AFTER, INSTANT = CLOSING + timedelta(minutes=10), timedelta(microseconds=1)
IBAN = "FR7630006000011234567890189"


def test_the_last_hour_granted_counts_not_the_first(case: Application, people: People) -> None:
    longer = AFTER + timedelta(days=2)
    admit_late(case, AFTER + timedelta(days=1), "Panne.", actor=people.officer, now=AFTER)
    admit_late(case, longer, "Panne plus longue.", actor=people.officer, now=AFTER)
    assert submit(case, actor=people.lead, now=longer).at == longer


def test_no_grant_outlives_the_call(case: Application, version: CallVersion, people: People) -> None:
    admit_late(case, AFTER + timedelta(days=1), "Panne.", actor=people.officer, now=AFTER)
    version.call.cancelled_at, version.call.cancel_reason = AFTER, "Crédits repris."
    assert open_parts(case, AFTER + INSTANT).nothing
    with pytest.raises(ConflictError) as refused:
        submit(case, actor=people.lead, now=AFTER + INSTANT)
    assert refused.value.code == "appel-annule"


def test_a_grant_goes_beyond_the_closing_even_when_given_before_it(draft: Application, people: People) -> None:
    with pytest.raises(InvalidError) as refused:
        admit_late(draft, CLOSING, "Panne.", actor=people.officer, now=CLOSING - timedelta(hours=1))
    assert refused.value.code == "heure-avant-cloture"


def test_a_completed_file_is_taken_to_the_last_instant(case: Application, people: People) -> None:
    submit(case, actor=people.lead, now=DEPOSITED)
    asked = [ItemAsked(CompletionItemKind.ANNEX, "A09", "")]
    deadline = request_completion(case, asked, "À revoir.", actor=people.officer, now=AFTER).deadline
    assert not open_parts(case, deadline).nothing
    assert open_parts(case, deadline + INSTANT).nothing
    assert case.state is ApplicationState.COMPLETION_REQUESTED


def test_a_closing_in_the_repeated_hour_happens_once(case: Application, version: CallVersion, people: People) -> None:
    """In the night of the change the clock on the wall shows 2 h 30 twice: only the first one is before the closing."""
    closing = from_paris(datetime(2023, 10, 29, 2, 30))  # noqa: DTZ001  # a wall-clock hour of Paris
    assert closing == datetime(2023, 10, 29, 0, 30, tzinfo=UTC)
    next(step for step in version.call.steps if step.key == "submission_deadline").at = closing
    other = start_application(version, lead=people.lead, now=DRAFTED, strand_key="B")
    for late in (closing + INSTANT, closing + timedelta(hours=1)):
        assert open_parts(other, late).nothing
        with pytest.raises(ConflictError) as refused:
            submit(case, actor=people.lead, now=late)
        assert "dimanche 29 octobre 2023 à 2 h 30" in refused.value.message.replace("\u00a0", " ")
    assert submit(case, actor=people.lead, now=closing).at == closing


@pytest.mark.parametrize(
    ("audience", "reads"),
    [
        (Audience.LEAD, True),
        (Audience.AGENCY, True),
        (Audience.GUEST, False),
        (Audience.OPINION, False),
        (Audience.JURY, False),
    ],
)
def test_bank_details_are_read_by_the_file_s_people_and_the_agency_alone(
    session: Session, audience: Audience, *, reads: bool
) -> None:
    document: dict[str, Any] = yaml.safe_load(CALL_FILE.read_bytes())
    section = next(one for one in document["call"]["form"]["sections"] if one["id"] == "S2")
    section["fields"].append({"id": "bank", "type": "iban", "required": False, "label": "Compte à créditer"})
    content = yaml.safe_dump(document, allow_unicode=True, sort_keys=False).encode()
    call = import_call(content, None, PUBLISHED, publish=True).call
    lead = make_user(session, "lead")
    file = start_application(current_version(call), lead=lead, now=DRAFTED, strand_key="B")
    write_answers(file, case_answers() | {"bank": IBAN}, lead)
    shown = repr(get_dossier(file, DEPOSITED, audience)).replace(" ", "").replace("\\xa0", "").replace("\\u202f", "")
    assert (IBAN in shown) is reads
    assert ("Compteàcréditer" in shown) is reads
