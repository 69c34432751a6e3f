"""A ranking as it stands, whole and exact, written so that the same ranking always gives the same bytes.

``canonical`` gives those bytes (JSON, sorted keys, no space, numbers as ``n/d`` texts: no float), ``digest`` their
SHA-256 in hexadecimal, ``read_frozen`` the ranking back. Names of people, hours and reasons are not in it: only what
makes the ranks, so that two equal digests are two equal rankings.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from aap.errors import InvalidError
from aap.scoring.aggregation import Status
from aap.scoring.exact import exact, ratio, shown
from aap.scoring.ties import Separation, Separator, Tie

SCHEMA = "ranking/1"


@dataclass(frozen=True, slots=True)
class FrozenReview:
    """A submitted review of a voting member, by code. ``total`` is ``None`` with too much not applicable to count."""

    id: str
    juror: str
    submitted_at: str  # ISO 8601, UTC
    total: Fraction | None


@dataclass(frozen=True, slots=True)
class FrozenFile:
    """One application: its exact total, its places, the reviews that count, and the jurors whose review is missing.

    ``minimum``, ``maximum`` and ``divergence`` are the dispersion of the reviews, in points of the total.
    """

    id: str
    ref: str
    group: str | None
    status: Status
    total: Fraction | None
    rank: int | None
    rank_in_group: int | None
    tied: bool
    drawn: bool
    counted: int
    minimum: Fraction | None
    maximum: Fraction | None
    divergence: Fraction | None
    divergence_over: bool
    under_threshold: tuple[str, ...]
    under_overall: bool
    under_raw_sum: bool
    criterion_means: Mapping[str, Fraction | None]
    facts: Mapping[str, Fraction | None]
    reviews: tuple[FrozenReview, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FrozenRanking:
    """The ranking of a call: ``parameters`` are the rules in force, as texts; files in the order of the ranking."""

    call: str
    version: int
    rubric: str  # fingerprint of the grid
    decimals: int
    parameters: Mapping[str, Any]
    files: tuple[FrozenFile, ...]
    ties: tuple[Tie, ...] = field(default=())


def canonical(ranking: FrozenRanking) -> bytes:
    """Write a ranking in its only form, UTF-8. Raises ``TypeError`` on an inexact number."""
    document = {
        "schema": SCHEMA,
        "call": ranking.call,
        "version": ranking.version,
        "rubric": ranking.rubric,
        "decimals": ranking.decimals,
        "parameters": _exactly(ranking.parameters),
        "files": [_write_file(file, ranking.decimals) for file in ranking.files],
        "ties": [_write_tie(tie) for tie in ranking.ties],
    }
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(ranking: FrozenRanking) -> str:
    """SHA-256, in hexadecimal, of the canonical bytes of a ranking: equal for equal rankings, and only for them."""
    return digest_of(canonical(ranking))


def digest_of(content: bytes) -> str:
    """SHA-256, in hexadecimal, of canonical bytes already written."""
    return hashlib.sha256(content).hexdigest()


def read_frozen(content: bytes) -> FrozenRanking:
    """Read a ranking back from its canonical bytes. Raises ``InvalidError`` when they are not one."""
    try:
        document = json.loads(content, parse_float=str)
    except ValueError as error:
        raise InvalidError("Ce classement figé n'est pas lisible.", code="classement-illisible") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise InvalidError("Ce classement figé n'est pas lisible.", code="classement-illisible")
    return FrozenRanking(
        call=document["call"],
        version=document["version"],
        rubric=document["rubric"],
        decimals=document["decimals"],
        parameters=document["parameters"],
        files=tuple(map(_read_file, document["files"])),
        ties=tuple(map(_read_tie, document["ties"])),
    )


def _exactly(value: object) -> Any:
    """Return parameters as JSON writes them, once nothing inexact is found in them."""
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Mapping):
        return {str(key): _exactly(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_exactly(each) for each in value]
    message = f"a frozen ranking holds texts, integers and exact numbers, not {type(value).__name__}"
    raise TypeError(message)


def _write(value: Fraction | None) -> str | None:
    return None if value is None else ratio(value)


def _read(value: str | None) -> Fraction | None:
    return None if value is None else exact(value)


def _write_all(values: Mapping[str, Fraction | None]) -> dict[str, str | None]:
    return {key: _write(value) for key, value in values.items()}


def _read_all(values: Mapping[str, str | None]) -> dict[str, Fraction | None]:
    return {key: _read(value) for key, value in values.items()}


def _write_file(file: FrozenFile, decimals: int) -> dict[str, Any]:
    return {
        "id": file.id,
        "ref": file.ref,
        "strand": file.group,
        "status": file.status.value,
        "exact": _write(file.total),
        "shown": None if file.total is None else shown(file.total, decimals),
        "rank": file.rank,
        "rank_in_strand": file.rank_in_group,
        "tied": file.tied,
        "drawn": file.drawn,
        "counted": file.counted,
        "minimum": _write(file.minimum),
        "maximum": _write(file.maximum),
        "divergence": _write(file.divergence),
        "divergence_over": file.divergence_over,
        "under_threshold": list(file.under_threshold),
        "under_overall": file.under_overall,
        "under_raw_sum": file.under_raw_sum,
        "criterion_means": _write_all(file.criterion_means),
        "facts": _write_all(file.facts),
        "reviews": [
            {"id": row.id, "juror": row.juror, "submitted_at": row.submitted_at, "exact": _write(row.total)}
            for row in file.reviews
        ],
        "missing": list(file.missing),
    }


def _read_file(row: Mapping[str, Any]) -> FrozenFile:
    return FrozenFile(
        id=row["id"],
        ref=row["ref"],
        group=row["strand"],
        status=Status(row["status"]),
        total=_read(row["exact"]),
        rank=row["rank"],
        rank_in_group=row["rank_in_strand"],
        tied=row["tied"],
        drawn=row["drawn"],
        counted=row["counted"],
        minimum=_read(row["minimum"]),
        maximum=_read(row["maximum"]),
        divergence=_read(row["divergence"]),
        divergence_over=row["divergence_over"],
        under_threshold=tuple(row["under_threshold"]),
        under_overall=row["under_overall"],
        under_raw_sum=row["under_raw_sum"],
        criterion_means=_read_all(row["criterion_means"]),
        facts=_read_all(row["facts"]),
        reviews=tuple(
            FrozenReview(each["id"], each["juror"], each["submitted_at"], _read(each["exact"]))
            for each in row["reviews"]
        ),
        missing=tuple(row["missing"]),
    )


def _write_tie(tie: Tie) -> dict[str, Any]:
    return {
        "strand": tie.group,
        "exact": ratio(tie.total),
        "refs": list(tie.refs),
        "separations": [
            {
                "above": row.above,
                "below": row.below,
                "by": row.by.value,
                "key": row.key,
                "values": [_write(row.above_value), _write(row.below_value)],
            }
            for row in tie.separations
        ],
    }


def _read_tie(row: Mapping[str, Any]) -> Tie:
    return Tie(
        row["strand"],
        exact(row["exact"]),
        tuple(row["refs"]),
        tuple(
            Separation(
                each["above"],
                each["below"],
                Separator(each["by"]),
                each["key"],
                _read(each["values"][0]),
                _read(each["values"][1]),
            )
            for each in row["separations"]
        ),
    )
