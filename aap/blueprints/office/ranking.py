"""The ranking of a call once marks are open, the marks of one file, and the jury's advice on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from aap import french
from aap.applications.models import Application
from aap.applications.states import LABELS
from aap.awards.inputs import OpinionInput
from aap.awards.service import record_jury_opinion
from aap.blueprints.access import actor, allow, form_errors, see_other, signed_in_actor
from aap.blueprints.office.inputs import LONGEST, MoneyField
from aap.blueprints.office.loading import agency_file
from aap.blueprints.office.tabs import call_crumbs, call_tabs, file_head
from aap.calls.models import Call, CallVersion
from aap.calls.queries import current_version, get_call_by_id
from aap.db import unit_of_work
from aap.errors import ConflictError, InvalidError
from aap.extensions import clock
from aap.jury.checks import scoring_window
from aap.jury.queries import RankedRow, get_summary, list_ranking
from aap.policies import may
from aap.policies.jury import others_marks
from aap.scoring.aggregation import Status

bp = Blueprint("office_ranking", __name__, url_prefix="/agence")

STATUS_WORDS = {
    Status.INCOMPLETE: "Incomplet : il manque des grilles",
    Status.ELIMINATED: "Éliminé par un plancher ou un seuil",
}


class AdviceForm(FlaskForm):
    """What the jury advises on one file, from its minutes."""

    kind = RadioField("Avis du jury", validators=[InputRequired("Choisissez l'avis du jury.")])
    amount_eur = MoneyField("Montant proposé", description="Pour un avis favorable, avec ou sans réserve.")
    rank = IntegerField(
        "Rang sur la liste complémentaire", validators=[Optional()], description="Pour la liste complémentaire."
    )
    motive = TextAreaField("Motif, tel qu'au procès-verbal", validators=[Length(max=LONGEST)])


@dataclass(frozen=True, slots=True)
class RankLine:
    """A line of the ranking: a file, or the line that the envelope draws."""

    row: RankedRow | None
    href: str
    rank: int | None
    state: tuple[str, str]
    cumulated_eur: Decimal
    over: bool


@bp.get("/appels/<uuid:call_id>/classement")
@allow("jury.read_ranking", load=get_call_by_id)
def index(call: Call) -> ResponseReturnValue:
    """Rank the files of a strand, or of the whole call, and draw the line of the envelope."""
    version = current_version(call)
    strand = next((one for one in version.strands if one.key == request.args.get("volet")), None)
    rows = list_ranking(call.id, strand.key if strand else None, seen=others_marks(actor()))
    ranked = [row for row in rows if row.rank_overall is not None]
    envelope = strand.envelope_eur if strand else version.envelope_eur
    return render_template(
        "office/ranking.html",
        call=call,
        tabs=call_tabs(call, "office_ranking.index"),
        crumbs=call_crumbs(call, "Classement"),
        scopes=_scopes(call, version, strand.key if strand else ""),
        lines=_lines(ranked, envelope, per_strand=strand is not None),
        linked=may(actor(), "call.follow", call),  # a juror reads the ranking, not the agency's page of a file
        unranked=[_line(row, None, Decimal(0), over=False) for row in rows if row.rank_overall is None],
        statuses=STATUS_WORDS,
        strand=strand,
        envelope=envelope,
        closed=scoring_window(version).closed,
    )


def _scopes(call: Call, version: CallVersion, chosen: str) -> list[dict[str, Any]]:
    choices = [("", "Tous les volets"), *((strand.key, f"Volet {strand.key}") for strand in version.strands)]
    return [
        {
            "label": label,
            "href": url_for("office_ranking.index", call_id=call.id, volet=key or None),
            "current": key == chosen,
        }
        for key, label in choices
    ]


def _lines(rows: Iterable[RankedRow], envelope: Decimal, *, per_strand: bool) -> list[RankLine]:
    """Add up what is asked down the ranking; the files after the envelope's last euro are marked."""
    lines, total = [], Decimal(0)
    for row in rows:
        total += row.requested_eur
        rank = row.rank_strand if per_strand else row.rank_overall
        lines.append(_line(row, rank, total, over=total > envelope))
    return lines


def _line(row: RankedRow, rank: int | None, total: Decimal, *, over: bool) -> RankLine:
    label = LABELS[row.state]
    href = url_for("office_ranking.marks", application_id=row.application_id)
    return RankLine(row, href, rank, (label.label, label.tone), total, over)


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
