"""The rule about annexes: which are required, why, for whom, and which are still missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aap import french
from aap.applications.particulars import AnnexTerms, Particulars, Terms
from aap.rules import NamedRule, Outcome, Verdict, Words, describe, evaluate, unknown
from aap.rules.wording import PLAIN

References = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Slot:
    """One place for pieces: the annex alone, or the annex about one partner, co-funder or site."""

    subject: str
    subject_label: str
    count: int


@dataclass(frozen=True, slots=True)
class AnnexStatus:
    """An annex for one application.

    ``required`` is ``None`` while the condition cannot be judged; ``condition`` words the condition ("" when there is
    none); ``because`` says why it applies here or not; ``missing`` names what has no piece yet.
    """

    key: str
    label: str
    required: bool | None
    condition: str
    because: str
    per: str | None
    confidential: bool
    slots: tuple[Slot, ...]
    missing: tuple[str, ...]

    @property
    def provided(self) -> bool:
        """Tell whether some piece was given."""
        return any(slot.count for slot in self.slots)

    @property
    def complete(self) -> bool:
        """Tell whether nothing required is missing."""
        return not self.missing


def status_of(
    annex: AnnexTerms,
    particulars: Particulars,
    refs: References,
    named: Mapping[str, NamedRule],
    words: Words = PLAIN,
) -> AnnexStatus:
    """Say whether an annex is required here, why, and what is missing."""
    required, because, condition = _requirement(annex, particulars, refs, named, words)
    slots = _slots(annex, particulars)
    missing = tuple(slot.subject_label or annex.label for slot in slots if not slot.count) if required else ()
    return AnnexStatus(
        annex.key, annex.label, required, condition, because, annex.per, annex.confidential, slots, missing
    )


def _requirement(
    annex: AnnexTerms, particulars: Particulars, refs: References, named: Mapping[str, NamedRule], words: Words
) -> tuple[bool | None, str, str]:
    if annex.condition is None:
        return annex.required, "demandée à tous" if annex.required else "facultative", ""
    verdict = evaluate(annex.condition, particulars.values, refs, named, words)
    required = None if verdict.outcome is Outcome.UNKNOWN else verdict.outcome is Outcome.HELD
    return required, verdict.because, describe(annex.condition, words)


def _slots(annex: AnnexTerms, particulars: Particulars) -> tuple[Slot, ...]:
    given = [piece.subject for piece in particulars.pieces if piece.annex_key == annex.key]
    if annex.per == "partners":
        subjects = [(partner.key, partner.name) for partner in particulars.partners]
    elif annex.per == "cofunders":
        subjects = [(funder.key, funder.name) for funder in particulars.cofunders]
    elif annex.per == "sites":
        subjects = [(site.key, site.name) for site in particulars.sites]
    else:
        return (Slot("", "", len(given)),)
    return tuple(Slot(key, name, given.count(key)) for key, name in subjects)


def annexes_complete(
    particulars: Particulars, terms: Terms, refs: References, named: Mapping[str, NamedRule], words: Words = PLAIN
) -> Verdict:
    """Judge that every required annex has its pieces; what is missing is named."""
    statuses = [status_of(annex, particulars, refs, named, words) for annex in terms.annexes]
    missing = [status for status in statuses if status.missing]
    unsure = [status for status in statuses if status.required is None]
    required = [status for status in statuses if status.required]
    figures = {
        "required": tuple(status.key for status in required),
        "missing": tuple(status.key for status in missing),
        "pieces": len(particulars.pieces),
    }
    if missing:
        clauses = tuple(_tell_missing(status) for status in missing)
        return Verdict(Outcome.UNKNOWN if particulars.unfinished else Outcome.BROKEN, clauses, figures)
    if unsure:
        names = french.listing([f"« {status.label} »" for status in unsure])
        return unknown(f"on ne sait pas encore si {names} est à joindre", figures)
    return Verdict(Outcome.HELD, (f"les {len(required)} pièces obligatoires sont jointes",), figures)


def _tell_missing(status: AnnexStatus) -> str:
    if status.per is None:
        return f"la pièce « {status.label} » manque"
    return f"la pièce « {status.label} » manque pour {french.listing(status.missing)}"
