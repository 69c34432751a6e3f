"""What is read of awards and projects. Lists are frozen rows, ordered; the caller gives what the person may see."""

from __future__ import annotations

from aap.awards.queries.decisions import (
    Award,
    DecisionRow,
    ReservationRow,
    ResultRow,
    find_decision,
    get_award,
    get_reservation,
    list_decisions,
    list_public_results,
    propose_plan,
)
from aap.awards.queries.envelopes import EnvelopeRow, granted_in_call, hides_a_grant, list_envelopes, warn_of_strand
from aap.awards.queries.projects import (
    InstalmentRow,
    ProjectMoney,
    ProjectRow,
    find_project_of,
    get_instalment,
    get_project,
    list_instalments,
    list_payments_due,
    list_projects,
    money_of,
)
from aap.awards.queries.scenarios import (
    SavedLine,
    ScenarioRow,
    find_scenario_in_force,
    get_scenario,
    granted_in_scenario,
    list_scenario_lines,
    list_scenarios,
    settings_of,
)
from aap.awards.queries.simulation import read_board
from aap.awards.queries.starts import find_proposal, find_start, opinions_begun, tell_start
from aap.awards.queries.waiting import AwaitingContract, count_awaiting_contract

__all__ = [
    "AwaitingContract",
    "Award",
    "DecisionRow",
    "EnvelopeRow",
    "InstalmentRow",
    "ProjectMoney",
    "ProjectRow",
    "ReservationRow",
    "ResultRow",
    "SavedLine",
    "ScenarioRow",
    "count_awaiting_contract",
    "find_decision",
    "find_project_of",
    "find_proposal",
    "find_scenario_in_force",
    "find_start",
    "get_award",
    "get_instalment",
    "get_project",
    "get_reservation",
    "get_scenario",
    "granted_in_call",
    "granted_in_scenario",
    "hides_a_grant",
    "list_decisions",
    "list_envelopes",
    "list_instalments",
    "list_payments_due",
    "list_projects",
    "list_public_results",
    "list_scenario_lines",
    "list_scenarios",
    "money_of",
    "opinions_begun",
    "propose_plan",
    "read_board",
    "settings_of",
    "tell_start",
    "warn_of_strand",
]
