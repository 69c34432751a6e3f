"""Fictional people, one finished case and a living instance: what somebody who tries the service finds."""

from __future__ import annotations

from aap.demonstration.loading import load_demonstration

__all__ = ["load_demonstration"]
