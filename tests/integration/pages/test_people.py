"""The people of a file on screen: invitations by link, letters of partners, transfers; each dead end has its page."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from aap.accounts.links import VALIDITY
from aap.accounts.models import Membership, MembershipRole, Organisation, OrganisationInvitation, User
from aap.accounts.queries import get_user_by_email
from aap.accounts.service import join_organisation
from aap.applications.models import CommitmentRequest, FileInvitation, LeadChange, Participant
from aap.applications.queries import get_application
from aap.clock import FixedClock
from aap.extensions import storage
from aap.jobs.delivery import HANDLERS
from aap.mail import MailboxMessage
from aap.outbox import deliver_all
from tests.client import StrictClient
from tests.integration.applications.case import make_user
from tests.integration.applications.inviting import make_token, seat
from tests.integration.pages.applicant_case import Scene, draft, fill, one, parsed, send, sent_by, set_scene, words_of

Within = Callable[[], AbstractContextManager[Session]]
INVITED = "stranger@exemple.invalid"


@dataclass(frozen=True, slots=True)
class Stage:
    """The scene with the client that plays it."""

    scene: Scene
    client: StrictClient
    within: Within
    clock: FixedClock
    links: set[str] = field(default_factory=set)

    def sign_in(self, token: str) -> None:
        """Sign in as the person of a session token; an empty one signs out."""
        with self.client.session_transaction() as held:
            held.clear()
            if token:
                held.update({"_user_id": token, "_fresh": True})

    def post(self, path: str, page: str = "", **values: str) -> tuple[int, str]:
        """Send a form of a page with values; return the status and the words of where it leads."""
        shown = parsed(self.client.get(page or path))
        sent = {"csrf_token": str(shown.select("input[name=csrf_token]")[0]["value"]), **values}
        answer = self.client.post(path, data=sent)
        if answer.status_code == 303:
            answer = self.client.get(str(answer.location))
        return answer.status_code, words_of(one(parsed(answer), "main"))

    def read(self, path: str) -> tuple[int, str]:
        """Return the status and the words of a page."""
        answer = self.client.get(path)
        return answer.status_code, words_of(one(parsed(answer), "main"))

    def mail(self, address: str) -> str:
        """Deliver what waits, and return the mails of an address, one after the other."""
        with self.within() as session:
            deliver_all(HANDLERS, self.clock.now())
            query = select(MailboxMessage.text).where(MailboxMessage.recipient == address)
            return "\n".join(session.scalars(query.order_by(MailboxMessage.at, MailboxMessage.id)))

    def link(self, address: str) -> str:
        """Return the path of the only link sent to an address that was not met before."""
        found = re.findall(r"http://localhost(/(?:invitations|engagements)/\S+)", self.mail(address))
        (fresh,) = set(found) - self.links
        self.links.add(fresh)
        return str(fresh)

    def invite(self, email: str = INVITED, **values: str) -> str:
        """Invite somebody as the lead, and return the path of the link."""
        path = f"{self.scene.path}/personnes/inviter"
        status, told = self.post(path, email=email, **{"role": "editor", "scope": "tout", **values})
        assert (status, "L'invitation part à" in told) == (200, True), told
        return self.link(email)


@pytest.fixture
def stage(within: Within, client: StrictClient, clock: FixedClock) -> Stage:
    """The lead has filled the file, and is signed in."""
    with within() as session:
        lead, officer, stranger = set_scene(session)
        application = draft(lead)
        application.organisation = session.scalars(select(Organisation)).one()
        fill(application, lead, storage())
        session.commit()
        scene = Scene(lead.fs_uniquifier, officer.fs_uniquifier, stranger.fs_uniquifier, application.id)
    made = Stage(scene, client, within, clock)
    made.sign_in(scene.lead)
    return made


def test_an_account_accepts_by_its_link_and_works_in_its_sections_only(stage: Stage) -> None:
    path = stage.invite(scope="rubriques", sections="S1")
    stage.sign_in("")
    status, told = stage.read(path)
    assert (status, "Un compte existe" in told, "Se connecter" in told) == (200, True, True)
    stage.sign_in(stage.scene.stranger)
    status, told = stage.post(path)
    assert "L'invitation est acceptée" in told
    tasks = parsed(stage.client.get(stage.scene.path))
    assert len(tasks.select(".aap-tasks li")) == 1
    assert "Montant demandé" not in words_of(tasks)
    files = stage.scene.path
    opened = {
        suffix: stage.client.get(f"{files}{suffix}").status_code
        for suffix in (
            "/rubriques/S1",
            "/rubriques/S2",
            "/lecture",
            "/pieces",
            "/verification",
            "/conditions",
            "/volet",
        )
    }
    assert opened == {
        "/rubriques/S1": 200,
        "/rubriques/S2": 404,
        "/lecture": 200,
        "/pieces": 403,
        "/verification": 403,
        "/conditions": 403,
        "/volet": 403,
    }
    read = words_of(parsed(stage.client.get(f"{files}/lecture")))
    assert "elles seules" in read
    assert "Plan de financement" not in read
    page = parsed(stage.client.get(f"{files}/rubriques/S1"))
    assert send(stage.client, f"{files}/rubriques/S1", page, applicant_name="Autre nom").status_code == 303
    assert "Sur invitation" in stage.read("/dossiers")[1]
    _, people = stage.read(f"{files}/personnes")
    assert "Inviter" not in people
    assert "lettres d'engagement" not in people


def test_somebody_without_an_account_makes_one_on_the_way(stage: Stage) -> None:
    path = stage.invite("nouvelle@exemple.invalid", role="reader")
    stage.sign_in("")
    status, told = stage.post(f"{path}/compte", path, given_name="Nour", password="court", password_confirm="autre")
    assert status == 400
    assert "Indiquez votre nom." in told
    assert "12 caractères" in told
    assert "Les deux mots de passe saisis sont différents." in told
    page = parsed(stage.client.get(path))
    assert one(page, "#given_name")["value"] == ""
    words = "quatre mots sans lien"
    status, told = stage.post(
        f"{path}/compte", path, given_name="Nour", family_name="Essai", password=words, password_confirm=words
    )
    assert (status, "Votre compte est créé et l'invitation acceptée" in told) == (200, True)
    with stage.within():
        person = get_user_by_email("nouvelle@exemple.invalid")
        assert person is not None
        assert person.confirmed_at is not None
        assert person.display_name == "Nour Essai"
    assert "a accepté votre invitation" in stage.mail("lead@exemple.invalid")


def test_every_dead_end_has_its_page(stage: Stage) -> None:
    path = stage.invite()
    stage.sign_in(stage.scene.officer)
    status, told = stage.read(path)
    assert status == 403
    assert "Cette invitation est pour une autre adresse" in told
    assert "s…@exemple.invalid" in told
    assert stage.post(path)[0] == 403
    status, told = stage.post(f"{path}/autre-compte", path)
    assert (status, "Un compte existe" in told) == (200, True)
    stage.sign_in(stage.scene.stranger)
    stage.post(path)
    status, told = stage.read(path)
    assert (status, "Cette invitation a déjà servi" in told, "Continuer" in told) == (410, True, True)
    stage.sign_in(stage.scene.lead)
    cancelled = stage.invite("autre@exemple.invalid")
    with stage.within() as session:
        waiting = session.scalars(select(FileInvitation).where(FileInvitation.used_at.is_(None))).one()
        invitation = f"{stage.scene.path}/personnes/invitations/{waiting.id}"
    people = f"{stage.scene.path}/personnes"
    assert "Un nouveau lien est envoyé" in stage.post(f"{invitation}/renvoi", people)[1]
    status, told = stage.read(cancelled)
    assert (status, "Cette invitation a été annulée" in told) == (410, True)
    fresh = stage.link("autre@exemple.invalid")
    assert fresh != cancelled
    stage.clock.set(stage.clock.now() + VALIDITY)
    status, told = stage.read(fresh)
    assert (status, "Cette invitation a expiré" in told) == (410, True)
    assert stage.post(fresh, people)[0] == 410
    assert stage.client.get("/invitations/faux").status_code == 404


def test_the_form_of_an_invitation_says_what_is_wrong_and_keeps_what_was_typed(stage: Stage) -> None:
    path = f"{stage.scene.path}/personnes/inviter"
    status, told = stage.post(path, email="sans arobase", role="editor", scope="tout")
    assert (status, "n'est pas complète" in told) == (400, True)
    status, told = stage.post(path, email="a@exemple.invalid", role="reader", scope="rubriques")
    assert (status, "Choisissez au moins une rubrique" in told) == (400, True)
    answer = stage.client.get(path)
    sent = sent_by(parsed(answer))
    sent["email"], sent["role"] = "a@exemple.invalid", ""
    page = parsed(stage.client.post(path, data=sent))
    assert one(page, "#email")["value"] == "a@exemple.invalid"
    assert "Choisissez ce que cette personne pourra faire." in words_of(page)


def test_rights_change_and_people_are_removed_on_screen(stage: Stage) -> None:
    path = stage.invite()
    stage.sign_in(stage.scene.stranger)
    stage.post(path)
    check = parsed(stage.client.get(f"{stage.scene.path}/verification"))
    assert "Seul le porteur du dossier" in words_of(check)
    assert not check.select("input[name=honour]")
    stage.sign_in(stage.scene.lead)
    people = f"{stage.scene.path}/personnes"
    with stage.within() as session:
        held = f"{people}/{session.scalars(select(Participant.id)).one()}"
    assert "Les droits sont changés" in stage.post(f"{held}/droits", role="reader", scope="tout")[1]
    assert "Lecteur" in stage.read(people)[1]
    assert "ne participe plus au dossier" in stage.post(f"{held}/retrait", people)[1]
    stage.sign_in(stage.scene.stranger)
    assert stage.client.get(stage.scene.path).status_code == 404


def test_the_page_of_people_costs_the_same_with_more_of_them(stage: Stage) -> None:
    people = f"{stage.scene.path}/personnes"
    counts = []
    for more in (1, 5):
        with stage.within() as session:
            for number in range(more):
                guest = make_user(session, f"invite{more}-{number}")
                seat(get_application(uuid.UUID(str(stage.scene.file_id))), guest, now=stage.clock.now())
            session.commit()
        with counted() as statements:
            assert stage.client.get(people).status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1], counts


@contextmanager
def counted() -> Iterator[list[str]]:
    """Count the statements of a block."""
    statements: list[str] = []

    def note(*told: object) -> None:
        statements.append(str(told[2]))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_a_partner_signs_without_an_account(stage: Stage) -> None:
    people = f"{stage.scene.path}/personnes"
    with stage.within():
        partner = get_application(uuid.UUID(str(stage.scene.file_id))).partners[0]
        key, name = partner.key, partner.name
    asked = f"{stage.scene.path}/lettres/{key}"
    status, told = stage.post(asked, email="pas bonne")
    assert status == 400
    assert "Le lien de signature part à" in stage.post(asked, email="partenaire@exemple.invalid")[1]
    path = stage.link("partenaire@exemple.invalid")
    stage.sign_in("")
    page = parsed(stage.client.get(path))
    letter = one(page, "blockquote").get_text()
    assert name in letter
    status, told = stage.post(path, function="Directrice")
    assert (status, "Indiquez vos prénom et nom." in told) == (400, True)
    seen = str(one(page, "input[name=letter_sha256]")["value"])
    sent = {"name": "Camille Essai", "function": "Directrice", "agrees": "y"}
    status, told = stage.post(path, **sent, letter_sha256="0" * 64)
    assert (status, "La lettre a changé depuis que vous l'avez ouverte" in told) == (409, True)
    status, told = stage.post(path, **sent, letter_sha256=seen)
    assert status == 200
    assert "Cette lettre d'engagement est signée" in told
    assert seen in told
    copy = stage.mail("partenaire@exemple.invalid")
    text = copy[copy.index("LETTRE D'ENGAGEMENT") : copy.index("Empreinte SHA-256 du texte ci-dessus")]
    assert hashlib.sha256(f"{text.rstrip()}\n".encode()).hexdigest() == seen
    assert stage.client.get(path).status_code == 200
    stage.sign_in(stage.scene.lead)
    told = stage.read(people)[1]
    assert "Signée en ligne" in told
    assert "Camille Essai, Directrice" in told
    pieces = words_of(parsed(stage.client.get(f"{stage.scene.path}/pieces/A09")))
    assert f"lettre-engagement-{key}.pdf" in pieces


def test_a_partners_link_dies_with_the_closing_of_the_call(stage: Stage) -> None:
    with stage.within():
        key = get_application(uuid.UUID(str(stage.scene.file_id))).partners[0].key
    stage.post(f"{stage.scene.path}/lettres/{key}", email="partenaire@exemple.invalid")
    path = stage.link("partenaire@exemple.invalid")
    stage.sign_in("")
    stage.clock.set(stage.clock.now() + VALIDITY)
    assert "Ce lien a expiré" in stage.read(path)[1]
    stage.clock.set(stage.clock.now() - VALIDITY)
    with stage.within() as session:
        request = session.scalars(select(CommitmentRequest)).one()
        request.expires_at += timedelta(days=400)
        session.commit()
    stage.clock.set(stage.clock.now() + timedelta(days=60))
    status, told = stage.read(path)
    assert (status, "ne peut plus être signée" in told) == (410, True)


def test_a_file_is_transferred_to_a_colleague_who_accepts(stage: Stage) -> None:
    with stage.within() as session:
        organisation = session.scalars(select(Organisation)).one()
        stranger = session.scalars(select(User).where(User.email == INVITED)).one()
        join_organisation(stranger, organisation, MembershipRole.MEMBER, stage.clock.now())
        session.commit()
    path = f"{stage.scene.path}/transfert"
    assert stage.post(path, to="inconnue@exemple.invalid")[0] == 400
    assert "La proposition est envoyée" in stage.post(path, to=INVITED)[1]
    with stage.within() as session:
        offer = f"/dossiers/transferts/{session.scalars(select(LeadChange.id)).one()}"
    assert offer in stage.mail(INVITED)
    assert stage.client.get(offer).status_code == 404
    stage.sign_in(stage.scene.stranger)
    assert stage.client.get(stage.scene.path).status_code == 404
    assert "vous devenez le porteur" in stage.read(offer)[1]
    assert "Vous portez maintenant ce dossier" in stage.post(offer, answer="accept")[1]
    assert "n'attend plus de réponse" in stage.read(offer)[1]
    stage.sign_in(stage.scene.lead)
    assert "Seul le porteur du dossier" in stage.read(f"{stage.scene.path}/verification")[1]
    assert stage.client.get(f"{stage.scene.path}/transfert").status_code == 403


def test_a_departed_lead_leaves_no_orphan(stage: Stage) -> None:
    with stage.within() as session:
        organisation = session.scalars(select(Organisation)).one()
        manager, member = make_user(session, "gerante"), make_user(session, "membre")
        join_organisation(manager, organisation, MembershipRole.MANAGER, stage.clock.now())
        join_organisation(member, organisation, MembershipRole.MEMBER, stage.clock.now())
        tokens = (manager.fs_uniquifier, member.fs_uniquifier)
        where = f"/structures/{organisation.id}"
        session.commit()
    stage.sign_in(tokens[0])
    assert stage.client.get(f"{stage.scene.path}/reprise").status_code == 404
    with stage.within() as session:
        session.scalars(select(User).where(User.email == "lead@exemple.invalid")).one().active = False
        session.commit()
    stage.sign_in(tokens[1])
    assert stage.client.get(f"{stage.scene.path}/reprise").status_code == 404
    assert "sans porteur" not in stage.read(where)[1]
    stage.sign_in(tokens[0])
    assert "1 dossier est resté sans porteur" in stage.read(where)[1]
    assert "Vous portez maintenant ce dossier" in stage.post(f"{stage.scene.path}/reprise")[1]
    assert "sans porteur" not in stage.read(where)[1]


def test_the_officer_hands_a_file_over_with_a_reason(stage: Stage) -> None:
    path = f"/agence/dossiers/{stage.scene.file_id}/porteur"
    stage.sign_in(stage.scene.officer)
    assert stage.client.get(path).status_code == 404
    assert "Aucun dossier n'est sans porteur" in stage.read("/agence/dossiers-sans-porteur")[1]
    with stage.within() as session:
        session.scalars(select(User).where(User.email == "lead@exemple.invalid")).one().active = False
        session.commit()
    told = stage.read("/agence/dossiers-sans-porteur")[1]
    assert "Brouillon" in told
    assert "Val-TLM" not in told
    status, told = stage.post(path, email="inconnue@exemple.invalid", reason="Départ à la retraite.")
    assert (status, "Aucun compte ouvert" in told) == (400, True)
    assert stage.post(path, email=INVITED)[0] == 400
    assert "a changé de porteur" in stage.post(path, email=INVITED, reason="Départ à la retraite.")[1]
    assert "Départ à la retraite." in stage.mail(INVITED)
    stage.sign_in(stage.scene.stranger)
    assert stage.client.get(stage.scene.path).status_code == 200


def test_my_organisation_its_card_members_and_delegations(stage: Stage) -> None:
    with stage.within() as session:
        organisation = session.scalars(select(Organisation)).one()
        where, lead_id = f"/structures/{organisation.id}", str(session.scalars(select(Membership.user_id)).one())
    assert "EHPAD Résidence du Val Fleuri" in stage.read("/structures")[1]
    told = stage.read(where)[1]
    assert "99977101700012" in told
    assert "770999019" in told
    page = parsed(stage.client.get(f"{where}/modifier"))
    answer = send(stage.client, f"{where}/modifier", page, siret="123", name="")
    assert answer.status_code == 400
    assert "14 chiffres" in words_of(one(parsed(answer), "#siret-error"))
    answer = send(stage.client, f"{where}/modifier", page, finess_ej="770999019", mailbox="boite@exemple.invalid")
    assert answer.status_code == 303, words_of(parsed(answer))
    assert "boite@exemple.invalid" in stage.read(where)[1]
    new = f"{where}/delegations/nouvelle"
    wrong = {"user_id": lead_id, "on_behalf_of": "Présidente", "starts_on": "2023-09-01", "ends_on": "2023-08-01"}
    status, told = stage.post(new, **wrong)
    assert (status, "La délégation finit avant de commencer." in told) == (400, True)
    assert "En cours" in stage.post(new, **{**wrong, "ends_on": "2023-12-31"})[1]
    assert "Une invitation" not in stage.read(where)[1]
    stage.post(f"{where}/inviter", email=INVITED, role="member")
    assert "Une invitation attend déjà" in stage.post(f"{where}/inviter", email=INVITED, role="member")[1]
    path = stage.link(INVITED)
    stage.sign_in(stage.scene.stranger)
    assert stage.client.get(where).status_code == 404
    assert "Rejoindre EHPAD" in stage.read(path)[1]
    assert "L'invitation est acceptée" in stage.post(path)[1]
    assert stage.client.get(f"{where}/inviter").status_code == 403
    with stage.within() as session:
        mine = session.scalars(
            select(Membership).join(User, User.id == Membership.user_id).where(User.email == INVITED)
        )
        leaving = f"{where}/membres/{mine.one().id}/depart"
    assert "Vous ne faites plus partie" in stage.post(leaving, where)[1]
    assert stage.client.get(where).status_code == 404
    stage.sign_in(stage.scene.lead)
    with stage.within() as session:
        assert session.scalars(select(OrganisationInvitation)).one().used_at is not None
    token = make_token(uuid.uuid4())
    assert stage.client.get(f"/invitations/{token}").status_code == 404


def test_the_signatory_signs_before_the_deposit_when_the_organisation_asks(stage: Stage) -> None:
    with stage.within() as session:
        organisation = session.scalars(select(Organisation)).one()
        organisation.requires_signature = True
        stranger = session.scalars(select(User).where(User.email == INVITED)).one()
        join_organisation(stranger, organisation, MembershipRole.MEMBER, stage.clock.now())
        where, stranger_id = f"/structures/{organisation.id}", str(stranger.id)
        session.commit()
    check = f"{stage.scene.path}/verification"
    assert "Le dossier doit être signé avant son dépôt" in stage.read(check)[1]
    path = stage.invite(role="signatory")
    stage.sign_in(stage.scene.stranger)
    stage.post(path)
    signing = f"{stage.scene.path}/signature"
    sent = {"name": "Sacha Essai", "capacity": "Présidente"}
    assert stage.post(signing, **sent)[0] == 403
    stage.sign_in(stage.scene.lead)
    assert stage.post(signing, **sent)[0] == 403
    given = {"user_id": stranger_id, "on_behalf_of": "Présidente", "starts_on": "2023-09-01"}
    stage.post(f"{where}/delegations/nouvelle", **given)
    stage.sign_in(stage.scene.stranger)
    assert stage.post(signing, name="")[0] == 400
    assert "Le dossier est signé" in stage.post(signing, **sent)[1]
    stage.sign_in(stage.scene.lead)
    assert "doit être signé" not in stage.read(check)[1]
    page = parsed(stage.client.get(f"{stage.scene.path}/rubriques/S1"))
    send(stage.client, f"{stage.scene.path}/rubriques/S1", page, applicant_name="Autre nom")
    assert "Le dossier a changé depuis sa signature" in stage.read(check)[1]
