"""Files as the agency reads them: the list of a call, the file, its pieces, its history."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from aap import french
from aap.applications.comparison import compare_deposits
from aap.applications.models import Application, ApplicationState, Piece, Submission
from aap.applications.queries import (
    SORTS,
    OfficeFilters,
    OfficeRow,
    get_dossier,
    list_office_applications,
)
from aap.applications.service import withdraw as withdraw_application
from aap.applications.states import DEPOSITED, LABELS
from aap.blueprints.access import actor, allow, see_other, signed_in_actor
from aap.blueprints.dossier_prints import PrintPages, ask, print_file, print_page
from aap.blueprints.downloads import download
from aap.blueprints.office.inputs import ReasonForm
from aap.blueprints.office.loading import agency_file, agency_piece, agency_submission
from aap.blueprints.office.tabs import call_crumbs, call_tabs, file_head, sort_links
from aap.blueprints.paging import Pages, asked_page
from aap.calls.models import Call
from aap.calls.queries import current_version, get_call_by_id, load_document
from aap.db import unit_of_work
from aap.errors import NotFoundError
from aap.extensions import clock
from aap.policies import visible
from aap.policies.applications import audience_of
from aap.policies.jury import threads
from aap.referentials.queries import list_departments
from aap.referentials.vocabularies import label

bp = Blueprint("office_applications", __name__, url_prefix="/agence")

_COLUMNS: list[dict[str, Any]] = [
    {"key": "reference", "label": "Référence", "kind": "reference", "href": "href", "head": True, "sort": "reference"},
    {"key": "title", "label": "Intitulé", "sort": "title"},
    {"key": "applicant", "label": "Porteur", "sort": "applicant"},
    {"key": "strand", "label": "Volet"},
    {"key": "department", "label": "Dépt", "sort": "department"},
    {"key": "requested", "label": "Demandé", "kind": "money", "sort": "requested"},
    {"key": "submitted", "label": "Déposé le", "kind": "moment", "sort": "submitted"},
    {"key": "state", "label": "État", "kind": "badge", "tone": "tone", "sort": "state"},
    {"key": "watch", "label": "À regarder"},
]


def filters_of(args: Any) -> OfficeFilters:
    """Read the filters of the address; what is not known is ignored."""
    known = {state.value: state for state in DEPOSITED}
    chosen = args.get("etat", "")
    return OfficeFilters(
        states=(known[chosen],) if chosen in known else (),
        strand_key=args.get("volet", "")[:40],
        department_code=args.get("departement", "")[:3],
        public_code=args.get("public", "")[:80],
        text=args.get("q", "")[:200],
    )


@bp.get("/appels/<uuid:call_id>/dossiers")
@allow("call.follow", load=get_call_by_id)
def index(call: Call) -> ResponseReturnValue:
    """List the deposited files of a call that I may read: filters, order, fifty a page."""
    filters, sort = filters_of(request.args), request.args.get("tri", "submitted")
    sort = sort if sort.removeprefix("-") in SORTS else "submitted"
    page = list_office_applications(
        call.id,
        visible(actor(), Application),
        filters,
        threads=threads(actor()),
        sort=sort,
        page=asked_page(),
    )
    kept = {key: value for key, value in request.args.items() if key not in {"tri", "page"} and value}
    return render_template(
        "office/applications.html",
        call=call,
        tabs=call_tabs(call, "office_applications.index"),
        crumbs=call_crumbs(call, "Dossiers"),
        columns=sort_links(_COLUMNS, sort, "office_applications.index", call_id=call.id, **kept),
        rows=[_row(row) for row in page.rows],
        page=Pages.of(page),
        filters=_filter_fields(call, filters, request.args.get("etat", ""), sort),
    )


def _row(row: OfficeRow) -> dict[str, Any]:
    watch = []
    if row.state in {ApplicationState.SUBMITTED, ApplicationState.COMPLETION_REQUESTED}:
        words = ((row.failed_rules, "non respectée", "non respectées"), (row.pending_rules, "à vérifier", "à vérifier"))
        watch = [french.plural(count, f"règle {one}", f"règles {many}") for count, one, many in words if count]
    if row.state is ApplicationState.ADMISSIBLE:
        watch = [french.plural(row.opinions, "avis rendu", "avis rendus")]
    if row.waiting_messages:
        watch.append(french.plural(row.waiting_messages, "message sans réponse", "messages sans réponse"))
    return {
        "reference": row.reference,
        "href": url_for("office_applications.show", application_id=row.id),
        "title": row.title,
        "applicant": row.applicant_name,
        "strand": row.strand_key,
        "department": row.department_code,
        "requested": row.requested_eur,
        "submitted": row.submitted_at,
        "state": row.state_label,
        "tone": row.tone,
        "watch": ", ".join(watch),
    }


def _filter_fields(call: Call, filters: OfficeFilters, state: str, sort: str) -> list[dict[str, Any]]:
    version = current_version(call)
    publics = load_document(version).scope.target_publics
    departments = [(row.code, f"{row.code} – {row.name}") for row in list_departments(call.region_code)]
    return [
        {"type": "search", "name": "q", "label": "Référence, porteur ou intitulé", "value": filters.text},
        {
            "type": "select",
            "name": "etat",
            "label": "État",
            "value": state,
            "options": [(one.value, LABELS[one].label) for one in DEPOSITED],
        },
        {
            "type": "select",
            "name": "volet",
            "label": "Volet",
            "value": filters.strand_key,
            "options": [(strand.key, f"{strand.key} – {strand.label}") for strand in version.strands],
        },
        {
            "type": "select",
            "name": "departement",
            "label": "Département",
            "value": filters.department_code,
            "options": departments,
        },
        {
            "type": "select",
            "name": "public",
            "label": "Public",
            "value": filters.public_code,
            "options": [(code, label("target_publics", code)) for code in publics],
        },
        {"type": "hidden", "name": "tri", "value": sort, "label": ""},
    ]


@bp.get("/dossiers/<uuid:application_id>")
@allow("application.read", load=agency_file)
def show(application: Application) -> ResponseReturnValue:
    """Read a file."""
    head = file_head(application, "office_applications.show")
    dossier = get_dossier(application, clock().now(), audience_of(signed_in_actor(), application))
    return render_template("office/application.html", application=application, head=head, dossier=dossier)


@bp.get("/dossiers/<uuid:application_id>/historique")
@allow("application.read_instruction", load=agency_file)
def history(application: Application) -> ResponseReturnValue:
    """Read what happened to a file, and its deposits with their seals."""
    dossier = get_dossier(application, clock().now(), audience_of(signed_in_actor(), application))
    head = file_head(application, "office_applications.history")
    return render_template("office/history.html", application=application, head=head, dossier=dossier)


@bp.route("/dossiers/<uuid:application_id>/retrait", methods=["GET", "POST"])
@allow("application.withdraw", load=agency_file)
def withdraw(application: Application) -> ResponseReturnValue:
    """Record that the applicant withdraws, with the reason."""
    form = ReasonForm()
    if form.validate_on_submit():
        with unit_of_work():
            withdraw_application(application, actor=signed_in_actor(), now=clock().now(), reason=form.reason.data or "")
        flash("Le retrait du dossier est enregistré.", "success")
        return see_other("office_applications.show", application_id=application.id)
    head = file_head(application, "", "Retrait")
    page = render_template("office/withdraw.html", application=application, head=head, form=form)
    return page, 400 if form.errors else 200


PRINTS = PrintPages("office_applications.whole", "office_applications.whole_file", "office_applications.show")


@bp.get("/dossiers/<uuid:application_id>/dossier-pdf")
@allow("application.read", load=agency_file)
def whole(application: Application) -> ResponseReturnValue:
    """Say where the PDF of the whole file is."""
    return print_page(application, audience_of(signed_in_actor(), application), PRINTS)


@bp.post("/dossiers/<uuid:application_id>/dossier-pdf")
@allow("application.read", load=agency_file)
def ask_whole(application: Application) -> ResponseReturnValue:
    """Ask for the PDF of the whole file."""
    return ask(application, audience_of(signed_in_actor(), application), PRINTS)


@bp.get("/dossiers/<uuid:application_id>/dossier.pdf")
@allow("application.read", load=agency_file)
def whole_file(application: Application) -> ResponseReturnValue:
    """Download the PDF of the whole file."""
    return print_file(application, audience_of(signed_in_actor(), application))


@bp.get("/pieces/<uuid:piece_id>")
@allow("piece.read", load=agency_piece)
def piece(found: Piece) -> ResponseReturnValue:
    """Download a piece of a file."""
    return download(found.file)


@bp.get("/depots/<uuid:submission_id>/differences")
@allow("submission.read", load=agency_submission)
def differences(submission: Submission) -> ResponseReturnValue:
    """Say what a deposit changed in the one before: answers, budget lines, pieces with their hashes."""
    application = submission.application
    return render_template(
        "office/differences.html",
        application=application,
        head=file_head(application, "", f"Dépôt n° {submission.number}"),
        found=compare_deposits(application, submission.number),
    )


@bp.get("/depots/<uuid:submission_id>/accuse")
@allow("submission.read", load=agency_submission)
def receipt(submission: Submission) -> ResponseReturnValue:
    """Download the receipt of a deposit."""
    if submission.receipt_file is None:
        raise NotFoundError("L'accusé de réception n'est pas encore prêt.")
    return download(submission.receipt_file)
