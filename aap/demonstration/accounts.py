"""The fictional people of the demonstration: invented names, one shared password, addresses that lead nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_security import hash_password

from aap.accounts.models import MembershipRole, Organisation, RoleName, User
from aap.accounts.service import OrganisationCard, create_organisation, create_user, grant_role, join_organisation
from aap.demonstration.structures import CASE, STRUCTURES

REGION = "IDF"
PASSWORD = "telesante-partout-2026"  # noqa: S105  # shown on the sign-in page of the demonstration, and only there


@dataclass(frozen=True, slots=True)
class Account:
    """A fictional person. Jurors and project leaders hold no regional role."""

    email: str
    given_name: str
    family_name: str
    job_title: str
    role: RoleName | None = None
    department: str | None = None
    structure: str | None = None


def _agency(name: str, given: str, family: str, job: str, role: RoleName, department: str | None = None) -> Account:
    return Account(f"{name}@demo.invalid", given, family, job, role, department)


def _juror(number: int, given: str, family: str, job: str) -> Account:
    return Account(f"jury{number}@demo.invalid", given, family, job)


def _lead(structure: str, given: str, family: str, job: str) -> Account:
    return Account(f"porteur.{structure}@demo.invalid", given, family, job, structure=structure)


_R = RoleName

AGENCY: tuple[Account, ...] = (
    _agency("administration", "Hélène", "Vauquelard", "Administratrice régionale de la plateforme", _R.ADMINISTRATOR),
    _agency("instruction", "Karim", "Belhadrane", "Chargé de mission télésanté, instructeur", _R.OFFICER),
    _agency("instruction2", "Maëlle", "Trégounec", "Chargée de mission innovation, instructrice", _R.OFFICER),
    _agency("direction", "Florence", "Ambrazac", "Directrice générale adjointe, décideuse", _R.DIRECTOR),
    _agency("finances", "Didier", "Roquelune", "Gestionnaire financier du FIR", _R.FINANCE),
    _agency("edition", "Salomé", "Querbois", "Responsable éditoriale des fiches", _R.EDITOR),
    _agency("redaction", "Irène", "Follembert", "Accompagnatrice externe au projet, rédactrice des fiches", _R.EDITOR),
    _agency("relecture", "Thierno", "Sambakou", "Relecteur, direction de l'innovation", _R.REVIEWER),
    _agency("relecture.externe", "Odile", "Maurevard", "Relectrice hors agence, appui à l'évaluation", _R.REVIEWER),
    _agency("dd75", "Bastien", "Cordelois", "Référent e-santé, délégation de Paris", _R.DD, "75"),
    _agency("dd77", "Nadège", "Fontarlay", "Référente e-santé, délégation de Seine-et-Marne", _R.DD, "77"),
    _agency("dd78", "Anh", "Tran-Valois", "Référente e-santé, délégation des Yvelines", _R.DD, "78"),
    _agency("dd91", "Gaspard", "Linguerolle", "Référent e-santé, délégation de l'Essonne", _R.DD, "91"),
    _agency("dd92", "Soraya", "Benkhelouf", "Référente e-santé, délégation des Hauts-de-Seine", _R.DD, "92"),
    _agency("dd93", "Yanis", "Ouldchérif", "Référent e-santé, délégation de Seine-Saint-Denis", _R.DD, "93"),
    _agency("dd94", "Clémence", "Pradelong", "Référente e-santé, délégation du Val-de-Marne", _R.DD, "94"),
    _agency("dd95", "Mamadou", "Kéïtanga", "Référent e-santé, délégation du Val-d'Oise", _R.DD, "95"),
    _agency("dcgdr", "Brigitte", "Sallandre", "Chargée de la gestion du risque, assurance maladie", _R.DCGDR),
    _agency("grades", "Romain", "Estévanne", "Architecte des services numériques, GRADeS", _R.GRADES),
    _agency("autonomie", "Lucie", "Harmandel", "Chargée de mission, direction de l'autonomie", _R.DIRECTION_METIER),
    _agency("copil", "Fatou", "Ndiayeké", "Membre du comité de pilotage, lecture seule", _R.READER),
)

# In the order in which they join a jury: the case's J1 sits for the agency, J2 and J4 for professionals, J3 for users.
JURORS: tuple[tuple[Account, int], ...] = (
    (_juror(1, "Élodie", "Marchambeau", "Jury : médecin conseillère de l'agence"), 0),
    (_juror(2, "Vincent", "Dargelas", "Jury : médecin généraliste, URPS"), 2),
    (_juror(3, "Josiane", "Lebrazidec", "Jury : représentante des usagers"), 3),
    (_juror(4, "Rachid", "Amraouine", "Jury : pharmacien, fédération professionnelle"), 2),
    (_juror(5, "Sylvain", "Courtebois", "Jury : délégation départementale"), 0),
    (_juror(6, "Inès", "Da Rocheira", "Jury : direction de l'innovation de l'agence"), 0),
    (_juror(7, "Pascal", "Vernouvel", "Jury : médecin-conseil, assurance maladie"), 1),
    (_juror(8, "Mei-Lin", "Zhaodong", "Jury : gestion du risque, assurance maladie"), 1),
    (_juror(9, "Aurore", "Quimperlan", "Jury : infirmière en pratique avancée, URPS"), 2),
    (_juror(10, "Georges", "Attalibou", "Jury : représentant des usagers"), 3),
    (_juror(11, "Noémie", "Sarrazel", "Jury : GRADeS, voix consultative"), 4),
)

LEADS: tuple[Account, ...] = (
    _lead(CASE, "Camille", "Ostrevent", "Cadre de santé, référente télésanté"),
    _lead("rosiers", "Benoît", "Maugrard", "Directeur d'EHPAD"),
    _lead("tilleuls", "Awa", "Diarressou", "Cadre de santé"),
    _lead("clairval", "Antoine", "Bellecharme", "Chef de projet télémédecine"),
    _lead("saint-aurele", "Ludivine", "Carpensac", "Directrice des coopérations"),
    _lead("plaine-nord", "Samir", "Hachelouf", "Coordinateur de CPTS"),
    _lead("montois", "Gwenaëlle", "Lostanvern", "Coordinatrice de maison de santé"),
    _lead("canal", "Mariama", "Condébou", "Médecin directrice de centre de santé"),
    _lead("horizon", "Philippe", "Garamboise", "Directeur de foyer d'accueil médicalisé"),
    _lead("appui-sud", "Estelle", "Nivernet", "Responsable de dispositif d'appui"),
    _lead("bords-de-seine", "Hugo", "Valtreuse", "Administrateur de groupement"),
    _lead("escale", "Leïla", "Zemmouria", "Responsable de l'équipe mobile"),
    _lead("passerelle", "Christophe", "Aubrelong", "Délégué général"),
    _lead("valmarne", "Dominique", "Sertillange", "Médecin responsable d'unité sanitaire"),
    _lead("ville-marne", "Paola", "Ferrandini", "Directrice de la santé, commune"),
    _lead("vexin", "Erwan", "Kerloc'hant", "Infirmier coordinateur"),
)

ACCOUNTS: tuple[Account, ...] = (*AGENCY, *(account for account, _ in JURORS), *LEADS)


@dataclass(frozen=True, slots=True)
class People:
    """Who takes part, found by the first part of the address; organisations by their key."""

    users: Mapping[str, User]
    organisations: Mapping[str, Organisation]

    def __getitem__(self, name: str) -> User:
        """Return a person: ``people["instruction"]``."""
        return self.users[name]

    def lead_of(self, structure: str) -> User:
        """Return the project leader of a structure."""
        return self.users[f"porteur.{structure}"]

    def dd(self, department: str) -> User:
        """Return the correspondent of a department."""
        return self.users[f"dd{department}"]

    @property
    def officer(self) -> User:
        """The officer of every call."""
        return self.users["instruction"]

    @property
    def director(self) -> User:
        """Who decides."""
        return self.users["direction"]

    @property
    def finance(self) -> User:
        """Who pays."""
        return self.users["finances"]

    def jurors(self) -> tuple[tuple[User, int], ...]:
        """Return the jurors with the position of their college, in the order in which they join."""
        return tuple((self.users[_name(account)], college) for account, college in JURORS)


def create_accounts(now: datetime) -> People:
    """Create every fictional person, with roles and organisations. The shared password is hashed once."""
    hashed = hash_password(PASSWORD)
    users = {_name(account): _create(account, hashed, now) for account in ACCOUNTS}
    organisations = {
        structure.key: create_organisation(
            OrganisationCard(
                name=structure.name,
                kind=structure.kind,
                siret=structure.siret,
                finess_et=structure.finess,
                department_code=structure.department,
                mailbox=f"direction@{structure.key}.exemple.invalid",
            ),
            region_code=REGION,
            now=now,
        )
        for structure in STRUCTURES
    }
    for lead in LEADS:
        if lead.structure:
            join_organisation(users[_name(lead)], organisations[lead.structure], MembershipRole.MANAGER, now)
    return People(users, organisations)


def _create(account: Account, hashed: str, now: datetime) -> User:
    user = create_user(
        account.email,
        now=now,
        password_hash=hashed,
        given_name=account.given_name,
        family_name=account.family_name,
        job_title=account.job_title,
    )
    if account.role is not None:
        grant_role(user, REGION, account.role, now=now, department_code=account.department)
    return user


def _name(account: Account) -> str:
    return account.email.partition("@")[0]
