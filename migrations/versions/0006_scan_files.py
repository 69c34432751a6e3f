"""What a scanner said of a file, when, and whether its text seems to hold a social security number.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import aap.db

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BEFORE = "scan_state IN ('not_scanned', 'clean', 'infected')"
NOW = "scan_state IN ('not_scanned', 'pending', 'clean', 'infected', 'too_large')"
DATED = "(scan_state IN ('clean', 'infected', 'too_large')) = (scanned_at IS NOT NULL)"


def upgrade() -> None:
    """Apply. No scanner could be configured before: no verdict is lost."""
    op.execute("UPDATE stored_files SET scan_state = 'not_scanned'")
    with op.batch_alter_table("stored_files") as batch:
        batch.drop_constraint(op.f("ck_stored_files_scanstate"), type_="check")
        batch.add_column(sa.Column("scanned_at", aap.db.UtcDateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("virus", sa.String(length=200), nullable=False, server_default=""))
        batch.add_column(sa.Column("sensitive", sa.Boolean(), nullable=True))
        batch.create_check_constraint(op.f("ck_stored_files_scanstate"), NOW)
        batch.create_index(op.f("ix_stored_files_scan_state"), ["scan_state"])
    with op.batch_alter_table("stored_files") as batch:
        batch.alter_column("virus", existing_type=sa.String(length=200), server_default=None)
        batch.create_check_constraint(
            op.f("ck_stored_files_infection_is_named"), "scan_state <> 'infected' OR length(virus) >= 1"
        )
        batch.create_check_constraint(op.f("ck_stored_files_verdict_is_dated"), DATED)


def downgrade() -> None:
    """Undo."""
    op.execute(
        "UPDATE stored_files SET scan_state = 'not_scanned', scanned_at = NULL "
        "WHERE scan_state IN ('pending', 'too_large')"
    )
    with op.batch_alter_table("stored_files") as batch:
        for name in ("infection_is_named", "verdict_is_dated", "scanstate"):
            batch.drop_constraint(op.f(f"ck_stored_files_{name}"), type_="check")
        batch.drop_index(op.f("ix_stored_files_scan_state"))
    with op.batch_alter_table("stored_files") as batch:
        batch.drop_column("sensitive")
        batch.drop_column("virus")
        batch.drop_column("scanned_at")
        batch.create_check_constraint(op.f("ck_stored_files_scanstate"), BEFORE)
