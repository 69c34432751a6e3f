"""Hypothesis without a clock: a busy machine must not make arithmetic look wrong."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("scoring", deadline=None)
settings.load_profile("scoring")
