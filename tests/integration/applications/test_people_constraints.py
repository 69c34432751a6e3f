"""What the database itself refuses of the links sent to people, and of what they sign."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aap.accounts.models import MembershipRole, Organisation, OrganisationInvitation
from aap.accounts.service import OrganisationCard, create_organisation
from aap.applications.models import Application, CommitmentRequest, FileInvitation, FileSignature, ParticipantRole
from aap.db import Base, constraint_of
from tests.integration.applications.case import DRAFTED, People

pytestmark = pytest.mark.sqlite


@dataclass(frozen=True, slots=True)
class Scene:
    """What the rows point to."""

    file: Application
    people: People
    organisation: Organisation


@pytest.fixture
def scene(draft: Application, people: People, session: Session) -> Scene:
    card = OrganisationCard("EHPAD fictif", "ehpad", "99977101700012", "770999019", "77")
    organisation = create_organisation(card, region_code="IDF", now=DRAFTED)
    session.flush()
    return Scene(draft, people, organisation)


def link(scene: Scene, **changes: Any) -> dict[str, Any]:
    """Return the columns of a link that waits."""
    plain = {
        "email": "personne@exemple.invalid",
        "token_hash": "a" * 64,
        "created_at": DRAFTED,
        "expires_at": DRAFTED + timedelta(days=14),
        "created_by_id": scene.people.lead.id,
    }
    return {**plain, **changes}


def to_organisation(scene: Scene, **changes: Any) -> Base:
    columns = {"organisation_id": scene.organisation.id, "role": MembershipRole.MEMBER}
    return OrganisationInvitation(**{**link(scene), **columns, **changes})


def to_file(scene: Scene, **changes: Any) -> Base:
    columns = {"application_id": scene.file.id, "role": ParticipantRole.EDITOR, "whole_file": True, "sections": []}
    return FileInvitation(**{**link(scene), **columns, **changes})


def to_partner(scene: Scene, **changes: Any) -> Base:
    return CommitmentRequest(**{**link(scene), "application_id": scene.file.id, "partner_key": "P01", **changes})


def signature(scene: Scene, **changes: Any) -> Base:
    columns = {"application_id": scene.file.id, "user_id": scene.people.lead.id, "name": "N", "capacity": "C"}
    return FileSignature(**{**columns, "at": DRAFTED, "content_sha256": "b" * 64, **changes})


MAKERS: dict[str, Callable[..., Base]] = {
    "organisation_invitations": to_organisation,
    "file_invitations": to_file,
    "commitment_requests": to_partner,
}
FAULTS: dict[str, dict[str, Any]] = {
    "email_lowercase": {"email": "Personne@exemple.invalid"},
    "expires_after_creation": {"expires_at": DRAFTED},
    "used_or_revoked": {"used_at": DRAFTED, "revoked_at": DRAFTED},
    "token_hash_is_sha256": {"token_hash": "a" * 63},
}


def refused(session: Session, row: Base) -> str | None:
    """Return the name of the constraint that refuses a row."""
    session.add(row)
    with pytest.raises(IntegrityError) as raised:
        session.flush()
    return constraint_of(raised.value)


@pytest.mark.parametrize("table", MAKERS)
@pytest.mark.parametrize("rule", FAULTS)
def test_a_link_that_makes_no_sense_is_refused(session: Session, scene: Scene, table: str, rule: str) -> None:
    assert refused(session, MAKERS[table](scene, **FAULTS[rule])) == f"ck_{table}_{rule}"


@pytest.mark.parametrize("table", MAKERS)
def test_one_link_waits_at_a_time(session: Session, scene: Scene, table: str) -> None:
    make = MAKERS[table]
    session.add(make(scene, token_hash="c" * 64, used_at=DRAFTED))  # a hash, of nothing
    session.add(make(scene))
    session.flush()
    found = refused(session, make(scene, token_hash="d" * 64))  # a hash, of nothing
    assert found is not None
    assert found in {f"uq_{table}_waiting", *_columns_of(table)}


@pytest.mark.parametrize("table", MAKERS)
def test_a_secret_opens_one_link_alone(session: Session, scene: Scene, table: str) -> None:
    make = MAKERS[table]
    session.add(make(scene, used_at=DRAFTED))
    session.flush()
    found = refused(session, make(scene, email="autre@exemple.invalid"))
    assert found is not None
    assert "token_hash" in found


def test_a_signature_names_the_content_it_signs(session: Session, scene: Scene) -> None:
    found = refused(session, signature(scene, content_sha256="b" * 63))
    assert found == "ck_file_signatures_content_is_sha256"


def _columns_of(table: str) -> tuple[str, ...]:
    """SQLite names the columns of a broken unique index, not the index."""
    columns = {
        "organisation_invitations": ("organisation_id", "email"),
        "file_invitations": ("application_id", "email"),
        "commitment_requests": ("application_id", "partner_key"),
    }[table]
    return (", ".join(f"{table}.{column}" for column in columns),)
