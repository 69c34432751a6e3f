"""The finished case, played through the services, each step at the hour of its documents: one file per stage."""

from __future__ import annotations
