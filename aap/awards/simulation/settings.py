"""What is tried: the envelope, how strands share it, quotas, levels of funding. Money in Decimal euros, to the cent.

Settings are written as JSON whose numbers are texts, so that a saved scenario is read back digit for digit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from aap.calls.models import CallVersion
from aap.scoring.selection.portfolio import Measure


class Sharing(StrEnum):
    """How strands share the envelope of the call. The values are those of the address of the page."""

    SEPARATE = "cloisonnes"
    LIMITED = "limites"
    OPEN = "fongibles"


class Dimension(StrEnum):
    """What groups files for a quota. The values are those of the address of the page."""

    STRAND = "volet"
    PUBLIC = "public"
    ZONE = "zone"
    DEPARTMENT = "departement"
    ORGANISATION = "organisme"
    CATEGORY = "categorie"


@dataclass(frozen=True, slots=True)
class StrandShare:
    """The envelope of a strand, and what it may take from the others when sharing is limited."""

    key: str
    envelope_eur: Decimal
    may_receive_eur: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class QuotaRule:
    """At least and at most so much, in euros or in files, for the files of a group; ``None`` for no limit."""

    dimension: Dimension
    value: str
    measure: Measure
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    @property
    def group(self) -> str:
        """Name the group in the address of the page: ``public:ald``."""
        return f"{self.dimension.value}:{self.value}"


@dataclass(frozen=True, slots=True)
class Retained:
    """The amount that the service retains for a file instead of what it asks, after instruction."""

    reference: str
    amount_eur: Decimal


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a simulation depends on, beside the ranking.

    ``rates`` are the reduced levels of funding (0 to 1, both excluded), ``least_eur`` the least amount a reduced level
    may go down to, ``least_total`` the least exact total that may be funded (``None``: no such condition).
    """

    envelope_eur: Decimal
    sharing: Sharing = Sharing.SEPARATE
    strands: tuple[StrandShare, ...] = ()
    quotas: tuple[QuotaRule, ...] = ()
    rates: tuple[Decimal, ...] = ()
    least_eur: Decimal = Decimal(0)
    least_total: Decimal | None = None
    retained: tuple[Retained, ...] = ()

    def share_of(self, strand: str | None) -> StrandShare | None:
        """Return the share of a strand."""
        return next((share for share in self.strands if share.key == strand), None)


def base_settings(version: CallVersion, partial_levels: Sequence[Decimal] = ()) -> Settings:
    """Return what the call itself says: its envelopes, each strand in its own, its levels of partial funding.

    Strands are fungible on the decision of the jury only: a scenario says so when it is so.
    """
    shares = tuple(StrandShare(strand.key, strand.envelope_eur) for strand in version.strands)
    rates = sorted({rate for rate in partial_levels if 0 < rate < 1}, reverse=True)
    return Settings(version.envelope_eur, strands=shares, rates=tuple(rates))


def write_settings(settings: Settings) -> dict[str, Any]:
    """Write settings as JSON values; ``read_settings`` gives them back."""
    return {
        "envelope_eur": _text(settings.envelope_eur),
        "sharing": settings.sharing.value,
        "strands": [
            {
                "key": share.key,
                "envelope_eur": _text(share.envelope_eur),
                "may_receive_eur": _text(share.may_receive_eur),
            }
            for share in settings.strands
        ],
        "quotas": [
            {
                "dimension": rule.dimension.value,
                "value": rule.value,
                "measure": rule.measure.value,
                "minimum": _text(rule.minimum),
                "maximum": _text(rule.maximum),
            }
            for rule in settings.quotas
        ],
        "rates": [_text(rate) for rate in settings.rates],
        "least_eur": _text(settings.least_eur),
        "least_total": _text(settings.least_total),
        "retained": [{"reference": one.reference, "amount_eur": _text(one.amount_eur)} for one in settings.retained],
    }


def read_settings(written: Mapping[str, Any]) -> Settings:
    """Read what ``write_settings`` wrote."""
    return Settings(
        envelope_eur=Decimal(written["envelope_eur"]),
        sharing=Sharing(written["sharing"]),
        strands=tuple(
            StrandShare(row["key"], Decimal(row["envelope_eur"]), Decimal(row["may_receive_eur"]))
            for row in written["strands"]
        ),
        quotas=tuple(
            QuotaRule(
                Dimension(row["dimension"]),
                row["value"],
                Measure(row["measure"]),
                _number(row["minimum"]),
                _number(row["maximum"]),
            )
            for row in written["quotas"]
        ),
        rates=tuple(Decimal(rate) for rate in written["rates"]),
        least_eur=Decimal(written["least_eur"]),
        least_total=_number(written["least_total"]),
        retained=tuple(Retained(row["reference"], Decimal(row["amount_eur"])) for row in written["retained"]),
    )


def _text(value: Decimal | None) -> str | None:
    """Write a number so that equal numbers are equal texts: ``1500000``, ``0.75``."""
    return None if value is None else f"{value.normalize():f}"


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
