"""The rule about annexes: which are required, why, for whom, and which are still missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from aap import french
from aap.applications.checks.funding import line_over
from aap.applications.particulars import AnnexTerms, LineFacts, Particulars, Terms
from aap.calls.document.facts import SIGNATURES
from aap.calls.document.form import PER_LINES
from aap.rules import NamedRule, Outcome, Rule, Verdict, Words, describe, evaluate, unknown
from aap.rules.wording import PLAIN

References = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Slot:
    """One place for pieces: the annex alone, or the annex about one partner, co-funder, site or expense.

    ``required``, as that of the annex, may differ between expenses; ``because`` says why it applies to this one.
    """

    subject: str
    subject_label: str
    count: int
    required: bool | None = None
    because: str = ""


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
    if annex.per == PER_LINES:
        slots = _line_slots(annex, particulars, refs, named, words)
        required, because = _of_lines(annex, slots)
        condition = "" if annex.condition is None else describe(annex.condition, words)
    else:
        required, because, condition = _requirement(annex, particulars, refs, named, words)
        slots = _slots(annex, particulars, required=required)
    missing = tuple(slot.subject_label or annex.label for slot in slots if slot.required and not slot.count)
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


def _line_slots(
    annex: AnnexTerms, particulars: Particulars, refs: References, named: Mapping[str, NamedRule], words: Words
) -> tuple[Slot, ...]:
    """Judge each expense alone: one may ask for the piece and the next one not."""
    given = [piece.subject for piece in particulars.pieces if piece.annex_key == annex.key]
    slots = []
    for line in particulars.lines:
        required: bool | None = annex.required
        because = ""
        if annex.condition is not None:
            verdict = _of_line(annex.condition, line, particulars, refs, named, words)
            required = None if verdict.outcome is Outcome.UNKNOWN else verdict.outcome is Outcome.HELD
            because = verdict.because
        slots.append(Slot(line.key, line.name, given.count(line.key), required, because))
    return tuple(slots)


def _of_line(
    rule: Rule,
    line: LineFacts,
    particulars: Particulars,
    refs: References,
    named: Mapping[str, NamedRule],
    words: Words,
) -> Verdict:
    alone = replace(particulars, lines=(line,))
    over = NamedRule(SIGNATURES["line_over"], lambda call, _facts, _refs: line_over(call, alone))
    facts = {
        **particulars.values,
        "budget.lines": (line.key,),
        "line.category": line.category or None,
        "line.amount_eur": line.amount_eur,
        "line.requested_eur": line.requested_eur,
    }
    return evaluate(rule, facts, refs, {**named, "line_over": over}, words)


def _of_lines(annex: AnnexTerms, slots: tuple[Slot, ...]) -> tuple[bool | None, str]:
    """Say of the whole annex what its expenses say: required as soon as one of them asks for it."""
    if not slots:
        return annex.required, "tant qu'aucune dépense n'est inscrite au budget"
    asked = [slot for slot in slots if slot.required]
    if asked:
        return True, f"pour {french.plural(len(asked), 'dépense')} sur {len(slots)}"
    doubts = [slot for slot in slots if slot.required is None]
    if doubts:
        return None, doubts[0].because
    return False, "parce qu'aucune dépense ne remplit la condition" if annex.condition else "facultative"


def _slots(annex: AnnexTerms, particulars: Particulars, *, required: bool | None) -> tuple[Slot, ...]:
    given = [piece.subject for piece in particulars.pieces if piece.annex_key == annex.key]
    if annex.per == "partners":
        subjects = [(partner.key, partner.name) for partner in particulars.partners]
    elif annex.per == "cofunders":
        subjects = [(funder.key, funder.name) for funder in particulars.cofunders]
    elif annex.per == "sites":
        subjects = [(site.key, site.name) for site in particulars.sites]
    else:
        return (Slot("", "", len(given), required),)
    return tuple(Slot(key, name, given.count(key), required) for key, name in subjects)


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
