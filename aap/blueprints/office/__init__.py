"""Pages of the agency, one file per group of pages."""

from __future__ import annotations

from aap.blueprints.office.home import bp as _home

BLUEPRINTS = (_home,)
