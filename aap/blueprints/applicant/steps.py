"""What comes next for a deposited file, in words for its lead."""

from __future__ import annotations

from aap.applications.models import ApplicationState

_S = ApplicationState

NEXT_STEPS = {
    _S.SUBMITTED: "L'agence vérifie que votre dossier est recevable.",
    _S.ADMISSIBLE: "L'agence recueille les avis sur votre dossier.",
    _S.INSTRUCTED: "Le comité de sélection examine votre dossier.",
    _S.SCORED: "Le comité de sélection examine votre dossier.",
    _S.DECIDED: "Le comité de sélection examine votre dossier.",
    _S.NOTIFIED: "Lisez la décision.",
    _S.CONTRACTED: "Suivez votre projet.",
}
