"""Every code a person meets has French words."""

from __future__ import annotations

import pytest

from aap.errors import InvalidError
from aap.referentials.service import _read
from aap.referentials.vocabularies import VOCABULARIES, known_label, label, labels, resolve_ref


def test_codes_are_unique_in_each_list_and_labels_are_words() -> None:
    for listing in VOCABULARIES.values():
        assert len(set(listing.codes)) == len(listing.codes), listing.name
        assert listing.title
        for term in listing.terms:
            assert term.label.strip() == term.label, term
            assert "_" not in term.label, term


def test_a_code_has_its_label_and_an_unknown_code_is_made_readable() -> None:
    assert label("act_types", "teleexpertise") == "Téléexpertise"
    assert label("act_types", "tele_quelque_chose") == "Tele quelque chose"
    assert labels("opinion_scale", ["favorable", "favorable_avec_observations"]) == (
        "Favorable",
        "Favorable avec observations",
    )
    assert known_label("regionale_grades") == "Solution régionale proposée par le GRADeS"
    assert known_label("ZIP_PLUS").startswith("Zone d'intervention prioritaire renforcée")


def test_a_call_document_cites_a_vocabulary_by_reference() -> None:
    assert "geriatrie" in resolve_ref("referentials.specialties")
    for wrong in ("referentials.nothing", "specialties", "scope.applicant_types"):
        with pytest.raises(InvalidError) as refused:
            resolve_ref(wrong)
        assert wrong in refused.value.message


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("act_types", "teleconsultation_assistee teleconsultation teleexpertise telesoin telesurveillance"),
        ("target_publics", "personnes_agees personnes_handicap ald detenus precaires habitants_zone_sous_dense"),
        ("zone_types", "ZIP_PLUS ZIP ZAC rural hors_zone"),
        ("applicant_types", "etablissement_de_sante esms ehpad centre_de_sante msp cpts equipe_soins_primaires dac"),
        ("applicant_types", "gcs_gcsms association collectivite unite_sanitaire_penitentiaire"),
        ("partner_categories", "msp cpts etablissement_de_sante dac usagers professionnel_liberal centre_de_sante"),
        ("budget_categories", "investissement fonctionnement rh ingenierie formation evaluation"),
        ("funder_kinds", "conseil_departemental conseil_regional caisse_des_depots europe fondation fir"),
        ("income_kinds", "subvention cofinancement autofinancement"),
        ("solution_functions", "teleconsultation teleexpertise dossier_usager"),
        ("solution_status", "deja_deployee_dans_le_territoire en_service"),
        ("solution_situations", "deja_deployee regionale_grades marche_a_passer"),
        ("specialties", "medecine_generale geriatrie dermatologie psychiatrie_sujet_age"),
        ("admissibility_outcomes", "recevable irrecevable_hors_delai irrecevable_incomplet irrecevable_hors_objet"),
        ("dimensions", "activite population acces parcours qualite securite ressources_humaines satisfaction couts"),
        ("macro_criteria", "accessibilite organisation_pratiques qualite_securite couts"),
        ("viewpoints", "patients_aidants professionnels etablissements financeurs_publics"),
        ("frequencies", "mensuelle trimestrielle semestrielle annuelle continue"),
        ("verdicts", "atteint partiellement_atteint atteint_sous_conditions"),
        ("recommendations", "generaliser generaliser_avec_adaptations prolonger reorienter ne_pas_generaliser"),
        ("maturity", "generalisation_avec_adaptations"),
        ("pathways", "parcours_personne_agee"),
        ("sheet_dimensions", "organisation projet_medical numerique communication facturation ressources_humaines"),
        ("technical_points", "hebergement_donnees_sante referentiel_teleconsultation ins mssante mon_espace_sante"),
        ("payment_triggers", "convention_signed interim_report_validated final_report_validated"),
        ("contract_forms", "avenant_cpom convention_fir"),
        ("opinion_givers", "dd dcgdr grades direction_metier"),
        ("editorial_steps", "cadrage recueil redaction relecture validation_porteur validation_agence publication"),
    ],
)
def test_the_codes_of_the_example_thread_are_known(name: str, codes: str) -> None:
    assert [code for code in codes.split() if code not in VOCABULARIES[name]] == []


def test_the_indicator_library_speaks_the_vocabularies() -> None:
    for entry in _read("indicators")["indicators"]:
        assert entry["dimension"] in VOCABULARIES["dimensions"], entry["code"]
        assert entry["frequency"] in VOCABULARIES["frequencies"], entry["code"]
        assert entry["aggregation"] in VOCABULARIES["aggregations"], entry["code"]
        assert entry["direction"] in VOCABULARIES["directions"], entry["code"]
        assert entry["art51"] in VOCABULARIES["art51_questions"], entry["code"]
        assert entry["has"][0] in VOCABULARIES["macro_criteria"], entry["code"]
        assert entry["has"][1] in VOCABULARIES["viewpoints"], entry["code"]


def test_the_roadmap_counts_its_actions_and_indicators() -> None:
    roadmap = _read("roadmap_idf")
    sheets = [sheet for axis in roadmap["axes"] for sheet in axis["sheets"]]
    actions = [action["code"] for sheet in sheets for action in sheet["actions"]]
    assert len(actions) == len(set(actions)) == 33
    for sheet in sheets:
        assert all(action["code"].startswith(f"{sheet['code']}-") for action in sheet["actions"])
    assert [row["number"] for row in roadmap["indicators"]] == list(range(1, 23))
    cited = {row["sheet"] for row in roadmap["indicators"] if row["sheet"]}
    assert cited <= {sheet["code"] for sheet in sheets}


def test_the_zoning_sample_only_cites_known_communes_and_zones() -> None:
    territories = _read("territories")
    communes = {commune["code"] for commune in territories["communes"]}
    for zoning in territories["zonings"]:
        assert set(zoning["classes"]) <= communes
        assert set(zoning["classes"].values()) <= set(VOCABULARIES["zone_types"].codes)
