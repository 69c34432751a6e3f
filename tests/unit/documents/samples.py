"""The documents of the coherent case: the figures of the four example files."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

from aap.documents.contract import ContractAnnex, Instalment, Obligation, Party
from aap.documents.letter import CriterionMark, Letter, Outcome, Reservation
from aap.documents.receipt import Piece, Receipt
from aap.documents.sheet import (
    CapitalisationSheet,
    Comparison,
    ComparisonRow,
    Dimension,
    Result,
    Step,
    Tool,
    Transferability,
    Verbatim,
)

AGENCY = "Agence régionale de santé (exemple)"
SERVICE = "Direction de l'innovation"
MAILBOX = "telesante-aap@exemple.invalid"
CALL_REF = "AAP-TS-2023-01"
CALL_TITLE = "Télésanté au plus près : accès aux soins des publics et des territoires prioritaires"
REFERENCE = "AAP-TS-2023-01-0017"
APPLICANT = "EHPAD Résidence du Val Fleuri (fictif)"
TITLE = "Téléconsultation assistée et téléexpertise gériatrique dans trois EHPAD de l'est de la Seine-et-Marne"

_PIECES = (
    ("Lettre de candidature signée du représentant légal", "lettre-candidature.pdf", 184_220),
    ("Relevé d'identité bancaire au nom du porteur", "rib.pdf", 61_004),
    ("Avis de situation SIRET de moins de trois mois", "avis-siret.pdf", 97_310),
    ("Délibération ou décision autorisant la candidature", "deliberation_CA_2023-10-05.pdf", 402_118),
    ("Comptes du dernier exercice clos et rapport d'activité", "comptes 2022 et rapport d'activité.pdf", 3_914_008),
    ("Lettre d'engagement – MSP du Plateau briard (fictive)", "engagement-msp.pdf", 120_480),
    ("Devis – Chariots de téléconsultation équipés", "devis_chariots.pdf", 233_901),
    ("Projet de convention de télémédecine", "convention-telemedecine.odt", 58_730),
)


def receipt() -> Receipt:
    return Receipt(
        agency=AGENCY,
        service_name=SERVICE,
        service_address="1 place de l'Exemple, 00000 Exemple",
        service_mailbox=MAILBOX,
        call_ref=CALL_REF,
        call_title=CALL_TITLE,
        reference=REFERENCE,
        title=TITLE,
        applicant_name=APPLICANT,
        strand="B – Personnes âgées et personnes en situation de handicap, en établissement ou à domicile",
        requested_eur=Decimal(120000),
        submitted_at=datetime(2023, 11, 3, 15, 42, 7, tzinfo=UTC),
        seal_sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        pieces=tuple(
            Piece(label, name, size, f"{index:02x}" * 32)
            for index, (label, name, size) in enumerate(_PIECES, start=160)
        ),
        legal_notice=(
            "Accusé de réception délivré en application du code des relations entre le public et l'administration.",
            "Les résultats seront notifiés au plus tard le 7 février 2024.",
        ),
    )


_MARKS = (
    ("Besoin et ciblage (territoire, public, égalité d'accès)", 20, (5, 4, 5)),
    ("Projet médical et intégration au parcours", 20, (4, 4, 3)),
    ("Organisation, ressources humaines et formation", 10, (4, 3, 4)),
    ("Partenariats et ancrage territorial", 10, (4, 4, 4)),
    ("Solution numérique : sécurité, interopérabilité, services socles", 10, (3, 3, 4)),
    ("Faisabilité, calendrier et risques", 10, (4, 3, 3)),
    ("Budget, efficience et pérennité", 10, (3, 3, 3)),
    ("Évaluation et capitalisation", 10, (4, 5, 4)),
)


def letter(outcome: Outcome = Outcome.FAVORABLE_WITH_RESERVATIONS) -> Letter:
    labels = {
        Outcome.FAVORABLE: "Favorable",
        Outcome.FAVORABLE_WITH_RESERVATIONS: "Favorable sous réserve",
        Outcome.WAITING_LIST: "Liste complémentaire",
        Outcome.UNFAVORABLE: "Défavorable",
        Outcome.CLOSED: "Sans suite",
    }
    funded = outcome in {Outcome.FAVORABLE, Outcome.FAVORABLE_WITH_RESERVATIONS}
    reservations = (
        Reservation(
            "Plan de financement révisé : part ARS du poste IDE ramenée de 55 200 € à 47 700 €.", date(2024, 3, 8)
        ),
        Reservation(
            "Attestation de conformité de la solution et convention de télémédecine signée avec le centre hospitalier.",
            date(2024, 3, 8),
        ),
    )
    return Letter(
        agency=AGENCY,
        service_name=SERVICE,
        service_mailbox=MAILBOX,
        reference=REFERENCE,
        call_ref=CALL_REF,
        call_title=CALL_TITLE,
        project_title=TITLE,
        applicant_name=APPLICANT,
        recipient_function="Directrice ou directeur d'établissement",
        dated=date(2024, 2, 7),
        outcome=outcome,
        outcome_label=labels[outcome],
        decided_on=date(2024, 1, 31),
        requested_eur=Decimal(120000),
        granted_eur=Decimal(112500) if funded else None,
        motive="Projet médical solide, partenariats signés, ciblage prioritaire. Effort demandé sur le temps "
        "infirmier ; deux points à lever avant convention.",
        reservations=reservations if outcome is Outcome.FAVORABLE_WITH_RESERVATIONS else (),
        marks=tuple(CriterionMark(label, weight, Fraction(sum(notes), 3), 5) for label, weight, notes in _MARKS),
        total=sum((Fraction(weight * sum(notes), 15) for _, weight, notes in _MARKS), start=Fraction(0)),
        total_maximum=100,
        appeal_routes=("Cette décision peut être contestée devant le tribunal administratif dans les deux mois.",),
        signatory_function="La directrice générale ou le directeur général de l'agence",
        rank=4 if outcome is Outcome.WAITING_LIST else None,
    )


def contract() -> ContractAnnex:
    return ContractAnnex(
        agency=AGENCY,
        number="FIR-2024-77-0012 (exemple)",
        form_label="Avenant au CPOM",
        application_ref=REFERENCE,
        call_title=f"{CALL_TITLE} ({CALL_REF})",
        project_title=TITLE,
        drawn_up_on=date(2024, 3, 27),
        parties=(
            Party("L'agence", AGENCY, (), "La directrice générale ou le directeur général"),
            Party(
                "Le porteur",
                APPLICANT,
                ("SIRET 999 771 017 00012", "FINESS 770999019"),
                "Directrice ou directeur d'établissement",
            ),
        ),
        purpose="L'agence soutient le projet « VAL-TLM 77 » tel que décrit dans le dossier déposé, dont le plan de "
        "financement révisé fait partie de la présente annexe.",
        start=date(2024, 4, 1),
        end=date(2026, 3, 31),
        duration_months=24,
        budget_eur=Decimal(164040),
        subsidy_eur=Decimal(112500),
        rate=Fraction(112500, 164040),
        instalments=(
            Instalment(1, "À la signature de la convention ou de l'avenant au CPOM", Decimal("0.60"), Decimal(67500)),
            Instalment(2, "À la validation du rapport intermédiaire (M12)", Decimal("0.30"), Decimal(33750)),
            Instalment(
                3,
                "Solde, à la validation du rapport final et du compte rendu financier",
                Decimal("0.10"),
                Decimal(11250),
            ),
        ),
        obligations=(
            Obligation("Point d'étape (M6)", date(2024, 10, 30)),
            Obligation("Rapport intermédiaire : indicateurs et dépenses (M12)", date(2025, 4, 30), 2),
            Obligation("Point d'étape (M18)", date(2025, 10, 30)),
            Obligation("Rapport final, compte rendu financier, évaluation (M24)", date(2026, 5, 30), 3),
            Obligation("Fiche de capitalisation validée par le porteur (M30)", date(2026, 9, 30)),
        ),
        balance_rule="Si la dépense réelle est inférieure au budget conventionné, la part ARS est recalculée au taux "
        "conventionné ; le solde est diminué d'autant, et un trop-perçu est reversé.",
        lapses_on=date(2027, 12, 31),
    )


def sheet() -> CapitalisationSheet:
    return CapitalisationSheet(
        agency=AGENCY,
        reference="CAP-2026-003",
        version=2,
        title="Téléconsultation assistée et téléexpertise dans trois EHPAD de l'est seine-et-marnais",
        hook="Un créneau médical quotidien, une infirmière ou un infirmier référent et des règles de facturation "
        "claires : en deux ans, 63 % des résidents concernés.",
        summary="Entre avril 2024 et mars 2026, trois EHPAD (246 places) situés en zone sous-dense ont organisé "
        "ensemble l'accès à distance au médecin généraliste et à trois spécialités hospitalières. 934 "
        "téléconsultations assistées et 251 téléexpertises ont été réalisées. Le délai médian d'un avis "
        "non programmé est passé de 52 à 11 heures. Les passages aux urgences ont reculé de 22 %, un peu moins que la "
        "cible. L'organisation tient sans le chef de projet.",
        published_on=date(2026, 9, 15),
        review_due=date(2028, 9, 15),
        licence="Licence Ouverte 2.0",
        url="https://aap.exemple.invalid/capitalisation/teleconsultation-assistee-trois-ehpad-est-seine-et-marne",
        identity=(
            ("Porteur", "EHPAD public autonome, pour le compte de trois EHPAD (exemple fictif)"),
            (
                "Partenaires",
                "Maison de santé, CPTS, centre hospitalier, dispositif d'appui, conseils de la vie sociale",
            ),
            ("Période", "avril 2024 à mars 2026"),
            ("Population", "246 résidents, dont 18 % sans médecin traitant au départ"),
            ("Moyens humains", "0,5 ETP infirmier, 0,05 ETP médical, 0,2 ETP de chef de projet la première année"),
            ("Cofinanceurs", "Conseil régional, conseil départemental, établissements"),
            ("Contact", "Boîte générique du référent e-santé du département"),
        ),
        budget_eur=Decimal(164040),
        spent_eur=Decimal(158900),
        subsidy_eur=Decimal("108974.95"),
        context="Deux médecins généralistes sur cinq du territoire ont plus de 60 ans. Avant le projet, un avis "
        "médical non programmé demandait 52 heures et un avis dermatologique ou géronto-psychiatrique 68 jours. Les "
        "équipes appelaient souvent le centre 15 faute d'autre réponse.",
        objectives=(
            "Donner un avis médical dans la journée ouvrée à tout résident, qu'il ait ou non un médecin traitant.",
            "Obtenir un avis spécialisé en moins de quinze jours.",
            "Réduire de près d'un quart les passages aux urgences.",
        ),
        steps=(
            Step(
                "M0–M2", "Cadrer", "Charte entre les trois sites, grille de recours à douze motifs, analyse d'impact."
            ),
            Step("M2–M4", "Équiper", "Mesure de couverture chambre par chambre avant l'achat ; trois chariots."),
            Step("M3–M6", "Former et démarrer", "Six sessions, un suppléant par site, premiers actes sur un étage."),
            Step("M7–M12", "Ajuster", "Créneau avancé à 13 h 30 ; grille ramenée à sept motifs."),
            Step("M13–M24", "Étendre et passer le relais", "Connecteur au dossier usager ; revue de pertinence."),
        ),
        dimensions=_dimensions(),
        results=_results(),
        results_limits="comparaison avant / après sans groupe témoin ; hospitalisations évitées déclarées.",
        comparison=_comparison(),
        success_factors=(
            "Portage médical : un médecin de la maison de santé tient le créneau.",
            "Un temps infirmier dédié et des suppléants formés.",
            "La facturation réglée avant le premier acte.",
        ),
        barriers=("Connecteur tardif", "Couverture réseau d'un site", "Nuit et week-end non couverts"),
        transferability=Transferability(
            ("Au moins un créneau médical garanti par jour ouvré", "4 Mbit/s en chambre"),
            ("Nombre de sites", "Spécialités", "Chariot ou mallette"),
            ("Le temps médical valorisé par l'établissement dépend d'un médecin coordonnateur volontaire",),
            "Pour 80 places : de 14 000 à 18 000 € d'investissement, puis 4 300 € par an et 0,2 ETP infirmier.",
        ),
        verbatims=(
            Verbatim("Infirmière de nuit", "Le lendemain matin, je sais que quelqu'un va voir mon résident à 13 h 30."),
            Verbatim(
                "Fille d'une résidente", "Ma mère n'a pas attendu sur un brancard. C'est tout ce que je demandais."
            ),
        ),
        toolbox=(
            Tool("modèle", "Grille de recours à sept motifs", "ODT"),
            Tool("liste de contrôle", "Mesure de couverture réseau chambre par chambre", "ODS"),
        ),
        evaluation="Projet PRJ-2024-0004 : généraliser avec adaptations (décision du 25 juin 2026).",
        keywords=("accompagnement au lit", "sans médecin traitant", "Mon espace santé"),
    )


def _dimensions() -> tuple[Dimension, ...]:
    return (
        Dimension(
            "Organisation",
            "Référente ou référent partagé, un suppléant par site, créneau quotidien fixe, repli vers le centre 15.",
            ("Créneau court et quotidien plutôt qu'une demi-journée par semaine", "Planning visible de tous"),
            ("Grille de recours trop longue au départ",),
            "Commencer sur un étage, pas sur trois sites à la fois.",
        ),
        Dimension(
            "Numérique",
            "Plateforme déjà présente au centre hospitalier, connecteur au dossier usager, messagerie sécurisée.",
            ("Choisir la solution des correspondants plutôt qu'une nouvelle",),
            ("Connecteur livré au quatorzième mois", "76 % de comptes rendus versés pour une cible de 80 %"),
            "Faire du connecteur une condition de paiement du prestataire.",
        ),
        Dimension(
            "Facturation",
            "Règles établies avec la CPAM : qui facture, dans quel cas, avec quel justificatif.",
            ("Fiche d'une page par acte", "Premier mois de facturation relu avec la caisse"),
            ("Part du requérant oubliée pendant cinq mois",),
            "Organiser la réunion de facturation avant le premier acte.",
        ),
    )


def _results() -> tuple[Result, ...]:
    return (
        Result("Téléconsultations assistées", "actes", 0, 900, 934, reached=True),
        Result("Téléexpertises", "actes", 4, 240, 251, reached=True),
        Result("Résidents concernés", "%", 3, 60, 63, reached=True),
        Result("Délai médian, avis non programmé", "heures", 52, 12, 11, reached=True),
        Result("Délai médian, avis spécialisé", "jours", 68, 15, 13, reached=True),
        Result("Passages aux urgences pour 100 résidents", "par an", 46, 35, 36, reached=False),
        Result("Comptes rendus versés à Mon espace santé", "%", 0, 80, 76, reached=False),
        Result("Satisfaction des résidents et proches", "/10", None, 8, Decimal("8.4"), reached=True),
        Result("Coût complet par acte", "€", None, 140, Decimal("134.09"), reached=True),
    )


def _comparison() -> Comparison:
    rows = (
        ("Sécurité et conformité", "Hébergement de données de santé certifié", "oui", "oui", "oui"),
        ("Sécurité et conformité", "Conformité au référentiel national attestée", "oui", "partiel", "inconnu"),
        ("Sécurité et conformité", "Contrat de sous-traitance RGPD et registre fournis", "oui", "oui", "partiel"),
        ("Services socles", "Identité nationale de santé (téléservice)", "oui", "oui", "non"),
        ("Services socles", "Versement à Mon espace santé", "oui", "partiel", "non"),
        ("Services socles", "Messagerie sécurisée de santé", "oui", "oui", "partiel"),
        ("Interopérabilité", "Connecteur au dossier usager informatisé", "partiel", "non", "partiel"),
        ("Ergonomie", "Utilisable par une personne malvoyante", "partiel", "inconnu", "non"),
        ("Exploitation", "Réversibilité des données décrite au contrat", "oui", "partiel", "inconnu"),
    )
    return Comparison(
        "Relevé au 1er trimestre 2026 auprès de trois solutions présentes dans le territoire ; à vérifier auprès de "
        "l'éditeur avant tout choix.",
        ("A", "B", "C"),
        tuple(ComparisonRow(group, point, tuple(answers)) for group, point, *answers in rows),
    )
