"""Frozen rankings as they are listed, read, compared and verified; what a reader may not know is left out first."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from aap.accounts.models import User
from aap.applications.models import Application
from aap.db import db
from aap.errors import NotFoundError
from aap.jury.models import JuryMember, RankingSnapshot, Recusal, Review, ReviewState, SnapshotOccasion
from aap.scoring.aggregation import FactOrder, RankingRules
from aap.scoring.frozen import FrozenFile, FrozenRanking, read_frozen
from aap.scoring.ranking import Contender
from aap.scoring.ties import Tie, explain_ties

OF_SESSION = (SnapshotOccasion.OPENING, SnapshotOccasion.SIGNATURE)


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """A frozen ranking in the list of a call."""

    id: uuid.UUID
    number: int
    occasion: SnapshotOccasion
    name: str
    reason: str
    sha256: str
    frozen_at: datetime
    frozen_by: str


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What calibration said of a file when the ranking was frozen; ranks from 1, figures as they were shown."""

    rank: int
    estimate: str
    expected_rank: str
    rank_50: tuple[int, int]
    rank_90: tuple[int, int]


@dataclass(frozen=True, slots=True)
class SnapshotView:
    """A frozen ranking as somebody reads it. ``whole``: no file is hidden from this person.

    ``calibrated``, by identifier of file, is empty when it was not computed, or when a file is hidden: its marks weigh
    on every figure.
    """

    ranking: FrozenRanking
    whole: bool
    calibrated: Mapping[str, Calibrated]


def list_snapshots(call_id: uuid.UUID) -> tuple[SnapshotRow, ...]:
    """Return the frozen rankings of a call, the last first, without their content; one query."""
    query = (
        select(
            RankingSnapshot.id,
            RankingSnapshot.number,
            RankingSnapshot.occasion,
            RankingSnapshot.name,
            RankingSnapshot.reason,
            RankingSnapshot.sha256,
            RankingSnapshot.frozen_at,
            User,
        )
        .outerjoin(User, User.id == RankingSnapshot.frozen_by_id)
        .where(RankingSnapshot.call_id == call_id)
        .order_by(RankingSnapshot.number.desc())
    )
    return tuple(
        SnapshotRow(identifier, number, occasion, name, reason, sha256, at, _named(person))
        for identifier, number, occasion, name, reason, sha256, at, person in db.session.execute(query)
    )


def _named(person: User | None) -> str:
    return "Le service" if person is None else person.display_name


def get_snapshot(snapshot_id: uuid.UUID) -> RankingSnapshot:
    """Return a frozen ranking.

    Raises:
        NotFoundError: no such frozen ranking.

    """
    found = db.session.get(RankingSnapshot, snapshot_id)
    if found is None:
        raise NotFoundError("Ce classement figé n'existe pas.")
    return found


def find_opening_snapshot(call_id: uuid.UUID) -> RankingSnapshot | None:
    """Return the ranking that the session of a call started from, without its content."""
    query = select(RankingSnapshot).where(
        RankingSnapshot.call_id == call_id, RankingSnapshot.occasion == SnapshotOccasion.OPENING
    )
    return db.session.scalar(query)


def told_snapshots(call_id: uuid.UUID) -> list[dict[str, Any]]:
    """Return what the minutes say of the rankings that the session used: at its opening, and at the signature."""
    query = (
        select(RankingSnapshot.number, RankingSnapshot.name, RankingSnapshot.frozen_at, RankingSnapshot.sha256)
        .where(RankingSnapshot.call_id == call_id, RankingSnapshot.occasion.in_(OF_SESSION))
        .order_by(RankingSnapshot.number)
    )
    return [
        {"number": number, "name": name, "frozen_at": frozen_at.isoformat(), "sha256": sha256}
        for number, name, frozen_at, sha256 in db.session.execute(query)
    ]


def read_snapshot(snapshot: RankingSnapshot, *, seen: ColumnElement[bool]) -> SnapshotView:
    """Read a frozen ranking as somebody may: what ``seen`` hides is left out, and ranks are counted without it."""
    ranking = read_frozen(snapshot.content.encode())
    view = show_ranking(ranking, seen=seen)
    return replace(view, calibrated=_calibrated(snapshot.advice)) if view.whole else view


def show_ranking(ranking: FrozenRanking, *, seen: ColumnElement[bool]) -> SnapshotView:
    """Leave out of a ranking what a reader may not know. ``seen`` is a condition on ``Application``; one query."""
    hidden = _hidden([file.id for file in ranking.files], seen)
    if not hidden:
        return SnapshotView(ranking, whole=True, calibrated={})
    return SnapshotView(_without(ranking, hidden), whole=False, calibrated={})


def _hidden(ids: Collection[str], seen: ColumnElement[bool]) -> frozenset[str]:
    """Return the identifiers that the reader may not see: one row each, and usually none."""
    keys = [uuid.UUID(each) for each in ids]
    shown = select(Application.id).where(Application.id.in_(keys), seen)
    query = select(Application.id).where(Application.id.in_(keys), Application.id.not_in(shown))
    return frozenset(str(each) for each in db.session.scalars(query))


def _without(ranking: FrozenRanking, hidden: frozenset[str]) -> FrozenRanking:
    """Rank again what is left: no gap betrays what is hidden."""
    kept = [file for file in ranking.files if file.id not in hidden]
    files = tuple(
        replace(
            file,
            rank=_rank_among(file.rank, [row.rank for row in kept]),
            rank_in_group=_rank_among(
                file.rank_in_group, [row.rank_in_group for row in kept if row.group == file.group]
            ),
            tied=file.rank is not None and sum(row.rank == file.rank for row in kept) > 1,
        )
        for file in kept
    )
    return replace(ranking, files=files, ties=_ties(files, ranking.parameters))


def _rank_among(rank: int | None, ranks: list[int | None]) -> int | None:
    return None if rank is None else 1 + sum(other is not None and other < rank for other in ranks)


def _ties(files: tuple[FrozenFile, ...], parameters: Mapping[str, Any]) -> tuple[Tie, ...]:
    rules = RankingRules(
        tie_break=tuple(parameters["tie_break"]),
        facts=tuple(FactOrder(row["key"], descending=row["descending"]) for row in parameters["facts"]),
        draw_seed=(parameters["draw"] or {}).get("seed"),
    )
    ranked = [file for file in files if file.rank is not None]
    groups = dict.fromkeys(file.group for file in ranked if file.group is not None)
    found = list(explain_ties(map(_contender, ranked), rules))
    for group in groups:
        found += explain_ties((_contender(file) for file in ranked if file.group == group), rules, group)
    return tuple(found)


def _contender(file: FrozenFile) -> Contender:
    if file.total is None:
        message = "a ranked file has a total"
        raise ValueError(message)
    return Contender(file.ref, file.total, file.criterion_means, file.facts)


def _calibrated(advice: str | None) -> dict[str, Calibrated]:
    if advice is None:
        return {}
    return {
        row["id"]: Calibrated(
            row["rank"],
            row["estimate"],
            row["expected_rank"],
            (row["rank_50"][0], row["rank_50"][1]),
            (row["rank_90"][0], row["rank_90"][1]),
        )
        for row in json.loads(advice)["files"]
    }


def list_names(ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return the title and the applicant of files, by identifier; one query."""
    query = select(Application.id, Application.title, Application.applicant_name)
    found = db.session.execute(query.where(Application.id.in_([uuid.UUID(each) for each in ids])))
    return {str(identifier): (title, applicant) for identifier, title, applicant in found}


def list_reasons_of_removal(call_id: uuid.UUID, application_ids: Collection[str]) -> dict[tuple[str, str], str]:
    """Say, by file and code of member, why a review no longer counts; two queries on those files only."""
    keys = [uuid.UUID(each) for each in application_ids]
    recusals = (
        select(Recusal.application_id, JuryMember.code)
        .join(JuryMember, JuryMember.id == Recusal.jury_member_id)
        .where(JuryMember.call_id == call_id, Recusal.application_id.in_(keys))
    )
    drafts = (
        select(Review.application_id, JuryMember.code)
        .join(JuryMember, JuryMember.id == Review.jury_member_id)
        .where(JuryMember.call_id == call_id, Review.application_id.in_(keys), Review.state == ReviewState.DRAFT)
    )
    found = {(str(key), code): "grille rouverte" for key, code in db.session.execute(drafts)}
    return found | {(str(key), code): "déport" for key, code in db.session.execute(recusals)}
