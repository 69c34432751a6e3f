"""Signing in and one's own account."""

from __future__ import annotations

from aap.blueprints.account.demonstration import bp as _demonstration
from aap.blueprints.account.home import bp as _home

BLUEPRINTS = (_home,)
DEMONSTRATION = _demonstration
