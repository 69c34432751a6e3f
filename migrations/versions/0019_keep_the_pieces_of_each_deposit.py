"""keep the pieces of each deposit.

Revision: 0019, after 0018.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import aap.db

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "submission_pieces",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["pieces.id"], name=op.f("fk_submission_pieces_piece_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_submission_pieces_submission_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("submission_id", "piece_id", name=op.f("pk_submission_pieces")),
    )
    with op.batch_alter_table("submission_pieces", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_submission_pieces_piece_id"), ["piece_id"], unique=False)
    _find_again()


def _find_again() -> None:
    """Find the pieces of the deposits already made: those that their sealed snapshots name."""
    submissions = sa.table(
        "submissions",
        sa.column("id", sa.Uuid()),
        sa.column("application_id", sa.Uuid()),
        sa.column("at", aap.db.UtcDateTime()),
        sa.column("snapshot", sa.JSON()),
    )
    pieces = sa.table(
        "pieces",
        *(sa.column(name, sa.Uuid()) for name in ("id", "application_id", "file_id")),
        *(sa.column(name, sa.String()) for name in ("annex_key", "subject")),
        *(sa.column(name, aap.db.UtcDateTime()) for name in ("added_at", "replaced_at")),
    )
    files = sa.table("stored_files", sa.column("id", sa.Uuid()), sa.column("sha256", sa.String()))
    kept = sa.table("submission_pieces", sa.column("submission_id", sa.Uuid()), sa.column("piece_id", sa.Uuid()))
    connection = op.get_bind()
    for deposit in connection.execute(sa.select(submissions)).all():
        query = sa.select(pieces, files.c.sha256).join(files, files.c.id == pieces.c.file_id)
        known = connection.execute(query.where(pieces.c.application_id == deposit.application_id)).all()
        handed = set()
        for named in deposit.snapshot["pieces"]:
            place = (named["annex"], named["subject"], named["sha256"])
            same = [row for row in known if (row.annex_key, row.subject, row.sha256) == place]
            held = [
                row
                for row in same
                if row.added_at <= deposit.at and (row.replaced_at is None or row.replaced_at > deposit.at)
            ]
            handed |= {row.id for row in held or same}
        for piece_id in sorted(handed):
            connection.execute(kept.insert().values(submission_id=deposit.id, piece_id=piece_id))


def downgrade() -> None:
    with op.batch_alter_table("submission_pieces", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submission_pieces_piece_id"))
    op.drop_table("submission_pieces")
