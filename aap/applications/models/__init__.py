"""Tables of the applications: the file and its life, its rows, its budget, its deposits and its instruction."""

from __future__ import annotations

from aap.applications.models.application import (
    Application,
    ApplicationAct,
    ApplicationPublic,
    ApplicationState,
)
from aap.applications.models.budget import BudgetLine, Funder, FunderEarmark, FundingStatus, IncomeKind
from aap.applications.models.copies import ApplicationCopy
from aap.applications.models.deposit import (
    CallCounter,
    CompletionItem,
    CompletionItemKind,
    CompletionRequest,
    DossierPrint,
    LateAdmission,
    Piece,
    Submission,
    SubmissionPiece,
)
from aap.applications.models.instruction import (
    AdmissibilityCheck,
    AdmissibilityDecision,
    CheckMode,
    CheckOutcome,
    Opinion,
)
from aap.applications.models.messages import Message, MessageFile, ThreadMark
from aap.applications.models.people import (
    CommitmentRequest,
    CommitmentSignature,
    FileInvitation,
    FileSignature,
    LeadChange,
    LeadChangeKind,
    LeadChangeOutcome,
    Participant,
    ParticipantRole,
)
from aap.applications.models.project import ApplicationSolution, Partner, PlannedMilestone, ProposedIndicator, Site

__all__ = [
    "AdmissibilityCheck",
    "AdmissibilityDecision",
    "Application",
    "ApplicationAct",
    "ApplicationCopy",
    "ApplicationPublic",
    "ApplicationSolution",
    "ApplicationState",
    "BudgetLine",
    "CallCounter",
    "CheckMode",
    "CheckOutcome",
    "CommitmentRequest",
    "CommitmentSignature",
    "CompletionItem",
    "CompletionItemKind",
    "CompletionRequest",
    "DossierPrint",
    "FileInvitation",
    "FileSignature",
    "Funder",
    "FunderEarmark",
    "FundingStatus",
    "IncomeKind",
    "LateAdmission",
    "LeadChange",
    "LeadChangeKind",
    "LeadChangeOutcome",
    "Message",
    "MessageFile",
    "Opinion",
    "Participant",
    "ParticipantRole",
    "Partner",
    "Piece",
    "PlannedMilestone",
    "ProposedIndicator",
    "Site",
    "Submission",
    "SubmissionPiece",
    "ThreadMark",
]
