"""The blank form of a call, made of its version: what every page of the form would ask, conditions in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from aap import french
from aap.applications.asked_form import form_of
from aap.applications.terms import honour_statements
from aap.calls.models import CallVersion
from aap.calls.queries import load_document, load_words
from aap.calls.queries.page_rows import CallPage
from aap.calls.wording import CallWords
from aap.documents.blank_form import BlankField, BlankForm, BlankSection, BlankTable
from aap.forms.fields import Storage, field_type
from aap.forms.fields.budget import BudgetLinesType, BudgetType, IncomeType
from aap.forms.fields.tables import RowsType
from aap.forms.spec import FieldSpec
from aap.referentials.queries import get_region
from aap.rules import describe

_CHARACTERS_A_LINE, _MOST_LINES, _MOST_OPTIONS = 90, 18, 40
_TABLE_LINES = 5
_YES_NO = frozenset({"yesno"})
_KINDS = {
    "money": "Montant en euros.",
    "percentage": "Pourcentage.",
    "rate": "Pourcentage.",
    "date": "Date : jour, mois, année.",
    "month": "Mois et année.",
    "siret": "Numéro SIRET, 14 chiffres.",
    "finess": "Numéro FINESS, 9 chiffres.",
    "integer": "Nombre entier.",
    "number": "Nombre.",
    "email": "Adresse électronique.",
    "phone": "Numéro de téléphone.",
    "url": "Adresse de site.",
    "file": "Fichier à joindre.",
}


def blank_form_of(version: CallVersion, page: CallPage, now: datetime) -> BlankForm:
    """Gather the form of a version and what stands around it; ``page`` is the published page of its call."""
    region, document, words = get_region(version.call.region_code), load_document(version), load_words(version)
    computed_aside = [
        BlankSection(
            section.title,
            section.help,
            tuple(_field(spec, words) for spec in section.fields if field_type(spec).storage is not Storage.NONE),
        )
        for section in form_of(version).sections
    ]
    facts = [("Référence", page.ref), ("Enveloppe", french.euros(page.funding.envelope_eur))]
    if page.closes_at is not None:
        facts.insert(1, ("Clôture des dépôts", f"{french.moment(page.closes_at)}, heure de Paris"))
    return BlankForm(
        agency=region.agency_name,
        service=(document.issuer_service.name if document.issuer_service else "") or region.direction_name,
        call_ref=page.ref,
        call_title=page.title,
        facts=tuple(facts),
        sections=tuple(section for section in computed_aside if section.fields),
        honour=honour_statements(version),
        annexes=tuple((f"{annex.key} – {annex.label}", annex.obligation) for annex in page.annexes),
        criteria=tuple(
            (criterion.label, criterion.guidance, french.number(criterion.weight))
            for criterion in page.selection.criteria
        ),
        made_at=now,
    )


def _field(spec: FieldSpec, words: CallWords) -> BlankField:
    options = tuple(option.label for option in spec.options[:_MOST_OPTIONS])
    if spec.type in _YES_NO:
        options = ("Oui", "Non")
    elif spec.type == "checkbox":
        options = (spec.label,)
    tables = tuple(_tables(spec))
    rules = [spec.help, *_limits(spec), *_conditions(spec, words), _KINDS.get(spec.type, "")]
    return BlankField(
        label=spec.label,
        required=spec.required,
        rules=tuple(rule.strip() for rule in rules if rule and rule.strip()),
        options=() if tables else options,
        tables=tables,
        lines=0 if tables or options or spec.type == "file" else _lines(spec),
    )


def _conditions(spec: FieldSpec, words: CallWords) -> Iterator[str]:
    if spec.show_if is not None:
        yield f"À remplir seulement si {describe(spec.show_if, words)}."
    if spec.required_if is not None:
        yield f"Obligatoire si {describe(spec.required_if, words)}."


def _limits(spec: FieldSpec) -> Iterator[str]:
    """Word the bounds of a field: characters, values, choices or rows, as its type counts them."""
    unit = "caractères" if spec.type in {"text", "longtext"} else ""
    if spec.type in {"multiselect", "checklist"}:
        unit = "choix"
    elif isinstance(field_type(spec), RowsType):
        unit = "lignes"
    elif spec.type == "file":
        unit = "Mo"
    for bound, word in ((spec.min, "au moins"), (spec.max, "au plus")):
        if bound is not None:
            yield f"{french.number(Decimal(bound))}{' ' + unit if unit else ''} {word}."


def _lines(spec: FieldSpec) -> int:
    if spec.type != "longtext":
        return 1
    most = int(spec.max) if spec.max is not None else _MOST_LINES * _CHARACTERS_A_LINE
    return max(3, min(_MOST_LINES, most // _CHARACTERS_A_LINE))


def _tables(spec: FieldSpec) -> Iterator[BlankTable]:
    kind = field_type(spec)
    if isinstance(kind, BudgetType):
        lines, income = BudgetType.sides(spec)
        for side, table in ((BudgetLinesType(), lines), (IncomeType(), income)):
            yield BlankTable(table.label, tuple(column.label for column in side.columns(table)), _TABLE_LINES * 2)
    elif isinstance(kind, RowsType):
        most = _TABLE_LINES if spec.max is None else min(_TABLE_LINES, int(spec.max))
        yield BlankTable("", tuple(column.label for column in kind.columns(spec)), max(1, most))
