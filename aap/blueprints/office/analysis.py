"""The analysis of a call's marks: agreement, members, and the calibrated ranking beside the official one, as advice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from aap.blueprints.access import actor, allow
from aap.blueprints.office.tabs import call_crumbs, call_tabs
from aap.calls.models import Call, CallVersion, Strand
from aap.calls.queries import current_version, get_call_by_id
from aap.jury.checks import scoring_window
from aap.jury.queries import Analysis, FileLine, get_analysis
from aap.policies import may
from aap.policies.marks import others_marks
from aap.scoring.vigilance import FlagKind

bp = Blueprint("office_analysis", __name__, url_prefix="/agence")

MOST_DRAWN = 60  # rows of the picture: with more files, those nearest the line
ROW = 28  # units of the picture's height for a file, one to a pixel
FLAG_WORDS: dict[FlagKind, tuple[str, str] | None] = {  # one and several; None: a single flag tells of them all
    FlagKind.UNEXPECTED: ("note inattendue", "notes inattendues"),
    FlagKind.DIVERGENT: ("note extrême", "notes extrêmes"),
    FlagKind.IDENTICAL: ("série identique", "séries identiques"),
    FlagKind.UNCOMMENTED: None,
}


@dataclass(frozen=True, slots=True)
class Bar:
    """A file in the picture. ``x`` and widths are hundredths of the whole width, where a rank takes an equal share."""

    line: FileLine
    top: int
    wide: tuple[float, float]
    narrow: tuple[float, float]
    expected: float
    official: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Picture:
    """The intervals of ranks, one row a file, and where the envelope ends: ``None`` when it pays every file."""

    bars: tuple[Bar, ...]
    height: int
    count: int
    limit: float | None


@bp.get("/appels/<uuid:call_id>/classement/analyse")
@allow("jury.read_analysis", load=get_call_by_id)
def show(call: Call) -> ResponseReturnValue:
    """Analyse the marks of a call, once scoring is closed; how members mark is not for those who sit with them."""
    version = current_version(call)
    strand = next((one for one in version.strands if one.key == request.args.get("volet")), None)
    closed = scoring_window(version).closed
    found = _analysis(call, version, strand) if closed else None
    return render_template(
        "office/analysis.html",
        call=call,
        tabs=call_tabs(call, "office_ranking.index"),
        crumbs=_crumbs(call),
        scopes=_scopes(call, version, strand),
        strand=strand,
        envelope=strand.envelope_eur if strand else version.envelope_eur,
        closed=closed,
        analysis=found,
        picture=_picture(found) if found and found.files else None,
        members=found.members if found and may(actor(), "jury.read_member_analysis", call) else None,
        flag_words=FLAG_WORDS,
    )


def _analysis(call: Call, version: CallVersion, strand: Strand | None) -> Analysis:
    return get_analysis(
        call.id,
        strand=strand.key if strand else None,
        envelope_eur=strand.envelope_eur if strand else version.envelope_eur,
        seen=others_marks(actor()),
    )


def _crumbs(call: Call) -> tuple[tuple[str, str | None], ...]:
    way = call_crumbs(call, "Analyse")
    return (*way[:-1], ("Classement", url_for("office_ranking.index", call_id=call.id)), way[-1])


def _scopes(call: Call, version: CallVersion, chosen: Strand | None) -> list[dict[str, Any]]:
    """Offer the whole call, then each strand, when it has some."""
    if not version.strands:
        return []
    choices = [(None, "Tous les volets"), *((strand.key, f"Volet {strand.key}") for strand in version.strands)]
    return [
        {
            "label": label,
            "href": url_for("office_analysis.show", call_id=call.id, volet=key, _anchor="calibrage"),
            "current": key == (chosen.key if chosen else None),
        }
        for key, label in choices
    ]


def _picture(found: Analysis) -> Picture:
    count = len(found.files)
    bars = tuple(_bar(line, place * ROW, count) for place, line in enumerate(_drawn(found.files, found.places)))
    limit = None if found.places is None else _share(found.places, count)
    return Picture(bars, len(bars) * ROW, count, limit)


def _drawn(lines: Sequence[FileLine], places: int | None) -> Sequence[FileLine]:
    """Keep the files nearest the line when there are too many to be told apart, in the official order."""
    if len(lines) <= MOST_DRAWN:
        return lines
    middle = len(lines) if places is None else places
    nearest = sorted(lines, key=lambda line: abs(line.calibrated.expected_rank - middle - 0.5))[:MOST_DRAWN]
    kept = {line.application_id for line in nearest}
    return [line for line in lines if line.application_id in kept]


def _bar(line: FileLine, top: int, count: int) -> Bar:
    row = line.calibrated
    return Bar(
        line=line,
        top=top,
        wide=_span(row.rank_90, count),
        narrow=_span(row.rank_50, count),
        expected=_share(row.expected_rank - 0.5, count),
        official=_span((line.rank, line.rank), count),
    )


def _span(ranks: tuple[int, int], count: int) -> tuple[float, float]:
    """Return where an interval of ranks begins, and its width: rank r goes from r - 1 to r."""
    first, last = ranks
    return _share(first - 1, count), _share(last - first + 1, count)


def _share(ranks: float, count: int) -> float:
    return round(100 * ranks / count, 3)
