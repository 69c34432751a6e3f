"""Who tries envelopes: the agency's readers of marks. What they see of files is that of the ranking."""

from __future__ import annotations

from aap.policies.jury import reads_analysis
from aap.policies.terms import Verbs, Visibilities

VERBS: Verbs = {"envelope.simulate": reads_analysis}
VISIBLE: Visibilities = {}
