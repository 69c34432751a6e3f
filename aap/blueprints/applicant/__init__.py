"""Pages of project leaders."""

from __future__ import annotations

from aap.blueprints.applicant.autosave import bp as _autosave
from aap.blueprints.applicant.award import bp as _award
from aap.blueprints.applicant.completion import bp as _completion
from aap.blueprints.applicant.copies import bp as _copies
from aap.blueprints.applicant.deposit import bp as _deposit
from aap.blueprints.applicant.file import bp as _file
from aap.blueprints.applicant.history import bp as _history
from aap.blueprints.applicant.home import bp as _home
from aap.blueprints.applicant.messages import bp as _messages
from aap.blueprints.applicant.pieces import bp as _pieces
from aap.blueprints.applicant.projects import bp as _projects
from aap.blueprints.applicant.projects_reports import bp as _reports
from aap.blueprints.applicant.projects_sheets import bp as _sheets
from aap.blueprints.applicant.questions import bp as _questions
from aap.blueprints.applicant.sections import bp as _sections

BLUEPRINTS = (
    _home,
    _file,
    _sections,
    _autosave,
    _history,
    _pieces,
    _deposit,
    _completion,
    _messages,
    _copies,
    _questions,
    _award,
    _projects,
    _reports,
    _sheets,
)
