"""Who applies, who takes part, who is served and where."""

from __future__ import annotations

from aap.referentials.vocabularies.terms import listed

APPLICANT_TYPES = listed(
    "applicant_types",
    "Catégories de porteur",
    ("etablissement_de_sante", "Établissement de santé"),
    ("esms", "Établissement ou service médico-social (ESMS)"),
    ("ehpad", "EHPAD"),
    ("centre_de_sante", "Centre de santé"),
    ("msp", "Maison de santé pluriprofessionnelle (MSP)"),
    ("cpts", "Communauté professionnelle territoriale de santé (CPTS)"),
    ("equipe_soins_primaires", "Équipe de soins primaires (ESP)"),
    ("dac", "Dispositif d'appui à la coordination (DAC)"),
    ("gcs_gcsms", "Groupement de coopération (GCS ou GCSMS)"),
    ("association", "Association"),
    ("collectivite", "Collectivité territoriale"),
    (
        "unite_sanitaire_penitentiaire",
        "Unité sanitaire en milieu pénitentiaire",
        "Portée par l'hôpital de rattachement.",
    ),
    ("had", "Hospitalisation à domicile (HAD)"),
    ("urps", "Union régionale des professionnels de santé (URPS)"),
    ("grades", "Groupement régional d'appui au développement de l'e-santé (GRADeS)"),
    ("organisation_coordonnee_territoriale", "Organisation coordonnée territoriale de télésanté (OCT)"),
    ("etablissement_enseignement", "Établissement d'enseignement ou de formation"),
    ("entreprise", "Entreprise"),
    ("autre", "Autre structure"),
)

PARTNER_CATEGORIES = listed(
    "partner_categories",
    "Catégories de partenaire",
    *((term.code, term.label, term.hint) for term in APPLICANT_TYPES.terms if term.code not in {"entreprise", "autre"}),
    ("professionnel_liberal", "Professionnel de santé libéral"),
    ("pharmacie", "Pharmacie d'officine"),
    ("usagers", "Représentants des usagers et de leurs proches"),
    ("assurance_maladie", "Assurance maladie"),
    ("fournisseur_de_solution", "Fournisseur de solution numérique", "Partenaire possible, jamais porteur."),
    ("administration_penitentiaire", "Administration pénitentiaire"),
    ("autre", "Autre partenaire"),
)

TARGET_PUBLICS = listed(
    "target_publics",
    "Publics",
    ("personnes_agees", "Personnes âgées"),
    ("personnes_handicap", "Personnes en situation de handicap"),
    ("ald", "Patients en affection de longue durée (ALD)"),
    ("detenus", "Personnes détenues"),
    ("precaires", "Personnes vulnérables ou précaires"),
    ("habitants_zone_sous_dense", "Habitants de zones sous-denses"),
    ("mobilite_reduite", "Personnes à mobilité réduite"),
    ("allophones", "Personnes allophones"),
    ("eloignes_du_numerique", "Personnes éloignées du numérique"),
    ("addictions", "Personnes concernées par une addiction"),
    ("enfants_adolescents", "Enfants et adolescents"),
    ("sante_mentale", "Personnes suivies en santé mentale"),
    ("perinatalite", "Femmes enceintes et jeunes parents"),
)

ZONE_TYPES = listed(
    "zone_types",
    "Zones",
    ("ZIP_PLUS", "Zone d'intervention prioritaire renforcée (ZIP+)", "Propre à l'Île-de-France."),
    ("ZIP", "Zone d'intervention prioritaire (ZIP)"),
    ("ZAC", "Zone d'action complémentaire (ZAC)"),
    ("rural", "Territoire rural"),
    ("QPV", "Quartier prioritaire de la politique de la ville (QPV)"),
    ("hors_zone", "Hors zone"),
    ("non_calculee", "Zone non calculée", "Domicile, établissement pénitentiaire ou commune absente du zonage."),
)

TERRITORY_LEVELS = listed(
    "territory_levels",
    "Échelles de territoire",
    ("region", "Région"),
    ("departement", "Département"),
    ("epci", "Intercommunalité"),
    ("territoire_de_vie_sante", "Territoire de vie-santé"),
    ("commune", "Commune"),
)

SETTINGS = listed(
    "settings",
    "Lieux d'exercice",
    ("ehpad", "EHPAD"),
    ("esms", "Établissement ou service médico-social"),
    ("etablissement_de_sante", "Établissement de santé"),
    ("hopital_de_proximite", "Hôpital de proximité"),
    ("cabinet", "Cabinet libéral"),
    ("msp", "Maison de santé"),
    ("centre_de_sante", "Centre de santé"),
    ("pharmacie", "Pharmacie"),
    ("domicile", "Domicile"),
    ("unite_mobile", "Unité mobile"),
    ("unite_sanitaire_penitentiaire", "Unité sanitaire en milieu pénitentiaire"),
    ("espace_public", "Mairie, maison France services ou autre lieu public"),
)

COLLEGES = listed(
    "colleges",
    "Collèges",
    ("ars", "Agence régionale de santé"),
    ("assurance_maladie", "Assurance maladie"),
    ("professionnels", "Professionnels de santé"),
    ("usagers", "Représentants des usagers"),
    ("grades", "GRADeS"),
    ("collectivites", "Collectivités territoriales"),
    ("personnalites_qualifiees", "Personnalités qualifiées"),
)
