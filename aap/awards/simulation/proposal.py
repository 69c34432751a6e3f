"""The proposal for some settings: down the ranking, who is funded with how much, and why each other file is not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from aap.awards.simulation.board import Board, FileRow, Standing
from aap.awards.simulation.settings import QuotaRule, Settings, Sharing, StrandShare
from aap.awards.simulation.wording import quota_words
from aap.scoring.selection.portfolio import Candidate, Measure, Portfolio, Quota, Strand, levels
from aap.scoring.selection.walk import Reason, Selection, select
from aap.scoring.selection.walk import Refusal as EngineRefusal

NOWHERE = ""  # the strand of the files that have none


class RefusalReason(Enum):
    """Why a file is not funded, the first that applies."""

    WITHDRAWN = "withdrawn"
    INADMISSIBLE = "inadmissible"
    INCOMPLETE = "incomplete"
    ELIMINATED = "eliminated"
    BELOW_TOTAL = "below_total"
    MAXIMUM = "maximum"
    ENVELOPE = "envelope"
    MINIMA = "minima"


_STANDINGS = {
    Standing.WITHDRAWN: RefusalReason.WITHDRAWN,
    Standing.INADMISSIBLE: RefusalReason.INADMISSIBLE,
    Standing.INCOMPLETE: RefusalReason.INCOMPLETE,
    Standing.ELIMINATED: RefusalReason.ELIMINATED,
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not. ``strand``: its envelope is the one that lacks ``missing_eur``, ``None`` for that of the call.

    ``quotas`` are the words of the caps that are full, or of the minima that would no longer be reached.
    """

    reason: RefusalReason
    missing_eur: Decimal | None = None
    strand: str | None = None
    quotas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A file in the proposal. ``asked_eur`` is what it asks, or what the service retained of it."""

    file: FileRow
    asked_eur: Decimal
    granted_eur: Decimal | None = None
    whole: bool = True
    refusal: Refusal | None = None
    spent_so_far_eur: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class StrandUse:
    """What a strand consumes: ``key`` is ``None`` for the whole call."""

    key: str | None
    envelope_eur: Decimal
    limit_eur: Decimal
    granted_eur: Decimal
    funded: int
    files: int

    @property
    def left_eur(self) -> Decimal:
        """What is left of its own envelope, below zero when others lend it some."""
        return self.envelope_eur - self.granted_eur


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """What a quota reaches, in its own measure, and the most it could."""

    rule: QuotaRule
    words: str
    reached: Decimal
    possible: Decimal


@dataclass(frozen=True, slots=True)
class Outcome:
    """A proposal: ranked files first, in rank order. ``untied`` lists files that only the reading order separates."""

    lines: tuple[Line, ...]
    whole: StrandUse
    strands: tuple[StrandUse, ...]
    quotas: tuple[QuotaUse, ...]
    untied: tuple[str, ...]

    @property
    def funded(self) -> tuple[Line, ...]:
        """Return the funded files, in rank order."""
        return tuple(line for line in self.lines if line.granted_eur is not None)

    def granted(self) -> dict[str, Decimal]:
        """Return what each funded file receives, by reference."""
        return {line.file.reference: line.granted_eur for line in self.lines if line.granted_eur is not None}


def simulate(board: Board, settings: Settings) -> Outcome:
    """Propose who is funded: in rank order, whoever can be with every limit kept.

    Raises:
        InvalidError: the settings make no sense, or no selection reaches some minima, which are named.
        TooLongError: the time given by ``patience.within`` is over.

    """
    retained = {one.reference: one.amount_eur for one in settings.retained}
    asked = {row.reference: retained.get(row.reference, row.requested_eur) for row in board.files}
    eligible = [row for row in board.ranked if not _below(row, settings)]
    rules = _named(settings, board)
    selection = select(_portfolio(eligible, asked, settings, rules))
    lines = _lines(board, settings, asked, selection)
    return Outcome(
        lines=lines,
        whole=_use(lines, None, settings.envelope_eur, settings.envelope_eur),
        strands=tuple(_strand_use(lines, share, settings) for share in settings.strands),
        quotas=tuple(_quota_use(lines, rule, words) for words, rule in rules.items()),
        untied=_untied(lines),
    )


def _named(settings: Settings, board: Board) -> dict[str, QuotaRule]:
    """Name each quota by its words, and by its group too when another one has the same: none takes another's place."""
    named: dict[str, QuotaRule] = {}
    for rule in settings.quotas:
        words = quota_words(rule, board.label_of(rule.group))
        named[f"{words} ({rule.value})" if words in named else words] = rule
    return named


def _below(row: FileRow, settings: Settings) -> bool:
    return settings.least_total is not None and row.total is not None and row.total < Fraction(settings.least_total)


def _portfolio(
    eligible: Sequence[FileRow], asked: Mapping[str, Decimal], settings: Settings, rules: Mapping[str, QuotaRule]
) -> Portfolio:
    """Write the problem for the engine; quotas are named by their words, which its refusals then repeat."""
    shared = settings.sharing is Sharing.OPEN or not settings.strands
    known = {share.key for share in settings.strands}
    candidates = tuple(
        Candidate(
            row.reference,
            levels(asked[row.reference], settings.rates, settings.least_eur),
            frozenset(words for words, rule in rules.items() if rule.group in row.groups),
            None if shared else row.strand if row.strand in known else NOWHERE,
        )
        for row in eligible
    )
    strands: tuple[Strand, ...] = ()
    if not shared:
        strands = tuple(Strand(share.key, share.envelope_eur, _receives(share, settings)) for share in settings.strands)
        if any(candidate.strand == NOWHERE for candidate in candidates):
            strands = (*strands, Strand(NOWHERE, settings.envelope_eur))
    quotas = tuple(Quota(words, rule.measure, rule.minimum, rule.maximum) for words, rule in rules.items())
    return Portfolio(candidates, settings.envelope_eur, quotas, strands)


def _receives(share: StrandShare, settings: Settings) -> Decimal:
    return share.may_receive_eur if settings.sharing is Sharing.LIMITED else Decimal(0)


def _lines(board: Board, settings: Settings, asked: Mapping[str, Decimal], selection: Selection) -> tuple[Line, ...]:
    """Tell every file, adding up down the ranking."""
    grants = {grant.ref: grant for grant in selection.grants}
    refusals = {refusal.ref: refusal for refusal in selection.refusals}
    spent: dict[str | None, Decimal] = defaultdict(Decimal)
    total, lines = Decimal(0), []
    for row in board.files:
        asks = asked[row.reference]
        grant, refused = grants.get(row.reference), refusals.get(row.reference)
        if grant is not None:
            total += grant.amount
            spent[row.strand] += grant.amount
            lines.append(Line(row, asks, grant.amount, whole=grant.whole, spent_so_far_eur=total))
        elif refused is not None:
            told = _explained(row, refused, settings, spent[row.strand], total)
            lines.append(Line(row, asks, refusal=told, spent_so_far_eur=total))
        else:
            reason = _STANDINGS.get(row.standing, RefusalReason.BELOW_TOTAL)
            lines.append(Line(row, asks, refusal=Refusal(reason), spent_so_far_eur=total))
    return tuple(lines)


def _explained(
    row: FileRow, refused: EngineRefusal, settings: Settings, in_strand: Decimal, in_all: Decimal
) -> Refusal:
    """Say which envelope lacks the euros: the strand's when it lacks as many as the engine says."""
    reason = RefusalReason(refused.reason.value)
    strand = None
    share = settings.share_of(row.strand)
    if refused.reason is Reason.ENVELOPE and share is not None and settings.sharing is not Sharing.OPEN:
        left_here = share.envelope_eur + _receives(share, settings) - in_strand
        if left_here <= settings.envelope_eur - in_all:
            strand = share.key
    return Refusal(reason, refused.missing, strand, refused.quotas)


def _strand_use(lines: Sequence[Line], share: StrandShare, settings: Settings) -> StrandUse:
    limit = share.envelope_eur + _receives(share, settings)
    if settings.sharing is Sharing.OPEN:
        limit = settings.envelope_eur
    kept = [line for line in lines if line.file.strand == share.key]
    return _use(kept, share.key, share.envelope_eur, limit)


def _use(lines: Sequence[Line], key: str | None, envelope: Decimal, limit: Decimal) -> StrandUse:
    amounts = [line.granted_eur for line in lines if line.granted_eur is not None]
    ranked = sum(1 for line in lines if line.file.standing is Standing.RANKED)
    return StrandUse(key, envelope, limit, sum(amounts, Decimal(0)), len(amounts), ranked)


def _quota_use(lines: Sequence[Line], rule: QuotaRule, words: str) -> QuotaUse:
    members = [line for line in lines if rule.group in line.file.groups and line.file.standing is Standing.RANKED]
    funded = [line.granted_eur for line in members if line.granted_eur is not None]
    if rule.measure is Measure.NUMBER:
        return QuotaUse(rule, words, Decimal(len(funded)), Decimal(len(members)))
    return QuotaUse(rule, words, sum(funded, Decimal(0)), sum((line.asked_eur for line in members), Decimal(0)))


def _untied(lines: Sequence[Line]) -> tuple[str, ...]:
    """Return the files of equal rank of which some are funded whole and others are not."""
    by_rank: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        if line.file.tied and line.file.rank is not None:
            by_rank[line.file.rank].append(line)
    return tuple(
        line.file.reference
        for group in by_rank.values()
        if len({line.granted_eur is not None and line.whole for line in group}) > 1
        for line in group
    )
