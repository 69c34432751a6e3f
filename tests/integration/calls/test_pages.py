"""What a reader of the calls sees, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from aap import rules
from aap.calls.models import Call
from aap.calls.phases import CallPhase
from aap.calls.queries import (
    get_call,
    get_call_page,
    get_version,
    list_public_calls,
    load_document,
    load_words,
    references_for,
)
from aap.calls.service import import_call, publish_call
from aap.errors import NotFoundError

from .conftest import BEFORE

pytestmark = [pytest.mark.sqlite, pytest.mark.usefixtures("session")]

OPEN = datetime(2023, 10, 2, 8, 0, tzinfo=UTC)


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            statements.append(statement)

    bind = session.get_bind()
    event.listen(bind, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(bind, "before_cursor_execute", note)


def test_the_page_says_what_a_director_asks(call: Call) -> None:
    publish_call(call, None, BEFORE)
    page = get_call_page(call.ref, OPEN)
    assert (page.phase, page.is_open, page.public_phase_label) == (CallPhase.OPEN, True, "Ouvert")
    assert page.closes_at == datetime(2023, 11, 6, 11, 0, tzinfo=UTC)
    assert page.questions_until == datetime(2023, 10, 27, 16, 0, tzinfo=UTC)
    assert page.funding.envelope_eur == 1_500_000
    assert [(line.zone_label, line.max_rate) for line in page.funding.rates][1] == (
        "Zone d'intervention prioritaire (ZIP)",
        Decimal("0.75"),
    )
    assert sum(strand.envelope_eur for strand in page.funding.strands) == page.funding.envelope_eur
    assert [cap.max_eur for cap in page.funding.caps] == [150_000, 200_000]
    assert sum(line.weight for line in page.selection.criteria) == 100
    assert [line.key for line in page.selection.criteria if line.floor is not None] == ["C2", "C5"]
    assert "EHPAD" in page.audience.applicants
    assert page.audience.zoning.endswith("30\u00a0mars 2022")
    assert page.contact_mailbox == "telesante-aap@exemple.invalid"
    assert "Téléconsultations assistées réalisées" in page.indicators
    rh = next(line for line in page.funding.costs if line.category == "rh")
    assert rh.limits == ("au plus 60\u00a0% de la subvention",)


def test_annexes_say_in_french_when_they_are_asked_for(call: Call) -> None:
    annexes = {line.key: line.obligation for line in get_call_page(call.ref, OPEN).annexes}
    assert annexes["A01"] == "obligatoire"
    assert annexes["A05"] == "obligatoire si « Catégorie de porteur » est Association"
    assert annexes["A07"] == "obligatoire si « Le signataire est-il le représentant légal ? » est non"
    assert annexes["A09"] == "obligatoire, une par partenaire"
    assert annexes["A10"].endswith("du poste « Investissement » dépasse 5\u202f000\u00a0€")
    assert annexes["A12"] == "facultative"


def test_no_code_is_shown_where_french_words_exist(call: Call) -> None:
    page = get_call_page(call.ref, OPEN)
    shown = " ".join([line.rule for line in page.eligibility] + [line.condition for line in page.annexes])
    for code in ("applicant.type", "sites.zone", "submitted_at", "calendar.", "scope.", "investissement", "cpts"):
        assert code not in shown


def test_a_late_file_is_explained_with_the_date_of_the_call(call: Call) -> None:
    version = call.versions[0]
    rule = load_document(version).eligibility_rules[0].check
    assert rule is not None
    late = datetime(2023, 11, 6, 11, 0, 1, tzinfo=UTC)
    verdict = rules.evaluate(rule, {"submitted_at": late}, references_for(version), words=load_words(version))
    assert verdict.outcome is rules.Outcome.BROKEN
    assert verdict.because == (
        "parce que « Date et heure de dépôt » est après « Clôture des dépôts » "
        "(lundi 6\u00a0novembre 2023 à 12\u00a0h) "
        "(valeur : lundi 6\u00a0novembre 2023 à 12\u00a0h\u00a000\u00a0min\u00a001\u00a0s)"
    )


def test_references_of_rules_are_those_of_the_call(call: Call) -> None:
    read = references_for(call.versions[0])
    assert "ehpad" in read("scope.applicant_types")
    assert "geriatrie" in read("referentials.specialties")
    with pytest.raises(KeyError):
        read("scope.zone_reference")
    with pytest.raises(KeyError):
        read("calendar.inconnue")


def test_drafts_are_not_listed_and_open_calls_come_first(call: Call, hdf: bytes, example: bytes) -> None:
    assert list_public_calls(OPEN) == ()
    publish_call(call, None, BEFORE)
    import_call(hdf, None, BEFORE, publish=True)
    past = example.replace(b"AAP-TS-2023-01", b"AAP-TS-2023-00").replace(
        b'at: "2023-11-06T12:00:00"', b'at: "2023-10-31T18:00:00"'
    )
    import_call(past, None, BEFORE, publish=True)
    rows = list_public_calls(datetime(2023, 11, 3, tzinfo=UTC))
    assert [(row.ref, row.phase) for row in rows] == [
        ("AAP-TS-2023-01", CallPhase.OPEN),
        ("HDF-SAS-2024-02", CallPhase.COMING),
        ("AAP-TS-2023-00", CallPhase.INSTRUCTION),
    ]
    first = rows[0]
    assert (first.region_name, first.strand_count) == ("Île-de-France", 4)
    assert first.envelope_eur == 1_500_000
    assert [row.ref for row in list_public_calls(OPEN, "HDF")] == ["HDF-SAS-2024-02"]


def test_a_list_costs_the_same_for_one_call_and_for_thirty(session: Session, call: Call, example: bytes) -> None:
    publish_call(call, None, BEFORE)
    session.commit()
    with counted(session) as one:
        list_public_calls(OPEN)
    for i in range(29):
        import_call(example.replace(b"AAP-TS-2023-01", f"AAP-{i}".encode()), None, BEFORE, publish=True)
    session.commit()
    with counted(session) as thirty:
        assert len(list_public_calls(OPEN)) == 30
    assert len(one) == len(thirty) == 2


def test_a_page_costs_a_bounded_number_of_queries(session: Session, call: Call) -> None:
    session.commit()
    session.expire_all()
    with counted(session) as statements:
        get_call_page(call.ref, OPEN)
    assert len(statements) <= 24, "\n".join(statements)


def test_what_does_not_exist_is_not_found(call: Call) -> None:
    with pytest.raises(NotFoundError):
        get_call("NOPE")
    with pytest.raises(NotFoundError):
        get_version(call.id)
