"""Pages of the agency, one file per group of pages."""

from __future__ import annotations

from aap.blueprints.office.admissibility import bp as _admissibility
from aap.blueprints.office.analysis import bp as _analysis
from aap.blueprints.office.applications import bp as _applications
from aap.blueprints.office.assignments import bp as _assignments
from aap.blueprints.office.calls import bp as _calls
from aap.blueprints.office.contracts import bp as _contracts
from aap.blueprints.office.decisions import bp as _decisions
from aap.blueprints.office.deferred_proposals import bp as _deferred
from aap.blueprints.office.extension import bp as _extension
from aap.blueprints.office.grids import bp as _grids
from aap.blueprints.office.handovers import bp as _handovers
from aap.blueprints.office.home import bp as _home
from aap.blueprints.office.home import english as _english
from aap.blueprints.office.joining import bp as _joining
from aap.blueprints.office.jury import bp as _jury
from aap.blueprints.office.lateness import bp as _lateness
from aap.blueprints.office.messages import bp as _messages
from aap.blueprints.office.minutes import bp as _minutes
from aap.blueprints.office.opinions import bp as _opinions
from aap.blueprints.office.projects import bp as _projects
from aap.blueprints.office.projects_additions import bp as _additions
from aap.blueprints.office.projects_conclusion import bp as _conclusions
from aap.blueprints.office.projects_indicators import bp as _indicators
from aap.blueprints.office.projects_plan import bp as _plans
from aap.blueprints.office.projects_reports import bp as _reports
from aap.blueprints.office.proposals import bp as _proposals
from aap.blueprints.office.question_corrections import bp as _corrections
from aap.blueprints.office.questions import bp as _questions
from aap.blueprints.office.ranking import bp as _ranking
from aap.blueprints.office.scenario_tables import bp as _scenario_tables
from aap.blueprints.office.scenarios import bp as _scenarios
from aap.blueprints.office.session import bp as _session
from aap.blueprints.office.sheets import bp as _sheets
from aap.blueprints.office.sheets_review import bp as _reviews
from aap.blueprints.office.simulation import bp as _simulation
from aap.blueprints.office.snapshots import bp as _snapshots
from aap.blueprints.office.territory import bp as _territory

BLUEPRINTS = (
    _home,
    _english,
    _calls,
    _applications,
    _admissibility,
    _handovers,
    _opinions,
    _lateness,
    _messages,
    _questions,
    _corrections,
    _jury,
    _joining,
    _assignments,
    _proposals,
    _deferred,
    _grids,
    _extension,
    _ranking,
    _analysis,
    _simulation,
    _snapshots,
    _scenarios,
    _scenario_tables,
    _session,
    _minutes,
    _decisions,
    _contracts,
    _projects,
    _plans,
    _additions,
    _indicators,
    _reports,
    _conclusions,
    _sheets,
    _reviews,
    _territory,
)
