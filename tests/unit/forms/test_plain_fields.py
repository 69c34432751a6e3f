"""What people type into plain fields, well or badly, is read exactly, refused kindly or kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from aap.errors import InvalidError
from aap.forms.entries import read_section
from aap.forms.fields import (
    FIELD_TYPES,
    AttachedFile,
    Choices,
    Parsed,
    UnreadableError,
    browser_length,
    field_type,
)
from aap.forms.fields.figures import ScaleType
from aap.forms.spec import FieldSpec, Option, SectionSpec

NBSP, NARROW = "\u00a0", "\u202f"
COLOURS = (Option("rouge", "Rouge"), Option("vert", "Vert"), Option("autre", "Autre"))


def a(kind: str, **changes: Any) -> FieldSpec:
    return FieldSpec("f", kind, "Champ", **changes)


def read(spec: FieldSpec, *texts: str, **others: str) -> Parsed[Any]:
    raw: Mapping[str, list[str]] = {"f": list(texts), **{f"f-{name}": [text] for name, text in others.items()}}
    return field_type(spec).parse(spec, raw)


def value(spec: FieldSpec, *texts: str, **others: str) -> Any:
    parsed = read(spec, *texts, **others)
    assert parsed.problems == ()
    return parsed.value


def refusal(spec: FieldSpec, *texts: str, **others: str) -> str:
    parsed = read(spec, *texts, **others)
    assert parsed.value is None
    assert len(parsed.problems) == 1
    return parsed.problems[0].message


def faults(spec: FieldSpec, *texts: str, **others: str) -> list[str]:
    return [problem.message for problem in field_type(spec).validate(spec, value(spec, *texts, **others))]


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1234.56", "1234.56"),
        ("1 234,56", "1234.56"),
        (f"1{NBSP}234,56", "1234.56"),
        (f"1{NARROW}234,56{NBSP}€", "1234.56"),
        ("1\u2009234", "1234"),
        ("1'234,5", "1234.5"),
        ("  12 ", "12"),
        ("0", "0"),
        (",5", "0.5"),
        ("12,", "12"),
        ("007", "7"),
        ("12,00", "12"),
        ("12,5000", "12.5"),
        ("+3", "3"),
        ("999999999999,99", "999999999999.99"),
    ],
)
def test_amounts_are_read_as_people_type_them(typed: str, amount: str) -> None:
    assert value(a("money"), typed) == Decimal(amount)


@pytest.mark.parametrize(
    "typed",
    ["douze", "1.234,56", "1,234.56", "1e3", "--5", "5-", ",", "€", "NaN", "Infinity", "١٢", "０", "12%", "1/2"],
)
def test_what_is_no_amount_is_refused_with_an_example(typed: str) -> None:
    expected = "€" if typed == "€" else ""
    if expected:
        assert value(a("money"), typed) is None
    else:
        assert "par exemple 1 234,56" in refusal(a("money"), typed)


def test_amounts_have_two_decimals_and_twelve_digits() -> None:
    assert refusal(a("money"), "1.234") == "Donnez au plus 2 chiffres après la virgule."
    assert "12 chiffres au plus" in refusal(a("money"), "1000000000000")
    assert value(a("money"), "12,340") == Decimal("12.34")


def test_a_refused_amount_stays_as_it_was_typed() -> None:
    assert read(a("money"), " douze euros ").typed == {"f": (" douze euros ",)}


def test_a_negative_amount_is_kept_in_the_draft_and_reported() -> None:
    assert value(a("money"), "\u22125,50") == Decimal("-5.5")
    assert faults(a("money"), "-5,50") == [f"Le nombre doit être au moins égal à 0{NBSP}€."]
    assert faults(a("number", min=-10), "-5") == []


def test_bounds_and_step_of_a_number() -> None:
    months = a("number", min=12, max=24, step=6)
    assert faults(months, "18") == []
    assert faults(months, "11") == ["Le nombre doit être au moins égal à 12."]
    assert faults(months, "30") == ["Le nombre doit être au plus égal à 24."]
    assert faults(months, "13") == ["Le nombre doit aller de 6 en 6 à partir de 12."]
    assert refusal(a("integer"), "1,5") == "Donnez un nombre entier."


def test_percentages_keep_the_figure_and_rates_the_ratio() -> None:
    assert value(a("percentage"), "80 %") == Decimal(80)
    assert value(a("rate"), "80 %") == Decimal("0.8")
    for kind in ("percentage", "rate"):
        spec = a(kind)
        assert field_type(spec).display(spec, value(spec, "73,15")) == f"73,15{NBSP}%"
        assert field_type(spec).written(spec, value(spec, "80")) == {"f": ("80",)}
        assert len(faults(spec, "101")) == 1


def test_an_empty_input_is_no_answer_and_only_missed_when_required() -> None:
    for kind in FIELD_TYPES:
        spec = a(kind, options=COLOURS, columns=(FieldSpec("c", "text", "Colonne"),))
        nothing = field_type(spec).parse(spec, {})
        assert nothing.problems == ()
        assert field_type(spec).empty(nothing.value), kind
        assert field_type(spec).validate(spec, nothing.value) == ()
        assert field_type(spec).display(spec, nothing.value) == "Non renseigné"
        required = a(kind, options=COLOURS, columns=spec.columns, required=True)
        assert field_type(required).validate(required, nothing.value), kind


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2023-11-06", date(2023, 11, 6)),
        ("06/11/2023", date(2023, 11, 6)),
        ("6.11.2023", date(2023, 11, 6)),
        (" 29/02/2024 ", date(2024, 2, 29)),
    ],
)
def test_dates_are_read_from_the_calendar_or_the_keyboard(typed: str, day: date) -> None:
    assert value(a("date"), typed) == day


@pytest.mark.parametrize("typed", ["29/02/2023", "31/04/2024", "2024-13-01", "06/11/0023", "2023-11-06T12:00", "hier"])
def test_dates_that_do_not_exist_are_refused(typed: str) -> None:
    assert refusal(a("date"), typed)


def test_months_are_kept_as_their_first_day() -> None:
    assert value(a("month"), "2024-04") == value(a("month"), "04/2024") == date(2024, 4, 1)
    assert field_type(a("month")).display(a("month"), date(2024, 4, 1)) == "avril 2024"
    assert refusal(a("month"), "13/2024")


@pytest.mark.parametrize(
    ("kind", "good", "kept"),
    [
        ("siret", "999 771 017 00012", "99977101700012"),
        ("siret", "356000000 00048", "35600000000048"),
        ("siret", "35600000012346", "35600000012346"),
        ("finess", "77 0999 019", "770999019"),
        ("finess", "2a0000154", "2A0000154"),
        ("rna", "w771234567", "W771234567"),
        ("rna", "W2A1234567", "W2A1234567"),
        ("rpps", "899700218896", "99700218896"),
        ("commune", "2b033", "2B033"),
        ("department", "2a", "2A"),
        ("department", "1", "01"),
        ("department", "974", "974"),
        ("email", "telesante-aap@exemple.invalid", "telesante-aap@exemple.invalid"),
        ("email", "prénom.nom@hôpital.exemple.fr", "prénom.nom@hôpital.exemple.fr"),
        ("phone", "01 23 45 67 89", "+33123456789"),
        ("phone", "+33 (0)1.23.45.67.89", "+33123456789"),
        ("phone", "0033123456789", "+33123456789"),
        ("phone", "+32 2 123 45 67", "+3221234567"),
        ("url", "https://www.exemple.fr/page?q=é#haut", "https://www.exemple.fr/page?q=é#haut"),
    ],
)
def test_identifiers_and_addresses_lose_their_separators(kind: str, good: str, kept: str) -> None:
    assert value(a(kind), good) == kept
    assert faults(a(kind), good) == []


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        ("siret", "99977101700013"),
        ("siret", "9997710170001"),
        ("siret", "ABCDEFGHIJKLMN"),
        ("siret", "35600000012345"),
        ("finess", "77099901"),
        ("finess", "3A0999019"),
        ("rna", "W77123456"),
        ("rpps", "99700218895"),
        ("commune", "7799"),
        ("department", "20"),
        ("department", "99"),
        ("email", "quelqu'un@localhost"),
        ("email", "a@b@exemple.fr"),
        ("email", "a b@exemple.fr"),
        ("email", "a..b@exemple.fr"),
        ("email", '"<script>"@exemple.fr'),
        ("email", "x" * 300 + "@exemple.fr"),
        ("phone", "12"),
        ("phone", "appelez-moi"),
        ("url", "javascript:alert(1)"),
        ("url", "https://"),
        ("url", "www.exemple.fr"),
        ("url", "https://user:secret@exemple.fr/"),
        ("url", "https://exemple.fr/a b"),
        ("url", "https://[::1"),
        ("url", "https://exemple.fr:99999/"),
        ("url", "https://exemple.fr/" + "a" * 2000),
    ],
)
def test_a_wrong_identifier_is_kept_in_the_draft_and_reported(kind: str, bad: str) -> None:
    assert value(a(kind), bad)
    assert len(faults(a(kind), bad)) == 1


def test_a_doubtful_finess_key_is_a_warning_and_refuses_nothing() -> None:
    spec = a("finess")
    assert faults(spec, "770999018") == []
    assert "semble fausse" in field_type(spec).warnings(spec, "770999018")[0].message
    for right in ("770999019", "770999027", "770999035", "2A0000154", "2A0000204"):
        assert field_type(spec).warnings(spec, right) == ()


def test_identifiers_are_shown_as_people_read_them() -> None:
    assert field_type(a("siret")).display(a("siret"), "99977101700012") == f"999{NBSP}771{NBSP}017{NBSP}00012"
    assert field_type(a("phone")).display(a("phone"), "+33123456789") == NBSP.join(["01", "23", "45", "67", "89"])


def test_characters_are_counted_as_the_browser_counts_them() -> None:
    assert browser_length("é") == 1
    assert browser_length("👩‍⚕️") == 5
    assert browser_length("a\r\nb") == 3
    limited = a("longtext", max=5)
    assert faults(limited, "a\r\nbcd") == []
    assert faults(limited, "👍👍👍") == ["Le texte dépasse la limite de 5 caractères : 1\u00a0caractère en trop."]


def test_a_text_too_long_is_kept_whole_in_the_draft() -> None:
    ten_thousand = "œuvre 👍 " * 1250
    assert value(a("longtext", max=4000), ten_thousand) == ten_thousand.strip()
    assert len(faults(a("longtext", max=4000), ten_thousand)) == 1
    assert "trop long pour être enregistré" in refusal(a("longtext"), "a" * 50_001)


@pytest.mark.parametrize(
    "text",
    [
        "مرحبا بالعالم",
        "\u202eabc\u202c",
        "日本語の文章",
        "e\u0301te\u0301",
        "👨‍👩‍👧‍👦",
        "<script>alert(1)</script>",
        "'; DROP TABLE answers;--",
        "=1+1",
        "{{ 7*7 }}",
        "%s%n",
        "..\\..\\etc",
        "Z͑ͫ̓a̸lgo",
        "\ufeffBOM",
        "ﬁn",
    ],
)
@pytest.mark.parametrize("kind", ["text", "longtext"])
def test_every_writing_of_the_world_is_kept(kind: str, text: str) -> None:
    kept = value(a(kind), text)
    assert kept
    assert value(a(kind), kept) == kept
    assert field_type(a(kind)).display(a(kind), kept) == kept


@pytest.mark.parametrize("hostile", ["a\x00b", "a\x07b", "a\ud800b", "a\uffffb", "a\x7fb", "a\x1bb"])
@pytest.mark.parametrize("kind", [name for name in FIELD_TYPES if name not in {"computed", "file"}])
def test_characters_nothing_can_store_are_refused_with_a_sentence(kind: str, hostile: str) -> None:
    spec = a(kind, options=COLOURS, columns=(FieldSpec("label", "text", "Colonne"),))
    raw = {"f": [hostile], "f-rouge": [hostile], "f-0-label": [hostile], "f_lines-0-label": [hostile]}
    raw |= {"f-0-name": [hostile], "f-0-code": [hostile], "f-0-funder": [hostile]}
    parsed = field_type(spec).parse(spec, raw)
    assert parsed.value is None
    assert "signe invisible" in parsed.problems[0].message
    assert hostile in [text for texts in parsed.typed.values() for text in texts]


def test_line_ends_of_every_system_are_one_and_the_same() -> None:
    assert value(a("longtext"), "a\r\nb\rc\u2028d\x0be") == "a\nb\nc\nd\ne"
    assert value(a("text"), "a\r\nb\tc") == "a b c"


def test_yes_or_no_is_neither_until_answered() -> None:
    spec = a("yesno", required=True)
    assert value(spec, "yes") is value(spec, "oui") is True
    assert value(spec, "no") is value(spec, "non") is False
    assert field_type(spec).validate(spec, value=False) == ()
    assert field_type(spec).display(spec, value=False) == "Non"
    assert refusal(spec, "peut-être") == "Répondez par oui ou par non."


def test_a_required_box_must_be_ticked() -> None:
    spec = a("checkbox", required=True)
    assert value(spec, "y") is True
    assert faults(spec) == ["Cochez cette case pour continuer."]
    assert field_type(spec).fact(None) is False


def test_a_choice_outside_the_list_is_reported() -> None:
    spec = a("select", options=COLOURS)
    assert faults(spec, "vert") == []
    assert field_type(spec).display(spec, "vert") == "Vert"
    assert faults(spec, "bleu") == ["Ce choix n'est pas proposé."]


def test_several_choices_keep_the_order_of_the_list_and_the_words_of_other() -> None:
    spec = a("multiselect", options=COLOURS, max=2)
    assert value(spec, "vert", "rouge", "vert") == Choices(("rouge", "vert"))
    other = value(spec, "autre", "rouge", autre="  bleu canard ")
    assert other == Choices(("rouge", "autre"), "bleu canard")
    assert field_type(spec).display(spec, other) == "Rouge, Autre : bleu canard"
    assert faults(spec, "autre") == ["Précisez ce que recouvre « autre »."]
    assert faults(spec, "rouge", "vert", "autre", autre="x") == ["Choisissez au plus 2\u00a0réponses."]
    assert faults(spec, "bleu") == ["Un des choix n'est pas proposé."]
    assert value(spec, "rouge", autre="laissé là par erreur") == Choices(("rouge",))
    assert field_type(spec).fact(None) == ()


def test_a_checklist_asks_each_point_and_knows_its_five_answers() -> None:
    points = (Option("ins", "Identité nationale de santé"), Option("mssante", "Messagerie sécurisée"))
    spec = a("checklist", required=True, options=points)
    half = value(spec, ins="en_cours")
    problems = field_type(spec).validate(spec, half)
    assert [(one.place, one.message) for one in problems] == [
        ("f-mssante", "Répondez au point « Messagerie sécurisée ».")
    ]
    whole = value(spec, ins="oui", mssante="sans_objet")
    assert field_type(spec).validate(spec, whole) == ()
    assert (
        field_type(spec).display(spec, whole) == "Identité nationale de santé : Oui\nMessagerie sécurisée : Sans objet"
    )
    assert field_type(spec).validate(spec, {"ins": "bof", "mssante": "oui"})[0].place == "f-ins"


def test_a_scale_offers_its_steps() -> None:
    spec = a("scale", min=1, max=5)
    assert faults(spec, "3") == []
    assert field_type(spec).display(spec, Decimal(3)) == "3 sur 5"
    assert faults(spec, "6") == faults(spec, "0") == ["Choisissez une valeur de 1 à 5."]


def test_a_scale_goes_by_the_step_of_its_call() -> None:
    spec = a("scale", min=0, max=10, step=Decimal("0.5"))
    assert faults(spec, "2,5") == faults(spec, "0") == faults(spec, "10") == []
    assert faults(spec, "2,25") == faults(spec, "10,5") == ["Choisissez une valeur de 0 à 10."]
    assert field_type(spec).display(spec, Decimal("2.5")) == "2,5 sur 10"
    offered = ScaleType().choices(spec)
    assert (len(offered), offered[0], offered[5], offered[-1]) == (21, ("0", "0"), ("2,5", "2,5"), ("10", "10"))


def test_a_computed_value_is_never_taken_from_the_browser() -> None:
    assert value(a("computed"), "ZIP_PLUS") is None


def test_a_file_is_named_by_its_hash_and_never_taken_from_the_browser() -> None:
    spec = a("file", required=True)
    kind = field_type(spec)
    given = AttachedFile(UUID("7d9d4f3e-8a54-4f3c-9a51-0d0c9ff0f3aa"), "Schéma d'accès.pdf", 1_234_567, "ab" * 32)
    stored = json.loads(json.dumps(kind.to_json(spec, given)))
    assert kind.from_json(spec, stored) == given
    assert kind.display(spec, given) == "Schéma d'accès.pdf (1,2\u00a0Mo)"
    assert (kind.fact(given), kind.fact(None)) == (given.name, None)
    assert [problem.message for problem in kind.missing(spec, None)] == ["Ce champ est obligatoire."]
    assert value(spec, str(given.id)) is None
    entry = read_section(SectionSpec("S", "Rubrique", (spec,)), {"f": [json.dumps(stored)]})
    assert (entry.values, entry.unread) == ({}, {})


@pytest.mark.parametrize(
    "stored",
    [
        "7d9d4f3e-8a54-4f3c-9a51-0d0c9ff0f3aa",
        {"id": "7d9d4f3e-8a54-4f3c-9a51-0d0c9ff0f3aa", "name": "a.pdf"},
        {"id": "../../etc/passwd", "name": "a.pdf", "size": "1", "sha256": "a" * 64},
        {"id": "7d9d4f3e-8a54-4f3c-9a51-0d0c9ff0f3aa", "name": "a.pdf", "size": "²", "sha256": "a" * 64},
        {"id": "7d9d4f3e-8a54-4f3c-9a51-0d0c9ff0f3aa", "name": "a.pdf", "size": "1", "sha256": "z" * 64},
    ],
)
def test_what_is_no_file_is_no_answer(stored: object) -> None:
    with pytest.raises(UnreadableError, match="déposez-le de nouveau"):
        field_type(a("file")).from_json(a("file"), stored)


def test_a_commune_is_read_by_its_code_and_shown_by_its_name() -> None:
    spec = a("commune", options=(Option("2B033", "Bastia (2B033)"),))
    assert value(spec, " Bastia (2b033) ") == "2B033"
    assert field_type(spec).written(spec, "2B033") == {"f": ("Bastia (2B033)",)}
    assert field_type(spec).display(spec, "2B033") == "Bastia (2B033)"
    assert value(spec, "Saint-Denis") == "Saint-Denis"
    assert "choisissez-la dans la liste" in faults(spec, "Saint-Denis")[0]


def test_a_type_nobody_knows_is_told() -> None:
    with pytest.raises(InvalidError, match="hologramme"):
        field_type(a("hologramme"))


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("FR76 3000 6000 0112 3456 7890 189", False),
        ("fr7630006000011234567890189", False),
        ("BE68 5390 0754 7034", False),
        ("FR76 3000 6000 0112 3456 7890 188", True),
        ("3000 6000 0112 3456 7890 189", True),
    ],
)
def test_an_iban_is_checked_by_its_key(typed: str, *, wrong: bool) -> None:
    found = faults(a("iban"), typed)
    assert bool(found) is wrong
    if not wrong:
        shown = field_type(a("iban")).display(a("iban"), value(a("iban"), typed))
        assert shown.startswith(("FR76\u00a03000", "BE68\u00a05390"))
