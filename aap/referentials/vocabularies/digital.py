"""Digital solutions: situation, functions, technical points and the words that answer them."""

from __future__ import annotations

from aap.referentials.vocabularies.terms import listed

SOLUTION_SITUATIONS = listed(
    "solution_situations",
    "Situation de la solution",
    ("deja_deployee", "Solution déjà déployée chez le porteur ou un partenaire"),
    ("regionale_grades", "Solution régionale proposée par le GRADeS"),
    ("marche_a_passer", "Marché à passer"),
)

SOLUTION_STATUS = listed(
    "solution_status",
    "Situation dans le territoire",
    ("deja_deployee_dans_le_territoire", "Déjà déployée dans le territoire"),
    ("deja_deployee", "Déjà déployée"),
    ("en_service", "En service"),
    ("en_deploiement", "En cours de déploiement"),
    ("prevue", "Prévue"),
    ("arretee", "Arrêtée"),
)

SOLUTION_FUNCTIONS = listed(
    "solution_functions",
    "Fonctions",
    ("teleconsultation", "Téléconsultation"),
    ("teleexpertise", "Téléexpertise"),
    ("telesoin", "Télésoin"),
    ("telesurveillance", "Télésurveillance"),
    ("dossier_usager", "Dossier usager informatisé"),
    ("dossier_patient", "Dossier patient informatisé"),
    ("messagerie_securisee", "Messagerie sécurisée"),
    ("agenda", "Agenda et prise de rendez-vous"),
    ("coordination", "Coordination et parcours"),
    ("imagerie", "Partage d'images"),
    ("objets_connectes", "Objets connectés"),
    ("traduction", "Interprétariat"),
)

_SECURITY = "Sécurité et conformité"
_BASE = "Services socles"
_LINKS = "Interopérabilité"
_RUN = "Exploitation"

TECHNICAL_POINTS = listed(
    "technical_points",
    "Points techniques",
    ("hebergement_donnees_sante", "Hébergement de données de santé certifié", "", _SECURITY),
    ("referentiel_teleconsultation", "Conformité au référentiel national de téléconsultation attestée", "", _SECURITY),
    ("rgpd_sous_traitance", "Contrat de sous-traitance et registre des traitements fournis", "", _SECURITY),
    (
        "pgssi_s",
        "Politique générale de sécurité des systèmes d'information de santé (PGSSI-S) appliquée",
        "",
        _SECURITY,
    ),
    ("marquage_ce", "Dispositifs connectés marqués CE", "", _SECURITY),
    ("ins", "Identité nationale de santé (INS) qualifiée", "", _BASE),
    ("mssante", "Messagerie sécurisée de santé (MSSanté)", "", _BASE),
    ("mon_espace_sante", "Versement à Mon espace santé", "", _BASE),
    ("pro_sante_connect", "Connexion par Pro Santé Connect", "", _BASE),
    ("ror", "Lien avec le répertoire de l'offre et des ressources (ROR)", "", _BASE),
    ("connecteur_logiciel_metier", "Connecteur au logiciel métier (dossier patient ou usager)", "", _LINKS),
    ("export_indicateurs", "Export régulier des indicateurs d'activité", "", _LINKS),
    ("accessibilite", "Utilisable par une personne en situation de handicap", "", _RUN),
    ("assistance", "Assistance joignable pendant les heures d'activité", "", _RUN),
    ("reversibilite", "Réversibilité des données décrite au contrat", "", _RUN),
)

CHECKLIST_ANSWERS = listed(
    "checklist_answers",
    "Réponses",
    ("oui", "Oui"),
    ("partiel", "Partiellement"),
    ("en_cours", "En cours"),
    ("non", "Non"),
    ("sans_objet", "Sans objet"),
)

COMPARISON_SCALE = listed(
    "comparison_scale",
    "Réponses du comparatif",
    ("oui", "Oui"),
    ("partiel", "Partiellement"),
    ("non", "Non"),
    ("inconnu", "Inconnu"),
)

COMPARISON_GROUPS = listed(
    "comparison_groups",
    "Familles de points techniques",
    ("securite", _SECURITY),
    ("services_socles", _BASE),
    ("interoperabilite", _LINKS),
    ("fonctions", "Fonctions"),
    ("ergonomie", "Ergonomie"),
    ("tarifs", "Tarifs"),
    ("exploitation", _RUN),
    ("prerequis", "Prérequis"),
)
