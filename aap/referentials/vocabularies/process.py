"""The way of a file: opinions, admissibility, decisions, kinds of call."""

from __future__ import annotations

from aap.referentials.vocabularies.terms import listed

CALL_KINDS = listed(
    "call_kinds",
    "Nature de l'appel",
    ("aap", "Appel à projets"),
    ("ami", "Appel à manifestation d'intérêt"),
    ("aac", "Appel à candidatures"),
    ("prix", "Prix"),
    ("hackathon", "Hackathon"),
)

OPINION_SCALE = listed(
    "opinion_scale",
    "Avis",
    ("favorable", "Favorable"),
    ("favorable_avec_observations", "Favorable avec observations"),
    ("defavorable", "Défavorable"),
)

OPINION_GIVERS = listed(
    "opinion_givers",
    "Instances consultées",
    ("dd", "Délégation départementale"),
    ("dcgdr", "DCGDR / CPAM"),
    ("grades", "GRADeS – avis technique"),
    ("direction_metier", "Direction métier concernée"),
)

ADMISSIBILITY_OUTCOMES = listed(
    "admissibility_outcomes",
    "Recevabilité",
    ("recevable", "Recevable"),
    ("irrecevable_hors_delai", "Irrecevable : déposé hors délai"),
    ("irrecevable_incomplet", "Irrecevable : dossier incomplet"),
    ("irrecevable_hors_objet", "Irrecevable : hors de l'objet de l'appel"),
)

DECISIONS = listed(
    "decisions",
    "Décisions",
    ("favorable", "Favorable"),
    ("favorable_sous_reserve", "Favorable sous réserve"),
    ("liste_complementaire", "Liste complémentaire"),
    ("defavorable", "Défavorable"),
    ("sans_suite", "Sans suite"),
)

BODIES = listed(
    "bodies",
    "Instances",
    ("COPIL", "Comité de pilotage"),
    ("COSUI", "Comité de suivi"),
    ("jury", "Comité de sélection"),
    ("comite_regional", "Comité régional d'arbitrage"),
    ("comite_editorial", "Comité éditorial"),
)

YES_NO = listed("yes_no", "Réponses", ("oui", "Oui"), ("non", "Non"))
