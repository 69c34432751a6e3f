"""What is done: acts, specialties, pathways."""

from __future__ import annotations

from aap.referentials.vocabularies.terms import listed

ACT_TYPES = listed(
    "act_types",
    "Actes de télésanté",
    ("teleconsultation", "Téléconsultation"),
    (
        "teleconsultation_assistee",
        "Téléconsultation assistée",
        "Un professionnel accompagne la personne pendant l'acte.",
    ),
    ("teleexpertise", "Téléexpertise", "Avis d'un professionnel médical demandé par un autre professionnel de santé."),
    ("telesoin", "Télésoin", "Acte d'un pharmacien ou d'un auxiliaire médical."),
    ("telesurveillance", "Télésurveillance médicale"),
    ("teleassistance", "Téléassistance médicale"),
    ("regulation", "Réponse médicale dans le cadre de la régulation"),
)

_MEDICAL = "Spécialités médicales"
_OTHER = "Autres professions"

SPECIALTIES = listed(
    "specialties",
    "Spécialités",
    ("medecine_generale", "Médecine générale", "", _MEDICAL),
    ("geriatrie", "Gériatrie", "", _MEDICAL),
    ("dermatologie", "Dermatologie", "", _MEDICAL),
    ("psychiatrie", "Psychiatrie", "", _MEDICAL),
    ("psychiatrie_sujet_age", "Psychiatrie du sujet âgé", "", _MEDICAL),
    ("pedopsychiatrie", "Psychiatrie de l'enfant et de l'adolescent", "", _MEDICAL),
    ("addictologie", "Addictologie", "", _MEDICAL),
    ("cardiologie", "Cardiologie", "", _MEDICAL),
    ("diabetologie", "Diabétologie et endocrinologie", "", _MEDICAL),
    ("gynecologie", "Gynécologie", "", _MEDICAL),
    ("hematologie", "Hématologie", "", _MEDICAL),
    ("infectiologie", "Maladies infectieuses", "", _MEDICAL),
    ("medecine_physique", "Médecine physique et de réadaptation", "", _MEDICAL),
    ("medecine_urgence", "Médecine d'urgence", "", _MEDICAL),
    ("nephrologie", "Néphrologie", "", _MEDICAL),
    ("neurologie", "Neurologie", "", _MEDICAL),
    ("oncologie", "Oncologie", "", _MEDICAL),
    ("ophtalmologie", "Ophtalmologie", "", _MEDICAL),
    ("orl", "Oto-rhino-laryngologie (ORL)", "", _MEDICAL),
    ("pediatrie", "Pédiatrie", "", _MEDICAL),
    ("pneumologie", "Pneumologie", "", _MEDICAL),
    ("radiologie", "Radiologie et imagerie", "", _MEDICAL),
    ("rhumatologie", "Rhumatologie", "", _MEDICAL),
    ("soins_palliatifs", "Soins palliatifs", "", _MEDICAL),
    ("douleur", "Médecine de la douleur", "", _MEDICAL),
    ("plaies_cicatrisation", "Plaies et cicatrisation", "", _MEDICAL),
    ("chirurgie", "Chirurgie", "", _MEDICAL),
    ("anesthesie", "Anesthésie", "", _MEDICAL),
    ("gastroenterologie", "Hépato-gastro-entérologie", "", _MEDICAL),
    ("soins_dentaires", "Chirurgie dentaire", "", _OTHER),
    ("maieutique", "Maïeutique (sages-femmes)", "", _OTHER),
    ("pharmacie", "Pharmacie", "", _OTHER),
    ("soins_infirmiers", "Soins infirmiers", "", _OTHER),
    ("pratique_avancee", "Pratique avancée infirmière (IPA)", "", _OTHER),
    ("kinesitherapie", "Kinésithérapie", "", _OTHER),
    ("orthophonie", "Orthophonie", "", _OTHER),
    ("orthoptie", "Orthoptie", "", _OTHER),
    ("ergotherapie", "Ergothérapie", "", _OTHER),
    ("psychomotricite", "Psychomotricité", "", _OTHER),
    ("dietetique", "Diététique", "", _OTHER),
    ("pedicurie_podologie", "Pédicurie-podologie", "", _OTHER),
    ("psychologie", "Psychologie", "", _OTHER),
    ("autre", "Autre"),
)

PATHWAYS = listed(
    "pathways",
    "Parcours",
    ("parcours_personne_agee", "Parcours de la personne âgée"),
    ("parcours_handicap", "Parcours de la personne en situation de handicap"),
    ("maladies_chroniques", "Maladies chroniques"),
    ("soins_non_programmes", "Soins non programmés"),
    ("sante_mentale", "Santé mentale"),
    ("cancer", "Cancer"),
    ("cardio_neuro_vasculaire", "Maladies cardiovasculaires et neurovasculaires"),
    ("perinatalite", "Périnatalité"),
    ("enfant_adolescent", "Enfant et adolescent"),
    ("personnes_detenues", "Santé des personnes détenues"),
    ("precarite", "Précarité"),
    ("addictions", "Addictions"),
    ("soins_palliatifs", "Soins palliatifs et fin de vie"),
    ("ville_hopital", "Lien entre la ville et l'hôpital"),
)
