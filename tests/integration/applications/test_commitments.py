"""Commitment letters: signed on line with their hash, frozen, joined as a piece, voided when the commitment changes."""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aap.accounts.links import VALIDITY, LinkState
from aap.applications.asked_form import form_of
from aap.applications.commitment_letter import letter_of, sha256_of
from aap.applications.facts import read_application
from aap.applications.models import Application, CommitmentRequest, CommitmentSignature, Partner
from aap.applications.service import (
    Signing,
    cancel_request,
    letters_annex,
    remove_piece,
    request_commitment,
    save_section,
    sign_commitment,
    submit,
)
from aap.applications.service.commitments import CHANGED, GONE, find_request, find_signature
from aap.applications.verdicts import list_annexes
from aap.errors import ConflictError, ForbiddenError, InvalidError
from aap.forms.queries import get_answers, versions_of
from aap.storage import Storage
from tests.integration.applications.case import DEPOSITED, DRAFTED, People
from tests.integration.applications.inviting import mails_to, make_token, seat

pytestmark = pytest.mark.sqlite
ADDRESS = "partenaire@exemple.invalid"


def ask(application: Application, people: People, partner: Partner) -> CommitmentRequest:
    return request_commitment(application, partner.key, ADDRESS, make_token=make_token, actor=people.lead, now=DRAFTED)


def signing(application: Application, partner: Partner, **changes: object) -> Signing:
    typed = {
        "name": "Camille Essai",
        "function": "Directrice",
        "agrees": True,
        "seen_sha256": sha256_of(letter_of(application, partner)),
        **changes,
    }
    return Signing(**typed)  # type: ignore[arg-type]  # a case of the test


def without_letters(application: Application, people: People) -> Partner:
    """Take out the letters that the example joins as files; return the first partner."""
    for piece in [one for one in application.pieces if one.annex_key == "A09"]:
        remove_piece(application, piece, actor=people.lead, now=DRAFTED)
    return application.partners[0]


def save_partners(application: Application, people: People, change: str, text: str) -> None:
    """Save the partners again with the first one's ``change`` set to ``text``; no partner at all for an empty name."""
    section, spec = next(
        (section, spec)
        for section in form_of(application.call_version).sections
        for spec in section.fields
        if spec.type == "partners"
    )
    rows = read_application(application, DRAFTED).values[spec.id]
    first = rows[0].__class__(**{**{name: getattr(rows[0], name) for name in rows[0].__slots__}, change: text})
    values = {spec.id: rows[1:] if not text else (first, *rows[1:])}
    seen = versions_of(get_answers(application.sheet_id))
    save_section(application, section.id, values, seen, actor=people.lead, now=DRAFTED)


def test_a_partner_signs_and_the_letter_becomes_the_piece(case: Application, people: People, store: Storage) -> None:
    partner = without_letters(case, people)
    missing = {status.key: status.missing for status in list_annexes(case, DRAFTED)}["A09"]
    assert partner.name in missing
    asked = ask(case, people, partner)
    signature = sign_commitment(asked, signing(case, partner), storage=store, now=DRAFTED)
    assert hashlib.sha256(signature.letter.encode()).hexdigest() == signature.letter_sha256
    assert partner.name in signature.letter
    assert partner.role in signature.letter
    assert (signature.signer_name, signature.signer_function) == ("Camille Essai", "Directrice")
    assert signature.signed_at == DRAFTED
    after = {status.key: status.missing for status in list_annexes(case, DRAFTED)}["A09"]
    assert partner.name not in after
    assert signature.piece is not None
    content = b"".join(store.read(signature.piece.file.storage_key))
    assert content.startswith(b"%PDF")
    assert "commitment-signed" in mails_to(people.lead.email)
    assert "commitment-signed-copy" in mails_to(ADDRESS)


def test_the_link_serves_once_expires_and_is_cancelled(case: Application, people: People, store: Storage) -> None:
    first, second, third = case.partners[:3]
    without_letters(case, people)
    asked = ask(case, people, first)
    sign_commitment(asked, signing(case, first), storage=store, now=DRAFTED)
    with pytest.raises(ConflictError) as used:
        sign_commitment(asked, signing(case, first), storage=store, now=DRAFTED)
    assert used.value.code == "lien-deja-utilise"
    with pytest.raises(ConflictError, match="déjà signé"):
        ask(case, people, first)
    late = ask(case, people, second)
    with pytest.raises(ConflictError) as expired:
        sign_commitment(late, signing(case, second), storage=store, now=DRAFTED + VALIDITY)
    assert expired.value.code == "lien-expire"
    again = ask(case, people, second)
    assert late.state(DRAFTED) is LinkState.REVOKED
    cancel_request(again, actor=people.lead, now=DRAFTED)
    with pytest.raises(ConflictError) as cancelled:
        sign_commitment(again, signing(case, second), storage=store, now=DRAFTED)
    assert cancelled.value.code == "lien-annule"
    assert ask(case, people, third).partner_key == third.key


@pytest.mark.parametrize(
    ("changes", "place"), [({"name": " "}, "name"), ({"function": ""}, "function"), ({"agrees": False}, "agrees")]
)
def test_a_signature_names_its_signer(
    case: Application, people: People, store: Storage, changes: dict[str, object], place: str
) -> None:
    partner = without_letters(case, people)
    asked = ask(case, people, partner)
    with pytest.raises(InvalidError) as told:
        sign_commitment(asked, signing(case, partner, **changes), storage=store, now=DRAFTED)
    assert [problem.place for problem in told.value.problems] == [place]
    assert asked.used_at is None


def test_only_the_letter_that_was_read_is_signed(case: Application, people: People, store: Storage) -> None:
    partner = without_letters(case, people)
    asked = ask(case, people, partner)
    typed = signing(case, partner)
    save_partners(case, people, "role", "Prête une salle.")
    with pytest.raises(ConflictError) as told:
        sign_commitment(asked, typed, storage=store, now=DRAFTED)
    assert told.value.code == "lettre-changee"


def test_a_changed_commitment_voids_the_signature_and_says_so(
    case: Application, people: People, store: Storage
) -> None:
    partner = without_letters(case, people)
    signature = sign_commitment(ask(case, people, partner), signing(case, partner), storage=store, now=DRAFTED)
    letter, key = signature.letter, partner.key
    section = next(s for s in form_of(case.call_version).sections if any(f.id == "title" for f in s.fields))
    seen = versions_of(get_answers(case.sheet_id))
    save_section(case, section.id, {"title": "Un autre titre"}, seen, actor=people.lead, now=DRAFTED)
    assert find_signature(case, key) is signature, "the title of the project is no part of the commitment"
    save_partners(case, people, "role", "Prête une salle, un jour par semaine.")
    assert (signature.voided_at, signature.void_reason) == (DRAFTED, CHANGED)
    assert signature.letter == letter, "what was signed stays as it was signed"
    assert signature.piece is not None
    assert signature.piece.replaced_at == DRAFTED
    assert find_signature(case, key) is None
    assert "commitment-voided" in mails_to(people.lead.email)
    assert "commitment-voided" in mails_to(ADDRESS)
    again = next(one for one in case.partners if one.key == key)
    fresh = sign_commitment(ask(case, people, again), signing(case, again), storage=store, now=DRAFTED)
    assert "un jour par semaine" in fresh.letter


def test_a_partner_who_leaves_takes_signature_and_request_along(
    case: Application, people: People, store: Storage
) -> None:
    partner = without_letters(case, people)
    key = partner.key
    signature = sign_commitment(ask(case, people, partner), signing(case, partner), storage=store, now=DRAFTED)
    save_partners(case, people, "name", "")
    assert signature.void_reason == GONE
    second = case.partners[0]
    ask(case, people, second)
    save_partners(case, people, "name", "")
    assert find_request(case, second.key) is None
    assert key != second.key


def test_letters_close_with_the_file_and_belong_to_its_lead(case: Application, people: People, store: Storage) -> None:
    partner = case.partners[0]
    seat(case, people.stranger)
    with pytest.raises(ForbiddenError):
        request_commitment(case, partner.key, ADDRESS, make_token=make_token, actor=people.stranger, now=DRAFTED)
    asked = ask(case, people, partner)
    asked.expires_at = DEPOSITED + timedelta(days=9)
    submit(case, actor=people.lead, now=DEPOSITED)
    with pytest.raises(ConflictError) as told:
        sign_commitment(asked, signing(case, partner), storage=store, now=DEPOSITED)
    assert told.value.code == "lettres-closes"
    annex = letters_annex(case)
    assert annex is not None
    assert annex.id == "A09"


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("letter_is_sha256", {"letter_sha256": "court"}),
        ("commitment_is_sha256", {"commitment_sha256": "court"}),
        ("signer_is_named", {"signer_name": ""}),
        ("void_has_a_reason", {"voided_at": DRAFTED}),
    ],
)
def test_constraints(
    session: Session, case: Application, people: People, constraint: str, changes: dict[str, object]
) -> None:
    asked = ask(case, people, case.partners[0])
    values = {
        "partner_key": "P1",
        "request_id": asked.id,
        "signer_name": "Camille",
        "signer_function": "Directrice",
        "signed_at": DRAFTED,
        "letter": "…",
        "letter_sha256": uuid.uuid4().hex * 2,
        "commitment_sha256": uuid.uuid4().hex * 2,
        **changes,
    }
    session.add(CommitmentSignature(application_id=case.id, **values))
    with pytest.raises(IntegrityError, match=constraint):
        session.flush()
