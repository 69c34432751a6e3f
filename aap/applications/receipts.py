"""What an acknowledgement of receipt must name: the service in charge, its address, and the delays that run.

Code of relations between the public and the administration (CRPA), art. L112-3 and R112-5: date of receipt, service in
charge with its postal and electronic addresses and telephone, date at which silence is a refusal (L231-4, 3°: a demand
for money), what a request to complete does to that date (L114-5), and the ways to contest it, without which no delay
can be held against the applicant (L112-6). Names, addresses and the length of silence are data of the call or of its
region.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date

from aap import french
from aap.applications.facts import rows_of_deposit
from aap.applications.models import Application, Submission
from aap.applications.pieces import subject_names
from aap.calls.models import Call
from aap.calls.phases import CallCalendar
from aap.calls.queries import calendar_of, current_version, load_document
from aap.clock import paris
from aap.referentials.models import Region
from aap.referentials.queries import get_region

CONTEST_MONTHS = 2


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The service in charge and what runs from the receipt; an address or a telephone not given is empty."""

    agency: str
    service: str
    address: str
    telephone: str
    mailbox: str
    delays: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReceivedPiece:
    """A piece of a deposit as it was sealed: what it answers and whom it is about, its file."""

    label: str
    name: str
    size: int
    sha256: str


def subjects_of(submission: Submission) -> dict[str, str]:
    """Return the names of those that the pieces of a deposit are about, in order; nothing is read when none is."""
    about = any(piece["subject"] for piece in submission.snapshot["pieces"])
    return subject_names(rows_of_deposit(submission)) if about else {}


def received_pieces(submission: Submission) -> tuple[ReceivedPiece, ...]:
    """Return the pieces of a deposit in the order of the call: questions, annexes, then whom each is about."""
    document = load_document(submission.application.call_version)
    keys = [*(field.id for field in document.form.fields), *(annex.id for annex in document.annexes)]
    ranks = {key: rank for rank, key in enumerate(keys)}
    about = subjects_of(submission)
    places = {key: place for place, key in enumerate(about)}
    pieces = sorted(
        submission.snapshot["pieces"],
        key=lambda piece: (ranks.get(piece["annex"], len(ranks)), places.get(piece["subject"], -1)),
    )
    return tuple(
        ReceivedPiece(
            " – ".join(filter(None, (piece["label"], about.get(piece["subject"], "")))),
            piece["name"],
            piece["size"],
            piece["sha256"],
        )
        for piece in pieces
    )


def acknowledgement_of(application: Application, submission: Submission) -> Acknowledgement:
    """Return what the receipt of a deposit must name; the call's own service comes before the region's."""
    call: Call = application.call_version.call
    region = get_region(application.region_code)
    own = load_document(application.call_version).issuer_service
    return Acknowledgement(
        agency=region.agency_name,
        service=(own.name if own else "") or region.direction_name,
        address=(own.postal_address if own else "") or region.postal_address,
        telephone=(own.telephone if own else "") or region.telephone,
        mailbox=call.contact_mailbox,
        delays=tuple(_delays(application, submission, region)),
    )


def list_gaps(call: Call) -> tuple[str, ...]:
    """Say what the receipts of a call lack or take from the settings delivered for its region, for its officers."""
    region, own = get_region(call.region_code), load_document(current_version(call)).issuer_service
    gaps = []
    if not ((own and own.telephone) or region.telephone):
        gaps.append("le téléphone du service chargé du dossier manque (art. R112-5)")
    if not (own and own.postal_address):
        given = f"l'adresse postale est celle livrée avec l'application pour la région ({region.postal_address})"
        gaps.append(f"{given} : vérifiez-la" if region.postal_address else "l'adresse postale manque (art. R112-5)")
    return tuple(gaps)


def months_after(day: date, months: int) -> date:
    """Return the same day some months later, or the last day of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _delays(application: Application, submission: Submission, region: Region) -> list[str]:
    steps = calendar_of(application.call_version.call)
    lines = [
        "Cet accusé de réception atteste la date et l'heure du dépôt. Il ne vaut pas recevabilité.",
        "L'agence vérifie la recevabilité du dossier"
        + _by(steps, "admissibility_end")
        + ". Si une pièce ou une information manque, elle peut vous demander de le compléter dans un délai qu'elle "
        "fixe ; vous en êtes alors informé par courriel. Le délai ci-dessous est suspendu pendant ce temps, et reprend "
        "dès que vous avez répondu (code des relations entre le public et l'administration, art. L114-5).",
        "La décision vous est notifiée aux dates du calendrier de l'appel" + _by(steps, "notification") + ".",
        _silence(submission, region),
        (
            "Une décision défavorable, expresse ou née du silence, peut être contestée devant le tribunal "
            f"administratif dans les {french.plural(CONTEST_MONTHS, 'mois', 'mois')} qui suivent sa notification "
            "ou cette date ; un recours gracieux auprès du service ci-dessus, formé dans le même délai, l'interrompt "
            "(même code, art. L411-2)."
        ),
    ]
    if submission.number > 1:
        first = french.moment(application.submitted_at)
        lines.insert(0, f"Ce dépôt complète le dossier reçu le {first} : cette première date reste acquise.")
    return lines


def _silence(submission: Submission, region: Region) -> str:
    day = months_after(paris(submission.at).date(), region.silence_months)
    return (
        f"Sans décision expresse le {french.weekday(day)}, soit "
        f"{french.plural(region.silence_months, 'mois', 'mois')} après ce dépôt, votre demande est réputée rejetée "
        "(code des relations entre le public et l'administration, art. L231-4). L'agence peut encore, après cette "
        "date, prendre une décision favorable."
    )


def _by(steps: CallCalendar, key: str) -> str:
    step = steps.steps.get(key)
    if step is None:
        return ""
    if step.at is not None:
        return f", au plus tard le {french.moment(step.at)}"
    return f", au plus tard le {french.weekday(step.to_date)}" if step.to_date else ""
