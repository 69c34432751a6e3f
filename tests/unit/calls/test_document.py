"""Call documents: typed whole, or every fault told at once with its place and its line."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from aap.calls.document.body import CallBody, VersionDocument
from aap.calls.document.form import FieldKind
from aap.calls.document.reading import read_call
from aap.calls.document.rows import remainder
from aap.calls.document.storage import fingerprint, freeze, thaw
from aap.calls.models import DecisionEffect
from aap.errors import InvalidError, Problem
from aap.forms.fields import CELL_TYPES, FIELD_TYPES
from tests.unit.calls.documents import changed, example


def problems(content: bytes) -> dict[str, Problem]:
    with pytest.raises(InvalidError) as raised:
        read_call(content)
    return {problem.place: problem for problem in raised.value.problems}


def line_of(text: str, name: str = "call.yaml") -> int:
    return example(name)[: example(name).index(text)].count("\n") + 1


@pytest.fixture(scope="module")
def body() -> CallBody:
    return read_call(example().encode())[0]


def test_the_example_is_read_without_a_warning_and_with_exact_figures(body: CallBody) -> None:
    assert read_call(example().encode())[1] == ()
    assert body.rubric
    assert sum(criterion.weight for criterion in body.rubric.criteria) == 100
    assert body.funding.max_rate_by_zone["ZIP_PLUS"] == Decimal("0.8")
    assert [term.share for term in body.funding.payment_schedule] == [Decimal("0.6"), Decimal("0.3"), Decimal("0.1")]
    assert len(body.annexes) == 15
    assert len(body.eligibility_rules) == 14
    assert len(body.form.fields) == 43
    assert [section.id for section in body.form.sections] == [f"S{i}" for i in range(1, 10)]


def test_another_region_brings_its_own_scale_sections_and_fields() -> None:
    body, warnings = read_call(example("hdf.yaml").encode())
    assert body.rubric
    assert body.rubric.total_max == 20
    assert (body.rubric.scale.max, body.rubric.scale.step) == (Decimal(10), Decimal("0.5"))
    assert body.rubric.criteria[3].scale
    assert body.rubric.ranking.draws
    assert [decision.effect or decision.implied_effect for decision in body.decisions] == [
        DecisionEffect.FUND,
        DecisionEffect.WAIT,
        DecisionEffect.REFUSE,
        DecisionEffect.REFUSE,
    ]
    assert [problem.place for problem in warnings] == ["call.form"]


def test_each_type_of_field_can_be_filled() -> None:
    assert {kind.value for kind in FieldKind} <= set(FIELD_TYPES)
    assert set(CELL_TYPES) <= set(FIELD_TYPES)


def test_every_fault_of_a_document_is_told_at_once() -> None:
    found = problems(
        changed(
            ("  region: IDF", "  region: IDF\n  regoin: IDF"),
            ("        weight: 20\n        floor: 2", "        weight: 25\n        floor: 2"),
            ('{id: B, label: "Personnes âgées et', '{id: A, label: "Personnes âgées et'),
            ("ref: scope.act_types}}", "ref: scope.actes}}"),
            ('at: "2023-11-06T12:00:00", strict', 'at: "2023-13-06T12:00:00", strict'),
            ("{rank: 3, share: 0.10,", "{rank: 3, share: 0.15,"),
            ("unlocks_payment: 3", "unlocks_payment: 9"),
            ("envelope_eur: 1500000", "envelope_eur: 1500001"),
        )
    )
    expected = {
        "call.regoin": "vouliez-vous dire « region »",
        "call.rubric.criteria": "105 au lieu de 100",
        "call.strands[1].id": "déjà utilisé",
        "call.strands": "1 500 000",
        "call.eligibility_rules[3].check.ref": "ne désigne rien",
        "call.calendar.steps[4].at": "n'existe pas",
        "call.funding.payment_schedule": "1,05 au lieu de 1",
        "call.reporting_obligations[3].unlocks_payment": "rang 9",
    }
    assert set(found) == set(expected)
    for place, words in expected.items():
        assert words in found[place].message.replace("\u202f", " "), place
    assert found["call.regoin"].line == line_of("  region: IDF") + 1
    assert found["call.strands[1].id"].line == line_of("{id: B, label:") + 1
    assert found["call.reporting_obligations[3].unlocks_payment"].line == line_of("unlocks_payment: 3") + 1


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("  kind: aap ", "  kind: concours ", "call.kind", "Valeurs admises : aap, ami"),
        ('  title: "Télésanté au plus près', '  titel: "Télésanté au plus près', "call", "« title » manque"),
        ("max: 150000}", "max: -1}", "call.funding.cap_eur[0].max", "positif"),
        ("ZIP: 0.75", "ZIP: 75", "call.funding.max_rate_by_zone.ZIP", "de 0 à 1"),
        ("ZIP: 0.75", 'ZIP: "0.75"', "call.funding.max_rate_by_zone.ZIP", "sans guillemets"),
        ("ZIP: 0.75", "ZIPP: 0.75", "call.funding.max_rate_by_zone.ZIPP", "n'est pas une zone"),
        ("min: 12, max: 24}\n    cap", "min: 36, max: 24}\n    cap", "call.funding.project_duration_months", "dépasse"),
        ("{category: rh, max_share", "{category: rhh, max_share", "call.funding.category_rules[1].category", "« rh »"),
        ("      formation: [", "      formations: [", "call.funding.eligible_costs.formations", "« formation »"),
        ("op: lt, value: 3}", "op: lt, value: trois}", "call.funding.cap_eur[0].if.value", "un nombre"),
        ("field: sites.count, op: lt", "field: sites.total, op: lt", "call.funding.cap_eur[0].if.field", "fait connu"),
        ("{rule: within_rate}", "{rule: within_rates}", "call.eligibility_rules[6].check.rule", "within_rate"),
        ("{rule: partners, min: 2, ", "{rule: partners, ", "call.eligibility_rules[10].check", "« min »"),
        ("category: investissement, amount", "category: xx, amount", "call.annexes[9].required_if.category", "poste"),
        ("field: signatory_is_legal, op: eq", "field: need, op: contains", "call.annexes[6].required_if.op", "texte"),
        ("per: partners}", "per: partenaires}", "call.annexes[8].per", "partners"),
        ("ref: referentials.specialties", "ref: referentials.special", "call.form.sections[2].fields[1].ref", "liste"),
        ("{id: siret, type: siret", "{id: siret, type: siren", "call.form.sections[0].fields[2].type", "admises"),
        ("{id: acronym,", "{id: title,", "call.form.sections[1].fields[1].id", "déjà utilisé"),
        ('min: 1, max: 5, label: "Probabilité"', 'min: 6, max: 5, label: "Probabilité"',
         "call.form.sections[6].fields[1].columns[1]", "dépasse"),
        ("{id: acronym, type: text, required: false, max: 30", "{id: acronym, type: file, required: false, max: 30",
         "call.form.sections[1].fields[1]", "max_mb"),
        ("{id: zones, type: computed,", "{id: zones, type: computed, ref: budget.lines,",
         "call.form.sections[1].fields[7].ref", "calcule"),
        ("{id: acronym, type: text, required: false, max: 30", "{id: A14, type: file, required: false",
         "call.form.sections[1].fields[1].id", "pièce à joindre"),
        ("{id: acronym, type: text, required: false, max: 30", "{id: acronym, type: text, required: false, max_mb: 3",
         "call.form.sections[1].fields[1].max_mb", "mégaoctets"),
        ("{id: acronym, type: text, required: false, max: 30", "{id: acronym, type: file, public: true",
         "call.form.sections[1].fields[1].public", "jamais publié"),
        ('{id: profile, type: text, label: "Profil"}', '{id: profile, type: file, label: "Profil"}',
         "call.form.sections[3].fields[1].columns[0].type", "file"),
        ("{id: publication,", "{id: parution,", "call.calendar.steps", "« publication » manque"),
        ("{id: scoring_end,", "{id: notation_fin,", "call.calendar.steps", "« scoring_end » manque"),
        ('scoring_end, label: "Fin de la notation individuelle", at: "2024-01-09',
         'scoring_end, label: "Fin de la notation individuelle", at: "2023-12-01', "call.calendar.steps[9]", "après"),
        ('to: "2024-01-17"', 'to: "2024-01-15"', "call.calendar.steps[10]", "précède"),
        ('from: "2024-01-16", ', "", "call.calendar.steps[10]", "from et to"),
        ("timezone: Europe/Paris", "timezone: Europe/London", "call.calendar.timezone", "Europe/Paris"),
        ("2024-03-29T18:00:00", "2024-03-31T02:30:00", "call.calendar.steps[15].at", "heure d'été"),
        ("step: 1, missing", "step: 0.7, missing", "call.rubric.scale.step", "pas"),
        ("        floor: 1\n", "        floor: 6\n", "call.rubric.criteria[4].floor", "0 à 5"),
        ('C1_desc"', 'C9_desc"', "call.rubric.ranking.order[2]", "ne classe rien"),
        ("order: [total_desc, ", "order: [", "call.rubric.ranking.order[0]", "commence par le total"),
        ("seats: 1, voting: false", "seats: 9, voting: false", "call.selection.jury.composition", "sièges"),
        ("scorers_per_application: {min: 3}", "scorers_per_application: {min: 3, max: 2}",
         "call.selection.jury.scorers_per_application", "dépasse"),
        ("telesante-aap@exemple.invalid", "telesante", "call.issuer.contact_mailbox", "forme"),
        ("  ref: AAP-TS-2023-01", "  ref: aap ts", "call.ref", "forme"),
        ("{rank: 2, share: 0.30,", "{rank: 4, share: 0.30,", "call.funding.payment_schedule", "se suivent"),
        ("COU-ACTE]", "ACT-TLC]", "call.mandatory_indicators[7]", "déjà utilisé"),
        ('mode: manual, blocking: true, label: "Projet non', 'mode: auto, blocking: true, label: "Projet non',
         "call.eligibility_rules[11]", "contrôle"),
        ("schema: call/1", "schema: call/2", "schema", "call/1"),
        ("form: avenant_cpom}", "form: avenant}", "call.funding.contract_form[0].form", "avenant"),
    ],
)  # fmt: skip
def test_a_fault_is_told_at_its_place_in_plain_words(old: str, new: str, place: str, words: str) -> None:
    found = problems(changed((old, new)))
    assert place in found, found
    assert words in found[place].message
    line = found[place].line
    assert line is not None
    assert line >= 1


def test_a_rule_with_several_faults_tells_them_all() -> None:
    found = problems(
        changed(("{field: duration_months, op: between, value: [12, 24]}", "{any: [{field: x}, {rule: y}]}"))
    )
    assert set(found) == {"call.eligibility_rules[4].check.any[0]", "call.eligibility_rules[4].check.any[1].rule"}


def test_unreachable_choices_are_warned_about_without_refusing() -> None:
    content = changed(
        ("op: in, value: [association]}}", "op: in, value: [asso]}}"),
        ("zone_types: [ZIP_PLUS,", "zone_types: [ZFU, ZIP_PLUS,"),
    )
    _, warnings = read_call(content)
    assert [warning.place for warning in warnings] == ["call.scope.zone_types[0]", "call.annexes[4].required_if.value"]


@pytest.mark.parametrize(
    "content",
    [b"[]", b"texte", b"call: {}", b"schema: call/1", b"schema: call/1\ncall: []", b"schema: call/1\ncall: {}\nx: 1"],
)
def test_a_file_that_is_no_call_is_refused(content: bytes) -> None:
    assert problems(content)


def test_an_empty_call_tells_every_missing_key() -> None:
    with pytest.raises(InvalidError) as raised:
        read_call(b"schema: call/1\ncall: {ref: A-1}")
    told = " ".join(problem.message for problem in raised.value.problems)
    for key in ("region", "title", "kind", "issuer", "scope", "strands", "funding", "calendar", "form", "decisions"):
        assert f"« {key} » manque" in told


def test_a_huge_list_of_faults_stays_readable_and_quick() -> None:
    fields = "\n".join(f"          - {{id: f{i}, type: nope, label: 3}}" for i in range(4000))
    first = "          - {id: applicant_name, type: text,"
    content = changed((first, f"{fields}\n{first}"))
    started = time.perf_counter()
    with pytest.raises(InvalidError) as raised:
        read_call(content)
    assert time.perf_counter() - started < 5
    assert len(raised.value.problems) <= 101


@pytest.mark.parametrize("name", ["call.yaml", "hdf.yaml"])
def test_the_stored_document_loses_nothing_and_repeats_no_row(name: str) -> None:
    body, _ = read_call(example(name).encode())
    stored = remainder(body)
    document = VersionDocument.model_validate(thaw(stored))
    assert document.form == body.form
    assert document.annexes == body.annexes
    assert document.eligibility_rules == body.eligibility_rules
    assert not {"strands", "calendar", "decisions", "title", "reporting_obligations"} & set(stored)
    assert not {"envelope_eur", "cap_eur", "payment_schedule", "max_rate_by_zone"} & set(stored["funding"])
    assert "criteria" not in stored["rubric"]


def test_json_keeps_exact_decimals_and_dates() -> None:
    tree = {"a": Decimal("0.10"), "b": [1, "1", True, None]}
    assert thaw(freeze(tree)) == tree
    assert str(thaw(freeze(tree))["a"]) == "0.10"


def test_the_fingerprint_depends_on_values_and_not_on_their_spelling() -> None:
    assert fingerprint({"a": Decimal("0.80"), "b": 1}) == fingerprint({"b": Decimal("1.0"), "a": Decimal("0.8")})
    assert fingerprint({"a": 1}) != fingerprint({"a": "1"})
    assert fingerprint({"a": True}) != fingerprint({"a": 1})
