"""A call goes in as a document and comes out the same; a broken one changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aap.audit import AuditEntry
from aap.calls.document.composing import fingerprint_of
from aap.calls.document.loading import load
from aap.calls.export import export_call
from aap.calls.models import Call, CallVersion, Criterion, CriterionDescriptor, DecisionEffect, Strand
from aap.calls.queries import get_call, load_document, load_form, load_form_spec
from aap.calls.service import import_call, publish_call, replace_draft
from aap.db import Base
from aap.errors import ConflictError, InvalidError

from .conftest import BEFORE, DATA

pytestmark = [pytest.mark.sqlite, pytest.mark.usefixtures("session")]


def tree(content: bytes) -> Any:
    loaded = load(content).tree
    assert isinstance(loaded, dict)
    return loaded["call"]


def counts(session: Session) -> dict[str, int]:
    return {
        table.name: session.execute(select(func.count()).select_from(table)).scalar_one()
        for table in Base.metadata.sorted_tables
        if not table.name.startswith("audit")
    }


@pytest.mark.parametrize("name", ["call.yaml", "hdf.yaml"])
def test_what_was_imported_is_exported_equal_and_in_the_same_order(session: Session, name: str) -> None:
    content = (DATA / name).read_bytes()
    ref = import_call(content, None, BEFORE).call.ref
    session.commit()
    session.expire_all()
    given, written = tree(content), tree(export_call(get_call(ref)))
    given.pop("status", None)
    assert written == given
    assert list(written) == list(given)
    assert list(written["funding"]) == list(given["funding"])
    assert list(written["rubric"]) == list(given["rubric"])


def test_an_export_can_be_imported_elsewhere_to_the_same_fingerprint(session: Session, hdf: bytes) -> None:
    first = import_call(hdf, None, BEFORE).call
    again = export_call(first)
    fingerprint = first.versions[0].fingerprint
    session.rollback()
    second = import_call(again, None, BEFORE).call
    assert second.versions[0].fingerprint == fingerprint
    assert export_call(second) == again


def test_the_status_is_derived_from_the_clock(call: Call) -> None:
    publish_call(call, None, BEFORE)
    hours = {
        datetime(2023, 9, 2, tzinfo=UTC): "published",
        datetime(2023, 10, 2, tzinfo=UTC): "open",
        datetime(2023, 11, 20, tzinfo=UTC): "closed",
        datetime(2023, 12, 20, tzinfo=UTC): "instructing",
        datetime(2024, 3, 1, tzinfo=UTC): "deliberated",
    }
    assert {now: tree(export_call(call, now))["status"] for now in hours} == hours
    assert "status" not in tree(export_call(call))


def test_figures_come_back_exact_from_the_database(session: Session, hdf: bytes) -> None:
    import_call(hdf, None, BEFORE)
    session.commit()
    session.expire_all()
    version = get_call("HDF-SAS-2024-02").versions[0]
    assert version.envelope_eur == Decimal("600500.50")
    assert sum((term.share for term in version.instalments), Decimal(0)) == 1
    assert [criterion.weight for criterion in version.criteria] == [Decimal("37.5"), Decimal("32.5"), 30, 0]
    assert [d.mark for d in version.criteria[0].descriptors] == [0, Decimal("4.5"), 10]
    assert version.criteria[3].max_mark == 5
    assert [kind.effect for kind in version.decision_kinds] == [
        DecisionEffect.FUND,
        DecisionEffect.WAIT,
        DecisionEffect.REFUSE,
        DecisionEffect.REFUSE,
    ]
    assert [(o.key, o.unlocks_rank) for o in version.obligations] == [("E1", 2), ("E2", 4)]


def test_the_closing_is_kept_in_utc(call: Call) -> None:
    closing = next(step for step in call.steps if step.key == "submission_deadline")
    assert closing.at == datetime(2023, 11, 6, 11, 0, tzinfo=UTC)
    assert closing.strict


def test_a_broken_document_changes_nothing(session: Session, example: bytes) -> None:
    before = counts(session)
    broken = example.replace(b"weight: 20", b"weight: 21", 1).replace(b"id: E02", b"id: E01")
    with pytest.raises(InvalidError) as raised:
        import_call(broken, None, BEFORE)
    assert {problem.place for problem in raised.value.problems} == {
        "call.rubric.criteria",
        "call.eligibility_rules[1].id",
    }
    assert all(problem.line for problem in raised.value.problems)
    assert counts(session) == before


def test_an_existing_reference_is_refused(session: Session, call: Call, example: bytes) -> None:
    assert call.ref.encode() in example
    with pytest.raises(InvalidError, match="existe déjà") as raised:
        import_call(example, None, BEFORE)
    assert raised.value.code == "appel-existant"
    assert session.scalar(select(func.count()).select_from(Call)) == 1


def test_an_unknown_region_is_refused(example: bytes) -> None:
    with pytest.raises(InvalidError) as raised:
        import_call(example.replace(b"region: IDF", b"region: ZZ"), None, BEFORE)
    assert raised.value.problems[0].place == "call.region"


def test_what_the_referentials_do_not_know_is_a_warning(example: bytes) -> None:
    content = example.replace(b"zonage-medecins-idf", b"zonage-inconnu").replace(b"COU-ACTE]", b"ZZZ-ZZZ]")
    warnings = {problem.place: problem.message for problem in import_call(content, None, BEFORE).warnings}
    assert set(warnings) == {"call.scope.zone_reference", "call.mandatory_indicators[7]"}


def test_the_example_raises_no_warning(example: bytes) -> None:
    assert import_call(example, None, BEFORE).warnings == ()


def test_importing_and_publishing_is_written_in_the_journal(session: Session, example: bytes) -> None:
    call = import_call(example, None, BEFORE, publish=True).call
    session.commit()
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all()
    assert [entry.verb for entry in entries] == ["call.import", "call.publish"]
    assert entries[1].detail["fingerprint"] == call.versions[0].fingerprint
    assert call.versions[0].frozen_at == BEFORE


def test_a_draft_is_replaced_whole(session: Session, call: Call, example: bytes) -> None:
    content = example.replace(b"id: C8", b"id: C9").replace(b"envelope_eur: 200000", b"envelope_eur: 200000.50")
    content = content.replace(b"envelope_eur: 1500000", b"envelope_eur: 1500000.50")
    before = call.versions[0].fingerprint
    replace_draft(call, content, None, BEFORE)
    session.commit()
    session.expire_all()
    found = get_call(call.ref)
    assert [version.number for version in found.versions] == [1]
    assert [criterion.key for criterion in found.versions[0].criteria][-1] == "C9"
    assert found.versions[0].envelope_eur == Decimal("1500000.50")
    assert found.versions[0].fingerprint != before
    assert session.scalar(select(func.count()).select_from(Criterion)) == 8
    assert session.scalar(select(func.count()).select_from(CriterionDescriptor)) == 32
    assert session.scalar(select(func.count()).select_from(Strand)) == 4
    assert len(found.steps) == 17


def test_a_published_call_or_another_call_is_never_replaced(call: Call, example: bytes, hdf: bytes) -> None:
    with pytest.raises(InvalidError, match="n'est pas celui"):
        replace_draft(call, hdf, None, BEFORE)
    publish_call(call, None, BEFORE)
    with pytest.raises(ConflictError, match="ne se remplace plus"):
        replace_draft(call, example, None, BEFORE)


def test_a_replaced_draft_shows_its_new_form(call: Call, example: bytes) -> None:
    version = call.versions[0]
    assert load_form(version).field("title")
    replace_draft(call, example.replace(b"{id: title, type", b"{id: name_of_project, type"), None, BEFORE)
    assert load_form(version).field("title") is None
    assert load_form(version).field("name_of_project")


def test_the_document_of_a_version_is_read_once(call: Call) -> None:
    version = call.versions[0]
    assert load_document(version) is load_document(version)
    assert load_form_spec(version) is load_form_spec(version)


def test_choices_of_the_form_come_with_their_words(call: Call) -> None:
    spec = load_form_spec(call.versions[0])
    acts = spec.field("act_types")
    specialties = spec.field("specialties")
    status = spec.field("solution_status")
    assert acts
    assert specialties
    assert status
    assert [option.value for option in acts.options] == list(load_document(call.versions[0]).scope.act_types)
    assert "Téléexpertise" in [option.label for option in acts.options]
    assert len(specialties.options) > 20
    assert all(option.label != option.value for option in status.options)


def test_the_fingerprint_changes_with_what_is_asked_and_not_with_dates(call: Call) -> None:
    version: CallVersion = call.versions[0]
    sealed = version.fingerprint
    assert fingerprint_of(call, version) == sealed
    call.steps[0].label = "Autre libellé"
    call.contact_mailbox = "autre@exemple.invalid"
    assert fingerprint_of(call, version) == sealed
    version.criteria[0].weight = Decimal("20.01")
    assert fingerprint_of(call, version) != sealed
