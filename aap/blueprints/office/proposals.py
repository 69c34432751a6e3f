"""A proposal of who marks which file: asked for, read, then applied. Nothing is written before it is applied."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from aap import french
from aap.applications.models import Application
from aap.blueprints.access import allow, form_errors, see_other, signed_in_actor
from aap.blueprints.office.jury import CONFLICT_WORDS
from aap.blueprints.office.tabs import call_crumbs
from aap.calls.models import Call
from aap.calls.queries import current_version, get_call_by_id, load_document
from aap.db import unit_of_work
from aap.errors import ConflictError, ForbiddenError, InvalidError
from aap.extensions import clock
from aap.jury.affinity import ACT_POINTS, DEPARTMENT_POINTS, PUBLIC_POINTS
from aap.jury.checks import scoring_window
from aap.jury.proposal import Proposal, Wishes, check_size, is_long, propose
from aap.jury.queries.proposing import Material, Size, measure_proposal, read_material
from aap.jury.service.deferred import ask_proposal, find_proposal
from aap.jury.service.proposing import apply_proposal
from aap.policies import visible
from aap.referentials.vocabularies import vocabulary

bp = Blueprint("office_proposals", __name__, url_prefix="/agence/appels")

MOST_REVIEWS, MOST_FILES = 20, 500


def _count(least: int, most: int) -> list[InputRequired | NumberRange]:
    told = f"Indiquez un nombre entier entre {least} et {most}."
    return [InputRequired(told), NumberRange(least, most, told)]


class ProposalForm(FlaskForm):
    """What a proposal must reach."""

    reviews = IntegerField("Évaluateurs par dossier", validators=_count(1, MOST_REVIEWS))
    minimum = IntegerField(
        "Dossiers par membre, au moins",
        description="0 : aucun minimum.",
        validators=_count(0, MOST_FILES),
    )
    maximum = IntegerField(
        "Dossiers par membre, au plus",
        description="La limite inscrite au profil d'un membre l'emporte.",
        validators=_count(1, MOST_FILES),
    )
    college = IntegerField(
        "Par dossier, membres d'un même collège, au plus",
        description="Vide : pas de limite.",
        validators=[
            Optional(),
            NumberRange(1, MOST_REVIEWS, f"Indiquez un nombre entier entre 1 et {MOST_REVIEWS}, ou rien."),
        ],
    )
    fairly = BooleanField(
        "Répartir équitablement", description="Relève d'abord le dossier le moins bien servi par les compétences."
    )
    linked = BooleanField(
        "Relier les évaluateurs",
        description="Ajoute quelques lectures pour que tous les évaluateurs aient, de proche en proche, des dossiers "
        "en commun : leurs sévérités deviennent comparables.",
    )

    replacing = BooleanField(
        "Seulement remplacer les évaluateurs perdus",
        description="Ne regarde que les dossiers dont un évaluateur s'est déporté ou a quitté le jury sans rendre sa "
        "grille, et ne propose pas plus de lectures qu'il n'en manque. Ce qui est rendu reste et compte.",
    )

    def wishes(self) -> Wishes:
        """Return what was asked for, once valid."""
        return Wishes(
            reviews=self.reviews.data or 0,
            minimum=self.minimum.data or 0,
            maximum=self.maximum.data or 0,
            at_most_per_college=self.college.data,
            fairly=bool(self.fairly.data),
            linked=bool(self.linked.data),
            replacing=bool(self.replacing.data),
        )

    def validate_minimum(self, field: IntegerField) -> None:
        """Refuse a minimum above the maximum."""
        most = self.maximum.data
        if field.data is not None and most is not None and field.data > most:
            raise ValidationError("Le minimum dépasse le maximum.")

    def check_numbers(self) -> None:
        """Say in French which number could not be read: WTForms says it its own way."""
        for field in (self.reviews, self.minimum, self.maximum, self.college):
            if field.errors and field.data is None and field.raw_data and field.raw_data[0]:
                field.errors = [f"« {field.raw_data[0][:40]} » n'est pas un nombre entier."]


def _form(call: Call, size: Size) -> ProposalForm:
    """Start from the call's own number of reviews, and from loads close to the mean."""
    selection = load_document(current_version(call)).selection
    reviews = selection.jury.scorers_per_application.min if selection else 1
    wanted, members = size.files * reviews, max(size.members, 1)
    return ProposalForm(
        data={
            "reviews": reviews,
            "minimum": max(0, wanted // members - 1),
            "replacing": "remplacement" in request.args,
            "maximum": min(MOST_FILES, max(1, -(-wanted // members) + 1)),
        }
    )


def _obstacle(call: Call, size: Size) -> str:
    """Say why nothing can be proposed, or nothing at all."""
    if scoring_window(current_version(call)).is_over(clock().now()):
        return "La notation individuelle est close : on ne répartit plus de dossiers."
    try:
        check_size(size)
    except InvalidError as error:
        return error.message
    return ""


def _size(call: Call) -> Size:
    return measure_proposal(call.id, seen=visible(signed_in_actor(), Application))


def _material(call: Call) -> Material:
    person = signed_in_actor()
    return read_material(call.id, seen=visible(person, Application), reader_id=person.id)


def _labels() -> dict[str, str]:
    return {term.code: term.label for name in ("target_publics", "act_types") for term in vocabulary(name).terms}


def _page(
    call: Call,
    size: Size,
    form: ProposalForm,
    *,
    found: tuple[Material, Proposal] | None = None,
    stale: str = "",
) -> str:
    material, proposal = found or (None, None)
    return render_template(
        "office/proposal.html",
        call=call,
        crumbs=call_crumbs(call, "Proposer une répartition"),
        size=size,
        obstacle=_obstacle(call, size),
        form=form,
        wishes=form.wishes() if found else None,
        material=material,
        proposal=proposal,
        stale=stale,
        points={"public": PUBLIC_POINTS, "act": ACT_POINTS, "department": DEPARTMENT_POINTS},
        words=CONFLICT_WORDS,
    )


@bp.get("/<uuid:call_id>/jury/repartition/proposition")
@allow("jury.manage", load=get_call_by_id)
def ask(call: Call) -> ResponseReturnValue:
    """Ask what the proposal must reach."""
    size = _size(call)
    if is_long(size) and find_proposal(call.id, signed_in_actor().id) is not None:
        return see_other("office_deferred_proposals.show", call_id=call.id)
    return _page(call, size, _form(call, size))


@bp.post("/<uuid:call_id>/jury/repartition/proposition")
@allow("jury.manage", load=get_call_by_id)
def preview(call: Call) -> ResponseReturnValue:
    """Show the proposal, or ask the worker for it when it is long to compute. No reading is written."""
    size = _size(call)
    form = _form(call, size)
    if is_long(size) and not _obstacle(call, size) and form.validate():
        return _defer(call, size, form)
    found = _found(call, size, form)
    return _page(call, size, form, found=found), 200 if found else 400


def _defer(call: Call, size: Size, form: ProposalForm) -> ResponseReturnValue:
    try:
        with unit_of_work():
            ask_proposal(call, form.wishes(), actor=signed_in_actor(), now=clock().now())
    except ConflictError as error:
        return _page(call, size, form, stale=error.message), 409
    return see_other("office_deferred_proposals.show", call_id=call.id)


def _found(call: Call, size: Size, form: ProposalForm) -> tuple[Material, Proposal] | None:
    """Compute what the form asks for; ``None`` when it is wrong, or when nothing can be proposed."""
    if not form.validate():
        form.check_numbers()
        return None
    if not size.cells or is_long(size) or _obstacle(call, size):
        return None
    material = _material(call)
    try:
        return material, propose(material, form.wishes(), _labels())
    except InvalidError as error:
        form_errors(form, error)
        return None


@bp.post("/<uuid:call_id>/jury/repartition/proposition/appliquer")
@allow("jury.manage", load=get_call_by_id)
def apply(call: Call) -> ResponseReturnValue:
    """Compute the proposal again and write it, if it is the one that was read; else show what it has become."""
    size = _size(call)
    form = _form(call, size)
    found = _found(call, size, form)
    if found is None:
        return _page(call, size, form), 400
    try:
        with unit_of_work():
            count = apply_proposal(
                found[1], read=request.form.get("read", ""), actor=signed_in_actor(), now=clock().now()
            )
    except (ConflictError, ForbiddenError) as error:
        return _page(call, size, form, found=found, stale=error.message), 409
    flash(f"Répartition appliquée : {french.plural(count, 'lecture confiée', 'lectures confiées')}.", "success")
    return see_other("office_assignments.edit", call_id=call.id)
