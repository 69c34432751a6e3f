"""What is done with an award: advise, decide, lift, notify, contract, amend, pay, settle."""

from __future__ import annotations

from aap.awards.service.contracts import amend_amount, amend_duration, sign_contract
from aap.awards.service.decisions import (
    check_decision,
    decide,
    lift_reservation,
    notify,
    record_jury_opinion,
)
from aap.awards.service.lifecycle import (
    record_final_validation,
    resume_project,
    settle_project,
    start_due_projects,
    start_project,
    suspend_project,
    terminate_project,
)
from aap.awards.service.payments import compute_balance, pay_instalment, unlock_due_instalments, unlock_instalments
from aap.awards.service.scenarios import (
    adopt_scenario,
    delete_scenario,
    duplicate_scenario,
    mend_scenario,
    save_scenario,
)
from aap.awards.service.session import agree, sign

__all__ = [
    "adopt_scenario",
    "agree",
    "amend_amount",
    "amend_duration",
    "check_decision",
    "compute_balance",
    "decide",
    "delete_scenario",
    "duplicate_scenario",
    "lift_reservation",
    "mend_scenario",
    "notify",
    "pay_instalment",
    "record_final_validation",
    "record_jury_opinion",
    "resume_project",
    "save_scenario",
    "settle_project",
    "sign",
    "sign_contract",
    "start_due_projects",
    "start_project",
    "suspend_project",
    "terminate_project",
    "unlock_due_instalments",
    "unlock_instalments",
]
