"""give the private note its version.

Revision: 0023, after 0022.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Start the notes already written at version 0, which every page open meanwhile knows."""
    with op.batch_alter_table("reviews", schema=None) as batch_op:
        batch_op.add_column(sa.Column("note_version", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Forget the versions."""
    with op.batch_alter_table("reviews", schema=None) as batch_op:
        batch_op.drop_column("note_version")
