"""Reading a whole file: its answers as shown, its budget, its pieces, its history, for one audience."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select

from aap import french
from aap.accounts.models import User
from aap.applications.facts import Reading, read_application, read_handed_in, saved_plan
from aap.applications.models import Application, ApplicationState, BudgetLine, Funder, Piece
from aap.applications.pieces import quoted_lines, subject_names
from aap.applications.plan import FundingPlan, placed
from aap.applications.queries.dossier_rows import (
    Audience,
    CategoryTotal,
    Dossier,
    DossierAnnex,
    DossierBudget,
    DossierField,
    DossierFunder,
    DossierLine,
    DossierPiece,
    DossierSection,
    HistoryRow,
)
from aap.applications.queries.places import SitePlace, list_places
from aap.applications.rows import FileRows
from aap.applications.states import LABELS
from aap.applications.verdicts import annexes_of, funding_of
from aap.calls.document.form import FieldKind
from aap.db import db
from aap.forms.fields import field_type
from aap.forms.spec import FieldSpec
from aap.forms.unread import unread_words
from aap.referentials.vocabularies import label, vocabulary
from aap.workflow import list_events

EVENT_LABELS = {
    "create": "Brouillon commencé",
    "submit": "Dossier déposé",
    "request_completion": "Compléments demandés",
    "resubmit": "Compléments reçus",
    "admit": "Dossier recevable",
    "refuse_admission": "Dossier irrecevable",
    "instruct": "Instruction close",
    "score": "Notation close",
    "decide": "Décision prise",
    "notify": "Décision notifiée",
    "contract": "Convention signée",
    "withdraw": "Dossier retiré",
    "change_lead": "Porteur du dossier changé",
}
OWN = frozenset({Audience.LEAD, Audience.GUEST})
WITHOUT_SECRETS = frozenset({Audience.GUEST, Audience.OPINION, Audience.JURY})
_TO_MEND = "(réponse à corriger : elle n'a pas pu être lue)"
_INTERNAL = frozenset({"instruct", "score", "decide"})  # the lead learns the outcome from the notification only


def get_dossier(
    application: Application, now: datetime, audience: Audience = Audience.AGENCY, *, reading: Reading | None = None
) -> Dossier:
    """Return the file as this audience reads it: the lead's people what they write, everybody else what was handed in.

    ``reading`` is the version to show, when it is another one: an older deposit, or the draft of a preview.
    """
    if reading is None:
        read = read_application if audience in OWN else read_handed_in
        reading = read(application, now)
    call = application.call_version.call
    state = LABELS[application.state]
    public = audience in OWN
    return Dossier(
        id=application.id,
        reference=application.reference,
        title=reading.rows.label,
        acronym=reading.rows.acronym,
        applicant_name=reading.rows.applicant_name,
        call_ref=call.ref,
        call_title=call.title,
        strand_label=application.strand.label if application.strand else "",
        state=application.state,
        state_label=state.public_label if public else state.label,
        tone="info" if public and application.state is ApplicationState.DECIDED else state.tone,
        submitted_at=application.submitted_at,
        sections=sections_of(reading, audience),
        budget=replace(budget_of(reading.rows, _quoted(reading)), rules=funding_of(reading)),
        annexes=_annexes(reading, audience),
        history=() if audience is Audience.JURY else list_history(application, audience),
    )


def sections_of(reading: Reading, audience: Audience) -> tuple[DossierSection, ...]:
    """Return the sections with every answer as French text; blind fields are left out for the jury."""
    fields = reading.document.form.fields
    blind = {field.id for field in fields if field.blind} if audience is Audience.JURY else set()
    if audience in WITHOUT_SECRETS:
        blind |= {field.id for field in fields if field.type is FieldKind.IBAN}
    sections = (
        DossierSection(
            section.id,
            section.title,
            tuple(_field(reading, spec) for spec in section.fields if spec.id not in blind),
        )
        for section in reading.standing_form.sections
    )
    return tuple(section for section in sections if section.fields)


def answer_text(reading: Reading, spec: FieldSpec) -> str:
    """Return one answer as French text."""
    return _field(reading, spec).text


def _field(reading: Reading, spec: FieldSpec) -> DossierField:
    if spec.type == FieldKind.COMPUTED.value:
        text = _fact(reading, spec.source) if spec.source else _zones(reading)
        return DossierField(spec.id, spec.label, text, (), not text, long=True)
    if spec.id in reading.unread:
        text = f"{unread_words(reading.unread[spec.id])} {_TO_MEND}".strip()
        return DossierField(spec.id, spec.label, text, (), empty=False, long=True)
    kind = field_type(spec)
    value = reading.values.get(spec.id)
    return DossierField(
        id=spec.id,
        label=spec.label,
        text=kind.display(spec, value),
        tables=kind.table(spec, value),
        empty=kind.empty(value),
        long=spec.type == FieldKind.LONGTEXT.value,
    )


def _fact(reading: Reading, name: str) -> str:
    """Word a fact that the rules read of the file; nothing while it cannot be computed."""
    value = reading.particulars.values.get(name)
    values = value if isinstance(value, tuple) else () if value is None else (value,)
    return french.listing([reading.words.value(name, one) for one in values])


def _zones(reading: Reading) -> str:
    """Word the place of each site, as it is computed from the communes, then the vintages it was read in."""
    places = list_places(reading.rows)
    lines = [f"{row.name} : {', '.join(_place_words(row))}" for row in places.rows]
    vintages = [
        f"{vintage.label}, au {french.day(vintage.valid_on)}"
        for vintage in (places.zoning, places.accessibility)
        if vintage is not None
    ]
    return "\n".join([*lines, *([f"Millésimes : {' ; '.join(vintages)}."] if lines and vintages else [])])


def _place_words(row: SitePlace) -> list[str]:
    commune = row.commune or ("sans commune" if row.without_commune else "")
    apl = "" if row.apl is None else f"APL {french.number(row.apl, 1)}"
    return [word for word in (commune, row.zone or "zone non calculée", apl) if word]


def _quoted(reading: Reading) -> frozenset[str] | None:
    return quoted_lines(reading.application, reading.rows, reading.pieces)


def budget_of(rows: FileRows, joined: frozenset[str] | None = None) -> DossierBudget:
    """Return the budget, from its rows; ``joined`` as ``saved_plan``."""
    plan = saved_plan(rows)
    spread = placed(plan)
    lines = tuple(_line(row, _paid_by(row, plan, spread), joined) for row in rows.budget_lines)
    codes = [*vocabulary("budget_categories").codes, *(row.category for row in rows.budget_lines)]
    totals = []
    for code in dict.fromkeys(codes):
        of_category = [row for row in rows.budget_lines if row.category == code]
        if of_category:
            spent = sum((row.amount_eur for row in of_category), Decimal(0))
            asked = sum((row.requested_eur for row in of_category), Decimal(0))
            totals.append(CategoryTotal(label("budget_categories", code), spent, asked))
    expenses = rows.total_expenses
    return DossierBudget(
        lines=lines,
        funders=tuple(_funder(row) for row in rows.funders),
        categories=tuple(totals),
        expenses=expenses,
        income=rows.total_income,
        requested=rows.requested_eur,
        requested_rate=Fraction(rows.requested_eur) / Fraction(expenses) if expenses else None,
    )


def _paid_by(
    row: BudgetLine, plan: FundingPlan, spread: Mapping[tuple[int, str], int]
) -> tuple[tuple[str, Decimal], ...]:
    """Return what the earmarked incomes pay of a line, in the order of the plan."""
    found = ((funder.name, spread.get((rank, row.key), 0)) for rank, funder in enumerate(plan.funders))
    return tuple((name, Decimal(amount).scaleb(-2)) for name, amount in found if amount)


def _line(row: BudgetLine, paid_by: tuple[tuple[str, Decimal], ...], joined: frozenset[str] | None) -> DossierLine:
    return DossierLine(
        row.key,
        label("budget_categories", row.category) if row.category else "",
        row.label,
        row.quantity,
        row.unit_price_eur,
        row.amount_eur,
        row.requested_eur,
        row.has_quote if joined is None else row.key in joined,
        row.quote_ref,
        paid_by,
    )


def _funder(row: Funder) -> DossierFunder:
    return DossierFunder(
        row.key,
        row.name,
        label("income_kinds", row.kind.value) if row.kind else "",
        label("cofunding_status", row.status.value) if row.status else "",
        row.amount_eur,
        tuple(earmark.line_key for earmark in row.earmarks),
    )


def _annexes(reading: Reading, audience: Audience) -> tuple[DossierAnnex, ...]:
    names = subject_names(reading.rows)
    places = {key: place for place, key in enumerate(names)}
    pieces_in_order = sorted(reading.pieces, key=lambda piece: places.get(piece.subject, -1))
    annexes = []
    for status in annexes_of(reading):
        if status.confidential and audience in WITHOUT_SECRETS:
            continue
        pieces = tuple(
            _piece(piece, names.get(piece.subject, piece.subject) if status.per else "")
            for piece in pieces_in_order
            if piece.annex_key == status.key
        )
        annexes.append(
            DossierAnnex(
                status.key, status.label, status.required, status.because, status.confidential, pieces, status.missing
            )
        )
    return (*_answering(reading, audience), *annexes)


def _answering(reading: Reading, audience: Audience) -> Iterator[DossierAnnex]:
    """Give the files that answer questions of the form as it stands, in its order, before the annexes."""
    hidden = {field.id for field in reading.document.form.fields if field.blind}
    for spec in reading.standing_form.fields():
        files = tuple(_piece(piece, "") for piece in reading.pieces if piece.annex_key == spec.id)
        secret = spec.id in hidden
        if spec.type == FieldKind.FILE.value and files and not (secret and audience in WITHOUT_SECRETS):
            because = "réponse à une question du formulaire"
            yield DossierAnnex(spec.id, spec.label, spec.required, because, secret, files, ())


def _piece(piece: Piece, subject_label: str) -> DossierPiece:
    return DossierPiece(
        piece.id,
        subject_label,
        piece.file.name,
        piece.file.media_type,
        piece.file.size,
        piece.file.sha256,
        piece.file.storage_key,
        piece.note,
        piece.added_at,
        piece.file.scan_state,
    )


def list_history(application: Application, audience: Audience) -> tuple[HistoryRow, ...]:
    """Return what happened, oldest first. The lead reads neither internal steps nor the names of staff."""
    events = [event for event in list_events(application) if audience not in OWN or event.event not in _INTERNAL]
    ids = {event.actor_id for event in events if event.actor_id is not None}
    users = db.session.scalars(select(User).where(User.id.in_(ids))).all() if ids else []
    names = {user.id: user.display_name for user in users}
    own = application.lead_id
    return tuple(
        HistoryRow(
            event.at,
            event.event,
            EVENT_LABELS.get(event.event, event.event),
            names.get(event.actor_id, "") if event.actor_id and (audience not in OWN or event.actor_id == own) else "",
            event.reason or "",
        )
        for event in events
    )
