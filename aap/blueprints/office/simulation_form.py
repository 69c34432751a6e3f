"""The settings of a simulation as an address carries them: read with every fault at its field, and written back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from aap import french
from aap.awards.simulation import Board, Dimension, QuotaRule, Retained, Settings, Sharing, StrandShare
from aap.blueprints.office.inputs import plain_euros
from aap.calls.models import CallVersion
from aap.forms.fields import UnreadableError
from aap.forms.fields.cleaning import read_decimal
from aap.scoring.selection.portfolio import Measure

MEASURES = {"dossiers": Measure.NUMBER, "euros": Measure.AMOUNT}
MOST_QUOTAS, MOST_RETAINED, MOST_RATES = 40, 60, 5
_ROW = re.compile(r"(q|r)-(\d{1,4})-[a-z]+")
_WRITTEN = {measure: word for word, measure in MEASURES.items()}


@dataclass(frozen=True, slots=True)
class QuotaTyped:
    """A quota as it was typed. ``files`` and ``asked_eur`` are the most its group can reach."""

    index: int
    group: str
    measure: str = "dossiers"
    minimum: str = ""
    maximum: str = ""
    files: int = 0
    asked_eur: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class RetainedTyped:
    """An amount retained for a file, as it was typed."""

    index: int
    reference: str = ""
    amount: str = ""


@dataclass(slots=True)
class Panel:
    """What the form shows: what was typed, every fault by the identifier of its field, and the settings when none."""

    texts: dict[str, str]
    sharing: str = Sharing.SEPARATE.value
    quotas: list[QuotaTyped] = field(default_factory=list)
    retained: list[RetainedTyped] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    settings: Settings | None = None

    @property
    def opens_strands(self) -> bool:
        """Tell whether how strands share is worth showing at once: it is not the call's, or it is mistyped."""
        fields = (name.partition("-")[0] for name in self.errors)
        return self.sharing != Sharing.SEPARATE.value or any(name in {"partage", "volet", "recoit"} for name in fields)

    @property
    def opens_partial(self) -> bool:
        """Tell whether partial funding is worth showing at once."""
        return bool(self.retained) or any(self.texts.get(name) for name in ("niveaux", "plancher", "note"))

    @property
    def faults(self) -> list[tuple[str, str]]:
        """List faults as the summary of errors takes them."""
        return list(self.errors.items())


Typed = Mapping[str, str]


def read_panel(typed: Typed, version: CallVersion, board: Board, start: Settings) -> Panel:
    """Read what was typed; without anything, ``start`` is shown."""
    if "enveloppe" not in typed:
        typed = dict(write_query(start)) | dict(typed)
    panel = Panel(dict(typed), typed.get("partage", Sharing.SEPARATE.value))
    envelope = _money(panel, "enveloppe", required="Indiquez l'enveloppe de l'appel.")
    strands = tuple(_share(panel, strand.key) for strand in version.strands)
    rules = _quotas(panel, board)
    kept = _retained(panel, board)
    rates, least = _rates(panel), _money(panel, "plancher")
    total = _number(panel, "note", 6)
    if panel.sharing not in {sharing.value for sharing in Sharing}:
        panel.errors["partage"] = "Choisissez comment les volets partagent l'enveloppe."
    if not panel.errors:
        panel.settings = Settings(
            envelope or Decimal(0), Sharing(panel.sharing), strands, rules, rates, least or Decimal(0), total, kept
        )
    _change_rows(panel, typed)
    return panel


def write_query(settings: Settings) -> list[tuple[str, str]]:
    """Write settings as the fields of the form: ``read_panel`` gives them back."""
    fields = [("enveloppe", plain_euros(settings.envelope_eur)), ("partage", settings.sharing.value)]
    for share in settings.strands:
        fields.append((f"volet-{share.key}", plain_euros(share.envelope_eur)))
        if share.may_receive_eur:
            fields.append((f"recoit-{share.key}", plain_euros(share.may_receive_eur)))
    for number, rule in enumerate(settings.quotas):
        bounds = (("min", rule.minimum), ("max", rule.maximum))
        fields += [(f"q-{number}-sur", rule.group), (f"q-{number}-en", _WRITTEN[rule.measure])]
        fields += [(f"q-{number}-{name}", plain_euros(bound)) for name, bound in bounds if bound is not None]
    for number, one in enumerate(settings.retained):
        fields += [(f"r-{number}-dossier", one.reference), (f"r-{number}-montant", plain_euros(one.amount_eur))]
    if settings.rates:
        fields.append(("niveaux", " ; ".join(french.number(rate * 100) for rate in settings.rates)))
    if settings.least_eur:
        fields.append(("plancher", plain_euros(settings.least_eur)))
    if settings.least_total is not None:
        fields.append(("note", french.number(settings.least_total)))
    return [(name, value.replace("\u202f", " ").replace("\u00a0", " ")) for name, value in fields]


def _number(panel: Panel, name: str, decimals: int, unit: str = "") -> Decimal | None:
    """Read a number of at least 0; a fault is put at its field."""
    try:
        value = read_decimal(panel.texts.get(name, ""), decimals=decimals, unit=unit)
    except UnreadableError as error:
        panel.errors[name] = error.message
        return None
    if value is not None and value < 0:
        panel.errors[name] = "Écrivez un nombre positif."
        return None
    if value is not None:
        panel.texts[name] = plain_euros(value) if unit else french.number(value)
    return value


def _money(panel: Panel, name: str, required: str = "") -> Decimal | None:
    value = _number(panel, name, 2, "€")
    if value is None and required and name not in panel.errors:
        panel.errors[name] = required
    return value


def _share(panel: Panel, key: str) -> StrandShare:
    envelope = _money(panel, f"volet-{key}", required=f"Indiquez l'enveloppe du volet {key}.")
    return StrandShare(key, envelope or Decimal(0), _money(panel, f"recoit-{key}") or Decimal(0))


def _indexes(panel: Panel, name: str) -> list[int]:
    found = {int(row[2]) for row in map(_ROW.fullmatch, panel.texts) if row and row[1] == name}
    return sorted(found)


def _quotas(panel: Panel, board: Board) -> tuple[QuotaRule, ...]:
    rules: list[QuotaRule] = []
    for index in _indexes(panel, "q"):
        rule = _quota(panel, board, index)
        if rule is None:
            continue
        if any((rule.group, rule.measure) == (known.group, known.measure) for known in rules):
            panel.errors[f"q-{index}-sur"] = "Ce quota figure déjà plus haut : réunissez les deux."
        rules.append(rule)
    if len(rules) > MOST_QUOTAS:
        panel.errors[f"q-{panel.quotas[-1].index}-sur"] = f"Cette page prend {MOST_QUOTAS} quotas au plus."
    return tuple(rules)


def _quota(panel: Panel, board: Board, index: int) -> QuotaRule | None:
    """Read one quota and keep it as it will be shown; a blank row is none."""
    group, measure = (panel.texts.get(f"q-{index}-{name}", "").strip() for name in ("sur", "en"))
    measure = measure if measure in MEASURES else "dossiers"
    blank = not group and not any(panel.texts.get(f"q-{index}-{end}", "").strip() for end in ("min", "max"))
    rule = None if blank else _rule(panel, index, group, MEASURES[measure])
    known = board.group(group)
    low, high = (panel.texts.get(f"q-{index}-{end}", "") for end in ("min", "max"))
    files, asked = (known.files, known.requested_eur) if known else (0, Decimal(0))
    panel.quotas.append(QuotaTyped(index, group, measure, low, high, files, asked))
    return rule


def _rule(panel: Panel, index: int, group: str, measure: Measure) -> QuotaRule | None:
    dimension, _, value = group.partition(":")
    if dimension not in {one.value for one in Dimension} or not 0 < len(value) <= 80:
        panel.errors[f"q-{index}-sur"] = "Choisissez sur quoi porte ce quota."
        return None
    decimals = 0 if measure is Measure.NUMBER else 2
    unit = "" if measure is Measure.NUMBER else "€"
    low = _number(panel, f"q-{index}-min", decimals, unit)
    high = _number(panel, f"q-{index}-max", decimals, unit)
    if low is not None and high is not None and low > high:
        panel.errors[f"q-{index}-min"] = "Le minimum dépasse le maximum."
    return QuotaRule(Dimension(dimension), value, measure, low, high)


def _retained(panel: Panel, board: Board) -> tuple[Retained, ...]:
    asked = {row.reference: row.requested_eur for row in board.ranked}
    kept: list[Retained] = []
    for index in _indexes(panel, "r"):
        reference = panel.texts.get(f"r-{index}-dossier", "").strip()
        text = panel.texts.get(f"r-{index}-montant", "").strip()
        if not reference and not text:
            panel.retained.append(RetainedTyped(index))
            continue
        amount = _money(panel, f"r-{index}-montant", required="Indiquez le montant retenu.")
        panel.retained.append(RetainedTyped(index, reference, panel.texts.get(f"r-{index}-montant", "")))
        if reference not in asked:
            panel.errors[f"r-{index}-dossier"] = "Choisissez un dossier classé."
        elif any(one.reference == reference for one in kept):
            panel.errors[f"r-{index}-dossier"] = "Ce dossier a déjà un montant retenu."
        elif amount is not None and not 0 < amount <= asked[reference]:
            most = french.euros(asked[reference])
            panel.errors[f"r-{index}-montant"] = f"Le montant retenu va jusqu'à {most}, ce que demande le dossier."
        if amount is not None:
            kept.append(Retained(reference, amount))
    if len(kept) > MOST_RETAINED:
        panel.errors[f"r-{panel.retained[-1].index}-dossier"] = f"Cette page prend {MOST_RETAINED} montants au plus."
    return tuple(kept)


def _rates(panel: Panel) -> tuple[Decimal, ...]:
    """Read "80 ; 60": levels in per cent, highest first."""
    rates: set[Decimal] = set()
    for part in re.split(r"[;/\n]", panel.texts.get("niveaux", "")):
        try:
            value = read_decimal(part.replace("%", ""), decimals=2)
        except UnreadableError:
            panel.errors["niveaux"] = "Écrivez des pourcentages séparés par des points-virgules, par exemple 80 ; 60."
            return ()
        if value is None:
            continue
        if not 0 < value < 100:
            panel.errors["niveaux"] = "Un niveau réduit est entre 0 et 100 %, bornes exclues."
            return ()
        rates.add(value / 100)
    if len(rates) > MOST_RATES:
        panel.errors["niveaux"] = f"Donnez {MOST_RATES} niveaux au plus."
    return tuple(sorted(rates, reverse=True))


def _change_rows(panel: Panel, typed: Typed) -> None:
    """Add the row that a button asks for; a removed row never reaches this page (``without_removed``)."""
    wanted = typed.get("add", "")
    if wanted == "q":
        panel.quotas.append(QuotaTyped(_next(panel.quotas), ""))
    elif wanted == "r":
        panel.retained.append(RetainedTyped(_next(panel.retained)))


def _next(rows: Sequence[Any]) -> int:
    return max((row.index for row in rows), default=-1) + 1


def without_removed(typed: Typed) -> dict[str, str]:
    """Return what was typed without the row that a button removes: ``remove=q-3``."""
    removed = typed.get("remove", "")
    return {name: value for name, value in typed.items() if not removed or not name.startswith(f"{removed}-")}
