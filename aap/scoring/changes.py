"""What changed between two frozen rankings of one call: who moved, from where to where, and what explains it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from aap.scoring.frozen import FrozenFile, FrozenRanking


class Cause(StrEnum):
    """What differs in what makes the place of one application."""

    REVIEW_ADDED = "review_added"
    REVIEW_REMOVED = "review_removed"
    REVIEW_CHANGED = "review_changed"
    FACTS = "facts"  # a declared fact that may separate equal totals
    STRAND = "strand"
    JOINED = "joined"  # was not before the jury
    GONE = "gone"  # is no longer
    OTHERS = "others"  # nothing of its own: others moved, or the rules did


class Rule(StrEnum):
    """What differs in the rules that hold for all."""

    RUBRIC = "rubric"
    PARAMETERS = "parameters"
    DRAW = "draw"  # the seed was revealed


@dataclass(frozen=True, slots=True)
class Reason:
    """One cause; ``juror`` is the code of the member whose review it is about."""

    cause: Cause
    juror: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One application, as it was and as it is; ``None`` when it was not in that ranking."""

    before: FrozenFile | None
    after: FrozenFile | None
    reasons: tuple[Reason, ...]

    @property
    def present(self) -> FrozenFile:
        """Return the application as it is, or as it was when it is gone."""
        found = self.after or self.before
        if found is None:
            message = "a change is about an application of one of the rankings"
            raise ValueError(message)
        return found

    @property
    def steps(self) -> int | None:
        """Count the ranks gained (above 0) or lost; ``None`` when one of the two is not a rank."""
        ranks = [file.rank for file in (self.before, self.after) if file is not None and file.rank is not None]
        return ranks[0] - ranks[1] if len(ranks) == 2 else None


@dataclass(frozen=True, slots=True)
class Differences:
    """What differs for all, and the applications whose place, total or status differs, in the order of the later."""

    rules: tuple[Rule, ...]
    changes: tuple[Change, ...]
    same: int


def compare(before: FrozenRanking, after: FrozenRanking) -> Differences:
    """Compare two rankings of one call, application by application (by identifier)."""
    old, new = ({file.id: file for file in ranking.files} for ranking in (before, after))
    keys = [*new, *(key for key in old if key not in new)]
    changes = tuple(_change(old.get(key), new.get(key)) for key in keys if _differs(old.get(key), new.get(key)))
    return Differences(_rules(before, after), changes, len(keys) - len(changes))


def _differs(before: FrozenFile | None, after: FrozenFile | None) -> bool:
    return before is None or after is None or _place(before) != _place(after) or bool(_own_reasons(before, after))


def _place(file: FrozenFile) -> tuple[object, ...]:
    return (file.status, file.total, file.rank, file.rank_in_group, file.tied)


def _change(before: FrozenFile | None, after: FrozenFile | None) -> Change:
    if before is None or after is None:
        return Change(before, after, (Reason(Cause.JOINED if before is None else Cause.GONE),))
    return Change(before, after, _own_reasons(before, after) or (Reason(Cause.OTHERS),))


def _own_reasons(before: FrozenFile, after: FrozenFile) -> tuple[Reason, ...]:
    old = {review.juror: (review.total, review.submitted_at) for review in before.reviews}
    new = {review.juror: (review.total, review.submitted_at) for review in after.reviews}
    reasons = [Reason(Cause.REVIEW_ADDED, juror) for juror in new if juror not in old]
    reasons += [Reason(Cause.REVIEW_REMOVED, juror) for juror in old if juror not in new]
    reasons += [Reason(Cause.REVIEW_CHANGED, juror) for juror in new if juror in old and new[juror] != old[juror]]
    if before.facts != after.facts:
        reasons.append(Reason(Cause.FACTS))
    if before.group != after.group:
        reasons.append(Reason(Cause.STRAND))
    return tuple(reasons)


def _rules(before: FrozenRanking, after: FrozenRanking) -> tuple[Rule, ...]:
    found = [Rule.RUBRIC] if (before.rubric, before.version) != (after.rubric, after.version) else []
    if _without_draw(before.parameters) != _without_draw(after.parameters):
        found.append(Rule.PARAMETERS)
    if before.parameters.get("draw") != after.parameters.get("draw"):
        found.append(Rule.DRAW)
    return tuple(found)


def _without_draw(parameters: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in parameters.items() if key != "draw"}
