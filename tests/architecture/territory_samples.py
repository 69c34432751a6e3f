"""What the agency reads about the territory, for the table of rights: a refused import and one line of its report."""

from __future__ import annotations

import uuid

from sqlalchemy.orm import Session

from aap.referentials.models import ImportKind, ImportOutcome, TerritoryImport, TerritoryImportLine
from tests.living import NOW


def add_refused_import(session: Session) -> uuid.UUID:
    """Add them and return the import's identifier."""
    row = TerritoryImport(
        kind=ImportKind.ZONING,
        outcome=ImportOutcome.REFUSED,
        dataset="zonage-essai",
        label="Zonage d'essai",
        vintage=NOW.date(),
        source="Données inventées",
        file_name="zonage.xlsx",
        file_hash="0" * 64,
        at=NOW,
        read=10,
        kept=0,
        unmatched=1,
        reason="1 ligne sur 10 (10,0 %) sans correspondance : c'est plus que les 2,0 % admis.",
    )
    session.add(row)
    session.flush()
    told = "Cette classe n'est pas connue."
    line = TerritoryImportLine(
        import_id=row.id, position=1, sheet="A", line=7, column="Zonage", value="?", message=told, unmatched=True
    )
    session.add(line)
    session.flush()
    return row.id
