"""Tables of the jury: its members, their marks, their session."""

from __future__ import annotations

from aap.jury.models.bundles import JuryBundle, JuryBundleFile
from aap.jury.models.invitations import JuryInvitation
from aap.jury.models.members import (
    Assignment,
    AssignmentRefusal,
    ConflictKind,
    DeclaredLink,
    DismissedConflict,
    ExpertiseKind,
    InterestDeclaration,
    JuryDepartment,
    JuryExpertise,
    JuryMember,
    Recusal,
)
from aap.jury.models.proposals import AssignmentProposal, ProposedPair
from aap.jury.models.reviews import (
    FrozenRubric,
    GridAnswer,
    GridChoice,
    Mark,
    MarkRevision,
    RankingDraw,
    Review,
    ReviewState,
    ScoringClosure,
)
from aap.jury.models.session import (
    JurySession,
    SessionItem,
    SessionPresence,
)
from aap.jury.models.snapshots import RankingSnapshot, SnapshotOccasion
from aap.jury.models.standings import Standing

__all__ = [
    "Assignment",
    "AssignmentProposal",
    "AssignmentRefusal",
    "ConflictKind",
    "DeclaredLink",
    "DismissedConflict",
    "ExpertiseKind",
    "FrozenRubric",
    "GridAnswer",
    "GridChoice",
    "InterestDeclaration",
    "JuryBundle",
    "JuryBundleFile",
    "JuryDepartment",
    "JuryExpertise",
    "JuryInvitation",
    "JuryMember",
    "JurySession",
    "Mark",
    "MarkRevision",
    "ProposedPair",
    "RankingDraw",
    "RankingSnapshot",
    "Recusal",
    "Review",
    "ReviewState",
    "ScoringClosure",
    "SessionItem",
    "SessionPresence",
    "SnapshotOccasion",
    "Standing",
]
