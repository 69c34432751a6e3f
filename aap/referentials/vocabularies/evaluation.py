"""Evaluation: dimensions, the Article 51 questions, the HAS frame, verdicts and recommendations."""

from __future__ import annotations

from aap.referentials.vocabularies.terms import listed

DIMENSIONS = listed(
    "dimensions",
    "Dimensions",
    ("activite", "Activité"),
    ("population", "Population touchée"),
    ("acces", "Accès aux soins"),
    ("parcours", "Parcours"),
    ("qualite", "Qualité"),
    ("securite", "Sécurité"),
    ("ressources_humaines", "Ressources humaines"),
    ("satisfaction", "Satisfaction"),
    ("couts", "Coûts"),
    ("usage", "Usage et appropriation"),
    ("territoire", "Territoire et partenariats"),
)

FREQUENCIES = listed(
    "frequencies",
    "Rythmes de recueil",
    ("continue", "En continu"),
    ("hebdomadaire", "Chaque semaine"),
    ("mensuelle", "Chaque mois"),
    ("trimestrielle", "Chaque trimestre"),
    ("semestrielle", "Chaque semestre"),
    ("annuelle", "Chaque année"),
    ("ponctuelle", "Une fois"),
)

ART51_QUESTIONS = listed(
    "art51_questions",
    "Questions de l'évaluation « article 51 »",
    ("Q1", "Faisabilité et opérationnalité"),
    ("Q2", "Efficacité et efficience"),
    ("Q3", "Reproductibilité"),
)

MACRO_CRITERIA = listed(
    "macro_criteria",
    "Macro-critères de la HAS",
    ("accessibilite", "Accessibilité"),
    ("organisation_pratiques", "Pratiques professionnelles et organisation des soins"),
    ("qualite_securite", "Qualité et sécurité des soins"),
    ("couts", "Coûts"),
)

VIEWPOINTS = listed(
    "viewpoints",
    "Points de vue",
    ("patients_aidants", "Patients et aidants"),
    ("professionnels", "Professionnels de santé"),
    ("etablissements", "Établissements et structures"),
    ("financeurs_publics", "Financeurs publics"),
)

VERDICTS = listed(
    "verdicts",
    "Appréciations",
    ("atteint", "Atteint"),
    ("partiellement_atteint", "Partiellement atteint"),
    ("atteint_sous_conditions", "Atteint sous conditions"),
    ("non_atteint", "Non atteint"),
)

RECOMMENDATIONS = listed(
    "recommendations",
    "Recommandations",
    ("generaliser", "Généraliser"),
    ("generaliser_avec_adaptations", "Généraliser avec adaptations"),
    ("prolonger", "Prolonger l'expérimentation"),
    ("reorienter", "Réorienter vers un autre dispositif"),
    ("ne_pas_generaliser", "Ne pas généraliser"),
)

AGGREGATIONS = listed(
    "aggregations",
    "Lecture de la mesure",
    ("cumulative", "Cumul depuis le démarrage"),
    ("snapshot", "Valeur à la date"),
    ("period", "Valeur de la période"),
)

DIRECTIONS = listed(
    "directions",
    "Sens du progrès",
    ("increase", "À la hausse"),
    ("decrease", "À la baisse"),
)

EVALUATOR_KINDS = listed("evaluator_kinds", "Évaluateurs", ("internal", "Interne"), ("external", "Externe"))
