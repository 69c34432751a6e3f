"""Pages of jurors: their juries, their declaration, the files they read and mark."""

from __future__ import annotations

from aap.blueprints.juror.autosave import bp as _autosave
from aap.blueprints.juror.bundles import bp as _bundles
from aap.blueprints.juror.declining import bp as _declining
from aap.blueprints.juror.files import bp as _files
from aap.blueprints.juror.home import bp as _home
from aap.blueprints.juror.regrading import bp as _regrading

BLUEPRINTS = (_home, _files, _autosave, _bundles, _regrading, _declining)
