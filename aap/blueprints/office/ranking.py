"""The ranking of a call once marks are open, the marks of one file, and the jury's advice on it."""

from __future__ import annotations

import uuid
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from aap import french
from aap.applications.models import Application
from aap.applications.states import LABELS
from aap.awards.inputs import OpinionInput
from aap.awards.service import record_jury_opinion
from aap.blueprints.access import actor, allow, form_errors, see_other, signed_in_actor
from aap.blueprints.office.inputs import LONGEST, MoneyField
from aap.blueprints.office.loading import agency_file
from aap.blueprints.office.tabs import call_crumbs, call_tabs, file_head, sort_links
from aap.blueprints.paging import Pages, asked_page
from aap.calls.models import Call, CallVersion
from aap.calls.queries import current_version_to_list, get_call_by_id
from aap.db import unit_of_work
from aap.errors import ConflictError, InvalidError
from aap.extensions import clock
from aap.jury.checks import is_closed
from aap.jury.grid import BoardTerms, known_board_terms
from aap.jury.queries import (
    SORTS,
    BoardFilters,
    BoardRow,
    get_board,
    get_summary,
    list_late_reviews,
    missing_jurors,
    older_grids,
)
from aap.jury.queries.ranking import read_rules
from aap.jury.service import reveal_draw
from aap.jury.tie_words import separation_sentence
from aap.policies import may, visible
from aap.policies.marks import OTHERS_MARKS, mark_reader
from aap.scoring.aggregation import Status

bp = Blueprint("office_ranking", __name__, url_prefix="/agence")

_ANY = uuid.UUID(int=0)
STATUS_WORDS = {Status.RANKED: "Classés", Status.ELIMINATED: "Éliminés", Status.INCOMPLETE: "Incomplets"}
_COLUMNS: list[dict[str, Any]] = [
    {"key": "reference", "label": "Dossier", "kind": "html", "head": True, "sort": "reference"},
    {"key": "rank", "label": "Rang", "kind": "num", "sort": "rank"},
    {"key": "applicant", "label": "Porteur", "sort": "applicant"},
    {"key": "strand", "label": "Volet"},
    {"key": "total", "label": "Total", "kind": "num", "sort": "total"},
    {"key": "span", "label": "De – à", "kind": "num"},
    {"key": "divergence", "label": "Écart", "kind": "num", "sort": "divergence"},
    {"key": "watch", "label": "À savoir", "kind": "html"},
    {"key": "requested", "label": "Demandé", "kind": "money", "sort": "requested"},
    {"key": "cumulated", "label": "Cumul", "kind": "money"},
    {"key": "state", "label": "État", "kind": "badge", "tone": "tone"},
]


class AdviceForm(FlaskForm):
    """What the jury advises on one file, from its minutes."""

    kind = RadioField("Avis du jury", validators=[InputRequired("Choisissez l'avis du jury.")])
    amount_eur = MoneyField("Montant proposé", description="Pour un avis favorable, avec ou sans réserve.")
    rank = IntegerField(
        "Rang sur la liste complémentaire",
        validators=[Optional(), NumberRange(1, 9999, "Indiquez un rang.")],
        description="Pour la liste complémentaire.",
    )
    motive = TextAreaField("Motif, tel qu'au procès-verbal", validators=[Length(max=LONGEST)])


@bp.get("/appels/<uuid:call_id>/classement")
@allow("jury.read_ranking", load=get_call_by_id)
def index(call: Call) -> ResponseReturnValue:
    """Rank the files of a strand, or of the whole call, fifty a page, and say where the envelope ends."""
    version = current_version_to_list(call)
    strand = next((one for one in version.strands if one.key == request.args.get("volet")), None)
    closed = is_closed(version)
    sort = request.args.get("tri", "rank")
    sort = sort if sort.removeprefix("-") in SORTS else "rank"
    status = request.args.get("etat", "")
    filters = BoardFilters(
        strand=strand.key if strand else "",
        status=Status(status) if status in set(Status) else None,
        text=request.args.get("q", "")[:200],
    )
    envelope = strand.envelope_eur if strand else version.envelope_eur
    kept = {key: value for key, value in request.args.items() if key not in {"tri", "page"} and value}
    return render_template(
        "office/ranking.html",
        call=call,
        tabs=call_tabs(call, "office_ranking.index"),
        crumbs=call_crumbs(call, "Classement"),
        columns=sort_links(_COLUMNS, sort, "office_ranking.index", call_id=call.id, **kept),
        filters=_filter_fields(version, filters, sort),
        strand=strand,
        envelope=envelope,
        closed=closed,
        **(_board(call, version, filters, envelope, sort) if closed else {"board": None}),
    )


def _board(call: Call, version: CallVersion, filters: BoardFilters, envelope: Decimal, sort: str) -> dict[str, Any]:
    """Read one page, and the names of who is missing on it."""
    terms = known_board_terms(version)
    draw, rules = read_rules(call.id, terms)
    board = get_board(
        call.id,
        filters,
        seen=OTHERS_MARKS,
        reader=mark_reader(signed_in_actor()),
        rules=rules,
        envelope_eur=envelope,
        sort=sort,
        page=asked_page(),
    )
    missing = missing_jurors([row.application_id for row in board.rows if row.status is Status.INCOMPLETE])
    runs = may(actor(), "jury.manage", call)
    older = older_grids([row.application_id for row in board.rows], version)
    linked = may(actor(), "call.follow", call)  # a juror reads the ranking, not the agency's page of a file
    link = url_for("office_ranking.marks", application_id=_ANY) if linked else ""  # built once for fifty rows
    return {
        "board": board,
        "page": Pages.of(board),
        "rows": [
            _line(row, terms, envelope, missing[row.application_id], link, older=row.application_id in older)
            for row in board.rows
        ],
        "late": list_late_reviews(call.id, clock().now(), seen=visible(signed_in_actor(), Application)) if runs else (),
        "two_grids": bool(older),
        "grid_number": version.grid_number,
        "ties": [
            separation_sentence(row.separated, terms.labels, terms.decimals) for row in board.rows if row.separated
        ],
        "draw": draw,
        "runs": runs,
        "terms": terms,
    }


@bp.post("/appels/<uuid:call_id>/tirage")
@allow("jury.manage", load=get_call_by_id)
def reveal(call: Call) -> ResponseReturnValue:
    """Reveal the seed of the draw; the ranking as it was is frozen first."""
    try:
        with unit_of_work():
            reveal_draw(call, actor=signed_in_actor(), now=clock().now())
    except ConflictError as error:
        flash(error.message, "error")
    else:
        flash("La graine est révélée : les dossiers que rien d’autre ne sépare sont tirés au sort.", "success")
    return see_other("office_ranking.index", call_id=call.id, _anchor="tirage")


def _filter_fields(version: CallVersion, filters: BoardFilters, sort: str) -> list[dict[str, Any]]:
    fields: list[dict[str, Any]] = [
        {"type": "search", "name": "q", "label": "Référence, porteur ou intitulé", "value": filters.text},
        {
            "type": "select",
            "name": "volet",
            "label": "Volet",
            "value": filters.strand,
            "options": [(strand.key, f"{strand.key} – {strand.label}") for strand in version.strands],
        },
        {
            "type": "select",
            "name": "etat",
            "label": "Classement",
            "value": filters.status.value if filters.status else "",
            "options": [(status.value, words) for status, words in STATUS_WORDS.items()],
        },
    ]
    return [*fields, {"type": "hidden", "name": "tri", "value": sort}] if sort != "rank" else fields


@lru_cache(maxsize=4096)  # the same totals at each reading
def _mark(value: Fraction | None, decimals: int) -> str:
    return french.mark(value, decimals)


def _line(
    row: BoardRow, terms: BoardTerms, envelope: Decimal, missing: tuple[str, ...], link: str, *, older: bool
) -> dict[str, Any]:
    """Write a row as the table shows it."""
    label, decimals = LABELS[row.state], terms.decimals
    rank = "–" if row.rank is None else str(row.rank)
    over = row.cumulated_eur is not None and row.cumulated_eur > envelope
    gap = row.minimum is not None and row.maximum is not None
    return {
        "reference": row.reference,
        "title": row.title,
        "href": link.replace(str(_ANY), str(row.application_id)),
        "rank": f"{rank} ex æquo" if row.tied else rank,
        "applicant": row.applicant_name,
        "strand": row.strand_key,
        "total": _mark(row.total, decimals),
        "span": f"{_mark(row.minimum, decimals)} – {_mark(row.maximum, decimals)}" if gap else "",
        "divergence": _mark(row.divergence, decimals),
        "watch": "",
        "badges": _badges(row, over=over, older=older),
        "why": _why(row, terms, missing),
        "requested": row.requested_eur,
        "cumulated": row.cumulated_eur,
        "state": label.label,
        "tone": label.tone,
    }


def _badges(row: BoardRow, *, over: bool, older: bool) -> list[tuple[str, str]]:
    found = [("Incomplet", "warning")] if row.status is Status.INCOMPLETE else []
    found += [("Éliminé", "error")] if row.status is Status.ELIMINATED else []
    found += [("Divergence", "warning")] if row.divergence_over else []
    found += [("Tirage", "neutral")] if row.drawn else []
    found += [("Deux grilles", "info")] if older else []
    found += [("Total égal", "neutral")] if row.separated is not None and not row.drawn else []
    return found + ([("Au-delà de l’enveloppe", "neutral")] if over else [])


def _why(row: BoardRow, terms: BoardTerms, missing: tuple[str, ...]) -> list[str]:
    """Say in words what keeps a file out of the ranking."""
    found = []
    if row.status is Status.INCOMPLETE:
        counted = french.plural(row.counted, "évaluation comptée", "évaluations comptées")
        found.append(
            f"{counted} sur {terms.rules.min_reviews}" + (f" ; manque {', '.join(missing)}" if missing else "")
        )
    floors = [f"« {terms.labels.get(key, key)} »" for key in row.under_floor]
    if floors:
        found.append(f"sous le plancher de {french.listing(floors)}")
    if row.under_overall:
        found.append("total sous le seuil de l’appel")
    if row.under_raw_sum:
        found.append("somme des notes sous le seuil de l’appel")
    return found


@bp.get("/dossiers/<uuid:application_id>/notation")
@allow("application.read_marks", load=agency_file)
def marks(application: Application) -> ResponseReturnValue:
    """Read the marks of a file, once individual scoring is closed."""
    return render_template(
        "office/marks.html",
        application=application,
        head=file_head(application, "office_ranking.marks"),
        summary=get_summary(application.id),
    )


@bp.route("/dossiers/<uuid:application_id>/avis-du-jury", methods=["GET", "POST"])
@allow("application.record_opinion", load=agency_file)
def advise(application: Application) -> ResponseReturnValue:
    """Record the jury's advice from its minutes, once."""
    kinds = application.call_version.decision_kinds
    form = AdviceForm()
    form.kind.choices = {kind.key: kind.label for kind in kinds}
    if form.validate_on_submit():
        chosen = next(kind for kind in kinds if kind.key == form.kind.data)
        data = OpinionInput(chosen, form.amount_eur.amount, form.rank.data, form.motive.data or "")
        try:
            with unit_of_work():
                record_jury_opinion(application, data, actor=signed_in_actor(), now=clock().now())
        except InvalidError as error:
            form_errors(form, error)
        except ConflictError as error:
            form.form_errors.append(error.message)
        else:
            flash("L'avis du jury est enregistré. La décision appartient à la direction générale.", "success")
            return see_other("office_decisions.show", application_id=application.id)
    page = render_template(
        "office/advice.html",
        application=application,
        head=file_head(application, "office_decisions.show", "Avis du jury"),
        form=form,
        summary=get_summary(application.id),
        guidelines=[(kind.label, kind.guideline or "–") for kind in kinds],
        requested=french.euros(application.requested_eur),
    )
    return page, 400 if form.errors or form.form_errors else 200
