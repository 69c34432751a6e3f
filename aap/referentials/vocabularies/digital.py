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
_FUNCTIONS = "Fonctions"
_ERGONOMICS = "Ergonomie"
_PRICES = "Tarifs"
_RUN = "Exploitation"
_NEEDS = "Prérequis"

TECHNICAL_POINTS = listed(
    "technical_points",
    "Points techniques",
    ("hebergement_donnees_sante", "Hébergement de données de santé certifié", "", _SECURITY),
    ("referentiel_teleconsultation", "Conformité au référentiel national de téléconsultation attestée", "", _SECURITY),
    ("ins", "Identité nationale de santé (INS) qualifiée", "", _BASE),
    ("mssante", "Messagerie sécurisée de santé (MSSanté)", "", _BASE),
    ("mon_espace_sante", "Versement à Mon espace santé", "", _BASE),
    ("marquage_ce", "Dispositifs connectés marqués CE", "", _SECURITY),
)

COMPARISON_POINTS = listed(
    "comparison_points",
    "Points du tableau comparatif",
    ("hebergement_donnees_sante", "Hébergement de données de santé certifié", "", _SECURITY),
    ("referentiel_teleconsultation", "Conformité au référentiel national de téléconsultation attestée", "", _SECURITY),
    ("rgpd_sous_traitance", "Contrat de sous-traitance RGPD et registre fournis", "", _SECURITY),
    ("marquage_ce", "Dispositifs connectés marqués CE", "", _SECURITY),
    ("ins", "Identité nationale de santé (téléservice)", "", _BASE),
    ("mon_espace_sante", "Versement à Mon espace santé", "", _BASE),
    ("mssante", "Messagerie sécurisée de santé", "", _BASE),
    ("pro_sante_connect", "Pro Santé Connect", "", _BASE),
    ("connecteur_dossier_usager", "Connecteur au dossier usager informatisé", "", _LINKS),
    ("appel_logiciel_medecin", "Appel depuis le logiciel du médecin", "", _LINKS),
    ("acte_double", "Téléconsultation et téléexpertise dans le même outil", "", _FUNCTIONS),
    ("mesures_connectees", "Remontée des mesures connectées dans le compte rendu", "", _FUNCTIONS),
    ("export_indicateurs", "Export mensuel des indicateurs d'activité", "", _FUNCTIONS),
    ("demarrage_simple", "Démarrage d'un acte en moins de trois gestes", "", _ERGONOMICS),
    ("malvoyance", "Utilisable par une personne malvoyante", "", _ERGONOMICS),
    ("tarif_public", "Tarif public et sans engagement annuel", "", _PRICES),
    ("assistance", "Assistance joignable de 8 h à 20 h", "", _RUN),
    ("reversibilite", "Réversibilité des données décrite au contrat", "", _RUN),
    ("bas_debit", "Fonctionne à moins de 4 Mbit/s", "", _NEEDS),
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
    ("fonctions", _FUNCTIONS),
    ("ergonomie", _ERGONOMICS),
    ("tarifs", _PRICES),
    ("exploitation", _RUN),
    ("prerequis", _NEEDS),
)
