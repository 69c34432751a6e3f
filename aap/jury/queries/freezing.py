"""The ranking of a call as it stands, whole, in the form that is sealed: exact, with what makes each rank."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select

from aap.calls.models import Call
from aap.db import db
from aap.errors import NotFoundError
from aap.jury.blindness import is_owed
from aap.jury.grid import Grid
from aap.jury.models import Assignment, JuryMember
from aap.jury.queries.ranking import Computed, RankedRow, compute_ranking
from aap.jury.queries.reading import GivenReview
from aap.scoring.aggregation import Assessment
from aap.scoring.exact import ratio
from aap.scoring.frozen import FrozenFile, FrozenRanking, FrozenReview
from aap.scoring.ranking import Contender, Ranking
from aap.scoring.rubric import review_total
from aap.scoring.ties import Tie, explain_ties


def freeze_ranking_of(call_id: uuid.UUID) -> FrozenRanking:
    """Read the ranking of a call, of all its files before the jury, in the form that is sealed. Six queries.

    Its digest (``aap.scoring.frozen.digest``) changes with any mark, file, rule or draw that could change a rank.

    Raises:
        NotFoundError: the call has no version.
        ConflictError: the call has no grid.

    """
    found = compute_ranking(call_id)
    if found is None:
        raise NotFoundError("Cet appel n'existe pas.")
    assessed = {row.ref: row for row in found.rankings.overall.assessments}
    missing = missing_jurors([row.application_id for row in found.rows])
    return FrozenRanking(
        call=db.session.get_one(Call, call_id).ref,
        version=found.version.number,
        rubric=found.grid.fingerprint,
        decimals=found.grid.rubric.decimals,
        parameters={**_parameters(found), **_grids(found)},
        files=tuple(_file(found, row, assessed[row.reference], missing[row.application_id]) for row in found.rows),
        ties=explain_rankings(found),
    )


def explain_rankings(found: Computed) -> tuple[Tie, ...]:
    """Explain every equal total, overall and then in each strand."""
    groups: list[tuple[str | None, Ranking]] = [(None, found.rankings.overall)]
    groups += [(group.group, group.ranking) for group in found.rankings.groups]
    return tuple(
        tie for name, ranking in groups for tie in explain_ties(_contenders(ranking, found), found.rules, name)
    )


def _contenders(ranking: Ranking, found: Computed) -> Iterable[Contender]:
    assessed = {row.ref: row for row in ranking.assessments}
    for place in ranking.places:
        for ref in place.refs:
            row = assessed[ref]
            if row.total is not None:
                means = {mean.key: mean.mean for mean in row.criterion_means}
                yield Contender(ref, row.total, means, found.facts[ref])


def missing_jurors(application_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, tuple[str, ...]]:
    """Return, by file, the codes of the voting members whose review is asked and not submitted; one query at most.

    Whoever left the jury or stood back from the file is no longer asked.
    """
    if not application_ids:
        return defaultdict(tuple)
    query = (
        select(Assignment.application_id, JuryMember.code)
        .join(JuryMember, JuryMember.id == Assignment.jury_member_id)
        .where(
            Assignment.application_id.in_(application_ids),
            is_owed(),
        )
        .order_by(func.length(JuryMember.code), JuryMember.code)
    )
    found: dict[uuid.UUID, tuple[str, ...]] = defaultdict(tuple)
    for application_id, code in db.session.execute(query):
        found[application_id] += (code,)
    return found


def _parameters(found: Computed) -> dict[str, Any]:
    """Write the rules of the call, the seed only once it is revealed."""
    rules, rubric, draw = found.rules, found.grid.rubric, found.draw
    return {
        "aggregation": rules.aggregation.value,
        "scale_to": ratio(rubric.scale_to),
        "na_limit": ratio(rubric.na_limit),
        "min_reviews": rules.min_reviews,
        "overall_threshold": _text(rules.overall_threshold),
        "raw_sum_threshold": _text(rules.raw_sum_threshold),
        "divergence_threshold": _text(rules.divergence_threshold),
        "criterion_thresholds": {key: _text(row.threshold) for key, row in found.grid.criteria.items()},
        "weights": {key: ratio(row.weight) for key, row in found.grid.criteria.items()},
        "tie_break": list(rules.tie_break),
        "facts": [{"key": fact.key, "descending": fact.descending} for fact in rules.facts],
        "draw": None if draw is None else {"commitment": draw.commitment, "seed": rules.draw_seed},
    }


def _grids(found: Computed) -> dict[str, Any]:
    """Say which reviews were given under an earlier grid than the one they are read under; nothing without revision."""
    if found.grid.number == 1:
        return {}
    older = {
        str(review.review_id): {"grid": review.grid_number, "counts": review.usable}
        for reviews in found.reviews.values()
        for review in reviews
        if review.older and review.counts
    }
    return {"grid": found.grid.number, "older_reviews": older}


def _text(value: Fraction | None) -> str | None:
    return None if value is None else ratio(value)


def _file(found: Computed, row: RankedRow, assessed: Assessment, missing: tuple[str, ...]) -> FrozenFile:
    given = found.reviews.get(row.application_id, [])
    return FrozenFile(
        id=str(row.application_id),
        ref=row.reference,
        group=row.strand_key,
        status=row.status,
        total=row.total,
        rank=row.rank_overall,
        rank_in_group=row.rank_strand,
        tied=row.tied,
        drawn=row.drawn,
        counted=row.counted,
        minimum=row.minimum,
        maximum=row.maximum,
        divergence=row.divergence,
        divergence_over=row.divergence_over,
        under_threshold=row.under_floor,
        under_overall=assessed.under_overall,
        under_raw_sum=assessed.under_raw_sum,
        criterion_means=row.criterion_means,
        facts=found.facts[row.reference],
        reviews=tuple(_review(found.grid, review) for review in given if review.counts),
        missing=missing,
    )


def _review(grid: Grid, review: GivenReview) -> FrozenReview:
    at = review.submitted_at.astimezone(UTC).isoformat(timespec="seconds")
    return FrozenReview(str(review.review_id), review.code, at, review_total(grid.rubric, review.marks))
