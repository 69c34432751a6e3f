"""The living instance: four calls at four moments of their life, and fifty applications in all with the finished case.

Everything is drawn from fixed seeds and placed relatively to the present hour.
"""

from __future__ import annotations
