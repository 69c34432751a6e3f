"""The jury of a call, set up by the agency: members, declarations, candidate conflicts, recusals, progress."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectMultipleField
from wtforms.validators import NumberRange, Optional

from aap import french
from aap.applications.models import Application
from aap.applications.queries import Page, get_application
from aap.blueprints.access import allow, form_errors, see_other, signed_in_actor
from aap.blueprints.office.inputs import ReasonForm
from aap.blueprints.office.joining import MemberForm, join, member_form, waiting_rows
from aap.blueprints.office.tabs import call_crumbs, call_tabs
from aap.blueprints.paging import Pages, asked_page
from aap.calls.models import Call
from aap.calls.queries import calendar_of, current_version, get_call_by_id
from aap.db import unit_of_work
from aap.errors import ConflictError, InvalidError, NotFoundError, StaleError
from aap.extensions import clock
from aap.jury.checks import scoring_window
from aap.jury.models import ConflictKind, JuryMember
from aap.jury.queries import (
    ConflictRow,
    MemberRow,
    get_member,
    list_conflicts,
    list_declines,
    list_extensions,
    list_members,
    list_progress,
    list_recusals,
)
from aap.jury.service import (
    Profile,
    call_in,
    close_scoring,
    describe_member,
    dismiss_conflict,
    end_membership,
    fingerprint,
    profile_of,
    recuse,
)
from aap.policies import may, visible
from aap.referentials.queries import list_departments
from aap.referentials.vocabularies import vocabulary

bp = Blueprint("office_jury", __name__, url_prefix="/agence")

CONFLICT_WORDS = {
    ConflictKind.ORGANISATION: "Membre de la structure porteuse",
    ConflictKind.SIREN: "Même SIREN que le porteur",
    ConflictKind.FINESS: "Même FINESS que le porteur",
    ConflictKind.MAIL_DOMAIN: "Même domaine de messagerie",
    ConflictKind.PARTNER: "Lien avec un partenaire",
    ConflictKind.COFUNDER: "Lien avec un cofinanceur",
}


@bp.get("/appels/<uuid:call_id>/jury")
@allow("jury.manage", load=get_call_by_id)
def show(call: Call) -> ResponseReturnValue:
    """Show the jury by college, the links to settle, and the recusals."""
    return _page(call)


def _page(call: Call, form: MemberForm | None = None, errors: dict[str, str] | None = None, typed: str = "") -> str:
    person, version = signed_in_actor(), current_version(call)
    reader, members = person.id, list_members(call.id, seen=visible(person, Application))
    seated = [row for row in members if row.left_at is None]
    colleges = [
        (college, [_member(row) for row in members if row.college == college.label]) for college in version.colleges
    ]
    return render_template(
        "office/jury.html",
        call=call,
        tabs=call_tabs(call, "office_jury.show"),
        crumbs=call_crumbs(call, "Jury"),
        colleges=colleges,
        seated=len(seated),
        members_ever=len(members),
        declared=sum(1 for row in seated if row.signed_at),
        conflicts=[_conflict(row) for row in list_conflicts(call.id, reader_id=reader)],
        recusals=list_recusals(call.id, reader_id=reader),
        invitations=waiting_rows(call),
        declines=list_declines(call.id, seen=visible(person, Application)),
        form=form or member_form(call, members),
        errors=errors or {},
        typed=typed,
    )


def _member(row: MemberRow) -> dict[str, Any]:
    state = ("Signée", "success") if row.signed_at else ("À signer", "warning")
    if row.has_interests:
        state = ("Signée, liens déclarés", "info")
    if row.substitute:
        state = ("Suppléant", "neutral")
    if row.left_at is not None:
        state = ("A quitté le jury", "neutral")
    return {
        "row": row,
        "state": state,
        "profile": None if row.left_at else url_for("office_jury.profile", member_id=row.id),
        "end": None if row.left_at else url_for("office_jury.end", member_id=row.id),
    }


def _conflict(row: ConflictRow) -> dict[str, Any]:
    return {
        "row": row,
        "key": f"{row.member_id}_{row.application_id}_{row.kind.value}",
        "word": CONFLICT_WORDS[row.kind],
    }


@bp.post("/appels/<uuid:call_id>/jury")
@allow("jury.manage", load=get_call_by_id)
def add(call: Call) -> ResponseReturnValue:
    """Make a person sit on the jury, in a college, or invite them."""
    form = member_form(call, list_members(call.id))
    if form.validate():
        try:
            told = join(call, form)
        except InvalidError as error:
            form_errors(form, error)
        except ConflictError as error:
            form.email.errors = [error.message]
        else:
            flash(told, "success")
            return see_other("office_jury.show", call_id=call.id)
    return _page(call, form), 400


@bp.route("/jury/membres/<uuid:member_id>/fin", methods=["GET", "POST"])
@allow("jury_member.manage", load=get_member)
def end(member: JuryMember) -> ResponseReturnValue:
    """Take a person off the jury; what was submitted stays."""
    form, call = ReasonForm(), get_call_by_id(member.call_id)
    if form.validate_on_submit():
        with unit_of_work():
            end_membership(member, reason=form.reason.data or "", actor=signed_in_actor(), now=clock().now())
        flash(f"{member.user.display_name} ne siège plus.", "success")
        return see_other("office_jury.show", call_id=call.id)
    crumbs = call_crumbs(call, "Fin de mandat")
    page = render_template("office/jury_end.html", call=call, member=member, form=form, crumbs=crumbs)
    return page, 400 if form.errors else 200


class ProfileForm(FlaskForm):
    """What a member knows and can take on."""

    publics = SelectMultipleField("Publics", description="Ceux que la personne connaît par son exercice.")
    acts = SelectMultipleField("Actes")
    departments = SelectMultipleField("Départements")
    capacity = IntegerField(
        "Nombre de dossiers au plus",
        description="Vide : la charge commune à tous les membres.",
        validators=[Optional(), NumberRange(0, 500, "Indiquez un nombre de dossiers entre 0 et 500.")],
    )
    substitute = BooleanField(
        "Suppléant", description="Ne reçoit aucun dossier et ne vote pas tant qu'il n'est pas appelé à siéger."
    )


def _profile_form(member: JuryMember, call: Call) -> ProfileForm:
    known = profile_of(member)
    form = ProfileForm(
        data={
            "publics": sorted(known.publics),
            "acts": sorted(known.acts),
            "departments": sorted(known.departments),
            "capacity": known.capacity,
            "substitute": known.substitute,
        }
    )
    form.publics.choices = [(term.code, term.label) for term in vocabulary("target_publics").terms]
    form.acts.choices = [(term.code, term.label) for term in vocabulary("act_types").terms]
    form.departments.choices = [(row.code, f"{row.name} ({row.code})") for row in list_departments(call.region_code)]
    return form


@bp.route("/jury/membres/<uuid:member_id>", methods=["GET", "POST"])
@allow("jury_member.manage", load=get_member)
def profile(member: JuryMember) -> ResponseReturnValue:
    """Say what a member knows and can take on: the proposal of assignments starts from it."""
    call = get_call_by_id(member.call_id)
    form = _profile_form(member, call)
    if form.validate_on_submit():
        data = Profile(
            publics=frozenset(form.publics.data or ()),
            acts=frozenset(form.acts.data or ()),
            departments=frozenset(form.departments.data or ()),
            capacity=form.capacity.data,
            substitute=bool(form.substitute.data),
        )
        try:
            with unit_of_work():
                describe_member(member, data, actor=signed_in_actor(), now=clock().now(), seen=request.form.get("seen"))
        except InvalidError as error:
            form_errors(form, error)
        except StaleError as error:
            form.form_errors.append(f"{error.message} Enregistré entre-temps : {_told(form, profile_of(member))}.")
        else:
            flash(f"Le profil de {member.user.display_name} est enregistré.", "success")
            return see_other("office_jury.show", call_id=call.id)
    page = render_template(
        "office/jury_profile.html",
        call=call,
        member=member,
        form=form,
        seen=fingerprint(profile_of(member)),
        crumbs=call_crumbs(call, "Profil"),
        absent=[row for row in list_members(call.id) if _may_be_replaced(row, member)],
    )
    return page, 400 if form.errors or form.form_errors else 200


def _told(form: ProfileForm, known: Profile) -> str:
    """Say a profile in the words of the form."""
    chosen = ((form.publics, known.publics), (form.acts, known.acts), (form.departments, known.departments))
    parts = []
    for field, codes in chosen:
        labels = [choice[1] for choice in field.iter_choices() if choice[0] in codes]
        parts.append(f"{field.label.text} : {french.listing(labels) or 'aucun'}")
    parts.append(f"dossiers au plus : {'sans limite' if known.capacity is None else known.capacity}")
    return " ; ".join([*parts, "suppléant" if known.substitute else "titulaire"])


def _may_be_replaced(row: MemberRow, member: JuryMember) -> bool:
    return member.substitute and row.id != member.id and not row.substitute


@bp.post("/jury/membres/<uuid:member_id>/appeler")
@allow("jury_member.manage", load=get_member)
def call_in_now(member: JuryMember) -> ResponseReturnValue:
    """Call a waiting substitute in, for the member named."""
    absent = get_member(_identifier(request.form.get("absent", "")))
    try:
        with unit_of_work():
            call_in(member, absent, actor=signed_in_actor(), now=clock().now())
    except ConflictError as error:
        flash(error.message, "error")
        return see_other("office_jury.profile", member_id=member.id)
    flash(f"{member.user.display_name} siège à la place de {absent.user.display_name}.", "success")
    return see_other("office_jury.show", call_id=member.call_id)


def _identifier(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise NotFoundError("Ce membre du jury n'existe pas.") from error


@bp.post("/appels/<uuid:call_id>/jury/liens")
@allow("jury.manage", load=get_call_by_id)
def settle(call: Call) -> ResponseReturnValue:
    """Confirm a candidate conflict (a recusal) or set it aside, with the reason."""
    member_id, application_id, kind = _settled(request.form.get("conflict", ""))
    reason = request.form.get("reason", "")
    member = get_member(member_id)
    if member.call_id != call.id:
        raise NotFoundError("Ce membre n'est pas de ce jury.")
    confirmed = request.form.get("action") == "confirm"
    try:
        with unit_of_work():
            application, person, now = _file_read(application_id), signed_in_actor(), clock().now()
            if confirmed:
                recuse(member, application, reason=reason, actor=person, now=now, kind=kind)
            else:
                dismiss_conflict(member, application, kind, reason=reason, actor=person, now=now)
    except InvalidError as error:
        return _page(call, errors={request.form.get("conflict", ""): error.problems[0].message}, typed=reason), 400
    flash("Le déport est enregistré." if confirmed else "Le lien est écarté, avec son motif.", "success")
    return see_other("office_jury.show", call_id=call.id, _anchor="liens")


def _file_read(application_id: uuid.UUID) -> Application:
    """Return a file that the person may read: whoever stood back from it settles nothing about it."""
    application = get_application(application_id)
    if not may(signed_in_actor(), "application.read", application):
        raise NotFoundError("Ce lien n'existe pas.")
    return application


def _settled(text: str) -> tuple[uuid.UUID, uuid.UUID, ConflictKind]:
    try:
        member, application, kind = text.split("_", 2)
        return uuid.UUID(member), uuid.UUID(application), ConflictKind(kind)
    except ValueError as error:
        raise NotFoundError("Ce lien n'existe pas.") from error


@bp.get("/appels/<uuid:call_id>/jury/notation")
@allow("jury.manage", load=get_call_by_id)
def progress(call: Call) -> ResponseReturnValue:
    """Show how far the marking is, by member and by file. No mark is shown here."""
    now, number = clock().now(), asked_page()
    seen = visible(signed_in_actor(), Application)
    rows, total = list_progress(call.id, seen=seen, page=number)
    members = [row for row in list_members(call.id, seen=seen) if row.left_at is None and row.assigned]
    calendar = calendar_of(call)
    ends_at, window = calendar.instant("scoring_end"), scoring_window(current_version(call))
    return render_template(
        "office/progress.html",
        call=call,
        tabs=call_tabs(call, "office_jury.progress"),
        crumbs=call_crumbs(call, "Notation"),
        members=members,
        rows=rows,
        page=Pages.of(Page(rows, total, number, 50)),
        assigned=sum(row.assigned for row in members),
        submitted=sum(row.submitted for row in members),
        starts_at=calendar.instant("scoring_start"),
        ends_at=ends_at,
        extensions=list_extensions(call.id),
        grid_number=current_version(call).grid_number,
        closed=window.closed,
        closable=window.is_over(now) and not window.closed,
    )


@bp.post("/appels/<uuid:call_id>/jury/notation/clore")
@allow("jury.manage", load=get_call_by_id)
def close(call: Call) -> ResponseReturnValue:
    """Close individual scoring once its hour has passed: marks open to the jury and to the agency."""
    with unit_of_work():
        close_scoring(call, now=clock().now(), actor=signed_in_actor())
    flash("La notation est close : les notes sont lisibles.", "success")
    return see_other("office_ranking.index", call_id=call.id)
