"""The steps of the factory, one file per subject."""

from __future__ import annotations

from aap.assembly.accounts import plug_accounts
from aap.assembly.base import bare_app, plug_database, plug_services
from aap.assembly.errors import register_errors
from aap.assembly.pages import register_pages
from aap.assembly.protections import plug_protections
from aap.assembly.templates import plug_templates
from aap.assembly.typography import plug_typography

__all__ = [
    "bare_app",
    "plug_accounts",
    "plug_database",
    "plug_protections",
    "plug_services",
    "plug_templates",
    "plug_typography",
    "register_errors",
    "register_pages",
]
