"""Signing in and one's own account."""

from __future__ import annotations

from aap.blueprints.account.demonstration import bp as _demonstration
from aap.blueprints.account.home import bp as _home
from aap.blueprints.account.tasks import bp as _tasks

BLUEPRINTS = (_home, _tasks)
DEMONSTRATION = _demonstration
