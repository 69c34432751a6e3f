"""What later news of a file promises to the members of its jury."""

from __future__ import annotations

import uuid
from datetime import datetime

from aap.applications.notices import WITHDRAWN
from aap.jury.news import tell_withdrawn
from aap.outbox import Handler, Promise


def tell_jury_withdrawn(promise: Promise, now: datetime) -> None:
    """Tell the members who were to mark a file that it is withdrawn."""
    tell_withdrawn(uuid.UUID(promise.payload["application_id"]), now)


HANDLERS: dict[str, Handler] = {WITHDRAWN: tell_jury_withdrawn}
