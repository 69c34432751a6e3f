"""Two versions of one file while it is completed: what was handed in, and what its people are writing.

The rows and the columns of an application are those of its last deposit from the first deposit on: lists, sorts,
amounts and territories never tell what was not sent. What is being written lives in the answers alone, and is projected
aside for its own people until it is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aap.applications.asked_form import form_of
from aap.applications.models import Application, ApplicationState, Submission
from aap.applications.projection import project, project_aside
from aap.applications.rows import FileRows
from aap.forms.entries import Values, typed_values
from aap.forms.queries import get_answers, json_values
from aap.forms.spec import FormSpec
from aap.forms.unread import unread_of


def is_written_apart(application: Application) -> bool:
    """Tell whether what is being written is not what was handed in: a deposited file that is open again."""
    return application.state is ApplicationState.COMPLETION_REQUESTED and last_deposit(application) is not None


def is_sealed(application: Application) -> bool:
    """Tell whether nobody writes in the file any more: even its own people read what was handed in."""
    written = (ApplicationState.DRAFT, ApplicationState.COMPLETION_REQUESTED)
    return application.state not in written and last_deposit(application) is not None


def last_deposit(application: Application) -> Submission | None:
    """Return the last deposit of a file, if there is one."""
    if application.submitted_at is None or not application.submissions:
        return None
    return application.submissions[-1]


def written_rows(application: Application) -> FileRows:
    """Return the rows as the file's own people write them."""
    if not is_written_apart(application):
        return application
    form = form_of(application.call_version)
    return rows_aside(application, form, json_values(get_answers(application.sheet_id)))


def rows_aside(application: Application, form: FormSpec, stored: Mapping[str, Any]) -> FileRows:
    """Return the rows of what is being written; a field that cannot be read keeps those of the last deposit."""
    return project_aside(application, form, _readable(application, form, stored))


def project_written(application: Application) -> None:
    """Bring the rows of a file that is sent again up to date with what was written since its last deposit."""
    if not is_written_apart(application):
        return
    form = form_of(application.call_version)
    stored = json_values(get_answers(application.sheet_id))
    sealed = application.submissions[-1].snapshot["answers"]
    changed = [key for key, value in stored.items() if value != sealed.get(key)]
    project(application, form, _readable(application, form, stored), changed)


def _readable(application: Application, form: FormSpec, stored: Mapping[str, Any]) -> Values:
    unread = unread_of(stored)
    sealed = application.submissions[-1].snapshot["answers"] if unread else {}
    return typed_values(form, {**stored, **{key: sealed.get(key) for key in unread}})
