"""Pages of administrators."""

from __future__ import annotations

from aap.blueprints.admin.home import bp as _home

BLUEPRINTS = (_home,)
