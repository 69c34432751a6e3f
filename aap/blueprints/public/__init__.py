"""Pages that everyone reads."""

from __future__ import annotations

from aap.blueprints.public.calls import bp as _calls
from aap.blueprints.public.health import bp as _health
from aap.blueprints.public.home import bp as _home
from aap.blueprints.public.sheets import bp as _sheets

BLUEPRINTS = (_home, _health, _calls, _sheets)
