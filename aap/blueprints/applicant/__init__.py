"""Pages of project leaders."""

from __future__ import annotations

from aap.blueprints.applicant.answer_files import bp as _files
from aap.blueprints.applicant.autosave import bp as _autosave
from aap.blueprints.applicant.award import bp as _award
from aap.blueprints.applicant.budget import bp as _budget
from aap.blueprints.applicant.commitments import bp as _commitments
from aap.blueprints.applicant.completion import bp as _completion
from aap.blueprints.applicant.copies import bp as _copies
from aap.blueprints.applicant.deposit import bp as _deposit
from aap.blueprints.applicant.file import bp as _file
from aap.blueprints.applicant.hearing import bp as _hearing
from aap.blueprints.applicant.history import bp as _history
from aap.blueprints.applicant.home import bp as _home
from aap.blueprints.applicant.invitations import bp as _invitations
from aap.blueprints.applicant.letters import bp as _letters
from aap.blueprints.applicant.messages import bp as _messages
from aap.blueprints.applicant.organisation_forms import bp as _organisation_forms
from aap.blueprints.applicant.organisations import bp as _organisations
from aap.blueprints.applicant.people import bp as _people
from aap.blueprints.applicant.pieces import bp as _pieces
from aap.blueprints.applicant.places import bp as _places
from aap.blueprints.applicant.projects import bp as _projects
from aap.blueprints.applicant.projects_reports import bp as _reports
from aap.blueprints.applicant.projects_sheets import bp as _sheets
from aap.blueprints.applicant.questions import bp as _questions
from aap.blueprints.applicant.sections import bp as _sections
from aap.blueprints.applicant.signing import bp as _signing
from aap.blueprints.applicant.transfers import bp as _transfers

BLUEPRINTS = (
    _budget,
    _home,
    _file,
    _sections,
    _autosave,
    _files,
    _history,
    _pieces,
    _places,
    _deposit,
    _completion,
    _messages,
    _copies,
    _questions,
    _hearing,
    _award,
    _projects,
    _reports,
    _sheets,
    _commitments,
    _invitations,
    _letters,
    _organisation_forms,
    _organisations,
    _people,
    _signing,
    _transfers,
)
