"""Tables of the calls: the call and its calendar, its versions, and what is counted, ranked or paid in a version."""

from __future__ import annotations

from aap.calls.models.calendar import CalendarAmendment, CalendarStep
from aap.calls.models.call import (
    Call,
    CallKind,
    CallRole,
    CallTeamMember,
    CallVersion,
    ContactAmendment,
    RoadmapLink,
)
from aap.calls.models.funding import CategoryRule, FundingCap, InstalmentTerm, InstalmentTrigger, RateByZone, Strand
from aap.calls.models.questions import CallQuestion, QuestionCorrection, QuestionOutcome
from aap.calls.models.reporting import MandatoryIndicator, ReportingObligation
from aap.calls.models.selection import (
    Criterion,
    CriterionDescriptor,
    DecisionEffect,
    DecisionKind,
    GridRevision,
    JuryCollege,
    OpinionKind,
)

__all__ = [
    "CalendarAmendment",
    "CalendarStep",
    "Call",
    "CallKind",
    "CallQuestion",
    "CallRole",
    "CallTeamMember",
    "CallVersion",
    "CategoryRule",
    "ContactAmendment",
    "Criterion",
    "CriterionDescriptor",
    "DecisionEffect",
    "DecisionKind",
    "FundingCap",
    "GridRevision",
    "InstalmentTerm",
    "InstalmentTrigger",
    "JuryCollege",
    "MandatoryIndicator",
    "OpinionKind",
    "QuestionCorrection",
    "QuestionOutcome",
    "RateByZone",
    "ReportingObligation",
    "RoadmapLink",
    "Strand",
]
