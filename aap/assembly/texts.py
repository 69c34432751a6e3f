"""Text as it comes from browsers: signs that no keyboard types and no page can show are left out before anything else.

PostgreSQL refuses some of them, and no page may contain the others. The answers of a file are read as they come: its
form tells the person of such a sign, and keeps the text around it.
"""

from __future__ import annotations

import re

from werkzeug.datastructures import ImmutableMultiDict, MultiDict

UNREADABLE = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
READ_AS_TYPED = frozenset({"applicant_sections.save", "applicant_autosave.save"})


def readable(sent: MultiDict[str, str]) -> ImmutableMultiDict[str, str]:
    """Return the same names and values without these signs."""
    return ImmutableMultiDict(
        (UNREADABLE.sub("", name), UNREADABLE.sub("", value)) for name, value in sent.items(multi=True)
    )
