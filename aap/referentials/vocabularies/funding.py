"""Money: cost categories, funders, payments, contract forms."""

from __future__ import annotations

from aap.referentials.vocabularies.terms import listed

BUDGET_CATEGORIES = listed(
    "budget_categories",
    "Postes de dépense",
    ("investissement", "Investissement", "Équipement, dispositifs connectés, réseau."),
    ("fonctionnement", "Fonctionnement", "Abonnements, maintenance, communication."),
    ("rh", "Ressources humaines", "Temps d'accompagnement et de coordination, hors actes facturés."),
    ("ingenierie", "Ingénierie de projet", "Chef de projet, assistance, rédaction de protocoles."),
    ("formation", "Formation", "Outil, cadre juridique, facturation."),
    ("evaluation", "Évaluation", "Recueil d'indicateurs, enquêtes, fiche de capitalisation."),
)

INCOME_KINDS = listed(
    "income_kinds",
    "Nature de la recette",
    ("subvention", "Subvention demandée à l'agence"),
    ("cofinancement", "Cofinancement"),
    ("autofinancement", "Autofinancement"),
)

COFUNDING_STATUS = listed(
    "cofunding_status",
    "Situation du financement",
    ("demande", "Demandé"),
    ("acquis", "Acquis"),
    ("refuse", "Refusé"),
)

FUNDER_KINDS = listed(
    "funder_kinds",
    "Financeurs",
    ("fir", "ARS – Fonds d'intervention régional (FIR)"),
    ("conseil_regional", "Conseil régional"),
    ("conseil_departemental", "Conseil départemental"),
    ("commune_epci", "Commune ou intercommunalité"),
    ("caisse_des_depots", "Caisse des dépôts"),
    ("prefecture", "Préfecture"),
    ("europe", "Union européenne"),
    ("fondation", "Fondation"),
    ("assurance_maladie", "Assurance maladie"),
    ("autofinancement", "Autofinancement"),
    ("autre", "Autre financeur"),
)

PAYMENT_TRIGGERS = listed(
    "payment_triggers",
    "Déclencheurs de versement",
    ("convention_signed", "Signature de la convention ou de l'avenant"),
    ("interim_report_validated", "Validation du rapport intermédiaire"),
    ("final_report_validated", "Validation du rapport final"),
    ("report_validated", "Validation d'un rapport"),
    ("date", "Date fixée"),
)

CONTRACT_FORMS = listed(
    "contract_forms",
    "Formes de contrat",
    ("avenant_cpom", "Avenant au contrat pluriannuel d'objectifs et de moyens (CPOM)"),
    ("convention_fir", "Convention FIR"),
    ("decision", "Décision attributive"),
)

RATE_BASES = listed(
    "rate_bases",
    "Base du taux",
    (
        "best_zone_with_half_of_capacity",
        "Zone la plus favorable parmi les sites portant au moins la moitié de la capacité",
    ),
    ("best_zone_of_sites", "Zone la plus favorable parmi les sites"),
)
