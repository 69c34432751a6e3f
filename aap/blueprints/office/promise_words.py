"""What a promise is about and for whom, in words: never an address nor a name, which the office has no need to read."""

from __future__ import annotations

LEAD, AGENCY, JUROR, PARTNER, MEMBER, EDITOR = (
    "Porteur du dossier",
    "Boîte de l'agence",
    "Membre du jury",
    "Partenaire",
    "Membre d'une structure",
    "Rédaction des fiches",
)

# By mail template: what it is about, and what its recipient is to it.
MAILS: dict[str, tuple[str, str]] = {
    "account": ("Compte : confirmation, mot de passe", "Titulaire du compte"),
    "application-admissible": ("Dossier recevable", LEAD),
    "application-admitted-late": ("Dépôt tardif admis", LEAD),
    "application-call-amended": ("Appel modifié", LEAD),
    "application-call-cancelled": ("Appel annulé", LEAD),
    "application-completed": ("Compléments reçus", AGENCY),
    "application-completion-requested": ("Compléments demandés", LEAD),
    "application-draft-reminder": ("Rappel avant la clôture", LEAD),
    "application-inadmissible": ("Dossier irrecevable", LEAD),
    "application-infected": ("Fichier mis en quarantaine", LEAD),
    "application-infected-agency": ("Fichier mis en quarantaine", AGENCY),
    "application-message": ("Message de l'agence à lire", "Personne du dossier"),
    "application-message-agency": ("Message du porteur à lire", AGENCY),
    "application-question-published": ("Réponse publiée sur un appel", LEAD),
    "application-receipt": ("Accusé de réception", LEAD),
    "application-withdrawn": ("Dossier retiré", LEAD),
    "application-withdrawn-agency": ("Dossier retiré", AGENCY),
    "award-contract": ("Convention signée", LEAD),
    "award-notification": ("Décision notifiée", LEAD),
    "award-payment": ("Versement", LEAD),
    "award-reservation-lifted": ("Réserve levée", LEAD),
    "call-question-answered": ("Réponse à une question", "Auteur de la question"),
    "call-question-asked": ("Question sur un appel", AGENCY),
    "commitment-request": ("Lettre d'engagement à signer", PARTNER),
    "commitment-signed": ("Lettre d'engagement signée", LEAD),
    "commitment-signed-copy": ("Copie de la lettre signée", PARTNER),
    "commitment-voided": ("Lettre d'engagement à signer de nouveau", PARTNER),
    "evaluation-decision": ("Décision après évaluation", LEAD),
    "evaluation-plan-validated": ("Plan d'évaluation validé", LEAD),
    "evaluation-report-due": ("Rapport attendu", LEAD),
    "evaluation-report-late": ("Rapport en retard", LEAD),
    "evaluation-report-returned": ("Rapport à compléter", LEAD),
    "evaluation-report-submitted": ("Rapport reçu", AGENCY),
    "evaluation-report-validated": ("Rapport validé", LEAD),
    "file-invitation": ("Invitation sur un dossier", "Personne invitée"),
    "file-joined": ("Invitation acceptée", LEAD),
    "file-lead-changed": ("Changement de porteur", "Personne du dossier"),
    "file-removed": ("Fin de participation", "Personne du dossier"),
    "file-signed": ("Dossier signé", LEAD),
    "file-transfer-declined": ("Transfert refusé", LEAD),
    "file-transfer-offered": ("Transfert proposé", "Personne du dossier"),
    "jury-additional": ("Évaluation supplémentaire demandée", JUROR),
    "jury-called-in": ("Suppléant appelé à siéger", JUROR),
    "jury-grid-revised": ("Grille de notation révisée", JUROR),
    "jury-hearing": ("Audition", LEAD),
    "jury-hearing-cancelled": ("Audition annulée", LEAD),
    "jury-invitation": ("Invitation au jury", JUROR),
    "jury-joined": ("Invitation au jury acceptée", AGENCY),
    "jury-link": ("Invitation au jury", "Personne invitée"),
    "jury-recusal": ("Déport d'un membre", AGENCY),
    "jury-reminder": ("Rappel de notation", JUROR),
    "jury-scoring-extended": ("Notation prolongée", JUROR),
    "jury-session": ("Séance du jury", JUROR),
    "jury-withdrawn": ("Dossier retiré", JUROR),
    "organisation-invitation": ("Invitation dans une structure", "Personne invitée"),
    "organisation-joined": ("Nouveau membre", MEMBER),
    "organisation-removed": ("Fin d'appartenance", MEMBER),
    "sheet-changes-requested": ("Corrections demandées", EDITOR),
    "sheet-published": ("Fiche publiée", EDITOR),
    "sheet-to-review": ("Fiche à relire", EDITOR),
    "sheet-to-update": ("Fiche à mettre à jour", EDITOR),
    "sheet-to-validate": ("Fiche à valider", LEAD),
}
_UNKNOWN = ("Courriel", "Destinataire")


def mail_words(template: str | None) -> tuple[str, str]:
    """Return what a mail is about and what its recipient is to it."""
    return MAILS.get(template or "", _UNKNOWN)
