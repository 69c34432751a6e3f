"""Frozen rankings of a call: freeze one, read it, compare it, take it away. Never a file one stood back from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from aap.applications.models import Application
from aap.blueprints.access import actor, allow, form_errors, see_other, signed_in_actor
from aap.blueprints.office.tabs import call_crumbs, call_tabs
from aap.blueprints.paging import Pages, asked_page
from aap.calls.models import Call
from aap.calls.queries import current_version, get_call_by_id
from aap.db import unit_of_work
from aap.documents.workbook import CSV, ODS, XLSX, Sheet, comma_separated, ods, xlsx
from aap.errors import ConflictError, InvalidError, NotFoundError
from aap.extensions import clock
from aap.jury.checks import scoring_window
from aap.jury.models import RankingSnapshot, SnapshotOccasion
from aap.jury.queries import (
    SnapshotView,
    freeze_ranking_of,
    get_snapshot,
    list_late_reviews,
    list_names,
    list_reasons_of_removal,
    list_snapshots,
    read_snapshot,
    show_ranking,
)
from aap.jury.ranking_sheet import STATUS_WORDS, ranking_sheet
from aap.jury.service import freeze_ranking
from aap.jury.service.snapshots import LONGEST_NAME, LONGEST_REASON
from aap.jury.tie_words import tie_sentences
from aap.policies import may, visible
from aap.policies.marks import frozen_marks
from aap.scoring.aggregation import Status
from aap.scoring.changes import Cause, Reason, Rule, compare
from aap.scoring.frozen import FrozenFile

bp = Blueprint("office_snapshots", __name__, url_prefix="/agence")

PER_PAGE = 50
OCCASION_WORDS = {
    SnapshotOccasion.REQUESTED: ("À la demande", "neutral"),
    SnapshotOccasion.OPENING: ("Séance ouverte", "info"),
    SnapshotOccasion.SIGNATURE: ("Procès-verbal signé", "success"),
    SnapshotOccasion.DECISION: ("Première décision", "success"),
}
RULE_WORDS = {
    Rule.RUBRIC: "La grille de notation n’est plus la même.",
    Rule.PARAMETERS: "Les règles du classement ne sont plus les mêmes.",
    Rule.DRAW: "La graine du tirage a été révélée : les derniers ex æquo sont départagés.",
}
NOW = "actuel"


class FreezeForm(FlaskForm):
    """Under which name a ranking is frozen, and why."""

    name = StringField(
        "Nom du classement",
        description="Par exemple : avant la séance.",
        validators=[DataRequired("Donnez un nom à ce classement."), Length(max=LONGEST_NAME)],
    )
    reason = TextAreaField("Motif", validators=[DataRequired("Indiquez le motif."), Length(max=LONGEST_REASON)])


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the files of a frozen ranking."""

    rows: Sequence[FrozenFile]
    page: int
    total: int
    per_page: int = PER_PAGE


@bp.get("/appels/<uuid:call_id>/classements-figes")
@allow("jury.read_ranking", load=get_call_by_id)
def index(call: Call) -> ResponseReturnValue:
    """List the frozen rankings of a call, the last first."""
    return _list_page(call, FreezeForm())


def _list_page(call: Call, form: FreezeForm) -> str:
    rows = list_snapshots(call.id)
    return render_template(
        "office/snapshots.html",
        call=call,
        tabs=call_tabs(call, "office_ranking.index"),
        crumbs=_crumbs(call, "Classements figés"),
        rows=rows,
        occasions=OCCASION_WORDS,
        form=form,
        runs=may(actor(), "jury.manage", call),
        closed=scoring_window(current_version(call)).closed,
        late=list_late_reviews(call.id, clock().now(), seen=visible(signed_in_actor(), Application)),
    )


@bp.post("/appels/<uuid:call_id>/classements-figes")
@allow("jury.manage", load=get_call_by_id)
def freeze(call: Call) -> ResponseReturnValue:
    """Freeze the ranking as it stands."""
    form = FreezeForm()
    if not form.validate():
        return _list_page(call, form), 400
    person, now = signed_in_actor(), clock().now()
    try:
        with unit_of_work():
            row = freeze_ranking(call, name=form.name.data or "", reason=form.reason.data or "", actor=person, now=now)
            number, identifier = row.number, row.id
    except InvalidError as error:
        form_errors(form, error)
        return _list_page(call, form), 400
    except ConflictError as error:
        form.form_errors.append(error.message)
        return _list_page(call, form), 400
    flash(f"Le classement n° {number} est figé et scellé dans le journal.", "success")
    return see_other("office_snapshots.show", snapshot_id=identifier)


@bp.get("/classements-figes/<uuid:snapshot_id>")
@allow("snapshot.read", load=get_snapshot)
def show(snapshot: RankingSnapshot) -> ResponseReturnValue:
    """Read a frozen ranking, fifty files a page: totals, status, who was missing, how ties were broken."""
    view = read_snapshot(snapshot, seen=frozen_marks(actor()))
    strand, status = request.args.get("volet", ""), request.args.get("etat", "")
    page = _page_of(_kept(view.ranking.files, strand, status))
    labels = _labels(snapshot.call)
    return render_template(
        "office/snapshot.html",
        call=snapshot.call,
        tabs=call_tabs(snapshot.call, "office_ranking.index"),
        crumbs=_crumbs(snapshot.call, f"Classement n° {snapshot.number}"),
        snapshot=snapshot,
        view=view,
        page=Pages.of(page),
        rows=page.rows,
        names=list_names([file.id for file in page.rows]),
        statuses=STATUS_WORDS,
        labels=labels,
        ties=_ties(view, page.rows, labels, strand),
        others=[row for row in list_snapshots(snapshot.call_id) if row.id != snapshot.id],
        filters=_filters(snapshot.call, strand, status),
        advised=bool(view.calibrated) and may(actor(), "jury.read_analysis", snapshot.call),
        per_strand=bool(strand),
    )


def _kept(files: Sequence[FrozenFile], strand: str, status: str) -> list[FrozenFile]:
    return [
        file for file in files if strand in {"", file.group} and (status not in set(Status) or file.status == status)
    ]


def _page_of(files: Sequence[FrozenFile]) -> Page:
    last = max(1, -(-len(files) // PER_PAGE))
    number = min(asked_page(), last)
    return Page(files[(number - 1) * PER_PAGE : number * PER_PAGE], number, len(files))


def _labels(call: Call) -> dict[str, str]:
    return {criterion.key: criterion.label for criterion in current_version(call).criteria}


def _ties(view: SnapshotView, rows: Sequence[FrozenFile], labels: Mapping[str, str], strand: str) -> list[str]:
    """Explain the equal totals of the files that are on the page."""
    shown = {file.ref for file in rows}
    return [
        sentence
        for tie in view.ranking.ties
        if tie.group == (strand or None) and shown & set(tie.refs)
        for sentence in tie_sentences(tie, labels, view.ranking.decimals)
    ]


def _filters(call: Call, strand: str, status: str) -> list[dict[str, Any]]:
    strands = [(row.key, f"{row.key} – {row.label}") for row in current_version(call).strands]
    states = [(key.value, words) for key, words in STATUS_WORDS.items()]
    return [
        {"type": "select", "name": "volet", "label": "Volet", "value": strand, "options": strands},
        {"type": "select", "name": "etat", "label": "État", "value": status, "options": states},
    ]


@bp.get("/classements-figes/<uuid:snapshot_id>/ecarts")
@allow("snapshot.read", load=get_snapshot)
def changes(snapshot: RankingSnapshot) -> ResponseReturnValue:
    """Compare a frozen ranking with another one of the call, or with the ranking as it stands."""
    seen, chosen = frozen_marks(actor()), request.args.get("avec", NOW)
    before = read_snapshot(snapshot, seen=seen).ranking
    others = [row for row in list_snapshots(snapshot.call_id) if row.id != snapshot.id]
    other = next((row for row in others if str(row.number) == chosen), None)
    if other is None:
        after = show_ranking(freeze_ranking_of(snapshot.call_id), seen=seen).ranking
    else:
        after = read_snapshot(get_snapshot(other.id), seen=seen).ranking
        if other.number < snapshot.number:  # always from the earlier to the later
            before, after = after, before
    found = compare(before, after)
    removed = [change.present.id for change in found.changes]
    why = list_reasons_of_removal(snapshot.call_id, removed)
    numbers = sorted({snapshot.number, other.number}) if other else [snapshot.number]
    return render_template(
        "office/snapshot_changes.html",
        call=snapshot.call,
        tabs=call_tabs(snapshot.call, "office_ranking.index"),
        crumbs=_crumbs(snapshot.call, "Écarts"),
        snapshot=snapshot,
        numbers=numbers,
        choices=[(NOW, "Le classement actuel"), *((row.number, f"n° {row.number} – {row.name}") for row in others)],
        chosen=chosen if other else NOW,
        found=found,
        names=list_names(removed),
        rules=[RULE_WORDS[rule] for rule in found.rules],
        reasons={
            change.present.id: [_reason(reason, change.present.id, why) for reason in change.reasons]
            for change in found.changes
        },
        statuses=STATUS_WORDS,
    )


def _reason(reason: Reason, identifier: str, why: Mapping[tuple[str, str], str]) -> str:
    juror = reason.juror or ""
    removed = why.get((identifier, juror), "")
    words = {
        Cause.REVIEW_ADDED: f"Évaluation de {juror} ajoutée",
        Cause.REVIEW_REMOVED: f"Évaluation de {juror} retirée" + (f" ({removed})" if removed else ""),
        Cause.REVIEW_CHANGED: f"Évaluation de {juror} modifiée",
        Cause.FACTS: "Montant demandé ou autre fait déclaré modifié",
        Cause.STRAND: "Changement de volet",
        Cause.JOINED: "Dossier soumis au jury depuis",
        Cause.GONE: "Dossier sorti du jury",
        Cause.OTHERS: "Déplacé par les autres dossiers",
    }
    return words[reason.cause]


@bp.get("/classements-figes/<uuid:snapshot_id>.csv")
@allow("snapshot.read", load=get_snapshot)
def as_csv(snapshot: RankingSnapshot) -> ResponseReturnValue:
    """Hand out a frozen ranking as CSV."""
    return _workbook(snapshot, comma_separated, CSV, "csv")


@bp.get("/classements-figes/<uuid:snapshot_id>.xlsx")
@allow("snapshot.read", load=get_snapshot)
def as_xlsx(snapshot: RankingSnapshot) -> ResponseReturnValue:
    """Hand out a frozen ranking as an XLSX workbook."""
    return _workbook(snapshot, xlsx, XLSX, "xlsx")


@bp.get("/classements-figes/<uuid:snapshot_id>.ods")
@allow("snapshot.read", load=get_snapshot)
def as_ods(snapshot: RankingSnapshot) -> ResponseReturnValue:
    """Hand out a frozen ranking as an ODS workbook."""
    return _workbook(snapshot, ods, ODS, "ods")


@bp.get("/classements-figes/<uuid:snapshot_id>.json")
@allow("snapshot.read", load=get_snapshot)
def as_json(snapshot: RankingSnapshot) -> ResponseReturnValue:
    """Hand out the sealed text itself, whose SHA-256 anybody can compute: only to whoever reads every file of it."""
    if not read_snapshot(snapshot, seen=frozen_marks(actor())).whole:
        raise NotFoundError("Le classement entier porte sur un dossier dont vous vous êtes déporté.")
    return _attached(snapshot.content.encode(), "application/json", snapshot, "json")


def _workbook(
    snapshot: RankingSnapshot, write: Callable[[Sequence[Sheet]], bytes], media_type: str, ending: str
) -> Response:
    view = read_snapshot(snapshot, seen=frozen_marks(actor()))
    if not may(actor(), "jury.read_analysis", snapshot.call):
        view = SnapshotView(view.ranking, view.whole, calibrated={})
    names = list_names([file.id for file in view.ranking.files])
    return _attached(write([ranking_sheet(view, names, _labels(snapshot.call))]), media_type, snapshot, ending)


def _attached(content: bytes, media_type: str, snapshot: RankingSnapshot, ending: str) -> Response:
    answer = Response(content, mimetype=media_type)
    name = quote(f"classement-{snapshot.call.ref}-{snapshot.number}.{ending}")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return answer


def _crumbs(call: Call, last: str) -> tuple[tuple[str, str | None], ...]:
    """Return the way to a page below the ranking."""
    way = call_crumbs(call, last)
    return (*way[:-1], ("Classement", url_for("office_ranking.index", call_id=call.id)), way[-1])
