"""Lessons: sheets, their dimensions, their editorial circuit, the toolbox and the questions to the agency."""

from __future__ import annotations

from aap.referentials.vocabularies.terms import listed

SHEET_KINDS = listed(
    "sheet_kinds",
    "Nature de la fiche",
    ("capitalisation", "Fiche de capitalisation"),
    ("retex", "Retour d'expérience"),
    ("initiative", "Fiche initiative"),
    ("cas_usage", "Cas d'usage"),
    ("guide", "Guide"),
)

SHEET_DIMENSIONS = listed(
    "sheet_dimensions",
    "Dimensions de la fiche",
    ("organisation", "Organisation"),
    ("projet_medical", "Projet médical"),
    ("numerique", "Numérique"),
    ("communication", "Communication"),
    ("facturation", "Facturation"),
    ("ressources_humaines", "Ressources humaines"),
)

MATURITY = listed(
    "maturity",
    "Maturité",
    ("idee", "Idée"),
    ("preparation", "En préparation"),
    ("experimentation", "En expérimentation"),
    ("evalue", "Évaluée"),
    ("prolongation", "Expérimentation prolongée"),
    ("generalisation_avec_adaptations", "Généralisation avec adaptations"),
    ("generalisation", "Généralisation"),
    ("arrete", "Arrêtée"),
)

EDITORIAL_STEPS = listed(
    "editorial_steps",
    "Étapes éditoriales",
    ("cadrage", "Cadrage"),
    ("recueil", "Recueil"),
    ("redaction", "Rédaction"),
    ("relecture", "Relecture"),
    ("validation_porteur", "Validation par le porteur"),
    ("validation_agence", "Validation par l'agence"),
    ("publication", "Publication"),
    ("mise_a_jour", "Mise à jour"),
)

REVIEW_ANSWERS = listed(
    "review_answers",
    "Réponses de relecture",
    ("oui", "Oui"),
    ("non", "Non"),
    ("nr", "Non renseigné ou sans objet"),
)

REVIEW_FAMILIES = listed(
    "review_families",
    "Familles de la grille de relecture",
    ("principal", "Critères principaux"),
    ("ethique", "Éthique et déontologie"),
    ("secondaire", "Critères secondaires"),
)

TOOL_TYPES = listed(
    "tool_types",
    "Outils",
    ("modele", "Modèle"),
    ("checklist", "Liste de contrôle"),
    ("guide", "Guide"),
    ("comparatif", "Tableau comparatif technique"),
    ("cas_usage", "Cas d'usage"),
    ("fiche_facturation", "Fiche de facturation"),
    ("recommandation_regionale", "Recommandation régionale"),
    ("support_information", "Support d'information"),
    ("video", "Vidéo"),
    ("lien", "Lien vers un site de référence"),
)

AUDIENCES = listed(
    "audiences",
    "À qui cela s'adresse",
    ("professionnels_de_ville", "Professionnels de ville"),
    ("etablissements", "Établissements de santé"),
    ("medico_social", "Structures médico-sociales"),
    ("collectivites", "Collectivités"),
    ("porteurs", "Porteurs de projet"),
    ("usagers", "Usagers et proches"),
    ("industriels", "Fournisseurs de solutions"),
)

EVENT_KINDS = listed(
    "event_kinds",
    "Événements",
    ("webinaire", "Webinaire"),
    ("conference", "Conférence"),
    ("atelier", "Atelier"),
    ("formation", "Formation"),
    ("campus", "Campus utilisateurs"),
)

ENQUIRY_TOPICS = listed(
    "enquiry_topics",
    "Sujets de question",
    ("projet", "Monter un projet"),
    ("financement", "Financement"),
    ("facturation", "Facturation des actes"),
    ("solution", "Choix d'une solution numérique"),
    ("securite", "Sécurité et données personnelles"),
    ("telesurveillance", "Télésurveillance"),
    ("formation", "Formation"),
    ("autre", "Autre sujet"),
)

REFERENT_ROLES = listed(
    "referent_roles",
    "Rôles du référent",
    ("dd", "Délégation départementale ou territoriale"),
    ("cpam", "CPAM"),
    ("dcgdr", "DCGDR"),
    ("grades", "GRADeS"),
    ("dac", "Dispositif d'appui à la coordination"),
    ("siege", "Siège de l'agence"),
    ("relais_numerique", "Relais de l'inclusion numérique"),
)
