"""From the minutes as they were written down to the frozen data of their document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from aap import french
from aap.documents.minutes import FileMinutes, Minutes, RankingNamed, Seat
from aap.referentials.models import Region


def read_minutes(told: Mapping[str, Any], region: Region, *, signed_at: datetime | None, seal: str) -> Minutes:
    """Read the minutes that ``draft_minutes`` made or that a signature froze."""
    return Minutes(
        agency=region.agency_name,
        service_name=region.direction_name,
        call_ref=told["call"]["ref"],
        call_title=told["call"]["title"],
        held_at=datetime.fromisoformat(told["held_at"]),
        place=told["place"],
        opened_at=_instant(told["opened_at"]),
        closed_at=_instant(told["closed_at"]),
        rankings=tuple(map(_ranking, told.get("rankings", ()))),  # minutes signed before rankings were frozen have none
        opening_text=told["opening_text"],
        closing_text=told["closing_text"],
        present=tuple(map(_seat, told["present"])),
        absent=tuple(map(_seat, told["absent"])),
        start=told.get("start", {}).get("name", ""),
        files=tuple(map(_file, told["files"])),
        signed_at=signed_at,
        seal=seal,
    )


def _ranking(row: Mapping[str, Any]) -> RankingNamed:
    return RankingNamed(row["number"], row["name"], datetime.fromisoformat(row["frozen_at"]), row["sha256"])


def without(told: Mapping[str, Any], kept: frozenset[str]) -> dict[str, Any]:
    """Return signed minutes with only the files whose identifiers are kept: what a recused member may read."""
    return {**told, "files": [row for row in told["files"] if row["application_id"] in kept]}


def _seat(row: Mapping[str, Any]) -> Seat:
    return Seat(
        row["code"],
        row["name"],
        row["college"],
        row["voting"],
        row["chair"],
        _instant(row["arrived_at"]),
        _instant(row["left_at"]),
    )


def _file(row: Mapping[str, Any]) -> FileMinutes:
    present, seated = row["present"], row["seated"]
    return FileMinutes(
        reference=row["reference"],
        title=row["title"],
        applicant=row["applicant"],
        requested_eur=Decimal(row["requested_eur"]),
        rank=row["rank"],
        mean=(row["mean"] or "").replace(".", ","),
        away=tuple(row["away"]),
        heard_at=_instant(row["heard_at"]),
        opinion=row["opinion"] or "Pas encore examiné",
        consensus="" if row["consensus"] is None else french.number(Decimal(row["consensus"])),
        amount_eur=None if row["amount_eur"] is None else Decimal(row["amount_eur"]),
        waiting_rank=row["waiting_rank"],
        motive=row["motive"],
        reservations=row["reservations"],
        votes=_votes(row["votes"]),
        proposed=row.get("proposed") or "",
        departure=row.get("departure") or "",
        quorum="–" if present is None else f"{present} présents sur {seated} votants",
    )


def _votes(counts: list[int | None]) -> str:
    names = (("pour", "pour"), ("contre", "contre"), ("abstention", "abstentions"))
    said = [
        f"{count} {one if count < 2 else many}"
        for count, (one, many) in zip(counts, names, strict=True)
        if count is not None
    ]
    return french.listing(said)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
